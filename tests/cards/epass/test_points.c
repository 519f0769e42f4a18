/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Public keys that are none, in every mapping, the agreement behind it and chip authentication:
 * 6A80, back to the start, and the session that there was lives on (Doc 9303-11, 4.4 and 6.2).
 */
#include "passport.h"

/* --- what is no public key -------------------------------------------------------------------- */

enum wrong {
	OFF_THE_CURVE,
	COMPRESSED,
	HYBRID,
	INFINITY_POINT,
	ABOVE_P,
	TOO_SHORT,
	TOO_LONG,
	EMPTY,
	ZERO,
	ONE,         /* of order 1 */
	P_MINUS_ONE, /* of order 2 */
	NO_MEMBER,   /* of the field, not of the group of order q */
	WRONGS
};

static bool
is_of(enum wrong wrong, bool curve)
{
	return wrong >= ABOVE_P && wrong <= EMPTY ? true : curve == (wrong < ABOVE_P);
}

/* The prime of a DH group: the first INTEGER of its parameters. */
static void
put_prime(unsigned domain, struct buf *out)
{
	static const uint32_t way[] = { 0x30, 0x30, 0x02, 0 };
	struct buf parameters = BUF(4096);
	struct group *g;
	struct view prime;

	ck_assert_int_eq(group_new(&g, domain), 0);
	ck_assert_int_eq(group_put_algorithm(g, &parameters), 0);
	ck_assert(tlv_find_path(buf_view(&parameters), way, &prime));
	buf_put_view(out, view_slice(prime, prime.n - doc_element(domain), doc_element(domain)));
	group_free(g);
	buf_free(&parameters);
}

static void
put_point(enum wrong wrong, unsigned domain, struct buf *out)
{
	const size_t n = (doc_element(domain) - 1) / 2;

	if (wrong == INFINITY_POINT) {
		buf_u8(out, 0);
		return;
	}
	doc_multiply(domain, none, known("05"), out);
	switch (wrong) {
	case OFF_THE_CURVE:
		out->p[out->n - 1] ^= 1; /* of this point, the same each time: not the other root */
		break;
	case COMPRESSED:
		out->p[0] = 2 | (out->p[out->n - 1] & 1);
		buf_cut(out, 1 + n);
		break;
	case HYBRID:
		out->p[0] = 6 | (out->p[out->n - 1] & 1);
		break;
	case ABOVE_P:
		memset(out->p + 1, 0xff, n);
		break;
	case TOO_SHORT:
		buf_cut(out, out->n - 1);
		break;
	case TOO_LONG:
		buf_u8(out, 0);
		break;
	default:
		buf_reset(out);
	}
}

static void
put_number(enum wrong wrong, unsigned domain, struct buf *out)
{
	const size_t n = doc_element(domain);

	put_prime(domain, out);
	switch (wrong) {
	case ABOVE_P:
		memset(out->p, 0xff, n);
		break;
	case TOO_SHORT:
		buf_cut(out, n - 1);
		break;
	case TOO_LONG:
		buf_u8(out, 0);
		break;
	case P_MINUS_ONE:
		out->p[n - 1]--;
		break;
	case NO_MEMBER: /* -4: the same each time; -1 is not in a group of odd order, 4 is in it or not */
		ck_assert_uint_ge(out->p[n - 1], 4);
		out->p[n - 1] -= 4;
		break;
	case EMPTY:
		buf_reset(out);
		break;
	default:
		memset(out->p, 0, n);
		out->p[n - 1] = wrong == ONE;
	}
}

static void
put_wrong(enum wrong wrong, unsigned domain, struct buf *out)
{
	buf_reset(out);
	if (doc_is_curve(domain))
		put_point(wrong, domain, out);
	else
		put_number(wrong, domain, out);
}

