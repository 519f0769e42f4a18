/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A command is taken apart; what is built of the parts is taken apart alike. */
#include <string.h>

#include "codec/apdu.h"
#include "codec/atr.h"
#include "fuzz.h"

static void
check_parts(const struct apdu *a, size_t size)
{
	must(a->data.n <= APDU_DATA_MAX && a->data.n <= size);
	must(a->ne <= APDU_NE_MAX);
	must((a->ne == 0) == (a->le == APDU_LE_NONE));
	must(a->le != APDU_LE_SHORT || a->ne <= 256);
}

static void
check_rebuilt(const struct apdu *a)
{
	struct buf b = BUF(APDU_HEADER + APDU_DATA_MAX + 5);
	struct apdu again;

	must(apdu_build(&b, a));
	must(apdu_parse(&again, buf_view(&b)) == 0);
	must(apdu_p1p2(&again) == apdu_p1p2(a) && again.cla == a->cla && again.ins == a->ins);
	must(view_equal(again.data, a->data) && again.ne == a->ne);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view raw = view_of(data, size), historical;
	struct apdu a;

	if (size <= ATR_BYTES_MAX && atr_historical(raw, &historical))
		must(historical.n <= 15 && historical.n < size);
	if (size <= ATR_BYTES_MAX)
		atr_fault(raw);
	if (apdu_parse(&a, raw) < 0)
		return 0;
	check_parts(&a, size);
	check_rebuilt(&a);
	if (apdu_class(&a))
		must(a.channel < 20);
	return 0;
}
