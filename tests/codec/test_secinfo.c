/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/secinfo.h"

#include "codec/tlv.h"
#include "cards/eac/vectors.h"
#include "known.h"

static struct view
sample(const char *name)
{
	size_t i = 0;

	while (strcmp(vectors[i].name, name) != 0)
		i++;
	return known(vectors[i].value);
}

/* What is read from a card, and put again, is what it was. */
START_TEST(real_cards)
{
	static const char *const names[] = { "sample.new_testcard", "sample.dan", "sample.ca3", "bsi_ecdh.ef_cardaccess",
					     "bsi_dh.ef_cardaccess", "sample.slowenia" };
	struct view in = sample(names[_i]), whole = in;
	struct buf again = BUF(1024);
	struct secinfo info;
	size_t mark = tlv_open(&again, 0x31);
	struct tlv set;

	ck_assert(tlv_next(&in, &set));
	whole = set.whole;
	in = set.value;
	while (secinfo_next(&in, &info)) {
		const int id = info.has_id ? info.id : -1;

		if (info.kind == SECINFO_PACE)
			secinfo_put_pace(&again, info.method, info.cipher, id);
		else if (info.kind == SECINFO_CA)
			secinfo_put_ca(&again, info.method, info.cipher, info.version, id);
		else if (info.kind == SECINFO_CA_PARAMS && info.domain >= 0)
			secinfo_put_ca_params(&again, info.method, (uint8_t)info.domain, id);
		else if (info.kind == SECINFO_TA && info.optional.n == 0)
			secinfo_put_ta(&again, info.version);
		else
			buf_put_view(&again, info.whole);
	}
	/* the Slovenian card ends its file with what is no SecurityInfo */
	if (in.n > 0)
		buf_put_view(&again, in);
	tlv_close(&again, mark);
	ck_assert_buf(&again, whole);
}
END_TEST

START_TEST(what_they_say)
{
	struct view in;
	struct secinfo info;

	ck_assert(secinfo_open(sample("sample.dan"), &in));
	ck_assert(secinfo_next(&in, &info));
	ck_assert_int_eq(info.kind, SECINFO_TA);
	ck_assert_uint_eq(info.version, 2);
	ck_assert(secinfo_next(&in, &info));
	ck_assert_int_eq(info.kind, SECINFO_CA);
	ck_assert_uint_eq(info.method, SECINFO_ECDH);
	ck_assert_uint_eq(info.cipher, SECINFO_AES128);
	ck_assert_uint_eq(info.id, 0x41);
	ck_assert(secinfo_next(&in, &info) && secinfo_next(&in, &info));
	ck_assert_int_eq(info.kind, SECINFO_PACE);
	ck_assert_uint_eq(info.method, SECINFO_ECDH_GM);
	ck_assert_uint_eq(info.id, 13);
	ck_assert(secinfo_next(&in, &info));
	ck_assert_int_eq(info.kind, SECINFO_CA_PARAMS);
	ck_assert_int_eq(info.domain, 13);
	ck_assert(secinfo_next(&in, &info) && secinfo_next(&in, &info));
	ck_assert_int_eq(info.kind, SECINFO_CARD_INFO);
	ck_assert(!secinfo_next(&in, &info));
	ck_assert_uint_eq(in.n, 0);
}
END_TEST

START_TEST(keys_and_identification)
{
	struct buf b = BUF(256), algorithm = BUF(64);
	struct secinfo info;
	struct view in;

	secinfo_put_domain(&algorithm, 13);
	secinfo_put_ca_key(&b, SECINFO_ECDH, buf_view(&algorithm), known("040102"), 0x41);
	secinfo_put_ca_key(&b, SECINFO_DH, buf_view(&algorithm), known("02020123"), -1);
	secinfo_put_ri(&b, SECINFO_ECDH, 3, 0x80, true, 256);
	secinfo_put_ri_params(&b, SECINFO_ECDH, 12);
	secinfo_put_aa(&b, 3);
	secinfo_put_card_info(&b, "https://example.org/");
	in = buf_view(&b);
	ck_assert(secinfo_next(&in, &info));
	ck_assert_int_eq(info.kind, SECINFO_CA_KEY);
	ck_assert_int_eq(info.domain, 13);
	ck_assert_view(info.public, known("040102"));
	ck_assert_uint_eq(info.id, 0x41);
	ck_assert(secinfo_next(&in, &info));
	ck_assert_view(info.public, known("0123"));
	ck_assert(!info.has_id);
	ck_assert(secinfo_next(&in, &info));
	ck_assert_int_eq(info.kind, SECINFO_RI);
	ck_assert_uint_eq(info.id, 0x80);
	ck_assert(info.authorized);
	ck_assert(secinfo_next(&in, &info));
	ck_assert_int_eq(info.kind, SECINFO_RI_PARAMS);
	ck_assert_int_eq(info.domain, 12);
	ck_assert(secinfo_next(&in, &info));
	ck_assert_int_eq(info.kind, SECINFO_AA);
	ck_assert(secinfo_next(&in, &info));
	ck_assert_int_eq(info.kind, SECINFO_CARD_INFO);
	ck_assert_uint_eq(in.n, 0);
	buf_free(&b);
	buf_free(&algorithm);
}
END_TEST

