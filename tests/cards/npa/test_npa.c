/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The identity card: who may read and write what, PIN management, auxiliary data, a card that is restarted. */
#include <errno.h>
#include <openssl/x509.h>

#include "chain.h"
#include "codec/tlv.h"
#include "cards/eac/lds.h"
#include "idcard.h"
#include "model/key.h"

static const struct view none = { .n = 0 };

/* A terminal with these rights, its certificates known to the card. */
static void
trust(struct chain *c, uint64_t rights)
{
	chain_of(c, rights);
	ck_assert_int_eq(eac_anchor_add(kept, buf_view(&c->cvca.cvc)), 0);
	ck_assert(field_set_number(eac_fields(kept), EAC_FIELD_DATE, 20260101));
}

static void
authenticate_all(const struct chain *c, unsigned password, const char *secret, uint64_t rights,
		 struct view aux)
{
	ck_assert_uint_eq(idcard_pace(password, secret, chat_of(rights)), 0x9000);
	ck_assert_uint_eq(show_chain(&terminal, c, true), 0x9000);
	ck_assert_uint_eq(authenticate(&terminal, c, aux), 0x9000);
	ck_assert_uint_eq(idcard_chip_authentication(), 0x9000);
}

static unsigned
select_eid(void)
{
	return doc_command(&terminal, "00A4040C", known("E80704007F00070302"), 0, NULL);
}

/* READ BINARY in all of its ways: the status word, the same each time. */
static unsigned
read_all_ways(unsigned fid, unsigned sfi)
{
	char header[16];
	uint8_t name[2] = { (uint8_t)(fid >> 8), (uint8_t)fid };
	unsigned sw, again;

	snprintf(header, sizeof(header), "00B0%02X00", 0x80 | sfi);
	sw = doc_command(&terminal, header, none, 256, NULL);
	snprintf(header, sizeof(header), "00B100%02X", sfi);
	again = doc_command(&terminal, header, known("540100"), 256, NULL);
	ck_assert_uint_eq(again, sw);
	snprintf(header, sizeof(header), "00B1%04X", fid);
	again = doc_command(&terminal, header, known("540100"), 65536, NULL);
	ck_assert_uint_eq(again, sw);
	again = doc_command(&terminal, "00A4020C", view_of(name, 2), 0, NULL);
	ck_assert_uint_eq(again, sw == 0x6a82 ? 0x6a82 : 0x9000);
	if (again == 0x9000) {
		ck_assert_uint_eq(doc_command(&terminal, "00B00000", none, 256, NULL), sw);
		ck_assert_uint_eq(doc_command(&terminal, "00B00000", none, 65536, NULL), sw);
		ck_assert_uint_eq(doc_command(&terminal, "00B10000", known("540100"), 256, NULL),
				  sw);
	}
	return sw;
}

static bool
on_chip(unsigned dg)
{
	return dg != 12 && !(dg >= 14 && dg <= 16) && dg != 21;
}

/* Every data group is refused, but those of the mask; and none can be written. */
static void
check_groups(uint64_t readable)
{
	unsigned dg;

	ck_assert_uint_eq(select_eid(), 0x9000);
	for (dg = 1; dg <= 21; dg++) {
		unsigned sw = read_all_ways(0x0100 + dg, dg);

		ck_assert_msg(sw == (!on_chip(dg)         ? 0x6a82
				     : readable >> dg & 1 ? 0x9000
							  : 0x6982),
			      "DG%u: %04X", dg, sw);
	}
}

/* --- no authentication, no data ------------------------------------------------------------------ */

/* DF.CIA: whole objects of PKCS#15, and nobody writes them. */
static void
check_cia(void)
{
	static const char *const fids[] = { "5031", "5032", "4400", "4404", "4408" };
	static const unsigned objects[] = { 3, 1, 1, 1, 2 };
	unsigned i, n;

	ck_assert_uint_eq(doc_command(&terminal, "00A4040C",
				      known("E828BD080FA000000167455349474E"), 0, NULL),
			  0x9000);
	for (i = 0; i < 5; i++) {
		struct buf file = BUF(256);
		struct view in;
		struct tlv t;

		ck_assert_uint_eq(doc_command(&terminal, "00A4020C", known(fids[i]), 0, NULL),
				  0x9000);
		ck_assert_uint_eq(doc_command(&terminal, "00B00000", none, 256, &file), 0x9000);
		in = buf_view(&file);
		for (n = 0; tlv_next(&in, &t); n++)
			ck_assert(tlv_valid(t.value));
		ck_assert_uint_eq(in.n, 0);
		ck_assert_uint_eq(n, objects[i]);
		ck_assert_uint_ge(doc_command(&terminal, "00D60000", known("00"), 0, NULL),
				  0x6900);
		buf_free(&file);
	}
}