/* --- PACE ------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned method, cipher, id;
	size_t t; /* bytes that integrated mapping wants; 0: generic */
} kinds[] = {
	{ "dh-gm-3des:0", SECINFO_DH_GM, SECINFO_3DES, 0, 0 },
	{ "dh-gm-aes256:2", SECINFO_DH_GM, SECINFO_AES256, 2, 0 },
	{ "dh-im-aes128:1", SECINFO_DH_IM, SECINFO_AES128, 1, 16 },
	{ "ecdh-gm-aes128:13", SECINFO_ECDH_GM, SECINFO_AES128, 13, 0 },
	{ "ecdh-gm-aes256:18", SECINFO_ECDH_GM, SECINFO_AES256, 18, 0 },
	{ "ecdh-gm-3des:8", SECINFO_ECDH_GM, SECINFO_3DES, 8, 0 },
	{ "ecdh-im-aes192:15", SECINFO_ECDH_IM, SECINFO_AES192, 15, 24 },
	{ "ecdh-im-3des:12", SECINFO_ECDH_IM, SECINFO_3DES, 12, 16 },
	{ "ecdh-cam-aes128:13", SECINFO_ECDH_CAM, SECINFO_AES128, 13, 0 },
};

/* One object in 7C. */
static unsigned
step(const char *header, uint32_t tag, struct view value)
{
	struct buf data = BUF(1024);
	size_t mark = tlv_open(&data, 0x7c);
	unsigned sw;

	tlv_put(&data, tag, value);
	tlv_close(&data, mark);
	sw = doc_command(&terminal, header, buf_view(&data), 65536, NULL);
	buf_free(&data);
	return sw;
}

static void
begin(size_t i)
{
	struct buf data = BUF(64);

	buf_put_view(&data, known("800A04007F00070202040000 830101"));
	data.p[10] = (uint8_t)kinds[i].method;
	data.p[11] = (uint8_t)kinds[i].cipher;
	ck_assert_uint_eq(doc_command(&terminal, "0022C1A4", buf_view(&data), 0, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "10860000", known("7C00"), 256, NULL), 0x9000);
	buf_free(&data);
}

/* 6A80, and nothing is under way any more. */
static void
refused(uint32_t tag, struct view value)
{
	ck_assert_uint_eq(step("10860000", tag, value), 0x6a80);
	ck_assert_uint_eq(step("10860000", tag, value), 0x6985);
}

static void
map_rightly(size_t i)
{
	struct buf value = BUF(1024);

	if (kinds[i].t > 0)
		buf_fill(&value, 0x5a, kinds[i].t);
	else
		doc_multiply(kinds[i].id, none, known("07"), &value);
	begin(i);
	ck_assert_uint_eq(step("10860000", 0x81, buf_view(&value)), 0x9000);
	buf_free(&value);
}

static void
try_all(size_t i)
{
	struct buf value = BUF(1024);
	int wrong;

	for (wrong = 0; wrong < WRONGS; wrong++) {
		if (!is_of((enum wrong)wrong, doc_is_curve(kinds[i].id)))
			continue;
		put_wrong((enum wrong)wrong, kinds[i].id, &value);
		if (kinds[i].t == 0) {
			begin(i);
			refused(0x81, buf_view(&value));
		}
		map_rightly(i);
		refused(0x83, buf_view(&value));
	}
	buf_free(&value);
}

/* Nonces of integrated mapping: shorter, longer, those of the other key lengths. */
static void
try_lengths(size_t i)
{
	static const size_t lengths[] = { 0, 1, 8, 15, 16, 17, 24, 31, 32, 33, 64 };
	struct buf value = BUF(64);
	size_t n;

	for (n = 0; n < sizeof(lengths) / sizeof(*lengths); n++) {
		if (lengths[n] == kinds[i].t)
			continue;
		buf_reset(&value);
		buf_fill(&value, 0x5a, lengths[n]);
		begin(i);
		refused(0x81, buf_view(&value));
	}
	buf_free(&value);
}

/* In the clear, and then within a session, which is still there behind all of it. */
START_TEST(in_pace)
{
	const struct card_value values[] = {
		{ "pace", kinds[_i].name }, { "aa", "none" }, { NULL, NULL }
	};
	const size_t i = (size_t)_i;
	unsigned session;

	passport_open(values);
	for (session = 0; session < 2; session++) {
		try_all(i);
		if (kinds[i].t > 0)
			try_lengths(i);
		ck_assert_uint_eq(pace_as(kinds[i].method, kinds[i].cipher, kinds[i].id, EAC_MRZ,
					  INFORMATION, ""),
				  0x9000);
		ck_assert(!terminal.plain_answer);
	}
	passport_close();
}
END_TEST