START_TEST(refusals)
{
	static const char *const wrong[] = {
		"",
		"31",
		"3000",
		"3002 0600",
		"3003 020101",
		"300D 0608 04007F0007020202",
		"3012 060A 04007F00070202040202 0A0102 02010D",    /* no INTEGER */
		"3012 060A 04007F00070202040202 020102 0201FF",    /* negative */
		"3013 060A 04007F00070202040202 020102 02010D 00", /* something behind it */
		"3019 060A 04007F00070202050203 300B 020101 020101 010100 0101",
		"3010 0609 04007F000702020102 3003 020101", /* no key */
		"300E 0609 04007F000702020102 020101",
		"3012 0609 04007F000702020102 3005 3003 020101",              /* no algorithm */
		"3018 0609 04007F000702020102 300B 3009 0607 04007F00070102", /* which of the standard's? */
		"3016 0609 04007F000702020102 3009 3003 060100 0302 01AA", /* a key with half a byte */
		"3017 0609 04007F000702020101 300A 3003 060100 0303 000400", /* no number */
		"300F 060A 04007F00070202050203 020101", /* restricted identification: no parameters */
		"3011 060A 04007F00070202050203 3003 020101", /* some */
	};
	struct secinfo info;
	struct view in, out;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		in = known(wrong[i]);
		ck_assert_msg(!secinfo_next(&in, &info), "%s", wrong[i]);
	}
	ck_assert(!secinfo_open(known("3000"), &out));
	ck_assert(!secinfo_open(known("3103 020101"), &out));
	ck_assert(secinfo_open(known("3100"), &out));
	/* protocols that do not exist are others */
	ck_assert(!secinfo_protocol(known("04007F00070202040502"), &info));
	ck_assert(!secinfo_protocol(known("04007F00070202040601"), &info));
	ck_assert(!secinfo_protocol(known("04007F00070202040205"), &info));
	ck_assert(!secinfo_protocol(known("04007F000702020306"), &info));
	ck_assert(!secinfo_protocol(known("04007F00070202050206"), &info));
	ck_assert_int_eq(info.kind, SECINFO_OTHER);
}
END_TEST

START_TEST(names)
{
	uint8_t method, cipher;
	int id;

	ck_assert(secinfo_pace_from_name("ecdh-gm-aes128:13", 17, &method, &cipher, &id));
	ck_assert_uint_eq(method, SECINFO_ECDH_GM);
	ck_assert_uint_eq(cipher, SECINFO_AES128);
	ck_assert_int_eq(id, 13);
	ck_assert(secinfo_pace_from_name("DH-IM-3DES,", 10, &method, &cipher, &id));
	ck_assert_uint_eq(method, SECINFO_DH_IM);
	ck_assert_int_eq(id, -1);
	ck_assert(secinfo_pace_from_name("ecdh-cam-aes256", 15, &method, &cipher, &id));
	ck_assert_uint_eq(method, SECINFO_ECDH_CAM);
	ck_assert(!secinfo_pace_from_name("ecdh-cam-3des", 13, &method, &cipher, &id));
	ck_assert(!secinfo_pace_from_name("ecdh-gm", 7, &method, &cipher, &id));
	ck_assert(!secinfo_pace_from_name("ecdh-gm-aes128:", 15, &method, &cipher, &id));
	ck_assert(!secinfo_pace_from_name("ecdh-gm-aes128:x", 16, &method, &cipher, &id));
	ck_assert(!secinfo_pace_from_name("ecdh-gm-aes128:123", 18, &method, &cipher, &id));
	ck_assert(!secinfo_pace_from_name("aes128", 6, &method, &cipher, &id));
	ck_assert(secinfo_ca_from_name("ecdh-aes192:0", 13, &method, &cipher, &id));
	ck_assert_uint_eq(cipher, SECINFO_AES192);
	ck_assert_int_eq(id, 0);
	ck_assert(!secinfo_ca_from_name("ecdh-gm-aes128", 14, &method, &cipher, &id));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("SecurityInfos");

	tcase_add_loop_test(tc, real_cards, 0, 6);
	tcase_add_test(tc, what_they_say);
	tcase_add_test(tc, keys_and_identification);
	tcase_add_test(tc, refusals);
	tcase_add_test(tc, names);
	return run("secinfo", tc);
}