static void
check_free_files(void)
{
	struct buf dir = BUF(256);

	ck_assert_uint_eq(doc_command(&terminal, "00A4000C", known("3F00"), 0, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00B09E00", none, 256, &dir), 0x9000);
	ck_assert_buf(
		&dir,
		known("61324F0FE828BD080FA000000167455349474E500F434941207A752044462E655369676E5100730C4F0AA000000167455349474E"
		      "61094F07A0000002471001610B4F09E80704007F00070302610C4F0AA000000167455349474E"));
	ck_assert_uint_eq(doc_command(&terminal, "00B09C00", none, 256, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00B08100", none, 256, NULL), 0x9000);
	check_cia();
	/* the name that EF.DIR has of an application that is not there */
	ck_assert_uint_eq(doc_command(&terminal, "00A4040C", known("A0000002471001"), 0, NULL),
			  0x6a82);
}

START_TEST(no_authentication_no_data)
{
	struct chain c;

	idcard_open();
	trust(&c, CHAT_AT_ALL);
	check_free_files();
	check_groups(0);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "111111", chat_of(CHAT_AT_ALL)), 0x9000);
	check_free_files();
	check_groups(0);
	ck_assert_uint_eq(show_chain(&terminal, &c, false), 0x9000);
	check_groups(0);
	ck_assert_uint_eq(authenticate(&terminal, &c, none), 0x9000);
	check_groups(0);
	ck_assert_uint_eq(idcard_chip_authentication(), 0x9000);
	check_groups(UINT64_MAX);
	/* one plain command, and it is over */
	ck_assert_uint_eq(doc_plain(&terminal, "00B08100", none, 256, NULL), 0x6982);
	doc_forget(&terminal);
	check_groups(0);
	chain_free(&c);
	idcard_close();
}
END_TEST

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

/* --- --epass -------------------------------------------------------------------------------------- */

/* What PACE alone gives of a passport, and nothing more; the MRZ and what is signed as on an ePass. */
static void
check_passport(unsigned sw, unsigned sfi)
{
	ck_assert_uint_eq(doc_command(&terminal, "00A4040C", known("A0000002471001"), 0, NULL), 0x9000);
	ck_assert_uint_eq(read_all_ways(0x0100 + sfi, sfi), sw);
}

START_TEST(passport)
{
	static const char mrz[] = "IDD<<T220001293<<<<<<<<<<<<<<<6408125<2010315D<<<<<<<<<<<<<<"
				  "MUSTERMANN<<ERIKA<<<<<<<<<<<<<";
	static const unsigned sfis[] = { 1, 2, 0x1d, 0x1e };
	struct buf dg1 = BUF(256);
	struct view in;
	struct tlv t;
	unsigned i, sw;

	idcard_option("epass", "");
	idcard_open();
	for (i = 0; i < 4; i++)
		check_passport(0x6982, sfis[i]);
	/* there is no BAC on an identity card */
	ck_assert_uint_eq(doc_bac(&terminal, said("T22000129364081252010315")), 0x6985);
	ck_assert_uint_eq(idcard_pace(EAC_MRZ, "T22000129364081252010315", none), 0x9000);
	for (i = 0; i < 4; i++)
		check_passport(0x9000, sfis[i]);
	check_passport(0x6a82, 3);
	ck_assert(doc_read_file(&terminal, 1, &dg1, &sw));
	in = buf_view(&dg1);
	ck_assert(tlv_next(&in, &t) && t.tag == 0x61);
	in = t.value;
	ck_assert(tlv_next(&in, &t) && t.tag == 0x5f1f);
	ck_assert_view(t.value, said(mrz));
	ck_assert_uint_ge(doc_command(&terminal, "00D68100", known("00"), 0, NULL), 0x6900);
	/* the passport opens no other file: EF.CardSecurity, data groups of eID */
	ck_assert_uint_eq(doc_command(&terminal, "00A4000C", known("3F00"), 0, NULL), 0x9000);
	ck_assert_uint_eq(read_all_ways(0x011d, 0x1d), 0x6982);
	check_groups(0);
	ck_assert_uint_eq(doc_plain(&terminal, "00A4040C", known("A0000002471001"), 0, NULL), 0x9000);
	doc_forget(&terminal);
	check_passport(0x6982, 1);
	buf_free(&dg1);
	idcard_close();
	idcard_no_options();
}
END_TEST

/* Whose data groups a file has: the passport is of the same person, and its MRZ opens the card. */
START_TEST(passport_of_a_holder)
{
	static const char mrz[] = "IDD<<T220001293<<<<<<<<<<<<<<<7001028F3112319UTO<<<<<<<<<<<4"
				  "OESTERREICH<<ZOE<MIA<<<<<<<<<<";
	struct buf dg1 = BUF(256);
	unsigned sw;

	write_file("npa.holder", "FamilyNames=\xc3\x96sterreich\nGivenNames=Zo\xc3\xab Mia\n"
				 "DateOfBirth=19700102\nDateOfExpiry=20311231\nNationality=UTO\n");
	idcard_option("epass", "");
	idcard_option("datasetfile", "npa.holder");
	idcard_open();
	unlink("npa.holder");
	ck_assert_uint_eq(idcard_pace(EAC_MRZ, "T22000129364081252010315", none), 0x6300);
	ck_assert_uint_eq(idcard_pace(EAC_MRZ, "T22000129370010283112319", none), 0x9000);
	check_passport(0x9000, 1);
	ck_assert(doc_read_file(&terminal, 1, &dg1, &sw));
	ck_assert_view(view_slice(buf_view(&dg1), 5, dg1.n), said(mrz));
	ck_assert_view(props_get(&emrtd_df(kept)->props, EMRTD_FIELD_MRZ), said(mrz));
	buf_free(&dg1);
	idcard_close();
	idcard_no_options();
	/* the MRZ that somebody gives counts, and without a passport the password is the sample's */
	write_file("npa.holder", "FamilyNames=X\n");
	idcard_option("datasetfile", "npa.holder");
	idcard_open();
	ck_assert_uint_eq(idcard_pace(EAC_MRZ, "T22000129364081252010315", none), 0x9000);
	idcard_close();
	idcard_option("epass", "");
	idcard_option("mrz",
		      "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<");
	idcard_open();
	ck_assert_uint_eq(idcard_pace(EAC_MRZ, "D23145890774081221204159", none), 0x9000);
	idcard_close();
	idcard_no_options();
	unlink("npa.holder");
}
END_TEST

/* --- writing ---------------------------------------------------------------------------------------- */

START_TEST(written_groups)
{
	const uint64_t rights =
		CHAT_AT_READ(17) | CHAT_AT_WRITE(17) | CHAT_AT_READ(18) | CHAT_AT_WRITE(20);
	struct buf before = BUF(2048), after = BUF(2048), large = BUF(2048);
	struct chain c;
	unsigned sw;

	idcard_open();
	trust(&c, rights);
	authenticate_all(&c, EAC_PIN, "111111", rights, none);
	ck_assert_uint_eq(select_eid(), 0x9000);
	ck_assert(doc_read_file(&terminal, 17, &before, &sw));
	/* as clients do: raw bytes in front, and the rest stands */
	ck_assert_uint_eq(doc_command(&terminal, "00D69100", known("0107"), 0, NULL), 0x9000);
	ck_assert(doc_read_file(&terminal, 17, &after, &sw));
	ck_assert_uint_eq(after.n, before.n);
	ck_assert_view(view_slice(buf_view(&after), 0, 2), known("0107"));
	ck_assert_view(view_slice(buf_view(&after), 2, after.n),
		       view_slice(buf_view(&before), 2, before.n));
	/* by odd instruction, and longer */
	buf_fill(&large, 0x5a, 900);
	buf_reset(&after);
	tlv_put(&after, 0x54, known("00"));
	tlv_put(&after, 0x53, buf_view(&large));
	ck_assert_uint_eq(doc_command(&terminal, "00D70011", buf_view(&after), 0, NULL), 0x9000);
	buf_reset(&after);
	ck_assert(doc_read_file(&terminal, 17, &after, &sw));
	ck_assert_view(buf_view(&after), buf_view(&large));
	buf_fill(&large, 0x5a, 200);
	ck_assert_uint_eq(doc_command(&terminal, "00D69100", buf_view(&large), 0, NULL), 0x6a84);
	/* a gap, a group without the right, one that has another's, one that nobody writes, one that is not there */
	ck_assert_uint_eq(doc_command(&terminal, "00D67000", known("00"), 0, NULL), 0x6b00);
	ck_assert_uint_eq(doc_command(&terminal, "00D69200", known("00"), 0, NULL), 0x6982);
	ck_assert_uint_eq(doc_command(&terminal, "00D69300", known("00"), 0, NULL), 0x6982);
	ck_assert_uint_eq(doc_command(&terminal, "00D68100", known("00"), 0, NULL), 0x6982);
	ck_assert_uint_eq(doc_command(&terminal, "00D69500", known("00"), 0, NULL), 0x6a82);
	ck_assert_uint_eq(doc_command(&terminal, "00D69400", known("7400"), 0, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00B09400", none, 256, NULL), 0x6982);
	buf_free(&before);
	buf_free(&after);
	buf_free(&large);
	chain_free(&c);
	idcard_close();
}
END_TEST

/* --- PIN management ------------------------------------------------------------------------------------- */

/* Command by command, what each session may do: PIN, PUK, CAN, MRZ, a terminal with the right. */
START_TEST(pin_management)
{
	static const struct {
		const char *header, *data;
		unsigned by_pin, by_puk, by_can, by_right;
	} rows[] = {
		{ "002C0203", "313233343536", 0x9000, 0x9000, 0x6982, 0x9000 },
		{ "002C0303", "", 0x6982, 0x9000, 0x6982, 0x9000 },
		{ "002C0202", "313233343536", 0x6982, 0x6982, 0x6982, 0x9000 },
		{ "00441003", "", 0x6982, 0x6982, 0x6982, 0x9000 },
		{ "00041003", "", 0x6982, 0x6982, 0x6982, 0x9000 },
		{ "002C0203", "3132333435", 0x6700, 0x6700, 0x6982, 0x6700 },
		{ "002C0203", "31323334353A", 0x6a80, 0x6a80, 0x6982, 0x6a80 },
		{ "002C0303", "31", 0x6982, 0x6700, 0x6982, 0x6700 },
		{ "002C0204", "31323334353637383930", 0x6a88, 0x6a88, 0x6a88, 0x6a88 },
		{ "002C0103", "", 0x6a86, 0x6a86, 0x6a86, 0x6a86 },
		{ "00440003", "", 0x6a86, 0x6a86, 0x6a86, 0x6a86 },
		{ "00041002", "", 0x6a88, 0x6a88, 0x6a88, 0x6a88 },
	};
	const uint64_t rights = CHAT_AT_PIN | CHAT_AT_CAN;
	struct chain c;

	idcard_open();
	trust(&c, rights);
	/* without a session: the table's last column of locked cards */
	ck_assert(doc_command(&terminal, rows[_i].header, known(rows[_i].data), 0, NULL) >= 0x6700);
	ck_assert_uint_eq(idcard_pace(EAC_CAN, "222222", none), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, rows[_i].header, known(rows[_i].data), 0, NULL),
			  rows[_i].by_can);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "111111", none), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, rows[_i].header, known(rows[_i].data), 0, NULL),
			  rows[_i].by_pin);
	ck_assert_uint_eq(idcard_pace(EAC_PUK, "3333333333", none), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, rows[_i].header, known(rows[_i].data), 0, NULL),
			  rows[_i].by_puk);
	idcard_reset();
	authenticate_all(&c, EAC_CAN, "222222", rights, none);
	ck_assert_uint_eq(doc_command(&terminal, rows[_i].header, known(rows[_i].data), 0, NULL),
			  rows[_i].by_right);
	chain_free(&c);
	idcard_close();
}
END_TEST

/* A PUK that is spent unblocks nothing, nor does one that is not there; a password that is not there has no value. */
START_TEST(passwords_that_are_not_there)
{
	const uint64_t rights = CHAT_AT_PIN | CHAT_AT_CAN;
	struct sam_pin *pin, *puk;
	struct chain c;

	idcard_open();
	trust(&c, rights);
	pin = sam_pin_find(&kept->sam, 0, EAC_PIN);
	puk = sam_pin_find(&kept->sam, 0, EAC_PUK);
	ck_assert_uint_eq(idcard_pace(EAC_PUK, "3333333333", none), 0x9000);
	pin->code.tries = 0;
	puk->code.tries = 0;
	ck_assert_uint_eq(doc_command(&terminal, "002C0303", none, 0, NULL), 0x6983);
	puk->code.tries = 1;
	puk->ref = 9;
	ck_assert_uint_eq(doc_command(&terminal, "002C0303", none, 0, NULL), 0x6983);
	ck_assert_uint_eq(pin->code.tries, 0);
	puk->ref = EAC_PUK;
	ck_assert_uint_eq(doc_command(&terminal, "002C0303", none, 0, NULL), 0x9000);
	ck_assert_uint_eq(pin->code.tries, 3);
	idcard_reset();
	authenticate_all(&c, EAC_CAN, "222222", rights, none);
	pin->ref = 8;
	ck_assert_uint_eq(doc_command(&terminal, "002C0203", said("123456"), 0, NULL), 0x6a88);
	ck_assert_uint_eq(doc_command(&terminal, "00441003", none, 0, NULL), 0x6a88);
	chain_free(&c);
	idcard_close();
}
END_TEST