/* Tokens of another length or value: 6300, and no session. */
START_TEST(tokens)
{
	static const char *const wrong[] = { "00", "00000000000000", "0000000000000000",
					    "000000000000000000" };
	struct buf value = BUF(128);
	size_t i;

	passport_open(NULL);
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		map_rightly(3);
		buf_reset(&value);
		doc_multiply(13, none, known("09"), &value);
		ck_assert_uint_eq(step("10860000", 0x83, buf_view(&value)), 0x9000);
		ck_assert_uint_eq(step("00860000", 0x85, known(wrong[i])), 0x6300);
		ck_assert_uint_eq(eac_status((struct iso *)p.card)->session, EAC_LOCKED);
	}
	buf_free(&value);
	passport_close();
}
END_TEST

/* --- chip authentication ---------------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned method, cipher, id;
} chips[] = {
	{ "ecdh-3des:13", SECINFO_ECDH, SECINFO_3DES, 13 },
	{ "ecdh-aes128:12", SECINFO_ECDH, SECINFO_AES128, 12 },
	{ "ecdh-aes256:18", SECINFO_ECDH, SECINFO_AES256, 18 },
	{ "dh-3des:0", SECINFO_DH, SECINFO_3DES, 0 },
	{ "dh-aes128:1", SECINFO_DH, SECINFO_AES128, 1 },
	{ "dh-aes256:2", SECINFO_DH, SECINFO_AES256, 2 },
};

static unsigned
agree(size_t i, struct view public)
{
	struct buf data = BUF(1024);
	unsigned sw;

	if (chips[i].cipher == SECINFO_3DES) {
		tlv_put(&data, 0x91, public);
		sw = doc_command(&terminal, "002241A6", buf_view(&data), 0, NULL);
	} else {
		buf_put_view(&data, known("800A04007F00070202030000"));
		data.p[10] = (uint8_t)chips[i].method;
		data.p[11] = (uint8_t)chips[i].cipher;
		ck_assert_uint_eq(doc_command(&terminal, "002241A4", buf_view(&data), 0, NULL), 0x9000);
		sw = step("00860000", 0x80, public);
	}
	buf_free(&data);
	return sw;
}

START_TEST(in_chip_authentication)
{
	const struct card_value values[] = {
		{ "ca", chips[_i].name }, { "aa", "none" }, { NULL, NULL }
	};
	const size_t i = (size_t)_i;
	struct buf value = BUF(1024);
	int wrong;

	passport_open(values);
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(doc_bac(&terminal, said(INFORMATION)), 0x9000);
	for (wrong = 0; wrong < WRONGS; wrong++) {
		if (!is_of((enum wrong)wrong, doc_is_curve(chips[i].id)))
			continue;
		put_wrong((enum wrong)wrong, chips[i].id, &value);
		ck_assert_uint_eq(agree(i, buf_view(&value)), 0x6a80);
		/* under the keys that there were */
		ck_assert(!terminal.plain_answer);
		ck_assert_uint_eq(doc_command(&terminal, "00B08100", none, 16, NULL), 0x9000);
		ck_assert(!eac_status((struct iso *)p.card)->ca);
	}
	ck_assert_uint_eq(chip_authentication(chips[i].method, chips[i].cipher, -1, chips[i].id),
			  0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00B08100", none, 16, NULL), 0x9000);
	buf_free(&value);
	passport_close();
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("points");

	tcase_set_timeout(tc, 600);
	tcase_add_loop_test(tc, in_pace, 0, sizeof(kinds) / sizeof(*kinds));
	tcase_add_test(tc, tokens);
	tcase_add_loop_test(tc, in_chip_authentication, 0, sizeof(chips) / sizeof(*chips));
	return run("points", tc);
}
