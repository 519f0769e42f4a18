/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What an identity card keeps is on disk when the terminal has the answer: a card that is opened from
 * the file as it is then has it. On a disk that is full it is 6581, and nothing has changed. Chains of
 * certificates that open nothing.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "base/slurp.h"
#include "chain.h"
#include "codec/tlv.h"
#include "idcard.h"
#include "model/key.h"

static const struct view none = { .n = 0 };
static struct chain chain;
static struct doc_cert link_cert;
static char path[64], copy[72];

/* --- ways into the card ------------------------------------------------------------------------ */

static void
by_pin(void)
{
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "111111", none), 0x9000);
}

static void
by_chat(void)
{
	ck_assert_uint_eq(idcard_pace(EAC_CAN, "222222", chat_of(CHAT_AT_ALL)), 0x9000);
}

static void
by_terminal(void)
{
	by_chat();
	ck_assert_uint_eq(show_chain(&terminal, &chain, true), 0x9000);
	ck_assert_uint_eq(authenticate(&terminal, &chain, none), 0x9000);
	ck_assert_uint_eq(idcard_chip_authentication(), 0x9000);
}

static void
by_esign(void)
{
	by_terminal();
	ck_assert_uint_eq(doc_command(&terminal, "00A4040C", known("A000000167455349474E"), 0, NULL),
			  0x9000);
}

static void
by_eid(void)
{
	by_terminal();
	ck_assert_uint_eq(doc_command(&terminal, "00A4040C", known("E80704007F00070302"), 0, NULL),
			  0x9000);
}

static void
locked(void)
{
}

/* --- what changes it ----------------------------------------------------------------------------- */

static unsigned
wrong_pin(void)
{
	return idcard_pace(EAC_PIN, "999999", none);
}

static unsigned
wrong_puk(void)
{
	return idcard_pace(EAC_PUK, "9999999999", none);
}

static unsigned
wrong_qes_pin(void)
{
	return doc_command(&terminal, "00200081", said("999999"), 0, NULL);
}

static unsigned
new_pin(void)
{
	return doc_command(&terminal, "002C0203", said("123456"), 0, NULL);
}

static unsigned
new_can(void)
{
	return doc_command(&terminal, "002C0202", said("123456"), 0, NULL);
}

static unsigned
deactivate(void)
{
	return doc_command(&terminal, "00041003", none, 0, NULL);
}

static unsigned
write_group(void)
{
	return doc_command(&terminal, "00D69100", known("7102 0107"), 0, NULL);
}

static unsigned
make_key(void)
{
	return doc_command(&terminal, "00478200", none, 256, NULL);
}

static unsigned
show_link(void)
{
	return doc_show(&terminal, "DECVCAAT00001", &link_cert, true);
}

static unsigned
show_dv(void)
{
	return doc_show(&terminal, "DECVCAAT00001", &chain.dv, true);
}

/* --- whether the card has it ---------------------------------------------------------------------- */

static unsigned
tries(uint32_t df, uint8_t number)
{
	return sam_pin_find(&kept->sam, df, number)->code.tries;
}

static bool
is_code(uint8_t number, const char *text)
{
	return view_equal(secret_view(&sam_pin_find(&kept->sam, 0, number)->code.value), said(text));
}

static bool
pin_try_is_gone(void)
{
	return tries(0, EAC_PIN) == 2;
}

static bool
puk_try_is_gone(void)
{
	return tries(0, EAC_PUK) == 9;
}

static bool
qes_try_is_gone(void)
{
	return tries(npa_esign_df(kept)->uid, NPA_QES_PIN) == 2;
}

static bool
has_new_pin(void)
{
	return is_code(EAC_PIN, "123456");
}

static bool
has_new_can(void)
{
	return is_code(EAC_CAN, "123456");
}

static bool
is_deactivated(void)
{
	return sam_pin_find(&kept->sam, 0, EAC_PIN)->life == SAM_DEACTIVATED;
}

static bool
has_new_group(void)
{
	return view_starts(buf_view(&npa_data_group(kept, 17)->contents), known("71020107"));
}

/* Another one than the certificate is of. */
static bool
has_new_key(void)
{
	const struct import_key key =
		key_asym(sam_key_find(&kept->sam, npa_esign_df(kept)->uid, NPA_ESIGN_KEY));
	const struct view cert = buf_view(&fs_child(npa_esign_df(kept), 0xc001)->contents);
	struct buf point = BUF(128);
	bool same;

	ck_assert_int_eq(ec_get_point(key.ec, &point), 0);
	same = memmem(cert.p, cert.n, point.p, point.n);
	buf_free(&point);
	return !same;
}

static bool
has_link(void)
{
	return view_equal(eac_anchor(kept, CVC_AT, false), buf_view(&link_cert.cvc)) &&
	       view_equal(eac_anchor(kept, CVC_AT, true), buf_view(&chain.cvca.cvc)) &&
	       field_number(eac_fields(kept), EAC_FIELD_DATE, 0) == 20260115;
}