/* A transport PIN; a PIN that is run down to CAN and PUK, and back, over restarts. */
START_TEST(life_of_a_pin)
{
	char dir[] = "/tmp/test_npaXXXXXX", path[64], lock[72];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/card.json", dir);
	snprintf(lock, sizeof(lock), "%s.lock", path);
	idcard_option("pin", "12345");
	idcard_option("can", "654321");
	ck_assert_msg(idcard_open_at(path) == 0, "%s", error);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "12345", none), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "002C0203", said("121212"), 0, NULL), 0x9000);
	idcard_close();
	idcard_no_options();
	ck_assert_int_eq(idcard_open_at(path), 0);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "12345", none), 0x63c2);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "121213", none), 0x63c1);
	idcard_close();
	ck_assert_int_eq(idcard_open_at(path), 0);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "121212", none), 0x6985);
	ck_assert_uint_eq(idcard_pace(EAC_CAN, "654321", none), 0x9000);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "121213", none), 0x63c0);
	idcard_close();
	ck_assert_int_eq(idcard_open_at(path), 0);
	ck_assert_uint_eq(idcard_pace(EAC_CAN, "654321", none), 0x9000);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "121212", none), 0x6983);
	ck_assert_uint_eq(idcard_pace(EAC_PUK, "3333333333", none), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "002C0303", none, 0, NULL), 0x9000);
	idcard_close();
	ck_assert_int_eq(idcard_open_at(path), 0);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "121212", none), 0x9000);
	idcard_close();
	ck_assert_int_eq(unlink(path), 0);
	unlink(lock);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

/* --- restricted identification (TR-03110-2, 3.5) ------------------------------------------------------- */

#define RI_OID "04007F00070202050203"

struct sector {
	struct buf key;  /* what is in its 7F49 */
	struct buf hash; /* of the whole, which a certificate has */
	struct buf point;
};

static void
sector_make(struct sector *s, const char *d)
{
	struct buf whole = BUF(256);

	*s = (struct sector) { BUF(256), BUF(64), BUF(128) };
	doc_multiply(13, none, known(d), &s->point);
	tlv_put(&s->key, 0x06, known(RI_OID));
	tlv_put(&s->key, 0x86, buf_view(&s->point));
	tlv_put(&whole, 0x7f49, buf_view(&s->key));
	doc_hash("SHA256", buf_view(&whole), &s->hash);
	buf_free(&whole);
}

static void
sector_free(struct sector *s)
{
	buf_free(&s->key);
	buf_free(&s->hash);
	buf_free(&s->point);
}

/* A terminal of these rights, in whose certificate are the sectors. */
static void
trust_of_sectors(struct chain *c, uint64_t rights, const struct sector *s, size_t n)
{
	struct doc_cert_spec cvca = cvca_spec(), dv = dv_spec(), t = terminal_spec(rights);
	struct buf extension = BUF(256);
	const size_t mark = tlv_open(&extension, 0x73);
	size_t i;

	tlv_put(&extension, 0x06, known("04007F000703010302"));
	for (i = 0; i < n; i++)
		tlv_put(&extension, 0x80 + (uint32_t)i, buf_view(&s[i].hash));
	tlv_close(&extension, mark);
	t.extensions = buf_view(&extension);
	chain_make(c, &cvca, &dv, &t);
	ck_assert_int_eq(eac_anchor_add(kept, buf_view(&c->cvca.cvc)), 0);
	ck_assert(field_set_number(eac_fields(kept), EAC_FIELD_DATE, 20260101));
	buf_free(&extension);
}

/* By key 1 or 2 of the card; second may be NULL. ids: what is in 7C of the answer. */
static unsigned
identify(unsigned key, const struct sector *first, const struct sector *second, struct buf *ids)
{
	struct buf data = BUF(512), answer = BUF(256);
	const size_t mark = tlv_open(&data, 0x7c);
	struct view in;
	unsigned sw = doc_command(&terminal, "002241A4",
				  known(key == 1 ? "800A" RI_OID "840101" : "800A" RI_OID "840102"),
				  0, NULL);

	tlv_put(&data, 0xa0, buf_view(&first->key));
	if (second)
		tlv_put(&data, 0xa2, buf_view(&second->key));
	tlv_close(&data, mark);
	if (sw == 0x9000)
		sw = doc_command(&terminal, "00860000", buf_view(&data), 256, &answer);
	buf_reset(ids);
	if (sw == 0x9000) {
		ck_assert(tlv_find(buf_view(&answer), 0x7c, &in));
		buf_put_view(ids, in);
	}
	buf_free(&data);
	buf_free(&answer);
	return sw;
}

/* H(x(SK * PK)), tagged: what the card has to say. */
static void
put_identifier(struct buf *out, uint32_t tag, const char *field, const struct sector *s)
{
	struct buf shared = BUF(128), hash = BUF(64);
	struct eac_key k;

	ck_assert_int_eq(eac_key_get(kept, field, &k), 0);
	doc_multiply(13, buf_view(&s->point), secret_view(&k.d), &shared);
	doc_hash("SHA256", view_slice(buf_view(&shared), 1, 32), &hash);
	tlv_put(out, tag, buf_view(&hash));
	secret_wipe(&k.d);
	buf_free(&shared);
	buf_free(&hash);
}

/* One sector, or two: by both keys, the same in each session; no sector that is not in the certificate. */
START_TEST(restricted_identification)
{
	static const char *const fields[] = { EAC_FIELD_RI_KEY, EAC_FIELD_RI_KEY_2 };
	const bool two = _i == 1;
	struct buf ids = BUF(256), wanted = BUF(256), other = BUF(256);
	struct sector s[3];
	struct chain c;
	unsigned key, round;

	sector_make(&s[0], "01020304");
	sector_make(&s[1], "0A0B0C0D0E");
	sector_make(&s[2], "11121314");
	idcard_open();
	trust_of_sectors(&c, CHAT_AT_RI, s, two ? 2 : 1);
	for (round = 0; round < 2; round++) {
		idcard_reset();
		authenticate_all(&c, EAC_PIN, "111111", CHAT_AT_RI, none);
		for (key = 1; key <= 2; key++) {
			buf_reset(&wanted);
			put_identifier(&wanted, 0x81, fields[key - 1], &s[0]);
			ck_assert_uint_eq(identify(key, &s[0], NULL, &ids), 0x9000);
			ck_assert_view(buf_view(&ids), buf_view(&wanted));
			ck_assert(!view_equal(buf_view(&ids), buf_view(&other)));
			buf_reset(&other);
			buf_put_view(&other, buf_view(&ids));
			put_identifier(&wanted, 0x83, fields[key - 1], &s[1]);
			ck_assert_uint_eq(identify(key, &s[0], &s[1], &ids), two ? 0x9000 : 0x6a80);
			if (two)
				ck_assert_view(buf_view(&ids), buf_view(&wanted));
			ck_assert_uint_eq(identify(key, &s[1], &s[0], &ids), 0x6a80);
			ck_assert_uint_eq(identify(key, &s[2], NULL, &ids), 0x6a80);
			ck_assert_uint_eq(identify(key, &s[0], &s[2], &ids), 0x6a80);
		}
	}
	check_groups(0);
	idcard_reset();
	authenticate_all(&c, EAC_PIN, "111111", CHAT_AT_ALL & ~CHAT_AT_RI, none);
	ck_assert_uint_eq(identify(1, &s[0], NULL, &ids), 0x6982);
	for (key = 0; key < 3; key++)
		sector_free(&s[key]);
	buf_free(&ids);
	buf_free(&wanted);
	buf_free(&other);
	chain_free(&c);
	idcard_close();
}
END_TEST

/* A hash in the certificate that is of no key. */
START_TEST(sector_without_a_key)
{
	struct buf ids = BUF(256), whole = BUF(64);
	struct sector s = { BUF(256), BUF(64), BUF(128) };
	struct chain c;

	tlv_put(&s.key, 0x06, known(RI_OID));
	tlv_put(&whole, 0x7f49, buf_view(&s.key));
	doc_hash("SHA256", buf_view(&whole), &s.hash);
	idcard_open();
	trust_of_sectors(&c, CHAT_AT_RI, &s, 1);
	authenticate_all(&c, EAC_PIN, "111111", CHAT_AT_RI, none);
	ck_assert_uint_eq(identify(1, &s, NULL, &ids), 0x6a80);
	sector_free(&s);
	buf_free(&ids);
	buf_free(&whole);
	chain_free(&c);
	idcard_close();
}
END_TEST

/* --- auxiliary data --------------------------------------------------------------------------------------- */

