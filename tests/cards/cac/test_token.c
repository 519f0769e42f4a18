/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cards of tokens that are written here, as SoftHSM writes them: what is read, in which order,
 * what opens and closes keys, what is left out. tests/e2e/virt_cacard.sh has tokens of
 * SoftHSM's own.
 */
#include "cards/cac/cac.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cards/cac/softhsm_store.h"
#include "cards/pkcs15/certificate.h"
#include "crypto/cipher.h"
#include "crypto/export.h"
#include "image/image.h"
#include "memory_ends.h"
#include "model/key.h"
#include "objects.h"
#include "support.h"
#include "talk.h"

/* A blob of SoftHSM 2.6.1 for PIN 123456, and what it opens. */
static const char blob[] = "B4A2BFD632A29906B16805B03189B8EDF5964855202E38F9C6BFB6DB8E7DDEF369D05BE91B6D2244D8D7AA155CB47A07"
			   "7BDC3983293A47CA063D7115FAD6DD31457BA795FB1A49F9";
static const char master[] = "9E887CB27C9637C571802D771F51D434852F46223DEC38134EB7F4C8017734B2";

static char dir[64], conf[80];
static char block[300]; /* PRIVATE SIGN/DECRYPT of a number below any modulus of 1024 bits */
static FILE *said;
static struct log logged;
static struct image *image;
static struct card *card;
static struct card_env env = { .log = &logged };

/* --- a store --------------------------------------------------------------------------------- */

static void
put_bytes(struct buf *b, uint64_t type, struct view v)
{
	put_number(b, type);
	put_number(b, 3);
	put_number(b, v.n);
	buf_put_view(b, v);
}

static void
put_hex(struct buf *b, uint64_t type, const char *hex)
{
	struct buf v = BUF(1024);

	ck_assert(hex_read(&v, hex));
	put_bytes(b, type, buf_view(&v));
	buf_free(&v);
}

static void
put_private(struct buf *b, bool private)
{
	put_number(b, 2);
	put_number(b, 1);
	buf_u8(b, private);
}

/* PKCS#7 and AES, with an IV of zeros. */
static void
put_sealed(struct buf *b, uint64_t type, struct view v)
{
	struct buf padded = BUF(1024), key = BUF(32), out = BUF(1024);
	uint8_t iv[16] = { 0 }, pad = (uint8_t)(16 - v.n % 16);

	ck_assert(hex_read(&key, master));
	buf_put_view(&padded, v);
	buf_fill(&padded, pad, pad);
	buf_fill(&out, 0, sizeof(iv));
	ck_assert_int_eq(
		cipher_encrypt(CIPHER_AES, CIPHER_CBC, buf_view(&key), iv, buf_view(&padded), &out),
		0);
	put_bytes(b, type, buf_view(&out));
	buf_free(&padded);
	buf_free(&key);
	buf_free(&out);
}

static void
write_file(const char *folder, const char *name, struct buf *b)
{
	char path[256];
	int fd;

	ck_assert(!b->failed);
	snprintf(path, sizeof(path), "%s/tokens/%s", dir, folder);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/tokens/%s/%s", dir, folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, b->p, b->n), (ssize_t)b->n);
	close(fd);
	buf_free(b);
}

static void
write_token(const char *folder, const char *serial)
{
	struct buf b = BUF(4096);

	put_number(&b, 1);
	put_bytes(&b, 0x8000534a, view_of(serial, strlen(serial)));
	put_hex(&b, 0x8000534d, blob);
	write_file(folder, "token.object", &b);
}

static void
write_certificate(const char *folder, const char *id, struct view der)
{
	char name[64];
	struct buf b = BUF(65536);

	put_number(&b, 1);
	put_value(&b, 0, 1);
	put_private(&b, false);
	put_bytes(&b, 0x102, view_of(id, strlen(id)));
	put_bytes(&b, 0x11, der);
	snprintf(name, sizeof(name), "cert%s.object", id);
	write_file(folder, name, &b);
}

static const uint64_t types[RSA_PART_COUNT] = { 0x120, 0x122, 0x123, 0x124,
						0x125, 0x126, 0x127, 0x128 };

