/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A full session with PINs and keys that are known; every block that anybody gives
 * back to malloc, libcrypto and jansson included, is searched for them: as bytes,
 * as libcrypto keeps numbers, in hexadecimal. And so are the log, and the trace of an identity card.
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/slurp.h"
#include "cards/eac/eac.h"
#include "crypto/kdf.h"
#include "model/key.h"
#include "iso/iso.h"
#include "crypto/memory.h"
#include "crypto/rand.h"
#include "needles.h"
#include "sanitized.h"
#include "secrets_idcard.h"
#include "session.h"
#include "valgrind.h"

#define SECRET_BYTES_MAX 64
#define SKIPPED 77

/* --- who gives memory back ------------------------------------------------------------ */

static size_t searched;
static bool searching, aborting;
static const char *found; /* the first that was */
static size_t found_in;   /* and how large the block was */

#if !SANITIZED
#include "freed.h"

static void
before_free(const void *block, size_t n)
{
	const char *name = searching && !found ? needle_in(block, n) : NULL;

	searched++;
	if (!name)
		return;
	found = name;
	found_in = n;
	if (aborting) /* for a debugger: SECRETS_ABORT */
		abort();
}
#endif

/* --- the session ----------------------------------------------------------------------- */

static const char pin[] = "Zq7#Kp2!", other_pin[] = "x9+Wv4$m", wrong_pin[] = "eR5~uB1?";

/* RFC 5903, 8.1; RFC 8032, 7.1, test 2; RFC 7748, 6.1 */
static const char ec_key[] = "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433";
static const char ed_key[] = "4CCD089B28FF96DA9DB6C346EC114E0F5B8A319F35ABA624DA8CF6ED4FB8A6FB";
static const char x_key[] = "77076D0A7318A57D3C16C17251B26645DFB4A1D9C9A8F0E5F3F5B4E3A9E5C3A1";

static const char session[] =
	"> 00 24 00 01 (\"1234\" $pin)\n< 9000\n"
	"> 00 20 00 01 ($pin)\n< 9000\n"
	"> 00 20 00 01 ($wrong)\n< 63C2\n"
	"> 00 21 00 01 (53 [$pin])\n< 9000\n"
	"> 00 24 00 01 ($pin $other)\n< 9000\n"
	"> 00 24 00 01 ($wrong $pin)\n< 63C2\n"
	"> 00 2C 00 01 (\"12345678\" $pin)\n< 9000\n"
	/* in parts, and not to an end */
	"> 10 24 00 01 ($pin)\n< 9000\n"
	"> 00 24 00 01 ($other)\n< 9000\n"
	"> 10 20 00 01 ($other)\n< 9000\n"
	"> 00 84 00 00 08\n< $challenge:8 9000\n"
	"> 00 26 00 01 ($other)\n< 9000\n"
	"> 00 28 00 01 ($other)\n< 9000\n"
	/* refused before its row is found, and malformed */
	"> A0 20 00 01 ($other)\n< 6E00\n"
	"> 00 20 00 01 09 $other\n< 6700\n"
	"> 0C 20 00 01 (81 [$other])\n< 6987\n"
	/* the keys of the image: the one that answers is not the one that checks */
	"> 00 88 00 1F ($challenge) 00\n< $answer:8 9000\n"
	"> 00 82 00 00 ($answer)\n< 63C2\n"
	/* keys that are imported, and used */
	"> 00 DB 3F FF (B6 [84 01 08 80 01 13] 7F48 [06 08 2A8648CE3D030107 88 [$ec]])\n< 9000\n"
	"> 00 22 41 B6 (80 01 13 84 01 08)\n< 9000\n"
	"> 00 2A 9E 9A ({fill 32 AA}) 00\n< $signature:64 9000\n"
	"> 00 46 01 08 00\n< * 9000\n"
	"> 00 DB 3F FF (B8 [84 01 0C 80 01 14] 7F48 [06 08 2A8648CE3D030107 88 [$ec]])\n< 9000\n"
	"> 00 22 41 B8 (80 01 14 84 01 0C)\n< 9000\n"
	"> 00 2A 80 86 (00 04 D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63"
	" 56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB) 00\n"
	"< D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE 9000\n"
	"> 00 DB 3F FF (B6 [84 01 0A 80 01 15] 7F48 [88 [$ed]])\n< 9000\n"
	"> 00 22 41 B6 (80 01 15 84 01 0A)\n< 9000\n"
	"> 00 2A 9E 9A (72) 00\n< $signature:64 9000\n"
	"> 00 DB 3F FF (B8 [84 01 0B 80 01 16] 7F48 [88 [$x]])\n< 9000\n"
	"> 00 22 41 B8 (80 01 16 84 01 0B)\n< 9000\n"
	"> 00 2A 80 86 (00 {fill 32 09}) 00\n< $secret:32 9000\n"
	"> 10 DB 3F FF (B6 [84 01 09] 7F48 [88 [$ec]])\n< 9000\n"
	"!reset\n"
	"> 00 20 00 01 ($other)\n< 9000\n"
	"!power off\n";