static unsigned
ask_auxiliary(unsigned which)
{
	uint8_t oid[] = {
		0x06, 0x09, 0x04, 0x00, 0x7f, 0x00, 0x07, 0x03, 0x01, 0x04, (uint8_t)which
	};

	return doc_command(&terminal, "80208000", view_of(oid, sizeof(oid)), 0, NULL);
}

static void
put_auxiliary(struct buf *b, unsigned which, struct view v)
{
	uint8_t oid[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x03, 0x01, 0x04, (uint8_t)which };
	size_t mark = tlv_open(b, 0x73);

	tlv_put(b, 0x06, view_of(oid, sizeof(oid)));
	tlv_put(b, 0x53, v);
	tlv_close(b, mark);
}

START_TEST(auxiliary_data)
{
	/* born 1964-08-12, valid to 2036-10-31, in 0276050315000000 */
	static const struct {
		const char *birth, *expiry, *community;
		unsigned sw[3];
	} rows[] = {
		{ "19640812", "20361031", "027605", { 0x9000, 0x9000, 0x9000 } },
		{ "19640811", "20361101", "0277", { 0x6300, 0x6300, 0x6300 } },
		{ "20081128", "20261128", "0276050315000000", { 0x9000, 0x9000, 0x9000 } },
		{ "1964", "2036103X", "027605031500000000", { 0x6300, 0x6300, 0x6300 } },
	};
	const uint64_t rights = CHAT_AT_AGE | CHAT_AT_COMMUNITY;
	struct buf aux = BUF(256);
	struct chain c;
	size_t mark;
	unsigned i;

	idcard_open();
	trust(&c, rights);
	mark = tlv_open(&aux, 0x67);
	put_auxiliary(&aux, 1, said(rows[_i].birth));
	put_auxiliary(&aux, 2, said(rows[_i].expiry));
	put_auxiliary(&aux, 3, known(rows[_i].community));
	tlv_close(&aux, mark);
	ck_assert_uint_eq(ask_auxiliary(1), 0x6982);
	authenticate_all(&c, EAC_PIN, "111111", rights, buf_view(&aux));
	ck_assert_uint_eq(select_eid(), 0x9000);
	for (i = 0; i < 3; i++)
		ck_assert_uint_eq(ask_auxiliary(i + 1), rows[_i].sw[i]);
	ck_assert_uint_eq(ask_auxiliary(4), 0x6a88);
	ck_assert_uint_eq(doc_command(&terminal, "80208001", known("06090400"), 0, NULL), 0x6a86);
	/* without the right, and what was not given */
	idcard_reset();
	authenticate_all(&c, EAC_PIN, "111111", CHAT_AT_COMMUNITY, none);
	ck_assert_uint_eq(ask_auxiliary(1), 0x6982);
	ck_assert_uint_eq(ask_auxiliary(2), 0x6a88);
	ck_assert_uint_eq(ask_auxiliary(3), 0x6a88);
	buf_free(&aux);
	chain_free(&c);
	idcard_close();
}
END_TEST

/* Questions that are none, that the terminal has not prepared, that the card cannot answer. */
START_TEST(questions_without_an_answer)
{
	struct buf aux = BUF(256);
	struct chain c;
	size_t mark;

	idcard_open();
	trust(&c, CHAT_AT_AGE);
	mark = tlv_open(&aux, 0x67);
	put_auxiliary(&aux, 1, said("19640812"));
	tlv_close(&aux, mark);
	authenticate_all(&c, EAC_PIN, "111111", CHAT_AT_AGE, buf_view(&aux));
	ck_assert_uint_eq(ask_auxiliary(1), 0x9000);
	ck_assert_uint_eq(ask_auxiliary(2), 0x6a88);
	ck_assert_uint_eq(
		doc_command(&terminal, "80208000", known("0609 04007F000703010301"), 0, NULL),
		0x6a88);
	ck_assert_uint_eq(
		doc_command(&terminal, "80208000", known("0608 04007F0007030104"), 0, NULL),
		0x6a88);
	/* a date of five digits is none */
	ck_assert_uint_eq(file_set_contents(&kept->fs, npa_data_group(kept, 8),
					    known("6807 1205 3139363430")),
			  0x9000);
	ck_assert_uint_eq(ask_auxiliary(1), 0x6300);
	buf_free(&aux);
	chain_free(&c);
	idcard_close();
}
END_TEST

/* A terminal may do what its one right says, and nothing else. */
START_TEST(one_right_one_group)
{
	static const struct {
		uint64_t right;
		uint64_t groups;
		unsigned age, community, ri, pin;
	} rows[] = {
		{ CHAT_AT_READ(1), 1u << 1, 0x6982, 0x6982, 0x6982, 0x6982 },
		{ CHAT_AT_AGE, 0, 0x9000, 0x6982, 0x6982, 0x6982 },
		{ CHAT_AT_COMMUNITY, 0, 0x6982, 0x9000, 0x6982, 0x6982 },
		{ CHAT_AT_RI, 0, 0x6982, 0x6982, 0x9000, 0x6982 },
		{ CHAT_AT_PIN, 0, 0x6982, 0x6982, 0x6982, 0x9000 },
	};
	struct buf aux = BUF(256), ids = BUF(256);
	struct sector s;
	struct chain c;
	size_t mark = tlv_open(&aux, 0x67);

	put_auxiliary(&aux, 1, said("19640812"));
	put_auxiliary(&aux, 3, known("0276"));
	tlv_close(&aux, mark);
	sector_make(&s, "01020304");
	idcard_open();
	trust_of_sectors(&c, rows[_i].right, &s, 1);
	authenticate_all(&c, EAC_PIN, "111111", CHAT_AT_ALL, buf_view(&aux));
	check_groups(rows[_i].groups);
	ck_assert_uint_eq(ask_auxiliary(1), rows[_i].age);
	ck_assert_uint_eq(ask_auxiliary(3), rows[_i].community);
	ck_assert_uint_eq(identify(1, &s, NULL, &ids), rows[_i].ri);
	ck_assert_uint_eq(identify(2, &s, NULL, &ids), rows[_i].ri);
	ck_assert_uint_eq(doc_command(&terminal, "00D69100", known("0107"), 0, NULL), 0x6982);
	ck_assert_uint_eq(doc_command(&terminal, "002C0303", none, 0, NULL), rows[_i].pin);
	sector_free(&s);
	buf_free(&aux);
	buf_free(&ids);
	chain_free(&c);
	idcard_close();
}
END_TEST

/* --- options ------------------------------------------------------------------------------------------------ */

static struct view
group(unsigned n)
{
	const struct file *ef = npa_data_group(kept, n);

	return ef ? buf_view(&ef->contents) : none;
}

START_TEST(datasets)
{
	write_file(
		"npa.dataset",
		"# a person\n\n GivenNames = Hans-G\xc3\xbcnther\r\nFamilyNames=Drebenbusch = Wald\n"
		"DateOfBirth=196408\nGivenNames=Hilde\nCommunityID=0276\nResidencePermit1=<NotOnChip>\n"
		"dg12=hex:6C0133\ndg15=text\nStreet=<NotOnChip>\nCity=Bonn\nZIP=53113\n");
	idcard_option("datasetfile", "npa.dataset");
	idcard_open();
	ck_assert_view(group(4), known("6407 0C05 48696C6465"));
	ck_assert_view(group(5), known("6514 0C12 44726562656E6275736368203D2057616C64"));
	ck_assert_view(group(8), known("6808 1206 313936343038"));
	ck_assert_view(group(9), known("690A A108 0C06 4265726C696E"));
	ck_assert_view(group(18), known("7204 0402 0276"));
	ck_assert_view(group(19), none);
	ck_assert_view(group(12), known("6C0133"));
	ck_assert_view(group(15), known("6F04 74657874"));
	ck_assert_view(group(17),
		       known("7118 3016 AB06 0C04 426F6E6E AD03 1301 44 AE07 1305 3533313133"));
	/* the sample's */
	ck_assert_view(group(1), known("6104 1302 4944"));
	idcard_close();
	idcard_no_options();
	unlink("npa.dataset");
}
END_TEST

/* With a NUL for a tilde. */
static void
write_with_nul(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	ck_assert_ptr_nonnull(f);
	for (; *text; text++)
		fputc(*text == '~' ? 0 : *text, f);
	fclose(f);
}