static bool
has_date(void)
{
	return field_number(eac_fields(kept), EAC_FIELD_DATE, 0) == 20260101;
}

static const struct {
	void (*enter)(void);
	unsigned (*act)(void);
	unsigned sw;
	bool (*is_kept)(void);
} changes[] = {
	{ locked, wrong_pin, 0x63c2, pin_try_is_gone },
	{ locked, wrong_puk, 0x63c9, puk_try_is_gone },
	{ by_esign, wrong_qes_pin, 0x63c2, qes_try_is_gone },
	{ by_pin, new_pin, 0x9000, has_new_pin },
	{ by_terminal, new_can, 0x9000, has_new_can },
	{ by_terminal, deactivate, 0x9000, is_deactivated },
	{ by_eid, write_group, 0x9000, has_new_group },
	{ by_esign, make_key, 0x9000, has_new_key },
	{ by_chat, show_link, 0x9000, has_link },
	{ by_chat, show_dv, 0x9000, has_date },
};

#define CHANGES (sizeof(changes) / sizeof(*changes))

/* --- the disk --------------------------------------------------------------------------------------- */

static void
copy_image(void)
{
	struct buf text = BUF(1 << 20);
	FILE *f = fopen(copy, "w");

	ck_assert_int_eq(slurp(path, &text), 0);
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text.p, 1, text.n, f), text.n);
	ck_assert_int_eq(fclose(f), 0);
	buf_free(&text);
}

static void
forget_image(const char *name)
{
	char lock[96];

	snprintf(lock, sizeof(lock), "%s.lock", name);
	ck_assert_int_eq(unlink(name), 0);
	unlink(lock);
}

/* A card that knows the chain, its day before that of all certificates but the CVCA's. */
static void
open_trusting(void)
{
	struct doc_cert_spec spec = cvca_spec();

	chain_of(&chain, CHAT_AT_ALL);
	spec.chr = "DECVCAAT00002";
	spec.effective = "260115";
	doc_cert_make(&link_cert, &chain.cvca, &spec);
	ck_assert_msg(idcard_open_at(path) == 0, "%s", error);
	ck_assert_int_eq(eac_anchor_add(kept, buf_view(&chain.cvca.cvc)), 0);
	ck_assert(field_set_number(eac_fields(kept), EAC_FIELD_DATE, 20251231));
	kept->fs.changed = true;
	/* and has it on disk */
	ck_assert_uint_eq(doc_command(&terminal, "00A4000C", known("3F00"), 0, NULL), 0x9000);
}

static void
close_trusting(void)
{
	idcard_close();
	chain_free(&chain);
	doc_cert_free(&link_cert);
}

START_TEST(before_the_answer)
{
	const size_t i = (size_t)_i % CHANGES;
	const bool full = (size_t)_i >= CHANGES;
	char dir[] = "/tmp/test_keptXXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/card.json", dir);
	snprintf(copy, sizeof(copy), "%s/copy.json", dir);
	open_trusting();
	changes[i].enter();
	disk_is_full = full;
	ck_assert_uint_eq(changes[i].act(), full ? 0x6581 : changes[i].sw);
	disk_is_full = false;
	copy_image();
	idcard_close();
	ck_assert_msg(idcard_open_at(copy) == 0, "%s", error);
	ck_assert(changes[i].is_kept() == !full);
	close_trusting();
	forget_image(path);
	forget_image(copy);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

/* --- chains ------------------------------------------------------------------------------------------ */

static void
show_all(const struct doc_cert *certs, const char *const *cars, size_t n, const unsigned *wanted)
{
	size_t i;

	for (i = 0; i < n; i++)
		ck_assert_uint_eq(doc_show(&terminal, cars[i], &certs[i], i % 2), wanted[i]);
}

/* A certificate of a chain: whose it is, by which of those before it (-1: the CVCA, -2: somebody else's key). */
struct member {
	const char *car, *chr;
	unsigned kind, role; /* role: 2 document verifier, 0 terminal */
	int by;
	const char *expires;
	unsigned sw; /* of its VERIFY CERTIFICATE, or of the MSE before it */
};

#define CVCA "DECVCAAT00001"
#define DV "DEDVAT0000001"
#define DV_2 "DEDVAT0000002"
#define AT "DETERMINAL001"
#define AT_2 "DETERMINAL002"