/* gpg's hosts keep passwords on the card, private objects, keys, and what they hash. */
static const char openpgp_session[] =
	"> 00 24 00 83 (\"12345678\" $pin)\n< 9000\n"
	"> 00 20 00 83 ($wrong)\n< 63C2\n"
	"> 00 20 00 83 ($pin)\n< 9000\n"
	"> 00 24 00 81 (\"123456\" $other)\n< 9000\n"
	"> 00 20 00 82 ($other)\n< 9000\n"
	"> 00 DA 00 D3 ($pin)\n< 9000\n"
	"> 00 2C 00 81 ($pin $other)\n< 9000\n"
	"> 00 2C 02 81 ($other)\n< 9000\n"
	"> 10 24 00 83 ($pin)\n< 9000\n"
	"> 00 24 00 83 ($pin)\n< 9000\n"
	"> 00 20 00 83 ($pin)\n< 9000\n"
	"> 00 DA 00 C1 (13 2A8648CE3D030107)\n< 9000\n"
	"> 00 DB 3F FF (4D [B600 7F48 [92 20] 5F48 [$ec]])\n< 9000\n"
	"> 00 DA 00 C2 (12 2B060104019755010501)\n< 9000\n"
	"> 00 DB 3F FF (4D [B800 7F48 [92 20] 5F48 [$x]])\n< 9000\n"
	"> 00 DA 00 C3 (16 2B06010401DA470F01)\n< 9000\n"
	"> 10 DB 3F FF (4D [A400 7F48 [92 20] 5F48 [$ed]])\n< 9000\n"
	"> 00 DB 3F FF ()\n< 9000\n"
	"> 00 20 00 81 ($other)\n< 9000\n"
	"> 00 2A 9E 9A ({fill 32 AA}) 00\n< $signature:64 9000\n"
	"> 00 20 00 82 ($other)\n< 9000\n"
	"> 00 88 00 00 (72) 00\n< $signature:64 9000\n"
	"> 00 2A 80 86 (A6 [7F49 [86 [{fill 32 09}]]]) 00\n< $secret:32 9000\n"
	"> 00 DA 00 D5 ($ed)\n< 9000\n"
	"> 00 2A 86 80 ({fill 16 AA}) 00\n< $cryptogram:17 9000\n"
	"> 0C 20 00 81 ($other)\n< 6882\n"
	"> A0 20 00 81 ($other)\n< 6E00\n"
	"> 00 20 00 81 09 $other\n< 6700\n"
	"!power off\n";

/* What is played, and what the card still knows when it is opened again. */
static const struct {
	const char *type, *session, *again;
} plays[] = {
	{ "iso7816", session, "> 00 20 00 01 ($other)\n< 9000\n" },
	{ "openpgp", openpgp_session, "> 00 20 00 82 ($other)\n< 9000\n" },
};

static void
define(struct script *s, const char *name, struct view v)
{
	if (!props_set(&s->names, name, v))
		exit(EXIT_FAILURE);
	add_secret(name, v);
}

static void
define_hex(struct script *s, const char *name, const char *text)
{
	struct buf b = BUF(SECRET_BYTES_MAX);

	hex_read(&b, text);
	define(s, name, buf_view(&b));
	buf_free(&b);
}