START_TEST(datasets_that_are_wrong)
{
	static const struct {
		const char *text, *said;
	} wrong[] = {
		{ "a\n", "npa.wrong:1: not NAME=VALUE" },
		{ "\n\nName=x\n", "npa.wrong:3: Name: there is no such name" },
		{ "DateOfExpiry=20260231\n", "npa.wrong:1: DateOfExpiry: not a date YYYYMMDD" },
		{ "Sex=F\nDateOfBirth=19\n", "npa.wrong:2: DateOfBirth: not a date YYYYMMDD, YYYYMM or YYYY" },
		{ "CommunityID=0\n", "npa.wrong:1: CommunityID: not hex digits in pairs" },
		{ "PlaceOfResidence=Bonn\n", "npa.wrong:1: PlaceOfResidence: can only be <NotOnChip>" },
		{ "dg22=hex:00\n", "npa.wrong:1: dg22: there is no such name" },
		{ "dg12=hex:0\n", "npa.wrong:1: not hex digits in pairs" },
		{ "dg12=file:/nonexistent\n", "npa.wrong:1: /nonexistent: No such file or directory" },
		{ "GivenNames=Hans-G\xc3\xbcnther\nFamilyNames=G\xfcnther\n",
		  "npa.wrong:2: not UTF-8, or a control character" },
		{ "\n\nGivenNames=a\x1b[31mb\n", "npa.wrong:3: not UTF-8, or a control character" },
		{ "Sex=F\nCity=Bo~nn\n", "npa.wrong:2: a NUL" },
	};

	write_with_nul("npa.wrong", wrong[_i].text);
	idcard_option("datasetfile", "npa.wrong");
	ck_assert_int_lt(idcard_open_at(NULL), 0);
	ck_assert_ptr_nonnull(strstr(error, wrong[_i].said));
	idcard_no_options();
	unlink("npa.wrong");
}
END_TEST

START_TEST(options_for_protocols)
{
	struct view in, access;
	struct secinfo info;
	unsigned pace_infos = 0, ca_infos = 0;
	struct doc_pace p = { .method = SECINFO_DH_GM,
			      .cipher = SECINFO_3DES,
			      .password = EAC_CAN,
			      .secret = said("222222") };

	idcard_option("pace", "ecdh-im-aes256:13,dh-gm-3des:0");
	idcard_option("ca", "ecdh-aes128,ecdh-aes256,dh-3des:1");
	idcard_open();
	access = buf_view(&fs_child(kept->fs.mf, 0x011c)->contents);
	ck_assert(secinfo_open(access, &in));
	while (secinfo_next(&in, &info)) {
		pace_infos += info.kind == SECINFO_PACE;
		ca_infos += info.kind == SECINFO_CA;
	}
	ck_assert_uint_eq(pace_infos, 2);
	ck_assert_uint_eq(ca_infos, 3);
	ck_assert_uint_eq(doc_pace(&terminal, &p, NULL), 0x9000);
	p = (struct doc_pace) { .method = SECINFO_ECDH_IM,
				.cipher = SECINFO_AES256,
				.id = 13,
				.password = EAC_PIN,
				.secret = said("111111") };
	ck_assert_uint_eq(doc_pace(&terminal, &p, NULL), 0x9000);
	idcard_close();
	idcard_no_options();
	idcard_option("ca", "none");
	idcard_open();
	ck_assert(!props_has(eac_fields(kept), EAC_FIELD_CA_KEY));
	idcard_close();
	idcard_no_options();
}
END_TEST

/* Chip authentication mapping, where there is a key for it: 0; and where there is none. */
START_TEST(chip_authentication_mapping)
{
	static const char *const ca[] = { "ecdh-aes128:12,ecdh-aes128:13", "ecdh-aes128:13", "none",
					  "dh-aes128:2" };
	struct doc_pace p = { .method = SECINFO_ECDH_CAM,
			      .cipher = SECINFO_AES128,
			      .id = 12,
			      .password = EAC_CAN,
			      .secret = said("222222") };
	struct buf public = BUF(256), shown = BUF(256);
	struct eac_key k;

	idcard_option("pace", "ecdh-cam-aes128:12");
	idcard_option("ca", ca[_i]);
	if (_i > 0) {
		ck_assert_int_lt(idcard_open_at(NULL), 0);
		ck_assert_str_eq(
			error,
			"--pace: chip authentication mapping needs the same parameters first in --ca");
	} else {
		idcard_open();
		ck_assert_uint_eq(doc_pace(&terminal, &p, NULL), 0x9000);
		ck_assert_int_eq(eac_key_get(kept, EAC_FIELD_CA_KEY, &k), 0);
		ck_assert_int_eq(eac_key_public(&k, &public), 0);
		/* CA_IC times the card's key is its key of the mapping */
		doc_multiply(12, buf_view(&public), view_of(terminal.chip, terminal.chip_n),
			     &shown);
		ck_assert_buf(&shown, view_of(terminal.chip_map, terminal.chip_map_n));
		idcard_close();
	}
	buf_free(&public);
	buf_free(&shown);
	idcard_no_options();
}
END_TEST

START_TEST(options_that_are_wrong)
{
	static const struct {
		const char *name, *value;
	} wrong[] = {
		{ "can", "12345" }, { "can", "12345a" }, { "pin", "1234" }, { "pin", "1234567" }, { "puk", "1" },
		{ "pace", "" }, { "pace", "ecdh-gm-aes128:3" }, { "pace", "dh-gm-aes128:13" }, { "pace", "ecdh-im-aes128:10" },
		{ "pace", "x" },
		{ "pace", "ecdh-cam-3des:13" }, { "ca", "ecdh-gm-aes128" }, { "ca", "" }, { "date", "20260230" }, { "date", "2026" },
		{ "date", "21000101" }, { "date", "19991231" }, { "pki", "" }, { "cvca", "" },
		{ "dg", "0=x" }, { "dg", "22=x" }, { "dg", "x" },
	};
	const struct card_option *o = card_option_find(&npa_type, wrong[_i].name);

	ck_assert_ptr_nonnull(o);
	ck_assert_msg(o->fault(wrong[_i].value) != NULL, "%s", wrong[_i].value);
}
END_TEST

START_TEST(files_that_are_wrong)
{
	static const struct {
		const char *name, *value, *said;
	} wrong[] = {
		{ "cvca", "/nonexistent", "--cvca /nonexistent: No such file" },
		{ "cvca", "npa.bad", "--cvca npa.bad: not a CV certificate of a CVCA" },
		{ "dg", "4=/nonexistent", "--dg 4: /nonexistent: No such file" },
		{ "datasetfile", "/nonexistent", "/nonexistent: No such file" },
		{ "mrz", "IDD<<T220001294<<<<<<<<<<<<<<<6408125<2010315D<<<<<<<<<<<<<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<",
		  "it should be 3" },
	};

	write_file("npa.bad", "no certificate");
	idcard_option(wrong[_i].name, wrong[_i].value);
	ck_assert_int_lt(idcard_open_at(NULL), 0);
	ck_assert_msg(strstr(error, wrong[_i].said) != NULL, "%s", error);
	idcard_no_options();
	unlink("npa.bad");
}
END_TEST

/* --- EF.CardSecurity, restricted identification -------------------------------------------------------- */

/* What is signed in it. */
static struct view
signed_infos(struct view file)
{
	static const uint32_t path[] = { 0x30, 0xa0, 0x30, 0x30, 0xa0, 0x04, 0 };
	struct view set, infos;

	ck_assert(tlv_find_path(file, path, &set));
	ck_assert(secinfo_open(set, &infos));
	return infos;
}

START_TEST(card_security)
{
	struct buf file = BUF(8192), public = BUF(256);
	struct secinfo info = { .kind = SECINFO_OTHER };
	struct view in;
	struct eac_key k;
	struct chain c;
	unsigned sw;

	idcard_open();
	trust(&c, CHAT_AT_READ(1));
	ck_assert_uint_eq(doc_command(&terminal, "00B09D00", none, 256, NULL), 0x6982);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "111111", chat_of(CHAT_AT_READ(1))), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00B09D00", none, 256, NULL), 0x6982);
	ck_assert_uint_eq(show_chain(&terminal, &c, true), 0x9000);
	ck_assert_uint_eq(authenticate(&terminal, &c, none), 0x9000);
	/* after TA, before CA */
	ck_assert(doc_read_file(&terminal, 0x1d, &file, &sw));
	in = signed_infos(buf_view(&file));
	while (info.kind != SECINFO_CA_KEY)
		ck_assert(secinfo_next(&in, &info));
	ck_assert_uint_eq(info.id, 0x41);
	ck_assert_int_eq(info.domain, 13);
	ck_assert_int_eq(eac_key_get(kept, EAC_FIELD_CA_KEY, &k), 0);
	ck_assert_int_eq(eac_key_public(&k, &public), 0);
	ck_assert_view(info.public, buf_view(&public));
	ck_assert_uint_eq(doc_ca2(&terminal, SECINFO_ECDH, SECINFO_AES128, 0x41, 13, info.public),
			  0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00A4000C", known("3F00"), 0, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00B09B00", none, 256, NULL), 0x6982);
	buf_free(&file);
	buf_free(&public);
	chain_free(&c);
	idcard_close();
}
END_TEST

