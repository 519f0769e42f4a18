/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bytes are those that pkcs15-init of OpenSC 0.23 left on cards of both types. */
#include "codec/pkcs15.h"

#include "known.h"

static struct buf out;

static void
setup(void)
{
	out = (struct buf) BUF(4096);
}

static void
teardown(void)
{
	buf_free(&out);
}

static void
expect(const char *wanted)
{
	ck_assert(!out.failed);
	ck_assert_view(buf_view(&out), known(wanted));
	buf_reset(&out);
}

#define OWNED (PKCS15_PRIVATE | PKCS15_MODIFIABLE)

START_TEST(pins)
{
	struct pkcs15_pin user = {
		.object = { "User PIN", OWNED, .id = known("FF") },
		.flags = PKCS15_PIN_CASE_SENSITIVE | PKCS15_PIN_INITIALIZED | PKCS15_PIN_NEEDS_PADDING,
		.reference = 1, .min = 4, .max = 16, .pad = 0x00,
	};
	struct pkcs15_pin so = {
		.object = { "Security Officer PIN", OWNED, .id = known("FF") },
		.flags = PKCS15_PIN_INITIALIZED | PKCS15_PIN_NEEDS_PADDING | PKCS15_PIN_SO,
		.reference = 3, .min = 4, .max = 8, .pad = 0xff,
	};

	pkcs15_put_pin(&out, &user);
	expect("302F 300E 0C08 557365722050494E 0302 06C0 3003 0401 FF A118 3016 0302 028C 0A01 01"
	       "0201 04 0201 10 0201 10 8001 01 0401 00");
	pkcs15_put_pin(&out, &so);
	expect("303B 301A 0C14 5365637572697479204F6666696365722050494E 0302 06C0 3003 0401 FF A118 3016"
	       "0302 000D 0A01 01 0201 04 0201 08 0201 08 8001 03 0401 FF");
}
END_TEST

START_TEST(private_keys)
{
	struct pkcs15_key rsa = {
		.object = { "rsa", OWNED, known("FF"), known("45") },
		.bits = 2048,
		.usage = PKCS15_USE_SIGN,
		.subject = known("3011 310F 300D 0603 550403 0C06 6D6520727361"),
		.path = known("3F005015"),
	};
	struct pkcs15_key ec = {
		.object = { "ec", OWNED, known("01"), known("46") },
		.ec = true,
		.bits = 256,
		.usage = PKCS15_USE_SIGN,
		.reference = 2,
		.subject = known("3010 310E 300C 0603 550403 0C05 6D65206563"),
		.path = known("3F0050154B02"),
	};

	pkcs15_put_private_key(&out, &rsa);
	expect("3045 300C 0C03 727361 0302 06C0 0401 FF 300E 0401 45 0302 0520 0302 0780 0201 00"
	       "A015 3013 3011 310F 300D 0603 550403 0C06 6D6520727361 A10E 300C 3006 0404 3F005015 0202 0800");
	pkcs15_put_private_key(&out, &ec);
	expect("A045 300B 0C02 6563 0302 06C0 0401 01 300E 0401 46 0302 0520 0302 0780 0201 02"
	       "A014 3012 3010 310E 300C 0603 550403 0C05 6D65206563"
	       "A110 300E 3008 0406 3F0050154B02 0202 0100");
	ec.subject.n = 0;
	ec.bits = 521;
	ec.usage = PKCS15_USE_SIGN | PKCS15_USE_DERIVE | PKCS15_USE_NON_REPUDIATION;
	pkcs15_put_private_key(&out, &ec);
	expect("A030 300B 0C02 6563 0302 06C0 0401 01 300F 0401 46 0303 0620C0 0302 0780 0201 02"
	       "A110 300E 3008 0406 3F0050154B02 0202 0209");
}
END_TEST

START_TEST(public_keys)
{
	struct pkcs15_key rsa = {
		.object = { "rsa", PKCS15_MODIFIABLE, .id = known("45") },
		.bits = 2048,
		.usage = PKCS15_USE_VERIFY,
		.path = known("3F0050153300"),
	};
	struct pkcs15_key ec = {
		.object = { "ec", PKCS15_MODIFIABLE, .id = known("46") },
		.ec = true,
		.bits = 256,
		.usage = PKCS15_USE_VERIFY,
		.path = known("3F0050153301"),
	};

	pkcs15_put_public_key(&out, &rsa);
	expect("302C 3009 0C03 727361 0302 0640 300D 0401 45 0302 0102 0101 00 0201 00"
	       "A110 300E 3008 0406 3F0050153300 0202 0800");
	pkcs15_put_public_key(&out, &ec);
	expect("A027 3008 0C02 6563 0302 0640 300D 0401 46 0302 0102 0101 00 0201 00"
	       "A10C 300A 3008 0406 3F0050153301");
}
END_TEST

