/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PACE, chip and terminal authentication of a passport that runs in a process of its own. What that
 * gives back to malloc, libcrypto and jansson included, is kept in memory that is shared, and is
 * searched, as are log and trace, for what the terminal then knows: passwords, keys of them, the
 * nonce, keys of sessions, the private key of the chip.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "crypto/cipher.h"
#include "crypto/digest.h"
#include "crypto/kdf.h"
#include "crypto/memory.h"
#include "crypto/rand.h"
#include "freed.h"
#include "needles.h"
#include "passport.h"
#include "trace/trace.h"

#define FREED_MAX (256u << 20) /* bytes */
#define CAN "739164"
#define PLANTED "left in memory for the test to find"
#define SKIPPED 77

/* --- who gives memory back ------------------------------------------------------------------- */

static struct freed {
	size_t n;
	bool full;
	struct eac_key key; /* of chip authentication, as the card has it */
	uint8_t bytes[];
} * freed;
static bool recording;

static void
before_free(const void *block, size_t n)
{
	if (recording && n > FREED_MAX - freed->n) {
		freed->full = true;
	} else if (recording) {
		memcpy(freed->bytes + freed->n, block, n);
		freed->n += n;
	}
}

/* --- what is searched for --------------------------------------------------------------------- */

static void
add_session(const char *name)
{
	const size_t n = terminal.keys.cipher < 3 ? 16 : terminal.keys.cipher == 3 ? 24 : 32;

	ck_assert_uint_ne(terminal.keys.cipher, 0);
	add_secret(name, view_of(terminal.keys.enc, n));
	add_secret(name, view_of(terminal.keys.mac, n));
}

static void
expect_nothing(struct view in, const char *where)
{
	const char *name = needle_in(in.p, in.n);

	ck_assert_msg(!name, "%s has %s", where, name);
}

/* --- the card, in a process of its own ----------------------------------------------------- */

static int to_card = -1;
static struct buf first_answer = BUF(64); /* of GENERAL AUTHENTICATE: the nonce, encrypted */

static void
put(int fd, const void *bytes, size_t n)
{
	ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
}

static void
get(int fd, void *bytes, size_t n)
{
	ck_assert_int_eq(recv(fd, bytes, n, MSG_WAITALL), (ssize_t)n);
}

static void
send_there(void *ctx, struct view command, struct buf *rsp)
{
	size_t n = command.n;

	(void)ctx;
	put(to_card, &n, sizeof(n));
	put(to_card, command.p, command.n);
	get(to_card, &n, sizeof(n));
	get(to_card, buf_grow(rsp, n), n);
	if (first_answer.n == 0 && command.n > 1 && command.p[1] == 0x86)
		buf_put_view(&first_answer, buf_view(rsp));
}

static void
serve(int fd, struct trace *trace)
{
	static uint8_t command[70000];
	size_t n;

	for (get(fd, &n, sizeof(n)); n > 0; get(fd, &n, sizeof(n))) {
		struct buf rsp = BUF(CARD_RESPONSE_MAX);

		get(fd, command, n);
		passport_send(NULL, view_of(command, n), &rsp);
		trace->tap.exchange(&trace->tap, view_of(command, n), buf_view(&rsp),
				    &p.card->note);
		put(fd, &rsp.n, sizeof(rsp.n));
		put(fd, rsp.p, rsp.n);
		buf_free(&rsp);
	}
}

static pid_t
start_card(const struct chain *c, const char *pace, const struct log *log, struct trace *trace)
{
	static char anchor[] = "/tmp/vicc-epass-XXXXXX";
	const struct card_value values[] = { { "pace", pace },
					     { "can", CAN },
					     { "cvca", anchor },
					     { "date", "20270101" },
					     { NULL, NULL } };
	int ends[2];
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	written(anchor, buf_view(&c->cvca.cvc));
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		recording = true;
		passport_log = log;
		passport_open(values);
		ck_assert_int_eq(eac_key_get(passport_state(), EAC_FIELD_CA_KEY, &freed->key), 0);
		free(strdup(PLANTED));
		serve(ends[1], trace);
		passport_close();
		recording = false;
		_exit(0);
	}
	close(ends[1]);
	to_card = ends[0];
	terminal = (struct doc_terminal) { .send = send_there };
	/* it has read the anchor when it answers */
	ck_assert_uint_eq(select_application(), 0x9000);
	unlink(anchor);
	return pid;
}

static void
stop_card(pid_t pid)
{
	const size_t nothing = 0;
	int status;

	put(to_card, &nothing, sizeof(nothing));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	close(to_card);
}

/* --- the session ----------------------------------------------------------------------------- */

static const struct {
	const char *pace;
	unsigned method, cipher;
	enum cipher by;
	size_t key, nonce; /* bytes */
} kinds[] = {
	{ "ecdh-gm-aes128:13", SECINFO_ECDH_GM, SECINFO_AES128, CIPHER_AES, 16, 16 },
	{ "ecdh-im-aes256:13", SECINFO_ECDH_IM, SECINFO_AES256, CIPHER_AES, 32, 32 },
	{ "ecdh-cam-aes192:13", SECINFO_ECDH_CAM, SECINFO_AES192, CIPHER_AES, 24, 16 },
	{ "ecdh-gm-3des:13", SECINFO_ECDH_GM, SECINFO_3DES, CIPHER_3DES, 16, 16 },
};