static void
write_key(const char *folder, const char *id, const struct rsa *rsa, bool sealed)
{
	char name[64];
	struct buf b = BUF(8192), part = BUF(RSA_KEY_SIZE_MAX);
	size_t i;

	put_number(&b, 1);
	put_value(&b, 0, 3);
	put_value(&b, 0x100, 0);
	put_private(&b, sealed);
	for (i = 0; i < RSA_PART_COUNT; i++) {
		buf_reset(&part);
		ck_assert_int_eq(rsa_get(rsa, (enum rsa_part)i, &part), 0);
		if (sealed)
			put_sealed(&b, types[i], buf_view(&part));
		else
			put_bytes(&b, types[i], buf_view(&part));
	}
	buf_free(&part);
	snprintf(name, sizeof(name), "key%s.object", id);
	write_file(folder, name, &b);
}

/* A key in a token, with a certificate, or two of them. */
static void
write_certified(const char *folder, const char *id, const char *also, bool sealed)
{
	struct sam sam = { .pins = NULL };
	struct sam_key *k = sam_key_add(&sam, 0, 1, SAM_RSA);
	struct buf der = BUF(4096);
	struct rsa *rsa;

	ck_assert_int_eq(rsa_generate(&rsa, 1024, view_of(NULL, 0), NULL, NULL), 0);
	ck_assert_int_eq(key_keep_rsa(k, rsa), 0);
	ck_assert_int_eq(personal_self_sign(k, id, PERSONAL_CERTIFICATE_USER, &der), 0);
	write_certificate(folder, id, buf_view(&der));
	if (also) {
		buf_reset(&der);
		ck_assert_int_eq(personal_self_sign(k, also, PERSONAL_CERTIFICATE_USER, &der), 0);
		write_certificate(folder, also, buf_view(&der));
	}
	write_key(folder, id, key_rsa(k), sealed);
	buf_free(&der);
	sam_free(&sam);
}

static void
write_pair(const char *folder, const char *id, bool sealed)
{
	write_certified(folder, id, NULL, sealed);
}

static void
write_conf(const char *lines)
{
	FILE *f = fopen(conf, "w");

	ck_assert_ptr_nonnull(f);
	fprintf(f, "# a comment\n\nlog.level = INFO # another\nnonsense\n%s", lines);
	fclose(f);
}