/* EF.ChipSecurity and its key are for privileged terminals; i: whether it is one. */
START_TEST(chip_security)
{
	const uint64_t rights = _i ? CHAT_AT_PRIVILEGED : CHAT_AT_ALL & ~CHAT_AT_PRIVILEGED;
	struct buf file = BUF(8192), public = BUF(256);
	struct secinfo info = { .kind = SECINFO_OTHER };
	struct eac_key k;
	struct view in;
	struct chain c;
	unsigned sw;

	idcard_open();
	trust(&c, rights);
	ck_assert_uint_eq(doc_command(&terminal, "00A4000C", known("3F00"), 0, NULL), 0x9000);
	ck_assert_uint_eq(read_all_ways(0x011b, 0x1b), 0x6982);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "111111", chat_of(CHAT_AT_ALL)), 0x9000);
	ck_assert_uint_eq(show_chain(&terminal, &c, true), 0x9000);
	ck_assert_uint_eq(read_all_ways(0x011b, 0x1b), 0x6982);
	ck_assert_uint_eq(authenticate(&terminal, &c, none), 0x9000);
	ck_assert_uint_eq(read_all_ways(0x011b, 0x1b), _i ? 0x9000 : 0x6982);
	ck_assert_int_eq(eac_key_get(kept, EAC_FIELD_CA_KEY_PRIVILEGED, &k), 0);
	ck_assert_int_eq(eac_key_public(&k, &public), 0);
	if (_i) {
		ck_assert(doc_read_file(&terminal, 0x1b, &file, &sw));
		in = signed_infos(buf_view(&file));
		while (info.kind != SECINFO_CA_KEY)
			ck_assert(secinfo_next(&in, &info));
		ck_assert_uint_eq(info.id, 0x45);
		ck_assert_view(info.public, buf_view(&public));
	}
	sw = doc_ca2(&terminal, SECINFO_ECDH, SECINFO_AES128, 0x45, 13, buf_view(&public));
	ck_assert_uint_eq(sw, _i ? 0x9000 : 0x6982);
	/* without a number it is the other key, for all of them */
	if (!_i) {
		buf_reset(&public);
		ck_assert_int_eq(eac_key_get(kept, EAC_FIELD_CA_KEY, &k), 0);
		ck_assert_int_eq(eac_key_public(&k, &public), 0);
		ck_assert_uint_eq(doc_ca2(&terminal, SECINFO_ECDH, SECINFO_AES128, -1, 13,
					  buf_view(&public)),
				  0x9000);
	}
	buf_free(&file);
	buf_free(&public);
	chain_free(&c);
	idcard_close();
}
END_TEST

/* The same files again, and what does not fit them. */
START_TEST(files_of_another_card)
{
	struct view access, security;
	FILE *f;
	struct eac_key k;
	int i;

	idcard_option("ca", "ecdh-aes256:12");
	idcard_open();
	access = buf_view(&fs_child(kept->fs.mf, 0x011c)->contents);
	security = buf_view(&fs_child(kept->fs.mf, 0x011d)->contents);
	ck_assert_int_eq(eac_key_get(kept, EAC_FIELD_CA_KEY, &k), 0);
	f = fopen("npa.access", "w");
	ck_assert_uint_eq(fwrite(access.p, 1, access.n, f), access.n);
	fclose(f);
	f = fopen("npa.security", "w");
	ck_assert_uint_eq(fwrite(security.p, 1, security.n, f), security.n);
	fclose(f);
	f = fopen("npa.key", "w");
	ck_assert_uint_eq(fwrite(k.d.bytes, 1, k.d.n, f), k.d.n);
	fclose(f);
	for (i = 0; i < 4; i++) {
		struct buf before = BUF(8192);

		buf_put_view(&before, buf_view(&fs_child(kept->fs.mf, 0x011d)->contents));
		idcard_close();
		idcard_no_options();
		idcard_option("ef-cardaccess", i == 3 ? "npa.key" : "npa.access");
		idcard_option("ef-cardsecurity", "npa.security");
		if (i == 0)
			idcard_option("ca-key", "npa.key");
		if (i == 2) {
			/* another number */
			k.d.bytes[k.d.n - 1] ^= 1;
			f = fopen("npa.key", "w");
			ck_assert_uint_eq(fwrite(k.d.bytes, 1, k.d.n, f), k.d.n);
			fclose(f);
			idcard_option("ca-key", "npa.key");
		}
		if (i < 2) {
			idcard_open();
			ck_assert_int_eq(
				view_equal(buf_view(&before),
					   buf_view(&fs_child(kept->fs.mf, 0x011d)->contents)),
				i == 0);
		} else {
			ck_assert_int_lt(idcard_open_at(NULL), 0);
			ck_assert_msg(strstr(error, i == 2 ? "does not belong to --ca-key"
							   : "not a SET of SecurityInfos") != NULL,
				      "%s", error);
			idcard_no_options();
			idcard_open();
		}
		buf_free(&before);
	}
	idcard_close();
	idcard_no_options();
	unlink("npa.access");
	unlink("npa.security");
	unlink("npa.key");
}
END_TEST

/* --- a profile ---------------------------------------------------------------------------------------- */

static void
put_hex(FILE *f, struct view v)
{
	size_t i;

	for (i = 0; i < v.n; i++)
		fprintf(f, "%02x", v.p[i]);
	fprintf(f, "\" }");
}

/* A new key, PKCS#8; what is secret of it, into d. */
static void
put_new_key(FILE *f, int id, struct buf *d)
{
	EVP_PKEY *k = EVP_EC_gen("brainpoolP256r1");
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(k);
	unsigned char *der = NULL;
	BIGNUM *n = NULL;
	int size = i2d_PKCS8_PRIV_KEY_INFO(info, &der);

	ck_assert_int_gt(size, 0);
	ck_assert_int_eq(EVP_PKEY_get_bn_param(k, "priv", &n), 1);
	ck_assert_int_eq(BN_bn2binpad(n, buf_grow(d, 32), 32), 32);
	fprintf(f, "{ \"id\": %d, \"content\": \"", id);
	put_hex(f, view_of(der, (size_t)size));
	OPENSSL_free(der);
	BN_clear_free(n);
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(k);
}

static void
check_key(const char *field, const struct buf *d)
{
	struct eac_key k;

	ck_assert_int_eq(eac_key_get(kept, field, &k), 0);
	ck_assert_view(secret_view(&k.d), buf_view(d));
}

/* Files and keys in the place of the card's own; what the simulator's commands wrap around them, or not. */
START_TEST(profiles)
{
	struct buf d[3] = { BUF(32), BUF(32), BUF(32) }, access = BUF(4096);
	struct chain c;
	FILE *f = fopen("npa.profile", "w");
	unsigned n;

	idcard_option("ca", "ecdh-aes256:12");
	idcard_open();
	buf_put_view(&access, buf_view(&fs_child(kept->fs.mf, 0x011c)->contents));
	fprintf(f, "%s{ \"files\": [", _i ? "{ \"cmd\": \"SET_CARD\", \"simulator\": " : "");
	fprintf(f, "{ \"fileId\": \"0104\", \"shortFileId\": \"04\", \"content\": \"64070c054552494B41\" },\n");
	fprintf(f, "{ \"fileId\": \"0116\", \"shortFileId\": \"16\", \"content\": \"76021600\" }");
	if (_i) {
		fprintf(f, ", { \"fileId\": \"011c\", \"shortFileId\": \"1c\", \"content\": \"");
		put_hex(f, buf_view(&access));
		fprintf(f, ", { \"fileId\": \"011d\", \"shortFileId\": \"1d\", \"content\": \"");
		put_hex(f, buf_view(&fs_child(kept->fs.mf, 0x011d)->contents));
	}
	fprintf(f, "], \"keys\": [");
	put_new_key(f, 1, &d[0]);
	fprintf(f, ", ");
	put_new_key(f, 2, &d[1]);
	if (!_i) {
		fprintf(f, ", ");
		put_new_key(f, 41, &d[2]);
	}
	fprintf(f, "] }%s", _i ? " }" : "");
	fclose(f);
	idcard_close();
	idcard_no_options();
	idcard_option("profile", "npa.profile");
	idcard_open();
	check_key(EAC_FIELD_RI_KEY, &d[0]);
	check_key(EAC_FIELD_RI_KEY_2, &d[1]);
	if (_i)
		ck_assert_view(buf_view(&fs_child(kept->fs.mf, 0x011c)->contents),
			       buf_view(&access));
	else
		check_key(EAC_FIELD_CA_KEY, &d[2]);
	trust(&c, CHAT_AT_ALL);
	if (!_i)
		authenticate_all(&c, EAC_PIN, "111111", CHAT_AT_ALL, none);
	ck_assert_uint_eq(select_eid(), 0x9000);
	for (n = 1; n <= 22; n++)
		ck_assert_uint_eq(read_all_ways(0x0100 + n, n), n == 22           ? 0x6982
								: n != 4          ? 0x6a82
								: _i              ? 0x6982
										  : 0x9000);
	ck_assert_view(group(4), known("6407 0C05 4552494B41"));
	for (n = 0; n < 3; n++)
		buf_free(&d[n]);
	buf_free(&access);
	chain_free(&c);
	idcard_close();
	idcard_no_options();
	unlink("npa.profile");
}
END_TEST

