/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What somebody brings for a document: a machine readable zone, a picture. */
#include <string.h>

#include "codec/mrz.h"
#include "codec/photo.h"
#include "fuzz.h"

static void
zone(struct view in)
{
	struct buf b = BUF(MRZ_INFORMATION_MAX);
	char fault[MRZ_FAULT_SIZE] = "";
	struct mrz m, again;

	if (!mrz_read(&m, in, fault)) {
		must(*fault && strlen(fault) < sizeof(fault));
		return;
	}
	must(strlen(m.text) == m.n && m.n <= MRZ_MAX);
	must(mrz_read(&again, view_of(m.text, m.n), fault) && again.form == m.form);
	mrz_put_information(&m, &b);
	must(!b.failed && b.n >= 24);
	buf_free(&b);
}

static void
picture(struct view in)
{
	struct photo p;

	must(!photo_read(in, &p) || (p.width > 0 && p.height > 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	zone(view_of(data, size));
	picture(view_of(data, size));
	return 0;
}
