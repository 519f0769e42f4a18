/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A full session with PINs and keys that are known; every block that anybody gives
 * back to malloc, libcrypto and jansson included, is searched for them: as bytes,
 * as libcrypto keeps numbers, in hexadecimal. And so is the log.
 */
#include <malloc.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "iso/iso.h"
#include "crypto/memory.h"
#include "crypto/rand.h"
#include "session.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#define SECRETS_MAX 16
#define SECRET_BYTES_MAX 64
#define SKIPPED 77

/* --- what is searched for ------------------------------------------------------------ */

struct needle {
	char name[32];
	uint8_t bytes[2 * SECRET_BYTES_MAX];
	size_t n;
};

static struct needle needles[4 * SECRETS_MAX];
static size_t n_needles, searched;
static bool searching, aborting;
static const char *found; /* the first that was */
static size_t found_in;   /* and how large the block was */

static void
add_needle(const char *name, const char *form, const void *p, size_t n)
{
	struct needle *x = &needles[n_needles++];

	snprintf(x->name, sizeof(x->name), "%s, %s", name, form);
	memcpy(x->bytes, p, n);
	x->n = n;
}

static void
add_secret(const char *name, struct view v)
{
	static const char *const digits[] = { "0123456789ABCDEF", "0123456789abcdef" };
	uint8_t backwards[SECRET_BYTES_MAX];
	char hex[2 * SECRET_BYTES_MAX];
	size_t i, form;

	for (i = 0; i < v.n; i++)
		backwards[v.n - 1 - i] = v.p[i];
	add_needle(name, "as it is", v.p, v.n);
	add_needle(name, "backwards", backwards, v.n);
	for (form = 0; form < 2; form++) {
		for (i = 0; i < v.n; i++) {
			hex[2 * i] = digits[form][v.p[i] >> 4];
			hex[2 * i + 1] = digits[form][v.p[i] & 15];
		}
		add_needle(name, form ? "in small digits" : "in digits", hex, 2 * v.n);
	}
}

static const char *
search(const void *p, size_t n)
{
	size_t i;

	for (i = 0; i < n_needles; i++) {
		if (memmem(p, n, needles[i].bytes, needles[i].n))
			return needles[i].name;
	}
	return NULL;
}

/* --- who gives memory back ------------------------------------------------------------ */

#ifndef SANITIZED
extern void __libc_free(void *p);

/* There malloc is another's, and what it gave must not go to libc. */
static bool
under_valgrind(void)
{
	const char *preloaded = getenv("LD_PRELOAD");

	return preloaded && strstr(preloaded, "vgpreload");
}

static void
let_go(void *p)
{
	size_t n = malloc_usable_size(p);
	const char *name = searching && !found ? search(p, n) : NULL;

	searched++;
	if (name) {
		found = name;
		found_in = n;
		if (aborting) /* for a debugger: SECRETS_ABORT */
			abort();
	}
	if (!under_valgrind())
		__libc_free(p);
}

/* In the place of libc's, also for the libraries. */
void
free(void *p)
{
	if (p)
		let_go(p);
}

void *
realloc(void *p, size_t n)
{
	size_t old = p ? malloc_usable_size(p) : 0;
	void *moved;

	if (p && n > 0 && n <= old)
		return p;
	moved = n > 0 || !p ? malloc(n) : NULL;
	if (p && moved)
		memcpy(moved, p, old);
	if (p && (moved || n == 0))
		let_go(p);
	return moved;
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
play(struct script *s, const char *path, const struct log *log)
{
	struct new_card n;
	struct script_target t;
	int rc;

	new_card(&n, card_type_find("iso7816"), NULL, path, NULL);
	if (!n.card) {
		puts(n.error);
		return EXIT_FAILURE;
	}
	n.env.log = log;
	add_card_secrets(n.card);
	t = script_card(n.card);
	rc = script_run(s, view_of(session, sizeof(session) - 1), &t);
	free_card(&n);
	/* once more from disk, and a commit that is reverted would read it, too */
	new_card(&n, card_type_find("iso7816"), NULL, path, NULL);
	if (rc == 0 && n.card) {
		n.env.log = log;
		t = script_card(n.card);
		rc = script_run(s, view_of("> 00 20 00 01 ($other)\n< 9000\n", 30), &t);
	}
	free_card(&n);
	return rc;
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

static bool
log_is_clean(FILE *log)
{
	struct buf text = BUF(1 << 20);
	const char *name;
	uint8_t *p;
	long n;

	fflush(log);
	n = ftell(log);
	rewind(log);
	p = buf_grow(&text, n > 0 ? (size_t)n : 0);
	if (!p || fread(p, 1, (size_t)n, log) != (size_t)n || n == 0) {
		puts("FAIL: the log says nothing");
		return false;
	}
	name = search(p, text.n);
	printf("%ld bytes of log\n", n);
	if (name)
		printf("FAIL: the log says %s\n", name);
	buf_free(&text);
	return !name;
}

int
main(void)
{
#ifdef SANITIZED
	puts("SKIP: a sanitizer has its own malloc");
	return SKIPPED;
#else
	if (under_valgrind()) {
		puts("SKIP: valgrind has its own malloc");
		return SKIPPED;
	}
#endif
	char dir[] = "/tmp/vicc-secrets-XXXXXX", path[64], lock[72];
	struct script s = { .name = "session", .out = stdout };
	FILE *file = tmpfile();
	const struct log log = { .out = file, .level = LOG_DEBUG, .name = "vicc" };
	int rc;

	/* as vicc's main does it */
	image_wipe_memory();
	if (!crypto_wipe_memory() || !file || !mkdtemp(dir) || crypto_warm() < 0)
		return EXIT_FAILURE;
	snprintf(path, sizeof(path), "%s/card.json", dir);
	snprintf(lock, sizeof(lock), "%s.lock", path);
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
		rc = play(&s, path, &log);
	script_free(&s);
	searching = false;
	printf("%zu blocks were given back\n", searched);
	if (found)
		printf("FAIL: in one of %zu bytes was %s\n", found_in, found);
	if (!log_is_clean(file))
		rc = EXIT_FAILURE;
	fclose(file);
	unlink(path);
	unlink(lock);
	rmdir(dir);
	return rc == 0 && !found ? EXIT_SUCCESS : EXIT_FAILURE;
}