START_TEST(profiles_that_are_wrong)
{
	static const struct {
		const char *text, *said;
	} wrong[] = {
		{ "{ \"files\": [\n, ] }", "--profile npa.wrong: line 2: " },
		{ "[]", "--profile npa.wrong: neither \"files\" nor \"keys\"" },
		{ "{ \"files\": 1 }", "--profile npa.wrong: \"files\" is not an array" },
		{ "{ \"files\": [ 1 ] }", "--profile npa.wrong: files[0]: no \"fileId\", or it is not a string" },
		{ "{ \"files\": [ { \"fileId\": \"0101\", \"shortFileId\": \"01\" } ] }",
		  "files[0]: no \"content\", or it is not a string" },
		{ "{ \"files\": [ { \"fileId\": \"01\", \"shortFileId\": \"01\", \"content\": \"6100\" } ] }",
		  "files[0]: \"fileId\" is not two bytes" },
		{ "{ \"files\": [ { \"fileId\": \"0101\", \"shortFileId\": \"02\", \"content\": \"6100\" } ] }",
		  "files[0]: the \"shortFileId\" of 0101 is 01" },
		{ "{ \"files\": [ { \"fileId\": \"0101\", \"shortFileId\": \"01\", \"content\": \"6200\" } ] }",
		  "files[0]: \"content\" is not data group 1, one object with tag 61" },
		{ "{ \"files\": [ { \"fileId\": \"0101\", \"shortFileId\": \"01\", \"content\": \"61zz\" } ] }",
		  "files[0]: \"content\" is not hex digits in pairs" },
		{ "{ \"files\": [ { \"fileId\": \"0117\", \"shortFileId\": \"17\", \"content\": \"6100\" } ] }",
		  "files[0]: the card has no file 0117" },
		{ "{ \"files\": [ { \"fileId\": \"011c\", \"shortFileId\": \"1c\", \"content\": \"3000\" } ] }",
		  "--profile npa.wrong: EF.CardAccess is not a SET of SecurityInfos" },
		{ "{ \"keys\": [ { \"id\": 3, \"content\": \"30\" } ] }", "keys[0]: \"id\" is not 1, 2 or 41" },
		{ "{ \"keys\": [ { \"id\": 1, \"content\": \"3000\" } ] }",
		  "--profile npa.wrong: key 1: not a private key for domain parameters 13 (ri_key), as PKCS#8" },
		{ "{ \"keys\": [ { \"id\": 41, \"content\": \"3000\" } ] }",
		  "--profile npa.wrong: key 41: not a private key for domain parameters 13 (ca_key), as PKCS#8" },
	};

	write_file("npa.wrong", wrong[_i].text);
	idcard_option("profile", "npa.wrong");
	ck_assert_int_lt(idcard_open_at(NULL), 0);
	ck_assert_msg(strstr(error, wrong[_i].said) != NULL, "%s", error);
	idcard_no_options();
	unlink("npa.wrong");
}
END_TEST

/* --- a terminal that the card's maker has made ------------------------------------------------------------ */

static void
load(struct doc_cert *c, const char *name)
{
	char path[64];
	FILE *f;

	*c = (struct doc_cert) { .cvc = BUF(4096), .scheme = { 2, 3 } };
	snprintf(path, sizeof(path), "npa.pki/%s.cvcert", name);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	buf_cut(&c->cvc, fread(buf_grow(&c->cvc, 4096), 1, 4096, f));
	fclose(f);
	snprintf(path, sizeof(path), "npa.pki/%s.pkcs8", name);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	c->key = d2i_PrivateKey_fp(f, NULL);
	ck_assert_ptr_nonnull(c->key);
	fclose(f);
}

START_TEST(ready_terminal)
{
	struct chain c;
	int i;

	idcard_option("pki", "npa.pki");
	for (i = 0; i < 2; i++) { /* the second card is of the same issuer */
		idcard_open();
		load(&c.cvca, "cvca");
		load(&c.dv, "dv");
		load(&c.terminal, "at");
		ck_assert_view(eac_anchor(kept, CVC_AT, false), buf_view(&c.cvca.cvc));
		authenticate_all(&c, EAC_PIN, "111111", CHAT_AT_ALL, none);
		check_groups(UINT64_MAX);
		chain_free(&c);
		idcard_close();
	}
	idcard_no_options();
	ck_assert_int_eq(system("rm -r npa.pki"), 0);
}
END_TEST

/* --- eSign -------------------------------------------------------------------------------------------------- */

static unsigned
sign(const char *hash, struct buf *out)
{
	return doc_command(&terminal, "002A9E9A", known(hash), 256, out);
}

START_TEST(signatures)
{
	static const char hash[] =
		"00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF";
	const uint64_t rights = CHAT_AT_INSTALL_QUALIFIED | CHAT_AT_CAN;
	struct import_key key;
	struct buf signature = BUF(256);
	struct chain c;

	idcard_open();
	trust(&c, rights);
	ck_assert_uint_eq(
		doc_command(&terminal, "00A4040C", known("A000000167455349474E"), 0, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00200081", said("444444"), 0, NULL), 0x6982);
	ck_assert_uint_eq(doc_command(&terminal, "00A4020C", known("C001"), 0, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00B00000", none, 256, NULL), 0x6982);
	/* with the PIN of the card alone neither */
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "111111", none), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00B00000", none, 256, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00200081", said("444444"), 0, NULL), 0x6982);
	ck_assert_uint_eq(sign(hash, NULL), 0x6982);
	idcard_reset();
	authenticate_all(&c, EAC_CAN, "222222", rights, none);
	ck_assert_uint_eq(
		doc_command(&terminal, "00A4040C", known("A000000167455349474E"), 0, NULL), 0x9000);
	ck_assert_uint_eq(sign(hash, NULL), 0x6982);
	ck_assert_uint_eq(doc_command(&terminal, "00200081", said("444445"), 0, NULL), 0x63c2);
	ck_assert_uint_eq(doc_command(&terminal, "00200081", said("444444"), 0, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "002241B6", known("840102"), 0, NULL), 0x6a88);
	ck_assert_uint_eq(doc_command(&terminal, "002241B6", known("84020101"), 0, NULL), 0x6a80);
	ck_assert_uint_eq(doc_command(&terminal, "002241B6", known("840101"), 0, NULL), 0x9000);
	ck_assert_uint_eq(sign("00", NULL), 0x6700);
	ck_assert_uint_eq(sign(hash, &signature), 0x9000);
	ck_assert_uint_eq(signature.n, 64);
	key = key_asym(sam_key_find(&kept->sam, npa_esign_df(kept)->uid, NPA_ESIGN_KEY));
	ck_assert_int_eq(ec_verify(key.ec, EC_FORM_PLAIN, known(hash), buf_view(&signature)), 0);
	/* one PIN, one signature */
	ck_assert_uint_eq(sign(hash, NULL), 0x6982);
	ck_assert_uint_eq(doc_command(&terminal, "00240081", said("444444555555"), 0, NULL),
			  0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00200081", said("555555"), 0, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00240181", said("555555"), 0, NULL), 0x6a86);
	/* it ends with the session */
	ck_assert_uint_eq(doc_plain(&terminal, "00B00000", none, 256, NULL), 0x6986);
	doc_forget(&terminal);
	ck_assert_uint_eq(sign(hash, NULL), 0x6982);
	buf_free(&signature);
	chain_free(&c);
	idcard_close();
}
END_TEST

/* The signature PIN: who unblocks it, who sets another; a key that is made on the card, and its certificate. */
static void
select_esign(void)
{
	ck_assert_uint_eq(doc_command(&terminal, "00A4040C", known("A000000167455349474E"), 0, NULL),
			  0x9000);
}

static unsigned
reset_qes(const char *header, const char *value)
{
	return doc_command(&terminal, header, said(value), 0, NULL);
}