static void
setup(void)
{
	char line[160];

	strcpy(dir, "/tmp/test_token.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(conf, sizeof(conf), "%s/conf", dir);
	snprintf(line, sizeof(line), "%s/tokens", dir);
	ck_assert_int_eq(mkdir(line, 0700), 0);
	snprintf(line, sizeof(line),
		 "  directories.tokendir\t=  %s/tokens \nobjectstore.backend = file\n", dir);
	write_conf(line);
	strcpy(block, "00420000 80 00");
	while (strlen(block) < 14 + 2 * 127)
		strcat(block, "2A");
	strcat(block, "80");
	said = tmpfile();
	ck_assert_ptr_nonnull(said);
	logged = (struct log) { .out = said, .level = LOG_NOTICE, .name = "test" };
}

static void
teardown(void)
{
	char command[128];

	card_free(card);
	card = NULL;
	fclose(said);
	image_free(image);
	image = NULL;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	ck_assert_int_eq(system(command), 0);
}

/* NULL when it cannot be made. */
static struct card *
open_card(void)
{
	const struct card_value values[] = { { "softhsm", conf }, { NULL, NULL } };
	const struct image_config contents = { .type = "cac", .contents = cac_type.contents };
	struct card_config cfg = { .values = values };
	unsigned long nth = failing;
	char error[256];

	failing = 0;
	image_free(image);
	ck_assert_int_eq(image_open(&image, &cfg.state, &contents, error, sizeof(error)), 0);
	failing = nth;
	card = card_open(&cac_type, &cfg, &env);
	failing = 0;
	return card;
}

static void
expect(const char *command, const char *answer)
{
	expect_from(card, command, answer);
}

static void
says(const char *words)
{
	static char text[8192];
	ssize_t n = pread(fileno(said), text, sizeof(text) - 1, 0);

	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	ck_assert_msg(strstr(text, words) != NULL, "no \"%s\" in: %s", words, text);
}

#define PIN "00200000 08 313233343536FFFF"
#define WRONG "00200000 08 313233343537FFFF"
#define BLOCK block
static void
select_pki(unsigned instance, const char *answer)
{
	char command[64];

	snprintf(command, sizeof(command), "00A40400 07 A00000007901%02X 00", instance);
	expect(command, answer);
}

/* --- the card ---------------------------------------------------------------------------- */

START_TEST(opened_and_closed)
{
	write_token("one", "0123456789abcdef");
	write_pair("one", "b", true);
	write_pair("one", "a", false);
	ck_assert_ptr_nonnull(open_card());
	select_pki(1, "*9000");
	expect("00200000", "63C3");
	expect(BLOCK, "6982");
	expect(WRONG, "63C3");
	expect(PIN, "9000");
	expect("00200000", "9000");
	expect(BLOCK, "*9000");
	select_pki(0, "*9000");
	expect(BLOCK, "*9000");
	expect(WRONG, "63C3");
	expect(BLOCK, "6982");
	expect("00200000", "63C3");
	expect(PIN, "9000");
	expect("00240000 10 313233343536FFFF 363534333231FFFF", "6D00");
	expect("002C0000 10 313233343536FFFF 363534333231FFFF", "6D00");
	ck_assert_int_eq(card->ops->power(card, CARD_RESET), 0);
	select_pki(0, "*9000");
	expect(BLOCK, "6982");
	expect("00560100 00",
	       "0105 1002060203 4001 01 5111 41020100 4205 00 ???? ???? 4304 06 10 01 01 9000");
}
END_TEST

START_TEST(two_certificates_of_one_key)
{
	write_token("one", "0123456789abcdef");
	write_certified("one", "a", "b", true);
	write_pair("one", "c", true);
	ck_assert_ptr_nonnull(open_card());
	expect(PIN, "9000");
	select_pki(0, "*9000");
	expect(BLOCK, "*9000");
	select_pki(1, "*9000");
	expect(BLOCK, "*9000");
	select_pki(2, "*9000");
	expect(BLOCK, "*9000");
}
END_TEST

/* By their identifiers, not by their files; the same serial number each time. */
START_TEST(order_and_serial)
{
	struct buf first = BUF(64), again = BUF(64);

	write_token("one", "0123456789abcdef");
	write_pair("one", "c", true);
	write_pair("one", "a", true);
	write_pair("one", "b", true);
	ck_assert_ptr_nonnull(open_card());
	expect("00A40400 07 A0000000790200 00", "*9000");
	expect("00520002 02 0201 00", "61 9000");
	expect("00A40400 07 A000000116DB00 00", "*9000");
	ck_assert_int_eq(talk(card, "00520002 02 0215 00", &first), 0);
	card_free(card);
	ck_assert_ptr_nonnull(open_card());
	expect("00A40400 07 A000000116DB00 00", "*9000");
	ck_assert_int_eq(talk(card, "00520002 02 0215 00", &again), 0);
	ck_assert(view_equal(buf_view(&first), buf_view(&again)));
	card_free(card);
	write_pair("one", "d", true);
	ck_assert_ptr_nonnull(open_card());
	expect("00A40400 07 A000000116DB00 00", "*9000");
	buf_reset(&again);
	ck_assert_int_eq(talk(card, "00520002 02 0215 00", &again), 0);
	ck_assert(!view_equal(buf_view(&first), buf_view(&again)));
	buf_free(&first);
	buf_free(&again);
}
END_TEST

/* Of several tokens with certificates the one with the smallest slot. */
START_TEST(which_token)
{
	write_token("one", "0123456780000005"); /* 80000005 is 5 */
	write_pair("one", "b", true);
	write_token("two", "0123456700000006");
	write_pair("two", "a", true);
	write_token("three", "0123456700000001");
	ck_assert_ptr_nonnull(open_card());
	expect("00A40400 07 A0000000790200 00", "*9000");
	expect("00520002 02 0201 00", "62 9000");
}
END_TEST

START_TEST(certificates_that_are_otherwise)
{
	struct sam sam = { .pins = NULL };
	struct sam_key *k = sam_key_add(&sam, 0, 1, SAM_EC);
	struct buf der = BUF(4096);
	struct ec *ec;
	char id[3] = "a0";

	write_token("one", "0123456789abcdef");
	write_pair("one", "a", true);
	write_certificate("one", "b", view_of("\x30\x03\x02\x01\x05", 5));
	ck_assert_int_eq(ec_generate(&ec, CURVE_P256), 0);
	ck_assert_int_eq(key_keep_ec(k, ec), 0);
	for (id[1] = '0'; id[1] <= '9'; id[1]++) {
		buf_reset(&der);
		ck_assert_int_eq(personal_self_sign(k, id, PERSONAL_CERTIFICATE_USER, &der), 0);
		write_certificate("one", id, buf_view(&der));
	}
	buf_free(&der);
	sam_free(&sam);
	ck_assert_ptr_nonnull(open_card());
	expect(PIN, "9000");
	select_pki(9, "*9000");
	expect(BLOCK, "6985");
	expect("00560100 00",
	       "0105 1002060203 4001 01 5111 41020109 4205 00 ???? ???? 4304 06 00 01 01 9000");
	select_pki(10, "6A82");
	says("2 certificates more");
}
END_TEST

START_TEST(broken_certificates)
{
	write_token("one", "0123456789abcdef");
	write_certificate("one", "b", view_of("\x30\x03\x02\x01\x05", 5));
	ck_assert_ptr_null(open_card());
	says("certificate 1 of the token is broken");
	says("no certificate that a card can show");
}
END_TEST

/* A key of another cipher is none; the card is there without it. */
START_TEST(broken_keys)
{
	struct buf b = BUF(1024);

	write_token("one", "0123456789abcdef");
	write_pair("one", "a", true);
	put_number(&b, 1);
	put_value(&b, 0, 3);
	put_value(&b, 0x100, 0);
	put_private(&b, true);
	put_hex(&b, 0x120, "00112233445566778899AABBCCDDEEFF 00112233445566778899AABBCCDDEEFF");
	write_file("one", "keyb.object", &b);
	b = (struct buf) BUF(1024);
	put_number(&b, 1);
	put_value(&b, 0, 3);
	put_value(&b, 0x100, 0);
	put_private(&b, false);
	put_hex(&b, 0x120, "0123");
	write_file("one", "keyc.object", &b);
	ck_assert_ptr_nonnull(open_card());
	expect(PIN, "9000");
	select_pki(0, "*9000");
	expect(BLOCK, "*9000");
	says("of the token is broken, or of another cipher: left out");
}
END_TEST

START_TEST(tokens_that_are_none)
{
	struct buf b = BUF(1024);

	put_number(&b, 1);
	put_hex(&b, 0x8000534d, blob);
	write_file("one", "token.object", &b);
	ck_assert_ptr_null(open_card());
	says("token one: token.object: no serial number of 16 digits: left out");
	b = (struct buf) BUF(1024);
	put_number(&b, 1);
	put_hex(&b, 0x8000534d, "00112233");
	put_bytes(&b, 0x8000534a, view_of("0123456789abcdef", 16));
	write_file("one", "token.object", &b);
	ck_assert_ptr_null(open_card());
	says("token.object: no user PIN, or one of another cipher: left out");
	says("has a certificate");
}
END_TEST

START_TEST(configurations)
{
	static const struct {
		const char *lines, *words;
	} wrong[] = {
		{ "", "it has no directories.tokendir" },
		{ "# directories.tokendir = /tmp\n", "it has no directories.tokendir" },
		{ "directories.tokendir = /tmp\nobjectstore.backend = db\n", "objectstore.backend is db" },
		{ "directories.tokendir = /nonexistent\n", "/nonexistent: No such file" },
	};
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		write_conf(wrong[i].lines);
		ck_assert_ptr_null(open_card());
		says(wrong[i].words);
	}
	ck_assert_int_eq(unlink(conf), 0);
	ck_assert_ptr_null(open_card());
	says("conf: No such file");
}
END_TEST