/* What the card made up itself. */
static void
add_card_secrets(struct card *card)
{
	const struct sam *sam = &((struct iso *)card)->state->sam;

	if (sam->keys)
		add_secret("key 00", secret_view(&sam->keys->secret));
	add_secret("puk", view_of("12345678", 8));
}

static int
play(struct script *s, size_t which, const char *path, const struct log *log)
{
	const struct card_type *type = card_type_find(plays[which].type);
	struct new_card n;
	struct script_target t;
	int rc;

	new_card(&n, type, NULL, path, NULL);
	if (!n.card) {
		puts(n.error);
		return EXIT_FAILURE;
	}
	n.env.log = log;
	add_card_secrets(n.card);
	t = script_card(n.card);
	rc = script_run(s, view_of(plays[which].session, strlen(plays[which].session)), &t);
	free_card(&n);
	/* once more from disk, and a commit that is reverted would read it, too */
	new_card(&n, type, NULL, path, NULL);
	if (rc == 0 && n.card) {
		n.env.log = log;
		t = script_card(n.card);
		rc = script_run(s, view_of(plays[which].again, strlen(plays[which].again)), &t);
	}
	free_card(&n);
	return rc;
}

/* Each in an image of its own. */
static int
play_all(struct script *s, const char *dir, const struct log *log)
{
	char path[64], lock[72];
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < sizeof(plays) / sizeof(*plays); i++) {
		snprintf(path, sizeof(path), "%s/%s.json", dir, plays[i].type);
		snprintf(lock, sizeof(lock), "%s.lock", path);
		rc = play(s, i, path, log);
		unlink(path);
		unlink(lock);
	}
	return rc;
}

/* --- a passport: BAC, active and chip authentication, as its script has them ----------------- */

/* Keys of BAC out of the MRZ (Doc 9303-11, 9.7.1), the same without DES's parity. */
static void
add_bac_keys(const char *information)
{
	struct buf hash = BUF(DIGEST_MAX);
	struct secret key;
	int use;

	digest_once(DIGEST_SHA1, view_of(information, strlen(information)), &hash);
	add_secret("seed of BAC", view_slice(buf_view(&hash), 0, 16));
	for (use = KDF_ENC; use <= KDF_MAC; use++) {
		kdf_derive(CIPHER_3DES, 16, view_slice(buf_view(&hash), 0, 16), (enum kdf_use)use,
			   &key);
		add_secret("key of BAC", secret_view(&key));
	}
	secret_wipe(&key);
	buf_free(&hash);
}

static void
add_passport_secrets(struct card *card)
{
	struct state *state = ((struct iso *)card)->state;
	struct buf d = BUF(RSA_KEY_SIZE_MAX);
	struct eac_key ca;

	add_bac_keys("L898902C3674081221204159");
	if (eac_key_get(state, EAC_FIELD_CA_KEY, &ca) == 0)
		add_secret("key of chip authentication", secret_view(&ca.d));
	secret_wipe(&ca.d);
	if (state->sam.keys && rsa_get(key_rsa(state->sam.keys), RSA_PART_P, &d) == 0)
		add_secret("prime of active authentication",
			   view_slice(buf_view(&d), 0, SECRET_BYTES_MAX));
	buf_free(&d);
}

/* Twice: what is searched for is known once the card is there. */
static int
play_passport(const struct log *log)
{
	const char *top = getenv("top_srcdir");
	struct script s = { .name = "passport", .out = stdout };
	struct buf contents = BUF(SCRIPT_TEXT_MAX);
	struct script_target t;
	struct new_card n;
	char path[512];
	int rc = 0, i;

	snprintf(path, sizeof(path), "%s/tests/scripts/ePass-bac.json", top ? top : ".");
	if (slurp(path, &contents) < 0)
		return EXIT_FAILURE;
	buf_u8(&contents, 0);
	snprintf(path, sizeof(path), "%s/tests/scripts/ePass-bac.apdu", top ? top : ".");
	for (i = 0; rc == 0 && i < 2; i++) {
		new_card(&n, card_type_find("ePass"), (const char *)contents.p, NULL, NULL);
		if (!n.card) {
			puts(n.error);
			return EXIT_FAILURE;
		}
		n.env.log = log;
		if (i == 0)
			add_passport_secrets(n.card);
		t = script_card(n.card);
		rc = script_run_file(&s, path, &t);
		free_card(&n);
	}
	printf("%zu commands for a passport\n", s.commands);
	script_free(&s);
	buf_free(&contents);
	return rc;
}