START_TEST(signature_pin)
{
	const uint64_t rights = CHAT_AT_INSTALL | CHAT_AT_CAN;
	struct chain c;
	struct sam_pin *pin;

	idcard_open();
	trust(&c, rights);
	pin = sam_pin_find(&kept->sam, npa_esign_df(kept)->uid, NPA_QES_PIN);
	select_esign();
	ck_assert_uint_eq(reset_qes("002C0381", ""), 0x6982);
	ck_assert_uint_eq(idcard_pace(EAC_PIN, "111111", none), 0x9000);
	ck_assert_uint_eq(reset_qes("002C0381", ""), 0x6982);
	ck_assert_uint_eq(idcard_pace(EAC_PUK, "3333333333", none), 0x9000);
	select_esign();
	pin->code.tries = 0;
	ck_assert_uint_eq(reset_qes("002C0382", ""), 0x6a88);
	ck_assert_uint_eq(reset_qes("002C0181", ""), 0x6a86);
	ck_assert_uint_eq(reset_qes("002C0381", "1"), 0x6700);
	ck_assert_uint_eq(reset_qes("002C0281", "555555"), 0x6982);
	ck_assert_uint_eq(pin->code.tries, 0);
	ck_assert_uint_eq(reset_qes("002C0381", ""), 0x9000);
	ck_assert_uint_eq(pin->code.tries, 3);
	/* the card's own PIN, from there, too; and certificates may be shown there */
	ck_assert_uint_eq(reset_qes("002C0303", ""), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00200003", none, 0, NULL), 0x63c3);
	ck_assert_uint_eq(doc_command(&terminal, "00200003", said("111111"), 0, NULL), 0x6700);
	ck_assert_uint_eq(doc_show(&terminal, "DECVCAAT00001", &c.dv, true), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "002A00BF", known("00"), 0, NULL), 0x6a86);
	idcard_reset();
	authenticate_all(&c, EAC_CAN, "222222", rights, none);
	select_esign();
	pin->code.tries = 0;
	ck_assert_uint_eq(reset_qes("002C0281", "55555"), 0x6700);
	ck_assert_uint_eq(reset_qes("002C0281", "5555555555555"), 0x6700);
	ck_assert_uint_eq(reset_qes("002C0281", "55555x"), 0x6a80);
	ck_assert_uint_eq(reset_qes("002C0281", "555555"), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00200081", said("444444"), 0, NULL), 0x63c2);
	ck_assert_uint_eq(doc_command(&terminal, "00200081", said("555555"), 0, NULL), 0x9000);
	chain_free(&c);
	idcard_close();
}
END_TEST

START_TEST(key_made_on_the_card)
{
	static const char hash[] =
		"00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF";
	const uint64_t rights = CHAT_AT_INSTALL_QUALIFIED | CHAT_AT_CAN;
	struct buf first = BUF(256), second = BUF(256), signature = BUF(256), cert = BUF(4200);
	struct view key, point;
	struct ec *public;
	struct chain c;

	idcard_open();
	trust(&c, rights);
	ck_assert_uint_eq(idcard_pace(EAC_CAN, "222222", none), 0x9000);
	select_esign();
	ck_assert_uint_eq(doc_command(&terminal, "00478200", none, 256, NULL), 0x6982);
	ck_assert_uint_eq(doc_command(&terminal, "00A4020C", known("C001"), 0, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00D60000", known("3000"), 0, NULL), 0x6982);
	idcard_reset();
	authenticate_all(&c, EAC_CAN, "222222", rights, none);
	select_esign();
	ck_assert_uint_eq(doc_command(&terminal, "00478000", none, 256, NULL), 0x6a86);
	ck_assert_uint_eq(doc_command(&terminal, "00478200", known("B603840102"), 256, NULL), 0x6a88);
	ck_assert_uint_eq(doc_command(&terminal, "00478200", known("B60484020101"), 256, NULL), 0x6a80);
	ck_assert_uint_eq(doc_command(&terminal, "00478200", known("840101"), 256, NULL), 0x6a80);
	ck_assert_uint_eq(doc_command(&terminal, "00478200", none, 256, &first), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00478200", known("B603840101"), 256, &second), 0x9000);
	ck_assert(!view_equal(buf_view(&first), buf_view(&second)));
	ck_assert(tlv_find(buf_view(&second), 0x7f49, &key) && tlv_find(key, 0x86, &point));
	ck_assert_uint_eq(doc_command(&terminal, "00200081", said("444444"), 0, NULL), 0x9000);
	ck_assert_uint_eq(sign(hash, &signature), 0x9000);
	ck_assert_int_eq(ec_public(&public, CURVE_BP256, point), 0);
	ck_assert_int_eq(ec_verify(public, EC_FORM_PLAIN, known(hash), buf_view(&signature)), 0);
	ec_free(public);
	/* and the certificate that its CA has made */
	buf_fill(&cert, 0x30, 4097);
	ck_assert_uint_eq(doc_command(&terminal, "00A4020C", known("C001"), 0, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00D60000", buf_view(&cert), 0, NULL), 0x6a84);
	buf_cut(&cert, 4096);
	ck_assert_uint_eq(doc_command(&terminal, "00D60000", buf_view(&cert), 0, NULL), 0x9000);
	ck_assert_view(buf_view(&fs_child(npa_esign_df(kept), 0xc001)->contents), buf_view(&cert));
	buf_free(&first);
	buf_free(&second);
	buf_free(&signature);
	buf_free(&cert);
	chain_free(&c);
	idcard_close();
}
END_TEST

/* Without its key the application signs nothing, and makes none in its place. */
START_TEST(keys_that_are_not_there)
{
	static const char hash[] =
		"00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF";
	const uint64_t rights = CHAT_AT_INSTALL_QUALIFIED | CHAT_AT_CAN;
	struct buf made = BUF(256);
	struct sam_key *k;
	struct chain c;

	idcard_open();
	trust(&c, rights);
	authenticate_all(&c, EAC_CAN, "222222", rights, none);
	select_esign();
	/* a template that names none is for the first */
	ck_assert_uint_eq(doc_command(&terminal, "00478200", known("B600"), 256, &made), 0x9000);
	ck_assert_uint_gt(made.n, 64);
	k = sam_key_find(&kept->sam, npa_esign_df(kept)->uid, NPA_ESIGN_KEY);
	ck_assert_uint_eq(doc_command(&terminal, "00200081", said("444444"), 0, NULL), 0x9000);
	k->ref = 9;
	ck_assert_uint_eq(sign(hash, NULL), 0x6a88);
	ck_assert_uint_eq(doc_command(&terminal, "00478200", none, 256, NULL), 0x6a88);
	k->ref = NPA_ESIGN_KEY;
	ck_assert_uint_eq(sign(hash, NULL), 0x9000);
	buf_free(&made);
	chain_free(&c);
	idcard_close();
}
END_TEST

/* --- files of somebody's ------------------------------------------------------------------------------------- */

static struct file *
add_file(struct file *df, uint16_t fid, uint8_t sfi, uint8_t descriptor)
{
	const struct file_spec spec = { .fid = fid,
					.sfi = sfi,
					.descriptor = { descriptor },
					.descriptor_n = 1,
					.life = FILE_ACTIVATED };
	struct file *f;

	ck_assert_uint_eq(fs_add(&kept->fs, df, &spec, &f), SW_OK);
	if (descriptor == 0x01)
		ck_assert_uint_eq(file_set_contents(&kept->fs, f, known("00")), SW_OK);
	return f;
}

/* What the card does not know nobody reads or writes, in the MF and below. */
START_TEST(unknown_files)
{
	struct chain c;

	idcard_open();
	add_file(kept->fs.mf, 0x4711, 0x05, 0x01);
	add_file(add_file(kept->fs.mf, 0x4712, 0, 0x38), 0x4713, 0x06, 0x01);
	trust(&c, CHAT_AT_ALL);
	authenticate_all(&c, EAC_PIN, "111111", CHAT_AT_ALL, none);
	ck_assert_uint_eq(doc_command(&terminal, "00A4000C", known("3F00"), 0, NULL), 0x9000);
	ck_assert_uint_eq(read_all_ways(0x4711, 5), 0x6982);
	ck_assert_uint_eq(doc_command(&terminal, "00D68500", known("00"), 0, NULL), 0x6d00);
	ck_assert_uint_eq(doc_command(&terminal, "00A4000C", known("3F00"), 0, NULL), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00A4010C", known("4712"), 0, NULL), 0x9000);
	ck_assert_uint_eq(read_all_ways(0x4713, 6), 0x6982);
	chain_free(&c);
	idcard_close();
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("identity card");

	tcase_add_test(tc, no_authentication_no_data);
	tcase_add_loop_test(tc, one_right_one_group, 0, 5);
	tcase_add_loop_test(tc, restricted_identification, 0, 2);
	tcase_add_test(tc, sector_without_a_key);
	tcase_add_test(tc, passport);
	tcase_add_test(tc, passport_of_a_holder);
	tcase_add_test(tc, written_groups);
	tcase_add_loop_test(tc, pin_management, 0, 12);
	tcase_add_test(tc, passwords_that_are_not_there);
	tcase_add_test(tc, life_of_a_pin);
	tcase_add_loop_test(tc, auxiliary_data, 0, 4);
	tcase_add_test(tc, questions_without_an_answer);
	tcase_add_test(tc, datasets);
	tcase_add_loop_test(tc, datasets_that_are_wrong, 0, 12);
	tcase_add_test(tc, options_for_protocols);
	tcase_add_loop_test(tc, chip_authentication_mapping, 0, 4);
	tcase_add_loop_test(tc, options_that_are_wrong, 0, 22);
	tcase_add_loop_test(tc, files_that_are_wrong, 0, 5);
	tcase_add_test(tc, card_security);
	tcase_add_loop_test(tc, chip_security, 0, 2);
	tcase_add_test(tc, files_of_another_card);
	tcase_add_loop_test(tc, profiles, 0, 2);
	tcase_add_loop_test(tc, profiles_that_are_wrong, 0, 14);
	tcase_add_test(tc, ready_terminal);
	tcase_add_test(tc, signatures);
	tcase_add_test(tc, signature_pin);
	tcase_add_test(tc, key_made_on_the_card);
	tcase_add_test(tc, keys_that_are_not_there);
	tcase_add_test(tc, unknown_files);
	return run("npa", tc);
}
