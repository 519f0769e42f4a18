/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The key of example 1 of RSA Laboratories' test vectors for OAEP (PKCS #1 v2.1). */
#ifndef TESTS_RSA_KNOWN_H
#define TESTS_RSA_KNOWN_H

#include "crypto/rsa.h"
#include "known.h"

static const char *const rsa_known_hex[RSA_PART_COUNT] = {
	[RSA_PART_N] =
		"a8b3b284af8eb50b387034a860f146c4919f318763cd6c5598c8ae4811a1e0ab"
		"c4c7e0b082d693a5e7fced675cf4668512772c0cbc64a742c6c630f533c8cc72"
		"f62ae833c40bf25842e984bb78bdbf97c0107d55bdb662f5c4e0fab9845cb514"
		"8ef7392dd3aaff93ae1e6b667bb3d4247616d4f5ba10d4cfd226de88d39f16fb",
	[RSA_PART_E] = "010001",
	[RSA_PART_D] =
		"53339cfdb79fc8466a655c7316aca85c55fd8f6dd898fdaf119517ef4f52e8fd"
		"8e258df93fee180fa0e4ab29693cd83b152a553d4ac4d1812b8b9fa5af0e7f55"
		"fe7304df41570926f3311f15c4d65a732c483116ee3d3d2d0af3549ad9bf7cbf"
		"b78ad884f84d5beb04724dc7369b31def37d0cf539e9cfcdd3de653729ead5d1",
	[RSA_PART_P] =
		"d32737e7267ffe1341b2d5c0d150a81b586fb3132bed2f8d5262864a9cb9f30a"
		"f38be448598d413a172efb802c21acf1c11c520c2f26a471dcad212eac7ca39d",
	[RSA_PART_Q] =
		"cc8853d1d54da630fac004f471f281c7b8982d8224a490edbeb33d3e3d5cc93c"
		"4765703d1dd791642f1f116a0dd852be2419b2af72bfe9a030e860b0288b5d77",
	[RSA_PART_DP] =
		"0e12bf1718e9cef5599ba1c3882fe8046a90874eefce8f2ccc20e4f2741fb0a3"
		"3a3848aec9c9305fbecbd2d76819967d4671acc6431e4037968db37878e695c1",
	[RSA_PART_DQ] =
		"95297b0f95a2fa67d00707d609dfd4fc05c89dafc2ef6d6ea55bec771ea33373"
		"4d9251e79082ecda866efef13c459e1a631386b7e354c899f5f112ca85d71583",
	[RSA_PART_QINV] =
		"4f456c502493bdc0ed2ab756a3a6ed4d67352a697d4216e93212b127a63d5411"
		"ce6fa98d5dbefd73263e3728142743818166ed7dd63687dd2a8ca1d2f4fbd8e1",
};

#define RSA_BIT(part) (1u << RSA_PART_##part)

/* The parts of it that the bits name. */
static inline struct rsa_parts
rsa_known_parts(unsigned which)
{
	struct rsa_parts parts = { 0 };
	unsigned i;

	for (i = 0; i < RSA_PART_COUNT; i++) {
		if (which & 1u << i)
			parts.part[i] = known(rsa_known_hex[i]);
	}
	return parts;
}

static inline struct rsa *
rsa_known_key(void)
{
	const struct rsa_parts parts = rsa_known_parts(0xff);
	struct rsa *k;

	ck_assert_int_eq(rsa_private(&k, &parts), 0);
	return k;
}

static inline struct rsa *
rsa_known_public(void)
{
	struct rsa *k;

	ck_assert_int_eq(rsa_public(&k, known(rsa_known_hex[RSA_PART_N]), known("010001")), 0);
	return k;
}

#endif