/* The key of a password, and the nonce that PACE has sent under it. */
static void
add_password(const char *name, struct view secret, size_t kind)
{
	struct buf nonce = BUF(64);
	struct secret key;

	ck_assert_int_eq(kdf_derive(kinds[kind].by, kinds[kind].key, secret, KDF_PASSWORD, &key),
			 0);
	add_secret(name, secret_view(&key));
	ck_assert_int_eq(cipher_decrypt(kinds[kind].by, CIPHER_CBC, secret_view(&key), NULL,
					view_slice(buf_view(&first_answer), 4, kinds[kind].nonce),
					&nonce),
			 0);
	add_secret("nonce", buf_view(&nonce));
	secret_wipe(&key);
	buf_free(&nonce);
	buf_free(&first_answer);
}

static unsigned
pace(size_t kind, unsigned password, const char *secret)
{
	return pace_as(kinds[kind].method, kinds[kind].cipher, 13, password, secret, "");
}

static void
talk(struct chain *c, size_t kind)
{
	struct buf hash = BUF(DIGEST_MAX);

	add_secret("CAN", said(CAN));
	add_secret("MRZ information", said(INFORMATION));
	ck_assert_int_eq(digest_once(DIGEST_SHA1, said(INFORMATION), &hash), 0);
	/* passwords in the clear, which is a terminal's mistake: a trace does not repeat it */
	ck_assert_uint_eq(doc_plain(&terminal, "00200002", said(CAN), 0, NULL), 0x6700);
	ck_assert_uint_eq(doc_plain(&terminal, "00240002", said(CAN), 0, NULL), 0x6d00);
	ck_assert_uint_eq(doc_plain(&terminal, "80200001", said(INFORMATION), 0, NULL), 0x6e00);
	/* a token that is wrong, the CAN, in the clear after it, the MRZ */
	ck_assert_uint_eq(pace(kind, EAC_CAN, "739165"), 0x6300);
	buf_free(&first_answer);
	ck_assert_uint_eq(pace(kind, EAC_CAN, CAN), 0x9000);
	add_password("key of the CAN", said(CAN), kind);
	add_session("session by the CAN");
	ck_assert_uint_eq(doc_plain(&terminal, "00840000", none, 8, NULL), 0x9000);
	doc_forget(&terminal);
	buf_free(&first_answer);
	ck_assert_uint_eq(pace(kind, EAC_MRZ, INFORMATION), 0x9000);
	add_password("key of the MRZ", buf_view(&hash), kind);
	add_session("session by the MRZ");
	ck_assert_uint_eq(select_application(), 0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00880000", known("0102030405060708"), 256, NULL),
			  0x9000);
	ck_assert_uint_eq(chip_authentication(SECINFO_ECDH, SECINFO_AES128, -1, 13), 0x9000);
	add_session("session of chip authentication");
	ck_assert_uint_eq(terminal_authentication(c, view_of(terminal.id_picc, terminal.id_picc_n)),
			  0x9000);
	ck_assert_uint_eq(doc_command(&terminal, "00B08100", none, 256, NULL), 0x9000);
	add_secret("key of the chip", secret_view(&freed->key.d));
	buf_free(&hash);
}

/* It has this, and no secret. */
static void
expect_clean(FILE *file, const char *where, struct view shown)
{
	struct buf text = BUF(1 << 20);
	const long n = (fseek(file, 0, SEEK_END), ftell(file));

	rewind(file);
	ck_assert_int_gt(n, 1000);
	ck_assert_uint_eq(fread(buf_grow(&text, (size_t)n), 1, (size_t)n, file), (size_t)n);
	ck_assert_msg(memmem(text.p, text.n, shown.p, shown.n) != NULL, "%s is not whole", where);
	expect_nothing(buf_view(&text), where);
	buf_free(&text);
	fclose(file);
}

START_TEST(nothing_is_left)
{
	const struct log log = { .out = tmpfile(), .level = LOG_DEBUG, .name = "vicc" };
	FILE *traced = tmpfile();
	struct trace trace;
	struct chain c;
	pid_t pid;

	freed = mmap(NULL, sizeof(*freed) + FREED_MAX, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ck_assert(freed != MAP_FAILED && log.out && traced);
	trace_init(&trace, fileno(traced), 0, false, NULL);
	chain_make(&c, 1, "300101");
	pid = start_card(&c, kinds[_i].pace, &log, &trace);
	talk(&c, (size_t)_i);
	stop_card(pid);
	ck_assert(!freed->full);
	ck_assert_uint_gt(freed->n, 100000);
	/* a search that finds nothing must be one that would */
	ck_assert_ptr_nonnull(memmem(freed->bytes, freed->n, PLANTED, strlen(PLANTED)));
	expect_nothing(view_of(freed->bytes, freed->n), "freed memory");
	expect_clean(log.out, "the log", said("READ BINARY"));
	expect_clean(traced, "the trace", known("A0000002471001"));
	chain_free(&c);
	munmap(freed, sizeof(*freed) + FREED_MAX);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("freed");

	if (under_valgrind()) {
		puts("SKIP: valgrind has its own malloc");
		return SKIPPED;
	}
	/* as vicc's main does it */
	image_wipe_memory();
	if (!crypto_wipe_memory() || crypto_warm() < 0)
		return EXIT_FAILURE;
	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, nothing_is_left, 0, sizeof(kinds) / sizeof(*kinds));
	return run("freed", tc);
}