START_TEST(certificates)
{
	struct pkcs15_cert cert = {
		.object = { "rsa", PKCS15_MODIFIABLE, .id = known("45") },
		.path = known("3F0050153400"),
	};

	pkcs15_put_cert(&out, &cert);
	expect("301E 3009 0C03 727361 0302 0640 3003 0401 45 A10C 300A 3008 0406 3F0050153400");
	cert.authority = true;
	pkcs15_put_cert(&out, &cert);
	expect("3021 3009 0C03 727361 0302 0640 3006 0401 45 0101 FF A10C 300A 3008 0406 3F0050153400");
}
END_TEST

START_TEST(the_card)
{
	const struct pkcs15_algorithm aes = {
		.reference = 1,
		.mechanism = 0x1081,
		.operations = PKCS15_OP_ENCIPHER | PKCS15_OP_DECIPHER,
		.oid = known("608648016503040101"),
	};
	struct pkcs15_token t = {
		.serial = known("0000"),
		.manufacturer = "unknown",
		.label = "My card",
		.flags = PKCS15_TOKEN_EID,
		.time = "20261125034500Z",
	};

	pkcs15_put_token_info(&out, &t);
	expect("3030 0201 00 0402 0000 0C07 756E6B6E6F776E 8007 4D792063617264 0302 0410"
	       "A511 180F 32303236313132353033343530305A");
	t.algorithms = &aes;
	t.n_algorithms = 1;
	pkcs15_put_token_info(&out, &t);
	expect("304F 0201 00 0402 0000 0C07 756E6B6E6F776E 8007 4D792063617264 0302 0410 A21D"
	       "301B 0201 01 0202 1081 0500 0302 020C 0609 608648016503040101 0201 00"
	       "A511 180F 32303236313132353033343530305A");
	pkcs15_put_application(&out, known("A000000063504B43532D3135"), "My card",
			       known("3F005015"));
	expect("611D 4F0C A000000063504B43532D3135 5007 4D792063617264 5104 3F005015");
	pkcs15_put_directory(&out, PKCS15_AODF, known("3F0050154401"));
	pkcs15_put_directory(&out, PKCS15_PRKDF, known("3F0050154402"));
	expect("A80A 3008 0406 3F0050154401 A00A 3008 0406 3F0050154402");
}
END_TEST

START_TEST(values)
{
	pkcs15_put_rsa(&out, known("00 00 B1561511"), known("010001"));
	expect("300C 0205 00B1561511 0203 010001");
	pkcs15_put_rsa(&out, known("7F"), known("0003"));
	expect("3006 0201 7F 0201 03");
	pkcs15_put_ec(&out, known("2A8648CE3D030107"), known("04 ED16 E738"));
	expect("301D 3013 0607 2A8648CE3D0201 0608 2A8648CE3D030107 0306 00 04 ED16 E738");
}
END_TEST

/* No flag at all is a BIT STRING, too. */
START_TEST(no_flags)
{
	struct pkcs15_cert cert = { .object = { "", 0, .id = known("01") }, .path = known("3F00") };

	pkcs15_put_cert(&out, &cert);
	expect("3016 3005 0C00 0301 00 3003 0401 01 A108 3006 3004 0402 3F00");
}
END_TEST

/* A full buf says so, and no more is asked of it. */
START_TEST(no_room)
{
	struct pkcs15_cert cert = { .object = { "label", 0, .id = known("01") },
				    .path = known("3F00") };

	out.max = 20;
	pkcs15_put_cert(&out, &cert);
	ck_assert(out.failed);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("all");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, pins);
	tcase_add_test(tc, private_keys);
	tcase_add_test(tc, public_keys);
	tcase_add_test(tc, certificates);
	tcase_add_test(tc, the_card);
	tcase_add_test(tc, values);
	tcase_add_test(tc, no_flags);
	tcase_add_test(tc, no_room);
	return run("pkcs15", tc);
}
