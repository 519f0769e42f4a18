/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "crypto/digest.h"
#include "crypto/ec.h"
#include "known.h"

#define POINT_MAX (1 + 2 * CURVE_SIZE_MAX)
#define SIGNATURE_MAX (2 * CURVE_SIZE_MAX + 16)

static struct ec *
private_key(enum curve c, const char *d)
{
	struct ec *k;

	ck_assert_int_eq(ec_private(&k, c, known(d)), 0);
	return k;
}

/* RFC 6979, A.2.3 to A.2.7: d, Q, and the signature of "sample". */
static const struct signature {
	enum curve c;
	enum digest digest;
	const char *d, *x, *y, *r, *s;
} signatures[] = {
	{ CURVE_P192, DIGEST_SHA256,
	  "6FAB034934E4C0FC9AE67F5B5659A9D7D1FEFD187EE09FD4",
	  "AC2C77F529F91689FEA0EA5EFEC7F210D8EEA0B9E047ED56",
	  "3BC723E57670BD4887EBC732C523063D0A7C957BC97C1C43",
	  "4B0B8CE98A92866A2820E20AA6B75B56382E0F9BFD5ECB55",
	  "CCDB006926EA9565CBADC840829D8C384E06DE1F1E381B85" },
	{ CURVE_P224, DIGEST_SHA256,
	  "F220266E1105BFE3083E03EC7A3A654651F45E37167E88600BF257C1",
	  "00CF08DA5AD719E42707FA431292DEA11244D64FC51610D94B130D6C",
	  "EEAB6F3DEBE455E3DBF85416F7030CBD94F34F2D6F232C69F3C1385A",
	  "61AA3DA010E8E8406C656BC477A7A7189895E7E840CDFE8FF42307BA",
	  "BC814050DAB5D23770879494F9E0A680DC1AF7161991BDE692B10101" },
	{ CURVE_P256, DIGEST_SHA256,
	  "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
	  "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
	  "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
	  "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
	  "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8" },
	{ CURVE_P384, DIGEST_SHA384,
	  "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D8"
	  "96D5724E4C70A825F872C9EA60D2EDF5",
	  "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64"
	  "DEF8F0EA9055866064A254515480BC13",
	  "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1"
	  "288B231C3AE0D4FE7344FD2533264720",
	  "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C"
	  "81A648152E44ACF96E36DD1E80FABE46",
	  "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94F"
	  "A329C145786E679E7B82C71A38628AC8" },
	{ CURVE_P521, DIGEST_SHA512,
	  "00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75CAA8"
	  "96EB32F1F47C70855836A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B83538",
	  "01894550D0785932E00EAA23B694F213F8C3121F86DC97A04E5A7167DB4E5BCD3711"
	  "23D46E45DB6B5D5370A7F20FB633155D38FFA16D2BD761DCAC474B9A2F5023A4",
	  "00493101C962CD4D2FDDF782285E64584139C2F91B47F87FF82354D6630F746A28A0"
	  "DB25741B5B34A828008B22ACC23F924FAAFBD4D33F81EA66956DFEAA2BFDFCF5",
	  "00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E"
	  "25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA",
	  "00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF2826"
	  "23EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A" },
};

static void
put_pair(struct buf *b, const char *one, const char *two)
{
	buf_put_view(b, known(one));
	buf_put_view(b, known(two));
}

