/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A new identity card as its options want it: what is taken, what is refused and why, memory that ends. */
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../memory_ends.h"
#include "cards/eac/lds.h"
#include "cards/eac/pki.h"
#include "chain.h"
#include "codec/tlv.h"
#include "crypto/export.h"
#include "idcard.h"
#include "model/key.h"

static char dir[64], paths[4][96];

static void
setup(void)
{
	strcpy(dir, "/tmp/test_fillXXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void
teardown(void)
{
	char command[96];

	idcard_no_options();
	snprintf(command, sizeof(command), "rm -r %s", dir);
	ck_assert_int_eq(system(command), 0);
}

/* File i of the folder. */
static const char *
written(size_t i, struct view v)
{
	FILE *f;

	snprintf(paths[i], sizeof(paths[i]), "%s/%zu", dir, i);
	f = fopen(paths[i], "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(v.p, 1, v.n, f), v.n);
	ck_assert_int_eq(fclose(f), 0);
	return paths[i];
}

static void
refused(const char *why)
{
	ck_assert_int_lt(idcard_open_at(NULL), 0);
	ck_assert_msg(strstr(error, why) != NULL, "%s", error);
	ck_assert_ptr_null(strchr(error, '\n'));
	idcard_no_options();
}

/* --- contents that have no place for what options say ------------------------------------------ */

static const char bare[] =
	"{ \"format\": 2, \"type\": \"nPA\", \"serial\": \"random:8\", \"mf\": {} }";
static const char eid_only[] =
	"{ \"format\": 2, \"type\": \"nPA\", \"serial\": \"random:8\", \"mf\": { \"files\": [ { \"fid\": \"0E1D\", "
	"\"structure\": \"df\", \"fcp\": { \"name\": \"E80704007F00070302\" }, \"application\": \"eid\" } ] } }";

START_TEST(no_place)
{
	static const char mrz[] = "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6"
				  "ERIKSSON<<ANNA<MARIA<<<<<<<<<<";

	idcard_contents = bare;
	idcard_option("can", "123456");
	refused("--can: the card has no such password");
	idcard_option("mrz", mrz);
	refused("--mrz: the card has no such password");
	refused("the card could not be made");
	idcard_contents = eid_only;
	refused("--qes-pin: the card has no place for signatures");
	idcard_option("epass", "");
	refused("the card could not be made");
	idcard_contents = NULL;
}
END_TEST

/* --- signatures ---------------------------------------------------------------------------------- */

static struct view
certificate(uint16_t fid)
{
	return buf_view(&fs_child(npa_esign_df(kept), fid)->contents);
}

/* Somebody's key and certificates in place of the card's; and files that are none. */
START_TEST(signature_files)
{
	struct buf pem = BUF(8192), cert = BUF(8192), ca = BUF(8192), public = BUF(256),
		   wanted = BUF(256);
	struct import_key key;
	struct pki p;

	ck_assert_int_eq(pki_make(&p, "DE"), 0);
	ck_assert_int_eq(export_key(&p.ds, &pem), 0);
	ck_assert_int_eq(export_pem("CERTIFICATE", buf_view(&p.ds_cert), &cert), 0);
	ck_assert_int_eq(export_pem("CERTIFICATE", buf_view(&p.csca_cert), &ca), 0);
	idcard_option("esign-key", written(0, buf_view(&pem)));
	idcard_option("esign-cert", written(1, buf_view(&cert)));
	idcard_option("esign-ca-cert", written(2, buf_view(&ca)));
	idcard_option("qes-pin", "12345678");
	idcard_open();
	key = key_asym(sam_key_find(&kept->sam, npa_esign_df(kept)->uid, NPA_ESIGN_KEY));
	ck_assert_int_eq(ec_get_point(key.ec, &public), 0);
	ck_assert_int_eq(ec_get_point(p.ds.ec, &wanted), 0);
	ck_assert_view(buf_view(&public), buf_view(&wanted));
	ck_assert_view(certificate(0xc001), buf_view(&p.ds_cert));
	ck_assert_view(certificate(0xc000), buf_view(&p.csca_cert));
	ck_assert_view(secret_view(&sam_pin_find(&kept->sam, npa_esign_df(kept)->uid, NPA_QES_PIN)
					    ->code.value),
		       said("12345678"));
	idcard_close();
	idcard_no_options();
	idcard_option("esign-key", paths[1]);
	refused("not a private EC key, PKCS#8 in DER or PEM");
	idcard_option("esign-key", "/nonexistent");
	refused("--esign-key /nonexistent: No such file or directory");
	idcard_option("esign-cert", paths[0]);
	refused("--esign-cert /tmp/test_fill");
	idcard_option("esign-cert", written(3, said("nothing")));
	refused("/3: not a certificate");
	idcard_option("esign-ca-cert", paths[0]);
	refused("/0: not a certificate");
	idcard_option("esign-ca-cert", "/nonexistent");
	refused("--esign-ca-cert /nonexistent: No such file or directory");
	buf_free(&pem);
	buf_free(&cert);
	buf_free(&ca);
	buf_free(&public);
	buf_free(&wanted);
	pki_free(&p);
}
END_TEST

/* --- data groups ----------------------------------------------------------------------------------- */

START_TEST(data_groups)
{
	struct buf line = BUF(70000);
	char value[128];

	snprintf(value, sizeof(value), "5=%s", written(0, known("0C 04 54657374")));
	idcard_option("dg", value);
	idcard_option("datasetfile",
		      written(1, said("dg8=hex:6806120431393634\ndg9=<NotOnChip>\n")));
	idcard_open();
	ck_assert_view(buf_view(&npa_data_group(kept, 5)->contents), known("6506 0C04 54657374"));
	ck_assert_view(buf_view(&npa_data_group(kept, 8)->contents), known("6806 1204 31393634"));
	ck_assert_ptr_null(npa_data_group(kept, 9));
	idcard_close();
	idcard_no_options();
	buf_put_view(&line, said("GivenNames="));
	buf_fill(&line, 'x', 66000);
	buf_u8(&line, '\n');
	idcard_option("datasetfile", written(1, buf_view(&line)));
	refused("/1:1: too long");
	buf_free(&line);
	/* a profile has them all */
	idcard_option("profile", written(2, said("{ \"files\": [] }")));
	idcard_option("datasetfile", written(1, said("Sex=F\n")));
	refused("--datasetfile: --profile has the data groups");
	idcard_option("profile", "/nonexistent");
	refused("--profile /nonexistent: No such file or directory");
}
END_TEST

/* A profile with an EF.DIR, and of a holder who has but a name: what the passport does not know is left out. */
START_TEST(profile_of_a_passport)
{
	static const char profile[] =
		"{ \"files\": [ { \"fileId\": \"2F00\", \"shortFileId\": \"1E\", \"content\": \"6109 4F07 A0000002471001\" },"
		" { \"fileId\": \"0105\", \"shortFileId\": \"05\", \"content\": \"6506 0C04 54657374\" } ] }";
	static const char mrz[] = "<<<<<T220001293<<<<<<<<<<<<<<<"
				  "<<<<<<0<<<<<<<0<<<<<<<<<<<<<<4"
				  "TEST<<<<<<<<<<<<<<<<<<<<<<<<<<";
	struct view given;

	idcard_option("profile", written(0, said(profile)));
	idcard_option("epass", "");
	idcard_open();
	ck_assert_view(buf_view(&fs_child(kept->fs.mf, 0x2f00)->contents),
		       known("6109 4F07 A0000002471001"));
	given = props_get(&emrtd_df(kept)->props, EMRTD_FIELD_MRZ);
	ck_assert_msg(view_equal(given, said(mrz)), "%.*s", (int)given.n, (const char *)given.p);
	idcard_close();
}
END_TEST

/* --- EF.CardAccess and EF.CardSecurity -------------------------------------------------------------- */

static void
put_privileged(struct buf *infos, int keys, bool named, bool strange)
{
	struct buf within = BUF(512);

	if (strange)
		secinfo_put_pace(&within, SECINFO_ECDH_GM, SECINFO_AES128, 5);
	for (; keys > 0; keys--)
		secinfo_put_ca_params(&within, SECINFO_ECDH, 13, named ? 0x44 + keys : -1);
	secinfo_put_privileged(infos, buf_view(&within));
	buf_free(&within);
}

/* What a card does not have for privileged terminals: two of it, two keys, one without a number, kinds that there are not. */
START_TEST(privileged_terminals)
{
	static const struct {
		int infos, keys;
		bool named, strange, right;
	} rows[] = {
		{ 1, 1, true, false, true },  { 2, 1, true, false, false },
		{ 1, 2, true, false, false }, { 1, 1, false, false, false },
		{ 1, 0, true, false, false }, { 1, 1, true, true, false },
	};
	struct buf infos = BUF(1024), set = BUF(1024);
	int i;

	secinfo_put_pace(&infos, SECINFO_ECDH_GM, SECINFO_AES128, 13);
	for (i = 0; i < rows[_i].infos; i++)
		put_privileged(&infos, rows[_i].keys, rows[_i].named, rows[_i].strange);
	tlv_put(&set, 0x31, buf_view(&infos));
	idcard_option("ef-cardaccess", written(0, buf_view(&set)));
	if (rows[_i].right) {
		idcard_open();
		ck_assert(props_has(eac_fields(kept), EAC_FIELD_CA_KEY_PRIVILEGED));
		idcard_close();
	} else {
		refused("04007F0007020208");
	}
	buf_free(&infos);
	buf_free(&set);
}
END_TEST

/* Three sets of domain parameters are one key too many, in a file and by option. */
START_TEST(keys_too_many)
{
	struct buf infos = BUF(1024), set = BUF(1024);
	int id;

	idcard_option("ca", "ecdh-aes128:12,ecdh-aes128:13,ecdh-aes128:14");
	refused("--ca: there are no more than two keys, each with parameters of its own");
	for (id = 12; id <= 14; id++)
		secinfo_put_ca_params(&infos, SECINFO_ECDH, (uint8_t)id, id);
	tlv_put(&set, 0x31, buf_view(&infos));
	idcard_option("ef-cardaccess", written(0, buf_view(&set)));
	refused("--ef-cardaccess /tmp/test_fill");
	idcard_option("ef-cardsecurity", written(0, said("nothing")));
	refused("/0: EF.CardSecurity is not SecurityInfos in CMS SignedData");
	buf_free(&infos);
	buf_free(&set);
}
END_TEST

/* --- the folder of the issuer ---------------------------------------------------------------------- */

static const char *
anchor_at(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

/* A CVCA of the folder that is none, that cannot be read, that there is no room for. */
START_TEST(terminal_folders)
{
	struct doc_cert_spec spec = cvca_spec();
	struct doc_cert anchors[2];
	char name[PATH_MAX];
	FILE *f;
	size_t i;

	idcard_option("pki", dir);
	idcard_open();
	idcard_close();
	for (i = 0; i < 2; i++) {
		doc_cert_make(&anchors[i], NULL, &spec);
		idcard_option("cvca", written(i, buf_view(&anchors[i].cvc)));
		doc_cert_free(&anchors[i]);
	}
	refused("/cvca.cvcert: --cvca has named two already");
	f = fopen(anchor_at("cvca.cvcert"), "w");
	ck_assert_ptr_nonnull(f);
	fputs("nothing", f);
	ck_assert_int_eq(fclose(f), 0);
	idcard_option("pki", dir);
	refused("/cvca.cvcert: not a CV certificate of a CVCA (7F21)");
	ck_assert_int_eq(unlink(anchor_at("cvca.cvcert")), 0);
	ck_assert_int_eq(mkdir(anchor_at("cvca.cvcert"), 0700), 0);
	idcard_option("pki", dir);
	refused("/cvca.cvcert: Is a directory");
	ck_assert_int_eq(rmdir(anchor_at("cvca.cvcert")), 0);
	/* the names of the CAs have room, this one has not */
	memset(name, '/', 4085);
	memcpy(name, dir, strlen(dir));
	name[4085] = '\0';
	idcard_option("pki", name);
	ck_assert_int_eq(idcard_open_at(NULL), -ENAMETOOLONG);
}
END_TEST

/* A disk on which a part of a key has room, or nothing, or where a name is not ours: no card, and that is said. */
START_TEST(terminal_on_a_full_disk)
{
	const struct rlimit few = { .rlim_cur = _i == 0 ? 10 : 0, .rlim_max = RLIM_INFINITY };
	struct rlimit was;
	struct pki p;
	int rc;

	ck_assert_int_eq(pki_open(&p, dir, "DE", error, sizeof(error)), 0);
	pki_free(&p);
	idcard_option("pki", dir);
	if (_i == 2) {
		ck_assert_int_eq(mkdir(anchor_at("cvca.pkcs8"), 0700), 0);
		refused("/cvca.pkcs8: Is a directory");
		return;
	}
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &was), 0);
	/* check, too, writes files: nothing is asserted meanwhile */
	setrlimit(RLIMIT_FSIZE, &few);
	errno = 0;
	rc = idcard_open_at(NULL);
	setrlimit(RLIMIT_FSIZE, &was);
	ck_assert_int_eq(rc, _i == 0 ? -ENOSPC : -EFBIG);
	ck_assert_ptr_nonnull(strstr(error, "/cvca.pkcs8: "));
}
END_TEST

/* --- memory ------------------------------------------------------------------------------------------ */

/* Filled with one allocation that fails: true when there were as many. */
static bool
fill_ends(unsigned long at)
{
	struct image_config on = { .type = "nPA",
				   .contents = npa_type.contents,
				   .fill = idcard_fill };
	struct state *s = NULL;
	struct image *made = NULL;
	bool hit;
	int rc;

	error[0] = '\0';
	allocations = 0;
	failing = at;
	rc = image_open(&made, &s, &on, error, sizeof(error));
	hit = allocations >= at;
	failing = 0;
	ck_assert_msg(hit == (rc < 0), "allocation %lu: %d %s", at, rc, error);
	ck_assert(rc == 0 || error[0]);
	if (rc == 0)
		state_free(s);
	image_free(made);
	return hit;
}

/* There is no card then, and nothing is left of it. */
START_TEST(memory_ends)
{
	struct buf security = BUF(8192);
	struct doc_cert_spec spec = cvca_spec();
	struct doc_cert anchor;
	unsigned long at = 1;

	idcard_open();
	buf_put_view(&security, buf_view(&fs_child(kept->fs.mf, 0x011d)->contents));
	idcard_close();
	if (_i == 1) {
		doc_cert_make(&anchor, NULL, &spec);
		idcard_option("cvca", written(0, buf_view(&anchor.cvc)));
		doc_cert_free(&anchor);
		idcard_option("ef-cardsecurity", written(1, buf_view(&security)));
	} else {
		idcard_option("epass", "");
	}
	while (fill_ends(at))
		at++;
	ck_assert_uint_gt(at, 100);
	buf_free(&security);
}
END_TEST

/* Nor is there an issuer, and why is said. */
START_TEST(memory_ends_while_an_issuer_is_made)
{
	static const char *const names[] = { "csca.key", "csca.pem", "ds.key", "ds.pem" };
	struct pki p;
	unsigned long at;
	size_t i;
	int rc = -1;

	for (at = 1; rc < 0; at++) {
		allocations = 0;
		failing = at;
		rc = pki_open(&p, dir, "DE", error, sizeof(error));
		failing = 0;
		ck_assert_int_eq(rc < 0, allocations >= at);
		ck_assert(rc == 0 || strncmp(error, "--pki /tmp/", 11) == 0);
		for (i = 0; i < 4; i++)
			unlink(anchor_at(names[i]));
	}
	ck_assert_uint_gt(at, 10);
	pki_free(&p);
}
END_TEST

/* Nor is a card signed again. */
START_TEST(memory_ends_while_it_is_issued)
{
	const struct card_config cfg = { .values = NULL };
	unsigned long at;
	int rc = -1;

	idcard_option("epass", "");
	idcard_open();
	for (at = 1; rc < 0; at++) {
		allocations = 0;
		failing = at;
		rc = npa_issue(kept, &cfg, error, sizeof(error));
		failing = 0;
		ck_assert_int_eq(rc < 0, allocations >= at);
	}
	ck_assert_uint_gt(at, 20);
	idcard_close();
}
END_TEST

/* Nor does a key give way to another one that cannot be made or told. */
START_TEST(memory_ends_while_a_key_is_made)
{
	const struct apdu cmd = { .ins = 0x47, .p1 = 0x82, .ne = 256 };
	const struct instr *row = npa_esign_app.rows;
	const uint64_t rights = CHAT_AT_INSTALL | CHAT_AT_CAN;
	struct buf rsp = BUF(256);
	struct sam_key *first;
	struct chain c;
	unsigned long at;
	struct iso *iso;
	sw_t sw = SW_NO_MEMORY;

	while (row->ins != 0x47)
		row++;
	idcard_open();
	chain_of(&c, rights);
	ck_assert_int_eq(eac_anchor_add(kept, buf_view(&c.cvca.cvc)), 0);
	ck_assert(field_set_number(eac_fields(kept), EAC_FIELD_DATE, 20260101));
	ck_assert_uint_eq(idcard_pace(EAC_CAN, "222222", chat_of(rights)), 0x9000);
	ck_assert_uint_eq(show_chain(&terminal, &c, true), 0x9000);
	ck_assert_uint_eq(authenticate(&terminal, &c, view_of(NULL, 0)), 0x9000);
	ck_assert_uint_eq(idcard_chip_authentication(), 0x9000);
	ck_assert_uint_eq(
		doc_command(&terminal, "00A4040C", known("A000000167455349474E"), 0, NULL), 0x9000);
	first = sam_key_find(&kept->sam, npa_esign_df(kept)->uid, NPA_ESIGN_KEY);
	iso = (struct iso *)card;
	iso->x.ch = &iso->channel[0];
	for (at = 1; sw != SW_OK; at++) {
		buf_reset(&rsp);
		allocations = 0;
		failing = at;
		sw = row->fn(iso, &cmd, &rsp);
		failing = 0;
		ck_assert(sw == SW_OK || allocations >= at);
		if (sw != SW_OK)
			ck_assert_ptr_eq(
				sam_key_find(&kept->sam, npa_esign_df(kept)->uid, NPA_ESIGN_KEY),
				first);
	}
	ck_assert_uint_gt(at, 2);
	ck_assert_ptr_ne(sam_key_find(&kept->sam, npa_esign_df(kept)->uid, NPA_ESIGN_KEY), first);
	buf_free(&rsp);
	chain_free(&c);
	idcard_close();
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("fill");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, no_place);
	tcase_add_test(tc, signature_files);
	tcase_add_test(tc, data_groups);
	tcase_add_test(tc, profile_of_a_passport);
	tcase_add_loop_test(tc, privileged_terminals, 0, 6);
	tcase_add_test(tc, keys_too_many);
	tcase_add_test(tc, terminal_folders);
	tcase_add_loop_test(tc, terminal_on_a_full_disk, 0, 3);
	tcase_add_loop_test(tc, memory_ends, 0, 2);
	tcase_add_test(tc, memory_ends_while_an_issuer_is_made);
	tcase_add_test(tc, memory_ends_while_it_is_issued);
	tcase_add_test(tc, memory_ends_while_a_key_is_made);
	return run("npa fill", tc);
}