/* It is made whole or not at all; a PIN that finds no memory has opened nothing. */
START_TEST(no_memory)
{
	static const uint8_t pin[] = {
		0x00, 0x20, 0x00, 0x00, 0x08, '1', '2', '3', '4', '5', '6', 0xff, 0xff
	};
	struct buf rsp = BUF(64);
	unsigned long n;
	bool hit = true;

	write_token("one", "0123456789abcdef");
	write_pair("one", "a", true);
	for (n = 1; hit; n++) {
		allocations = 0;
		failing = n;
		open_card();
		hit = allocations >= n;
		ck_assert(card || hit);
		if (hit) {
			card_free(card);
			card = NULL;
		}
	}
	select_pki(0, "*9000");
	/* not at each of the 1506 hashes */
	for (n = 1, hit = true; hit; n += n > 100 && n < 6000 ? 501 : 1) {
		buf_reset(&rsp);
		allocations = 0;
		failing = n;
		ck_assert(card->ops->transmit(card, view_of(pin, sizeof(pin)), &rsp) <= 0);
		hit = allocations >= n;
		failing = 0;
		if (rsp.n >= 2 && rsp.p[0] != 0x90)
			expect("00200000", "63C3");
	}
	expect(PIN, "9000");
	expect(BLOCK, "*9000");
	buf_free(&rsp);
}
END_TEST