START_TEST(known_signature)
{
	const struct signature *s = &signatures[_i];
	struct ec *k = private_key(s->c, s->d), *half;
	struct buf point = BUF(POINT_MAX), out = BUF(POINT_MAX), sig = BUF(SIGNATURE_MAX);
	struct buf hash = BUF(DIGEST_MAX);

	buf_u8(&point, 0x04);
	put_pair(&point, s->x, s->y);
	ck_assert_int_eq(ec_get_point(k, &out), 0);
	ck_assert_buf(&out, buf_view(&point));
	ck_assert_int_eq(ec_get_d(k, &out), 0);
	ck_assert_buf(&out, known(s->d));

	ck_assert_int_eq(ec_public(&half, s->c, buf_view(&point)), 0);
	ck_assert_int_eq(digest_once(s->digest, said("sample"), &hash), 0);
	put_pair(&sig, s->r, s->s);
	ck_assert_int_eq(ec_verify(half, EC_FORM_PLAIN, buf_view(&hash), buf_view(&sig)), 0);
	ck_assert_int_eq(ec_verify(k, EC_FORM_PLAIN, buf_view(&hash), buf_view(&sig)), 0);
	hash.p[0] ^= 1;
	ck_assert_int_eq(ec_verify(half, EC_FORM_PLAIN, buf_view(&hash), buf_view(&sig)), -EBADMSG);
	buf_free(&point);
	buf_free(&sig);
	buf_free(&hash);
	ec_free(half);
	ec_free(k);
}
END_TEST

/* d, the other's d, and the x that they share. */
static const struct {
	const char *source;
	enum curve c;
	const char *a, *b, *x;
} secrets[] = {
	{ "RFC 5903, 8.1", CURVE_P256,
	  "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433",
	  "C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53",
	  "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE" },
	{ "RFC 7027, A.1", CURVE_BP256,
	  "81DB1EE100150FF2EA338D708271BE38300CB54241D79950F77B063039804F1D",
	  "55E40BC41E37E3E2AD25C3C6654511FFA8474A91A0032087593852D3E7D76BD3",
	  "89AFC39D41D3B327814B80940B042590F96556EC91E6AE7939BCE31F3A18BF2B" },
};

START_TEST(known_secret)
{
	struct ec *a = private_key(secrets[_i].c, secrets[_i].a);
	struct ec *b = private_key(secrets[_i].c, secrets[_i].b);
	struct buf point = BUF(POINT_MAX), out = BUF(CURVE_SIZE_MAX);

	ck_assert_int_eq(ec_get_point(b, &point), 0);
	ck_assert_int_eq(ec_shared(a, buf_view(&point), &out), 0);
	ck_assert_msg(view_equal(buf_view(&out), known(secrets[_i].x)), "%s", secrets[_i].source);
	buf_free(&point);
	buf_free(&out);
	ck_assert_int_eq(ec_get_point(a, &point), 0);
	ck_assert_int_eq(ec_shared(b, buf_view(&point), &out), 0);
	ck_assert_buf(&out, known(secrets[_i].x));
	buf_free(&point);
	ec_free(a);
	ec_free(b);
}
END_TEST

/* 1 is G; n - 1 is G mirrored; 0, n and beyond are no keys. */
START_TEST(scalars)
{
	const enum curve c = (enum curve)_i;
	struct buf n = BUF(CURVE_SIZE_MAX + 1), g = BUF(POINT_MAX), out = BUF(POINT_MAX);
	struct ec *k;

	ck_assert_int_eq(curve_get(c, CURVE_PART_N, &n), 0);
	ck_assert_int_eq(curve_get(c, CURVE_PART_G, &g), 0);

	ck_assert_int_eq(ec_private(&k, c, known("01")), 0);
	ck_assert_int_eq(ec_get_point(k, &out), 0);
	ck_assert_buf(&out, buf_view(&g));
	ck_assert_int_eq(ec_get_d(k, &out), 0);
	ck_assert_uint_eq(out.n, curve_order(c));
	buf_free(&out);
	ec_free(k);

	ck_assert_int_eq(ec_private(&k, c, buf_view(&n)), -EINVAL);
	ck_assert_ptr_null(k);
	n.p[n.n - 1]--;
	ck_assert_int_eq(ec_private(&k, c, buf_view(&n)), 0);
	ck_assert_int_eq(ec_get_point(k, &out), 0);
	ck_assert_mem_eq(out.p, g.p, 1 + curve_size(c));
	ck_assert_mem_ne(out.p, g.p, g.n);
	buf_free(&out);
	ec_free(k);
	n.p[n.n - 1] += 2;
	ck_assert_int_eq(ec_private(&k, c, buf_view(&n)), -EINVAL);
	n.p[n.n - 1] -= 2;
	/* a byte more in front counts when it is not zero */
	buf_insert(&n, 0, "", 1);
	ck_assert_int_eq(ec_private(&k, c, buf_view(&n)), 0);
	ec_free(k);
	n.p[0] = 0x01;
	ck_assert_int_eq(ec_private(&k, c, buf_view(&n)), -EINVAL);
	ck_assert_int_eq(ec_private(&k, c, known("00")), -EINVAL);
	ck_assert_int_eq(ec_private(&k, c, known("")), -EINVAL);
	buf_free(&n);
	buf_free(&g);
}
END_TEST

