/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/cvc.h"

#include "codec/tlv.h"
#include "cards/eac/vectors.h"
#include "known.h"

static const char *const certificates[] = { "bsi_ecdh.cvca_cert", "bsi_ecdh.dv_cert", "bsi_ecdh.ta_cert",
					    "bsi_dh.cvca", "bsi_dh.dv_cert", "bsi_dh.ta_cert" };

static struct view
certificate(const char *name)
{
	size_t i = 0;

	while (strcmp(vectors[i].name, name) != 0)
		i++;
	return known(vectors[i].value);
}

/* TR-03110's own: read, and put again. */
START_TEST(worked_examples)
{
	struct view whole = certificate(certificates[_i]);
	struct buf body = BUF(2048), again = BUF(2048);
	struct cvc cert, same;

	ck_assert(cvc_read(whole, &cert));
	ck_assert_view(cert.whole, whole);
	cvc_put_body(&body, &(struct cvc_body) {
		.car = cert.car, .chr = cert.chr, .key = cert.public, .chat = cert.chat,
		.effective = cert.effective, .expires = cert.expires, .extensions = cert.extensions });
	ck_assert_view(buf_view(&body), cert.body);
	cvc_put(&again, buf_view(&body), cert.signature);
	ck_assert_view(buf_view(&again), whole);
	/* the same without its outermost tag */
	ck_assert(cvc_read(view_slice(whole, 5, whole.n), &same));
	ck_assert_view(same.body, cert.body);
	ck_assert_uint_eq(same.whole.n, 0);
	ck_assert(!cvc_read(view_slice(whole, 0, whole.n - 1), &same));
	buf_free(&body);
	buf_free(&again);
}
END_TEST

START_TEST(what_they_say)
{
	struct cvc cert;

	ck_assert(cvc_read(certificate("bsi_ecdh.cvca_cert"), &cert));
	ck_assert_view(cert.chr, said("DECVCAAT00001"));
	ck_assert_view(cert.car, said("DECVCAAT00001"));
	ck_assert_int_eq(cert.key.scheme, CVC_ECDSA);
	ck_assert_int_eq(cert.key.digest, VICC_DIGEST_SHA512);
	ck_assert(cert.key.has_params);
	ck_assert_uint_eq(cert.key.point.n, 129);
	ck_assert_int_eq(cert.chat.role, CVC_CVCA);
	ck_assert(cvc_read(certificate("bsi_ecdh.dv_cert"), &cert));
	ck_assert(!cert.key.has_params);
	ck_assert_int_eq(cert.chat.terminal, CVC_AT);
	ck_assert_int_eq(cert.chat.role, CVC_DV_DOMESTIC);
	ck_assert_uint_eq(cert.chat.rights, UINT64_C(0x001fffff10));
	ck_assert_uint_eq(cert.effective, 20100930);
	ck_assert(cvc_read(certificate("bsi_dh.ta_cert"), &cert));
	ck_assert_int_eq(cert.key.scheme, CVC_RSA_PKCS1);
	ck_assert_int_eq(cert.key.digest, VICC_DIGEST_SHA1);
	ck_assert_uint_eq(cert.key.part[0].n, 128);
	ck_assert_view(cert.key.part[1], known("010001"));
}
END_TEST

START_TEST(chats)
{
	struct chat chat;
	struct buf b = BUF(64);
	struct tlv t;
	struct view in;

	ck_assert(chat_read(known("0609 04007F000703010202 5305 FE0F01FFFF"), &chat));
	ck_assert_int_eq(chat.role, CVC_CVCA);
	ck_assert_uint_eq(chat.rights, UINT64_C(0x3e0f01ffff));
	ck_assert(chat.rights & CHAT_AT_READ(8) && !(chat.rights & CHAT_AT_READ(21)));
	ck_assert(chat.rights & CHAT_AT_WRITE(17) && chat.rights & CHAT_AT_WRITE(21));
	chat_put(&b, &chat);
	in = buf_view(&b);
	ck_assert(tlv_next(&in, &t));
	ck_assert_uint_eq(t.tag, 0x7f4c);
	ck_assert_view(t.value, known("0609 04007F000703010202 5305 FE0F01FFFF"));
	buf_free(&b);
	ck_assert(chat_read(known("0609 04007F000703010201 530123"), &chat));
	ck_assert_int_eq(chat.terminal, CVC_IS);
	ck_assert_uint_eq(chat.rights, CHAT_IS_DG3 | CHAT_IS_DG4 | CHAT_IS_EID);
	/* another length, another role, bits behind it, nothing */
	ck_assert(!chat_read(known("0609 04007F000703010202 530123"), &chat));
	ck_assert(!chat_read(known("0609 04007F000703010204 530123"), &chat));
	ck_assert(!chat_read(known("0609 04007F000703010200 530123"), &chat));
	ck_assert(!chat_read(known("0609 04007F000703010201 530123 00"), &chat));
	ck_assert(!chat_read(known("0608 04007F0007030102 530123"), &chat));
	ck_assert(!chat_read(known("0609 04007F000703010201"), &chat));
	ck_assert(!chat_read(known(""), &chat));
	ck_assert_int_eq(chat.terminal, CVC_NONE);
}
END_TEST

