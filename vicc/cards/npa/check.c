/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is on an identity card, each against the others: a tester may have changed one of them by hand. */
#include "cards/eac/lds.h"
#include "cards/npa/npa.h"
#include "codec/tlv.h"

static void
check_groups(const struct check *k)
{
	const struct file *ef;
	struct view in;
	struct tlv t;
	unsigned n;

	for (n = 1; n <= NPA_DATA_GROUPS; n++) {
		ef = npa_data_group(k->s, n);
		in = ef ? buf_view(&ef->contents) : view_of(NULL, 0);
		if (ef && (!tlv_next(&in, &t) || t.tag != 0x60u + n || in.n > 0))
			check_say(k, "data group %u is not one object with tag %02X", n, 0x60u + n);
	}
}

void
npa_check_card(const struct check *k)
{
	const struct props *fields = eac_fields(k->s);
	const struct file *passport = emrtd_df(k->s);
	struct view access, infos;

	check_groups(k);
	if (!check_contents(k->s->fs.mf, 0x011c, &access) || !secinfo_open(access, &infos))
		check_say(k, "EF.CardAccess is not a SET of SecurityInfos");
	check_security(k, 0x011d, "EF.CardSecurity", fields);
	check_security(k, 0x011b, "EF.ChipSecurity", fields);
	if (passport)
		check_emrtd(k, passport);
}

void
npa_check(struct state *s, card_say_fn *say, void *ctx)
{
	npa_check_card(&(struct check) { .s = s, .say = say, .ctx = ctx });
}