START_TEST(points)
{
	const enum curve c = (enum curve)_i;
	struct buf g = BUF(POINT_MAX + 1), p = BUF(CURVE_SIZE_MAX);
	struct ec *k;

	ck_assert_int_eq(curve_get(c, CURVE_PART_G, &g), 0);
	ck_assert_int_eq(ec_public(&k, c, buf_view(&g)), 0);
	ck_assert(!ec_is_private(k));
	ck_assert_int_eq(ec_curve(k), c);
	ec_free(k);
	ck_assert_int_eq(ec_public(&k, c, view_of(g.p, g.n - 1)), -EINVAL);
	ck_assert_int_eq(ec_public(&k, c, view_of(NULL, 0)), -EINVAL);
	ck_assert_int_eq(ec_public(&k, c, known("00")), -EINVAL);
	/* not on the curve */
	g.p[g.n - 1] ^= 1;
	ck_assert_int_eq(ec_public(&k, c, buf_view(&g)), -EINVAL);
	g.p[g.n - 1] ^= 1;
	/* compressed and hybrid forms */
	ck_assert_int_eq(ec_public(&k, c, view_of(g.p, 1 + curve_size(c))), -EINVAL);
	g.p[0] = 0x02 | (g.p[g.n - 1] & 1);
	ck_assert_int_eq(ec_public(&k, c, view_of(g.p, 1 + curve_size(c))), -EINVAL);
	g.p[0] = 0x06 | (g.p[g.n - 1] & 1);
	ck_assert_int_eq(ec_public(&k, c, buf_view(&g)), -EINVAL);
	g.p[0] = 0x04;
	buf_u8(&g, 0x00);
	ck_assert_int_eq(ec_public(&k, c, buf_view(&g)), -EINVAL);
	/* x = p, which is 0 mod p, but no coordinate */
	ck_assert_int_eq(curve_get(c, CURVE_PART_P, &p), 0);
	memcpy(g.p + 1, p.p, p.n);
	ck_assert_int_eq(ec_public(&k, c, view_of(g.p, curve_point(c))), -EINVAL);
	memset(g.p + 1, 0, g.n - 1);
	ck_assert_int_eq(ec_public(&k, c, view_of(g.p, curve_point(c))), -EINVAL);
	ck_assert_ptr_null(k);
	buf_free(&g);
	buf_free(&p);
}
END_TEST

/* Made, exported, taken in again; signs in both forms; agrees with another. */
START_TEST(there_and_back)
{
	const enum curve c = (enum curve)_i;
	struct buf d = BUF(CURVE_SIZE_MAX), q = BUF(POINT_MAX), q2 = BUF(POINT_MAX);
	struct buf x = BUF(CURVE_SIZE_MAX), x2 = BUF(CURVE_SIZE_MAX);
	struct ec *k, *again, *other;

	ck_assert_int_eq(ec_generate(&k, c), 0);
	ck_assert(ec_is_private(k));
	ck_assert_int_eq(ec_curve(k), c);
	ck_assert_int_eq(ec_get_d(k, &d), 0);
	ck_assert_uint_eq(d.n, curve_order(c));
	ck_assert_int_eq(ec_get_point(k, &q), 0);
	ck_assert_uint_eq(q.n, curve_point(c));
	ck_assert_int_eq(ec_private(&again, c, buf_view(&d)), 0);
	ck_assert_int_eq(ec_get_point(again, &q2), 0);
	ck_assert_buf(&q2, buf_view(&q));

	ck_assert_int_eq(ec_generate(&other, c), 0);
	ck_assert_int_eq(ec_get_point(other, &q2), 0);
	ck_assert_int_eq(ec_shared(again, buf_view(&q2), &x), 0);
	ck_assert_uint_eq(x.n, curve_size(c));
	ck_assert_int_eq(ec_shared(other, buf_view(&q), &x2), 0);
	ck_assert_buf(&x2, buf_view(&x));
	ec_free(k);
	ec_free(again);
	ec_free(other);
	buf_free(&d);
	buf_free(&q);
	buf_free(&q2);
	buf_free(&x);
}
END_TEST