/* --- a store that is written while it is read -------------------------------------------- */

/*
 * Another process, which has locked a file as SoftHSM does, and does what is left to do once
 * somebody has opened that.
 */
static pid_t
begin_writing(const char *name, void (*rest)(int fd))
{
	char path[160];
	struct inotify_event event;
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int ready[2], fd, watch;
	uint8_t one = 1;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/tokens/one/%s", dir, name);
	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid > 0) {
		ck_assert_int_eq(read(ready[0], &one, 1), 1);
		close(ready[0]);
		close(ready[1]);
		return pid;
	}
	fd = open(path, O_RDWR);
	watch = inotify_init();
	if (fd < 0 || fcntl(fd, F_SETLK, &lock) < 0 ||
	    inotify_add_watch(watch, path, IN_OPEN) < 0 || write(ready[1], &one, 1) != 1)
		_exit(1);
	if (!rest) {
		pause();
		_exit(1);
	}
	if (read(watch, &event, sizeof(event)) != sizeof(event))
		_exit(1);
	rest(fd);
	_exit(0);
}

static void
end_writing(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

/* What was cut off. */
static uint8_t tail[64];

static void
write_tail(int fd)
{
	if (lseek(fd, 0, SEEK_END) < 0 || write(fd, tail, sizeof(tail)) != sizeof(tail))
		_exit(1);
}

/* All of an object but the last bytes, which are in tail. */
static void
cut_tail(const char *name)
{
	char path[160];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/tokens/one/%s", dir, name);
	fd = open(path, O_RDWR);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(pread(fd, tail, sizeof(tail), st.st_size - (off_t)sizeof(tail)),
			 (ssize_t)sizeof(tail));
	ck_assert_int_eq(ftruncate(fd, st.st_size - (off_t)sizeof(tail)), 0);
	close(fd);
}

START_TEST(half_written)
{
	static const char *const names[] = { "keya.object", "certa.object", "token.object" };
	pid_t pid;

	write_token("one", "0123456789abcdef");
	write_pair("one", "a", true);
	cut_tail(names[_i]);
	pid = begin_writing(names[_i], write_tail);
	ck_assert_ptr_nonnull(open_card());
	end_writing(pid);
	expect(PIN, "9000");
	select_pki(0, "*9000");
	expect(BLOCK, "*9000");
}
END_TEST

static void
write_another(int fd)
{
	(void)fd;
	write_pair("one", "a", true);
}

/* What was not there when the folder was listed is on the card, with its key. */
START_TEST(added_meanwhile)
{
	pid_t pid;

	write_token("one", "0123456789abcdef");
	write_pair("one", "b", true);
	pid = begin_writing("certb.object", write_another);
	ck_assert_ptr_nonnull(open_card());
	end_writing(pid);
	expect("00A40400 07 A0000000790200 00", "*9000");
	expect("00520002 02 0201 00", "61 9000");
	expect(PIN, "9000");
	select_pki(0, "*9000");
	expect(BLOCK, "*9000");
	select_pki(1, "*9000");
	expect(BLOCK, "*9000");
}
END_TEST

/* Who never ends is not waited for for ever; nor is what is cut short and nobody's. */
START_TEST(never_written)
{
	pid_t pid;

	write_token("one", "0123456789abcdef");
	write_pair("one", "a", true);
	write_pair("one", "b", true);
	write_pair("one", "c", true);
	cut_tail("certa.object");
	pid = begin_writing("certb.object", NULL);
	ck_assert_ptr_nonnull(open_card());
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	says("token one: certa.object: cut short, or no object: left out");
	says("token one: certb.object: changes all the time: left out");
	expect("00A40400 07 A0000000790200 00", "*9000");
	expect("00520002 02 0201 00", "63 9000");
}
END_TEST

/* --- what there is room for --------------------------------------------------------------- */

/* Of one identifier the labels say which comes first. */
START_TEST(order_of_labels)
{
	struct sam sam = { .pins = NULL };
	struct sam_key *k = sam_key_add(&sam, 0, 1, SAM_RSA);
	struct buf der = BUF(4096), b = BUF(65536);
	static const char *const names[] = { "a", "b" };
	struct rsa *rsa;
	size_t i;

	ck_assert_int_eq(rsa_generate(&rsa, 1024, view_of(NULL, 0), NULL, NULL), 0);
	ck_assert_int_eq(key_keep_rsa(k, rsa), 0);
	write_token("one", "0123456789abcdef");
	for (i = 0; i < 2; i++) {
		const char *label = names[_i ? 1 - i : i];
		char file[32];

		b = (struct buf)BUF(65536);
		put_number(&b, 1);
		put_value(&b, 0, 1);
		put_private(&b, false);
		put_bytes(&b, 0x102, view_of("id", 2));
		put_bytes(&b, 0x003, view_of(label, 1));
		buf_reset(&der);
		ck_assert_int_eq(personal_self_sign(k, names[i], PERSONAL_CERTIFICATE_USER, &der),
				 0);
		put_bytes(&b, 0x11, buf_view(&der));
		snprintf(file, sizeof(file), "cert%s.object", names[i]);
		write_file("one", file, &b);
	}
	ck_assert_ptr_nonnull(open_card());
	expect("00A40400 07 A0000000790200 00", "*9000");
	expect("00520002 02 0201 00", _i ? "62 9000" : "61 9000");
	buf_free(&der);
	sam_free(&sam);
}
END_TEST

START_TEST(one_key_too_many)
{
	char name[32];
	struct buf b;
	int i;

	write_token("one", "0123456789abcdef");
	write_pair("one", "a", false);
	for (i = 1; i <= SOFTHSM_OBJECTS_MAX; i++) {
		b = (struct buf)BUF(1024);
		put_number(&b, 1);
		put_value(&b, 0, 3);
		put_value(&b, 0x100, 0);
		put_private(&b, false);
		put_hex(&b, 0x120, "0123");
		snprintf(name, sizeof(name), "key%d.object", i);
		write_file("one", name, &b);
	}
	ck_assert_ptr_nonnull(open_card());
	says(".object: one object too many: left out");
}
END_TEST

/* A key where a certificate should be. */
START_TEST(key_in_place_of_a_certificate)
{
	struct sam sam = { .pins = NULL };
	struct sam_key *k = sam_key_add(&sam, 0, 1, SAM_EC);
	struct import_key key;
	struct buf pem = BUF(4096);
	struct ec *ec;

	ck_assert_int_eq(ec_generate(&ec, CURVE_P256), 0);
	ck_assert_int_eq(key_keep_ec(k, ec), 0);
	key = key_asym(k);
	ck_assert_int_eq(export_key(&key, &pem), 0);
	write_token("one", "0123456789abcdef");
	write_pair("one", "b", true);
	write_certificate("one", "a", buf_view(&pem));
	ck_assert_ptr_nonnull(open_card());
	says("certificate 1 of the token is broken, or longer than 4095 bytes: left out");
	expect("00A40400 07 A0000000790200 00", "*9000");
	expect("00520002 02 0201 00", "62 9000");
	buf_free(&pem);
	sam_free(&sam);
}
END_TEST

/* A token whose folder cannot be opened is left out, as if it were not there. */
START_TEST(token_out_of_reach)
{
	struct rlimit all, few;
	int next;

	write_token("one", "0123456789abcdef");
	write_pair("one", "a", true);
	next = dup(0);
	ck_assert_int_ge(next, 0);
	close(next);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &all), 0);
	/* room for the configuration, then for the folder of tokens alone */
	few = (struct rlimit) { .rlim_cur = (rlim_t)next + 1, .rlim_max = all.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	open_card();
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &all), 0);
	ck_assert_ptr_null(card);
	says("token one: Too many open files: left out");
	says("no token in");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("token");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, opened_and_closed);
	tcase_add_test(tc, two_certificates_of_one_key);
	tcase_add_test(tc, order_and_serial);
	tcase_add_test(tc, which_token);
	tcase_add_test(tc, certificates_that_are_otherwise);
	tcase_add_test(tc, broken_certificates);
	tcase_add_test(tc, broken_keys);
	tcase_add_test(tc, tokens_that_are_none);
	tcase_add_test(tc, configurations);
	tcase_add_loop_test(tc, half_written, 0, 3);
	tcase_add_test(tc, added_meanwhile);
	tcase_add_test(tc, never_written);
	tcase_add_test(tc, no_memory);
	tcase_add_loop_test(tc, order_of_labels, 0, 2);
	tcase_add_test(tc, one_key_too_many);
	tcase_add_test(tc, key_in_place_of_a_certificate);
	tcase_add_test(tc, token_out_of_reach);
	return run("token", tc);
}