START_TEST(dates)
{
	struct buf b = BUF(8);
	uint32_t date;

	ck_assert(cvc_date_read(known("020400020209"), &date));
	ck_assert_uint_eq(date, 20240229);
	cvc_date_put(&b, date);
	ck_assert_buf(&b, known("020400020209"));
	ck_assert(!cvc_date_read(known("020300020209"), &date));
	ck_assert(!cvc_date_read(known("020300020209"), &date));
	ck_assert(!cvc_date_read(known("02040103000F"), &date));
	ck_assert(!cvc_date_read(known("0204"), &date));
	ck_assert(date_valid(20001231) && date_valid(20000229) && !date_valid(21000229) &&
		  !date_valid(20260431) && !date_valid(20260001) && !date_valid(20260100));
}
END_TEST

START_TEST(keys)
{
	static const char *const wrong[] = {
		"", "060A 04007F00070202020203",                          /* no point */
		"060A 04007F00070202020203 8101AA 860104",                /* some parameters */
		"060A 04007F00070202020203 860104 870101",                /* a cofactor alone */
		"060A 04007F00070202020103 860104",                       /* RSA has no point */
		"060A 04007F00070202020103 8101AA",                       /* nor is n enough */
		"060A 04007F00070202020103 8201AA 820101",
		"060A 04007F00070202020206 860104", "060A 04007F00070202030203 860104", "0609 04007F000702020202 860104",
		"060A 04007F00070202020203 860104 880101", "060A 04007F00070202020203 8600",
	};
	struct cvc_key key;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		ck_assert_msg(!cvc_key_read(known(wrong[i]), &key), "%s", wrong[i]);
	ck_assert(cvc_key_read(known("060A 04007F00070202020203 860104"), &key));
	ck_assert(cvc_key_read(known("060A 04007F00070202020106 8101AA 820103"), &key));
	ck_assert_int_eq(key.scheme, CVC_RSA_PSS);
	ck_assert_int_eq(key.digest, VICC_DIGEST_SHA512);
}
END_TEST

START_TEST(extensions)
{
	struct buf body = BUF(512), whole = BUF(512);
	struct view value;
	struct cvc cert;

	cvc_put_body(&body, &(struct cvc_body) {
		.car = said("DECVCA00001"), .chr = said("DEDV00001"), .key = known("060A 04007F00070202020203 860104"),
		.chat = { .terminal = CVC_AT }, .effective = 20260101, .expires = 20261231,
		.extensions = known("730E 0609 04007F000703010301 8001AA 730E 0609 04007F000703010302 8101BB") });
	cvc_put(&whole, buf_view(&body), known("01"));
	buf_u8(&whole, 0);
	ck_assert(!cvc_read(buf_view(&whole), &cert));
	buf_cut(&whole, whole.n - 1);
	ck_assert(cvc_read(buf_view(&whole), &cert));
	ck_assert(cvc_extension(&cert, known("04007F000703010302"), 0x81, &value));
	ck_assert_view(value, known("BB"));
	ck_assert(!cvc_extension(&cert, known("04007F000703010302"), 0x80, &value));
	ck_assert(!cvc_extension(&cert, known("04007F000703010303"), 0x80, &value));
	/* one byte more behind them */
	whole.p[3]++;
	ck_assert(!cvc_read(buf_view(&whole), &cert));
	buf_free(&body);
	buf_free(&whole);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("CV certificates");

	tcase_add_loop_test(tc, worked_examples, 0, 6);
	tcase_add_test(tc, what_they_say);
	tcase_add_test(tc, chats);
	tcase_add_test(tc, dates);
	tcase_add_test(tc, keys);
	tcase_add_test(tc, extensions);
	return run("cvc", tc);
}