/* Hashes shorter and longer than the order; of the longer ones the left bits count. */
START_TEST(signs)
{
	static const size_t lengths[] = { 1, 20, 32, 48, 64, 100 };
	const enum curve c = (enum curve)_i;
	struct buf der = BUF(SIGNATURE_MAX), plain = BUF(SIGNATURE_MAX);
	uint8_t hash[101];
	struct ec *k;
	size_t i;

	memset(hash, 0x93, sizeof(hash));
	ck_assert_int_eq(ec_generate(&k, c), 0);
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		const struct view h = view_of(hash, lengths[i]);

		ck_assert_int_eq(ec_sign(k, EC_FORM_DER, h, &der), 0);
		ck_assert_int_eq(ec_sign(k, EC_FORM_PLAIN, h, &plain), 0);
		ck_assert_uint_eq(plain.n, 2 * curve_order(c));
		ck_assert_uint_eq(der.p[0], 0x30);
		ck_assert_int_eq(ec_verify(k, EC_FORM_DER, h, buf_view(&der)), 0);
		ck_assert_int_eq(ec_verify(k, EC_FORM_PLAIN, h, buf_view(&plain)), 0);
		ck_assert_int_eq(ec_verify(k, EC_FORM_PLAIN, h, buf_view(&der)), -EBADMSG);
		ck_assert_int_eq(ec_verify(k, EC_FORM_DER, h, buf_view(&plain)), -EBADMSG);
		if (lengths[i] > curve_order(c))
			ck_assert_int_eq(ec_verify(k, EC_FORM_DER,
						   view_of(hash, curve_order(c) + 1),
						   buf_view(&der)),
					 0);
		buf_reset(&der);
		buf_reset(&plain);
	}
	buf_free(&der);
	buf_free(&plain);
	ec_free(k);
}
END_TEST

START_TEST(forged)
{
	struct ec *k = private_key(CURVE_P256, signatures[2].d);
	struct buf sig = BUF(SIGNATURE_MAX), n = BUF(32);
	uint8_t hash[32] = { 0x7f };
	const struct view h = view_of(hash, sizeof(hash));
	size_t i;

	ck_assert_int_eq(ec_sign(k, EC_FORM_PLAIN, h, &sig), 0);
	for (i = 0; i < 64; i += 9) {
		sig.p[i] ^= 0x10;
		ck_assert_int_eq(ec_verify(k, EC_FORM_PLAIN, h, buf_view(&sig)), -EBADMSG);
		sig.p[i] ^= 0x10;
	}
	ck_assert_int_eq(ec_verify(k, EC_FORM_PLAIN, h, view_of(sig.p, 63)), -EBADMSG);
	ck_assert_int_eq(ec_verify(k, EC_FORM_PLAIN, h, view_of(NULL, 0)), -EBADMSG);
	ck_assert_int_eq(ec_verify(k, EC_FORM_PLAIN, view_of(NULL, 0), buf_view(&sig)), -EBADMSG);
	buf_u8(&sig, 0);
	ck_assert_int_eq(ec_verify(k, EC_FORM_PLAIN, h, buf_view(&sig)), -EBADMSG);
	/* r = 0; r = n */
	memset(sig.p, 0, 32);
	ck_assert_int_eq(ec_verify(k, EC_FORM_PLAIN, h, view_of(sig.p, 64)), -EBADMSG);
	ck_assert_int_eq(curve_get(CURVE_P256, CURVE_PART_N, &n), 0);
	memcpy(sig.p, n.p, 32);
	ck_assert_int_eq(ec_verify(k, EC_FORM_PLAIN, h, view_of(sig.p, 64)), -EBADMSG);
	buf_free(&n);
	buf_free(&sig);

	ck_assert_int_eq(ec_sign(k, EC_FORM_DER, h, &sig), 0);
	for (i = 0; i < sig.n; i++)
		ck_assert_int_eq(ec_verify(k, EC_FORM_DER, h, view_of(sig.p, i)), -EBADMSG);
	buf_u8(&sig, 0);
	ck_assert_int_eq(ec_verify(k, EC_FORM_DER, h, buf_view(&sig)), -EBADMSG);
	ck_assert_int_eq(ec_verify(k, EC_FORM_DER, h, known("30 06 02 01 00 02 01 00")), -EBADMSG);
	buf_free(&sig);
	ec_free(k);
}
END_TEST