static const struct bad_chain {
	const char *name;
	struct member members[3];
} bad[] = {
	{ "expired verifier", { { CVCA, DV, CVC_AT, 2, -1, "251230", 0x6984 }, { DV, AT, CVC_AT, 0, 0, "270101", 0x6a88 } } },
	{ "expired terminal", { { CVCA, DV, CVC_AT, 2, -1, "280101", 0x9000 }, { DV, AT, CVC_AT, 0, 0, "251230", 0x6984 } } },
	{ "forged verifier", { { CVCA, DV, CVC_AT, 2, -2, "280101", 0x6984 }, { DV, AT, CVC_AT, 0, 0, "270101", 0x6a88 } } },
	{ "forged terminal", { { CVCA, DV, CVC_AT, 2, -1, "280101", 0x9000 }, { DV, AT, CVC_AT, 0, -2, "270101", 0x6984 } } },
	{ "another kind", { { CVCA, DV, CVC_IS, 2, -1, "280101", 0x6984 }, { DV, AT, CVC_AT, 0, 0, "270101", 0x6a88 } } },
	{ "no verifier", { { CVCA, AT, CVC_AT, 0, -1, "270101", 0x6984 } } },
	{ "too long", { { CVCA, DV, CVC_AT, 2, -1, "280101", 0x9000 }, { DV, DV_2, CVC_AT, 2, 0, "280101", 0x6984 },
			{ DV_2, AT, CVC_AT, 0, 1, "270101", 0x6a88 } } },
	{ "by a terminal", { { CVCA, DV, CVC_AT, 2, -1, "280101", 0x9000 }, { DV, AT, CVC_AT, 0, 0, "270101", 0x9000 },
			     { AT, AT_2, CVC_AT, 0, 1, "270101", 0x6a88 } } },
	{ "reordered", { { DV, AT, CVC_AT, 0, -2, "270101", 0x6a88 }, { CVCA, DV, CVC_AT, 2, -1, "280101", 0x9000 } } },
	{ "looping", { { CVCA, DV, CVC_AT, 2, -1, "280101", 0x9000 }, { DV, DV, CVC_AT, 2, 0, "280101", 0x6984 },
		       { DV, CVCA, CVC_AT, 3, 0, "280101", 0x6984 } } },
};

static void
make_member(struct doc_cert *made, const struct member *m, size_t i)
{
	const struct doc_cert_spec spec = {
		.car = m->car,
		.chr = m->chr,
		.terminal = m->kind,
		.rights = m->kind == CVC_IS ? 0x83 : (uint64_t)m->role << 38 | CHAT_AT_ALL,
		.effective = "250601",
		.expires = m->expires,
		.no_params = m->role != 3,
	};
	const struct doc_cert *by = m->by >= 0 ? &made[m->by] : &chain.cvca;
	struct doc_cert other;

	if (m->by == -2) {
		const struct doc_cert_spec cvca = cvca_spec();

		doc_cert_make(&other, NULL, &cvca);
		doc_cert_make(&made[i], &other, &spec);
		doc_cert_free(&other);
	} else {
		doc_cert_make(&made[i], by, &spec);
	}
}

/* The last certificate that was taken is no terminal's, or nobody's key is asked for: no authentication, no data. */
static void
check_nothing_opens(const struct doc_cert *last, const char *chr)
{
	struct buf comp = BUF(256);
	unsigned dg;

	doc_ca_key(&terminal, 13, &comp);
	ck_assert_uint_ne(doc_ta(&terminal, last, chr, buf_view(&comp), none, false,
				 view_of(terminal.id_picc, terminal.id_picc_n)),
			  0x9000);
	ck_assert_uint_ne(idcard_chip_authentication(), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00A4040C", known("E80704007F00070302"), 0, NULL),
			  0x9000);
	for (dg = 1; dg <= 11; dg++) {
		char header[9];

		snprintf(header, sizeof(header), "00B0%02X00", 0x80 | dg);
		ck_assert_uint_eq(doc_command(&terminal, header, none, 256, NULL), 0x6982);
	}
	buf_free(&comp);
}

START_TEST(bad_chains)
{
	const struct bad_chain *b = &bad[_i];
	struct doc_cert made[3];
	const char *cars[3];
	unsigned wanted[3];
	size_t n;

	idcard_open();
	chain_of(&chain, CHAT_AT_ALL);
	ck_assert_int_eq(eac_anchor_add(kept, buf_view(&chain.cvca.cvc)), 0);
	ck_assert(field_set_number(eac_fields(kept), EAC_FIELD_DATE, 20251231));
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "111111", chat_of(CHAT_AT_ALL)), 0x9000);
	for (n = 0; n < 3 && b->members[n].car; n++) {
		make_member(made, &b->members[n], n);
		cars[n] = b->members[n].car;
		wanted[n] = b->members[n].sw;
	}
	show_all(made, cars, n, wanted);
	check_nothing_opens(&made[n - 1], b->members[n - 1].chr);
	while (n-- > 0)
		doc_cert_free(&made[n]);
	chain_free(&chain);
	idcard_close();
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("kept");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, before_the_answer, 0, 2 * CHANGES);
	tcase_add_loop_test(tc, bad_chains, 0, sizeof(bad) / sizeof(*bad));
	return run("npa kept", tc);
}