/* --- an identity card ------------------------------------------------------------------------ */

static bool
play_npa(const char *dir, const struct log *log, struct trace *trace)
{
	char path[64], lock[72];
	bool right;

	snprintf(path, sizeof(path), "%s/npa.json", dir);
	snprintf(lock, sizeof(lock), "%s.lock", path);
	right = play_idcard(path, log, trace, add_secret);
	unlink(path);
	unlink(lock);
	return right;
}

/* A search that finds nothing must be one that would. */
static bool
finds_what_is_there(void)
{
	uint8_t *p = malloc(64);

	if (!p)
		return false;
	memset(p, 0, 64);
	memcpy(p + 16, pin, strlen(pin));
	free(p);
	if (!found || searched == 0)
		return false;
	found = NULL;
	aborting = getenv("SECRETS_ABORT");
	return true;
}

/* It has this, and no secret. */
static bool
is_clean(FILE *file, const char *what, struct view shown)
{
	struct buf text = BUF(1 << 20);
	const char *name;
	uint8_t *p;
	long n;

	fseek(file, 0, SEEK_END);
	n = ftell(file);
	rewind(file);
	p = buf_grow(&text, n > 0 ? (size_t)n : 0);
	if (!p || fread(p, 1, (size_t)n, file) != (size_t)n ||
	    !memmem(p, text.n, shown.p, shown.n)) {
		printf("FAIL: the %s does not say what it should\n", what);
		return false;
	}
	name = needle_in(p, text.n);
	printf("%ld bytes of %s\n", n, what);
	if (name)
		printf("FAIL: the %s says %s\n", what, name);
	buf_free(&text);
	return !name;
}

int
main(void)
{
#if SANITIZED
	puts("SKIP: a sanitizer has its own malloc");
	return SKIPPED;
#else
	if (under_valgrind()) {
		puts("SKIP: valgrind has its own malloc");
		return SKIPPED;
	}
#endif
	char dir[] = "/tmp/vicc-secrets-XXXXXX";
	struct script s = { .name = "session", .out = stdout };
	static const uint8_t esign[] = {
		0xa0, 0x00, 0x00, 0x01, 0x67, 0x45, 0x53, 0x49, 0x47, 0x4e
	};
	FILE *file = tmpfile(), *traced = tmpfile();
	struct trace trace;
	const struct log log = { .out = file, .level = LOG_DEBUG, .name = "vicc" };
	int rc;

	/* as vicc's main does it */
	image_wipe_memory();
	if (!crypto_wipe_memory() || !file || !traced || !mkdtemp(dir) || crypto_warm() < 0)
		return EXIT_FAILURE;
	define(&s, "pin", view_of(pin, strlen(pin)));
	define(&s, "other", view_of(other_pin, strlen(other_pin)));
	define(&s, "wrong", view_of(wrong_pin, strlen(wrong_pin)));
	define_hex(&s, "ec", ec_key);
	define_hex(&s, "ed", ed_key);
	define_hex(&s, "x", x_key);
	searching = true;
	if (!finds_what_is_there())
		rc = EXIT_FAILURE;
	else
		rc = play_all(&s, dir, &log);
	script_free(&s);
	if (rc == 0)
		rc = play_passport(&log);
	trace_init(&trace, fileno(traced), 0, false, &log);
	if (rc == 0 && !play_npa(dir, &log, &trace))
		rc = EXIT_FAILURE;
	searching = false;
	printf("%zu blocks were given back\n", searched);
	if (found)
		printf("FAIL: in one of %zu bytes was %s\n", found_in, found);
	add_idcard_sessions(add_secret);
	if (!is_clean(file, "log", view_of("RESET RETRY COUNTER", 19)) ||
	    !is_clean(traced, "trace", view_of(esign, sizeof(esign))))
		rc = EXIT_FAILURE;
	fclose(file);
	fclose(traced);
	rmdir(dir);
	return rc == 0 && !found ? EXIT_SUCCESS : EXIT_FAILURE;
}