START_TEST(refuses)
{
	struct ec *k = private_key(CURVE_P256, "01"), *half;
	struct buf g = BUF(POINT_MAX), out = BUF(POINT_MAX), full = BUF(31);

	ck_assert_int_eq(ec_get_point(k, &g), 0);
	ck_assert_int_eq(ec_public(&half, CURVE_P256, buf_view(&g)), 0);
	ck_assert_int_eq(ec_get_d(half, &out), -ENOENT);
	ck_assert_int_eq(ec_sign(half, EC_FORM_DER, known("01"), &out), -ENOENT);
	ck_assert_int_eq(ec_shared(half, buf_view(&g), &out), -ENOENT);
	ck_assert_int_eq(ec_sign(k, EC_FORM_DER, view_of(NULL, 0), &out), -EINVAL);
	/* a point of another curve, and none */
	ck_assert_int_eq(ec_shared(k, view_of(g.p, 64), &out), -EINVAL);
	ck_assert_int_eq(ec_shared(k, known("00"), &out), -EINVAL);
	g.p[40] ^= 1;
	ck_assert_int_eq(ec_shared(k, buf_view(&g), &out), -EINVAL);
	g.p[40] ^= 1;
	buf_free(&out);
	ck_assert_int_eq(curve_get(CURVE_K256, CURVE_PART_G, &out), 0);
	ck_assert_int_eq(ec_shared(k, buf_view(&out), &full), -EINVAL);
	ck_assert_int_eq(ec_shared(k, buf_view(&g), &full), -ENOMEM);
	buf_reset(&full);
	ck_assert_int_eq(ec_get_d(k, &full), -ENOMEM);
	buf_reset(&full);
	ck_assert_int_eq(ec_get_point(k, &full), -ENOMEM);
	buf_reset(&full);
	ck_assert_int_eq(ec_sign(k, EC_FORM_PLAIN, known("01"), &full), -ENOMEM);
	ck_assert_uint_eq(full.n, 0);
	buf_free(&full);
	buf_free(&out);
	buf_free(&g);
	ec_free(half);
	ec_free(k);
	ec_free(NULL);
}
END_TEST

#define N(array) (sizeof(array) / sizeof(array[0]))

int
main(void)
{
	TCase *tc = tcase_create("ec");

	tcase_add_loop_test(tc, known_signature, 0, N(signatures));
	tcase_add_loop_test(tc, known_secret, 0, N(secrets));
	tcase_add_loop_test(tc, scalars, 0, CURVE_COUNT);
	tcase_add_loop_test(tc, points, 0, CURVE_COUNT);
	tcase_add_loop_test(tc, there_and_back, 0, CURVE_COUNT);
	tcase_add_loop_test(tc, signs, 0, CURVE_COUNT);
	tcase_add_test(tc, forged);
	tcase_add_test(tc, refuses);
	return run("ec", tc);
}
