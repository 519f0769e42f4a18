/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/personalise.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "cards/contents.h"
#include "cards/pkcs15/personal.h"
#include "image/image.h"
#include "image/text.h"
#include "known.h"
#include "tty.h"
#include "support.h"

/* A key, the same behind the passphrase "open sesame", and its certificate. */
static const char key[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0OuGcvEOsYW48BPB\n"
	"K7FeW5x9CG3DsH9E88B+WUcJQjehRANCAAT8xHhJO/VuNGXWK0dOxNTu1oGltaZK\n"
	"qGLfnTzRsjzxobd28cwJHGhqUflmBGgzwpkayx44eIMmIKCJNrwr/TnI\n"
	"-----END PRIVATE KEY-----\n";
static const char sealed[] =
	"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
	"MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhNayVkfGj3BgICA+gw\n"
	"DAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEMIAHPkUvD2xAAvzcENXNXgEgZA5\n"
	"l4CbcDA6g9YwwneXot353mEZGtNwVH6VV2Ltv7zv6pOjNLG4bdy56rh4sQy4VF5P\n"
	"+TF1yjmL6JB1vH86Ie1Rtm+pwoX7PYuLxuzC8Ip2pVPbDKiqRBzjNn/LhEZTWGTC\n"
	"ZXvrDNqS5uIyhC/SDFaRDHoorFPeErh324t4arl7xxN9gMVZuwhWQekJO4gL3hI=\n"
	"-----END ENCRYPTED PRIVATE KEY-----\n";
static const char cert[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBfjCCASWgAwIBAgIULF2WN6BDXVlvDPMh/btws9Vy1xEwCgYIKoZIzj0EAwIw\n"
	"FDESMBAGA1UEAwwJU29tZSBCb2R5MCAXDTI2MTEyNTA0MDEwM1oYDzIxMjYxMTAx\n"
	"MDQwMTAzWjAUMRIwEAYDVQQDDAlTb21lIEJvZHkwWTATBgcqhkjOPQIBBggqhkjO\n"
	"PQMBBwNCAAT8xHhJO/VuNGXWK0dOxNTu1oGltaZKqGLfnTzRsjzxobd28cwJHGhq\n"
	"UflmBGgzwpkayx44eIMmIKCJNrwr/TnIo1MwUTAdBgNVHQ4EFgQUFS/qL8mtQuig\n"
	"UJGdgEl25/sJ4aYwHwYDVR0jBBgwFoAUFS/qL8mtQuigUJGdgEl25/sJ4aYwDwYD\n"
	"VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBDIUS6jUywYj9uEdtVvswP\n"
	"L7nW4Fc/8b84zTGDgW70SAIgN8apu5Fr/6xSA2uHBJaf037yqVhMT8hRMCozFd4F\n"
	"kPo=\n"
	"-----END CERTIFICATE-----\n";
static const char other[] = "-----BEGIN PRIVATE KEY-----\n"
			    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMcoGidHPFLj6BGrh\n"
			    "7aAbiSXjMEmF13dnccsACVS7vuyhRANCAAQDUgu/yt+69fPaLjgTZRlnF6HOH6jt\n"
			    "t2ICrnpuVCbkQ11mAGDLvlQNkSOEniUiBLIenmu8l5j/9wiKAICCw6AV\n"
			    "-----END PRIVATE KEY-----\n";
static const char brainpool[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIHsAgEAMBQGByqGSM49AgEGCSskAwMCCAEBDQSB0DCBzQIBAQRAlFcUaBZ+lJPq\n"
	"+KcSasvY+22Ew+94vnelMs4efzUN6t5caQ3z5AYtnkl9pn2HfFt/kjKt4MpA6Wnj\n"
	"b0LB+3rGuqGBhQOBggAEZhSfooJG/Bz8c8qVQjmCv6mSuQkszdfnmVw1sN816AA+\n"
	"xVH71V1Onsx+VHBeyzIj1HhLh1nKsYgu3QkzP+vQZp9VdDLBBXcs+OKwke0hyIer\n"
	"GUHlx4oh1tzdNfrKYJiQlUTs9Wh1CeDTwKs2ZPoFfpN02NvqmL0berzMx5zbwgw=\n"
	"-----END PRIVATE KEY-----\n";

static const char ed448[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MEcCAQAwBQYDK2VxBDsEOYQGC64ICT8qbum4aXRN7jOnh8TXI4FhmP+U4CyoehSb\n"
	"+9SUrE3PFuFlKgSvmCq1Wd/sEGIipyLMFQ==\n"
	"-----END PRIVATE KEY-----\n";
/* prime239v1, which no card has */
static const char p239[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIGBAgEAMBMGByqGSM49AgEGCCqGSM49AwEEBGcwZQIBAQQeHd7i3HL12CU0Wd6Q\n"
	"JRjvyco1hUT2jSB51D0p/+JHoUADPgAEdSL38en/9pJK8MAksnj0SVoJ856ZuKR5\n"
	"4yIJiRcPJbQ4jPjzxbux6oCy7tOcsOqdYM+jyZ+UReHdkAdV\n"
	"-----END PRIVATE KEY-----\n";
static const char rsa512[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEAAkEA18fTz1w+tfBejq05\n"
	"EGIAudoJUQsPYpSM4Mv/s3KnSFPvxSVUpOhohLVKBVCQ7ydGJ8wz6OGl+xYacHFO\n"
	"7Op7twIDAQABAkAM/tjv1SNlu7tGJoKYTP60MsB65AqiKkYtx7t3qEEQ5vjWqb2h\n"
	"723nLtNtytf7jZU3pYbqKgVmtrnjBgC8LjUpAiEA/Xxx5mU762uvkA8x2052uiqM\n"
	"ZEb9PpaK93mPiY/gIIMCIQDZ66esBBBh8mI9tzBNDHMCmikjg/8GQCYtKd5ZXFSp\n"
	"vQIhAOAYLlGy2aAs2U6QQFFTMp8ukmLsZ2H3kO9rpjvE2C2lAiB9fp0fjXOVxEzY\n"
	"957EMDAnRnn8bu41Pkn95keatHY5DQIgdequ2Ypfxs64TfuIfuAxh7DivoJV40SH\n"
	"4JTzGaAwAl0=\n"
	"-----END PRIVATE KEY-----\n";

#define PINS "PIN1=314159\n"

static char dir[] = "/tmp/vicc-personalise-XXXXXX";
static struct state *state;
static struct options o;
static char error[512];
static FILE *logged_to;
static struct log logged;

static const char *
in_dir(const char *name)
{
	static char paths[8][64];
	static unsigned next;
	char *path = paths[next++ % 8];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

static const char *
spill(const char *name, const char *text)
{
	const char *path = in_dir(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return path;
}

static void
setup(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	o = (struct options) { .type = card_type_find("myeid") };
	state = state_new();
	error[0] = '\0';
	logged_to = tmpfile();
	ck_assert_ptr_nonnull(logged_to);
	logged = (struct log) { .out = logged_to, .level = LOG_NOTICE };
}

static void
teardown(void)
{
	static const char *const names[] = { "key",  "sealed",  "cert", "brainpool",
					     "pins", "phrases", "big" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		unlink(in_dir(names[i]));
	rmdir(dir);
	fclose(logged_to);
	state_free(state);
}

static bool
has_said(const char *words)
{
	static char text[4096];
	ssize_t n = pread(fileno(logged_to), text, sizeof(text) - 1, 0);

	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	return strstr(text, words) != NULL;
}

static void
import(const char *name, const char *text)
{
	o.imports[o.n_imports++] = spill(name, text);
}

static int
try(void)
{
	return personalise(&o, state, &logged, error, sizeof(error));
}

static void
good(void)
{
	ck_assert_msg(try() == 0, "%s", error);
}

/* Refused, with these words, and without a secret. */
static void
refused(const char *says)
{
	ck_assert_int_lt(try(), 0);
	ck_assert_msg(strstr(error, says), "\"%s\", not \"%s\"", error, says);
	ck_assert_ptr_null(strchr(error, '\n'));
	ck_assert_ptr_null(strstr(error, "31415"));
	ck_assert_ptr_null(strstr(error, "sesame"));
}

static struct view
contents(uint16_t fid)
{
	struct file *app = fs_child(state->fs.mf, PERSONAL_FID_APPLICATION), *f;

	ck_assert_ptr_nonnull(app);
	f = fs_child(app, fid);
	ck_assert_ptr_nonnull(f);
	return buf_view(&f->contents);
}

static bool
holds(struct view v, const char *text)
{
	return memmem(v.p, v.n, text, strlen(text)) != NULL;
}

/* --- with all that it wants ------------------------------------------------------------- */

START_TEST(a_key_and_its_certificate)
{
	struct sam_pin *pin;

	import("key", key);
	import("cert", cert);
	o.pin_file = spill("pins", PINS "PUK1=27182818\n");
	o.label = "A label";
	good();
	ck_assert(holds(contents(0x5032), "A label"));
	ck_assert(holds(contents(0x5032), "\x18\x0f" "20"));
	ck_assert(holds(contents(0x4402), "Some Body"));
	ck_assert(holds(contents(0x4403), "Some Body"));
	ck_assert_uint_eq(contents(0x4301).n, 0x182);
	pin = sam_pin_find(&state->sam, 0, 1);
	ck_assert_ptr_nonnull(pin);
	ck_assert_view(secret_view(&pin->code.value), known("3331 3431 3539 FFFF"));
	ck_assert_view(secret_view(&pin->puk.value), said("27182818"));
}
END_TEST

/* What it is called by itself; and what is too long is cut between two characters. */
START_TEST(labels)
{
	import("key", key);
	o.pin_file = spill("pins", PINS);
	good();
	ck_assert(holds(contents(0x5032), "\x80\x05" "myeid"));
	state_free(state);
	state = state_new();
	import("cert", cert);
	good();
	ck_assert(holds(contents(0x5032), "\x80\x09" "Some Body"));
	state_free(state);
	state = state_new();
	o.label = "123456789 123456789 123456789 123456789 123456789 123456789 123\xc3\xa9";
	good();
	ck_assert(holds(contents(0x5032), "\x80\x3f" "123456789 "));
}
END_TEST

/* One line of them is the right one; without a newline at the end, and with another computer's. */
START_TEST(passphrases)
{
	static const char *const files[] = {
		"open sesame\n", "wrong\n\nopen sesame", "open sesame\r\nwrong\r\n",
		"1234567890123456789012345678901234567890123456789012345678901234567890\nopen sesame\n",
	};

	import("sealed", sealed);
	o.pin_file = spill("pins", PINS);
	o.passphrase_file = spill("phrases", files[_i]);
	good();
	ck_assert(holds(contents(0x4402), "Key 1"));
}
END_TEST

/* A script has names of its own in there. */
START_TEST(other_names)
{
	import("key", key);
	o.pin_file = spill("pins", PINS "MINE=1\n");
	refused("a card of type myeid has no MINE");
	o.script = "script";
	good();
}
END_TEST

/* --- refusals --------------------------------------------------------------------- */

static const struct {
	const char *type, *name, *text, *pins, *says;
} wrong[] = {
	{ "myeid", "key", "nothing of it", PINS, "key: neither a key nor a certificate" },
	{ "myeid", "key", "", PINS, "key: neither a key nor a certificate" },
	{ "myeid", "brainpool", brainpool, PINS,
	  "brainpool: brainpoolP512r1: a card of type myeid has a place for" },
	{ "isoapplet", "brainpool", brainpool, PINS, "a card of type isoapplet has a place for" },
	{ "isoapplet", "key", rsa512, PINS,
	  "key: RSA of 512 bits: a card of type isoapplet has a place for" },
	{ "myeid", "key", ed448, PINS, "key: Ed448: a card of type myeid has a place for" },
	{ "myeid", "key", p239, PINS,
	  "key: this kind of key, curve or encryption is not supported" },
	{ "myeid", "key", key, "", "there is no PIN1" },
	{ "myeid", "key", key, "PUK1=31415926\n", "there is no PIN1" },
	{ "myeid", "key", key, "PIN1=314\n", "PIN1 needs 4 to 8 characters" },
	{ "myeid", "key", key, "PIN1=314159265\n", "PIN1 needs 4 to 8 characters" },
	{ "isoapplet", "key", key, PINS "PUK1=314159\n",
	  "PUK1 needs 16 characters on a card of type isoapplet" },
	{ "isoapplet", "key", key, PINS "SOPIN=314159\n", "a card of type isoapplet has no SOPIN" },
	{ "myeid", "key", key, PINS "SOPUK=314159\n", "a SOPUK without SOPIN" },
	{ "myeid", "key", key, PINS "PIN2=314159\n", "has no PIN2" },
	{ "myeid", "key", key, "PIN1 314159\n", "expected NAME=VALUE" },
};

START_TEST(is_refused)
{
	o.type = card_type_find(wrong[_i].type);
	import(wrong[_i].name, wrong[_i].text);
	o.pin_file = spill("pins", wrong[_i].pins);
	refused(wrong[_i].says);
}
END_TEST

/* Where keys have places: of no use there, of another certificate, twice, too many. */
START_TEST(places_refused)
{
	char text[128], both[sizeof(other) + sizeof(cert)];
	struct image_text t;
	size_t i;

	o.type = card_type_find("piv");
	o.pin_file = spill("pins", PINS);
	snprintf(text, sizeof(text), "9A=%s", spill("brainpool", brainpool));
	o.imports[o.n_imports++] = text;
	refused("brainpool: brainpoolP512r1: a card of type piv has a place for");
	snprintf(both, sizeof(both), "%s%s", other, cert);
	snprintf(text, sizeof(text), "9A=%s", spill("key", both));
	refused("key: the certificate is for another key");
	o.n_imports = 0;
	o.generates[o.n_generates++] = "9D=ed25519";
	refused("9D=ed25519: Ed25519 is of no use in place 9D");
	o.generates[0] = "9A=p256";
	o.generates[o.n_generates++] = "9A=ed25519";
	ck_assert_int_eq(image_text_read(&t, view_of(contents_piv, strlen(contents_piv)), "piv",
					 NULL, error, sizeof(error)),
			 0);
	state_free(state);
	state = t.state;
	t.state = NULL;
	image_text_free(&t);
	refused("two keys are for the same place");
	for (i = 0; i < 2; i++) {
		o.generates[0] = i ? "9A=p255" : "9B=p256";
		refused("neither a place nor a kind of key: as in 9A=p256");
	}
	for (o.n_generates = 0; o.n_generates < OPTIONS_IMPORTS_MAX; o.n_generates++)
		o.generates[o.n_generates] = "9A=p256";
	o.imports[o.n_imports++] = spill("key", key);
	refused("more than");
}
END_TEST

START_TEST(no_such_file)
{
	o.pin_file = spill("pins", PINS);
	o.imports[0] = "/nowhere/key";
	o.n_imports = 1;
	refused("--import /nowhere/key: No such file");
	o.n_imports = 0;
	import("key", key);
	o.passphrase_file = "/nowhere/phrases";
	refused("--passphrase-file /nowhere/phrases: No such file");
	o.passphrase_file = NULL;
	o.pin_file = "/nowhere/pins";
	refused("--pin-file /nowhere/pins: No such file");
	o.pin_file = spill("pins", PINS);
	o.imports[0] = dir;
	refused(dir);
}
END_TEST

START_TEST(too_large)
{
	o.pin_file = spill("pins", PINS);
	import("big", "");
	ck_assert_int_eq(truncate(o.imports[0], (1 << 20) + 1), 0);
	refused("File too large");
	o.n_imports = 0;
	import("key", key);
	o.passphrase_file = in_dir("big");
	refused("File too large");
}
END_TEST

START_TEST(too_many)
{
	struct buf all = BUF(32768);
	unsigned i;

	for (i = 0; i < 17; i++)
		buf_put(&all, cert, strlen(cert));
	buf_u8(&all, 0);
	o.pin_file = spill("pins", PINS);
	import("big", (const char *)all.p);
	refused("big: more than 16 keys or certificates");
	buf_free(&all);
}
END_TEST

/* A last line without an end, which there is no room for. */
START_TEST(just_too_large)
{
	o.pin_file = spill("pins", PINS);
	import("key", key);
	o.passphrase_file = spill("big", "");
	ck_assert_int_eq(truncate(o.passphrase_file, 1 << 20), 0);
	refused("File too large");
}
END_TEST

START_TEST(no_room_on_the_card)
{
	o.pin_file = spill("pins", PINS);
	import("key", key);
	state->fs.quota = 64;
	refused("the card has too little memory for all keys and certificates");
}
END_TEST

START_TEST(no_right_passphrase)
{
	import("sealed", sealed);
	o.pin_file = spill("pins", PINS);
	o.passphrase_file = spill("phrases", "open\nsesame\n");
	refused("sealed: no line of --passphrase-file");
	o.passphrase_file = spill("phrases", "");
	refused("sealed: no line of --passphrase-file");
}
END_TEST

/* --- at the terminal -------------------------------------------------------------- */

static char seen[8192];

static int
work(void *ctx)
{
	int rc = try();

	(void)ctx;
	dprintf(2, "%s\n", error);
	if (rc < 0)
		return 1;
	return sam_pin_find(&state->sam, 0, 3)                    ? 3
	       : sam_pin_find(&state->sam, 0, 1)->puk.value.n > 0 ? 2
								  : 0;
}

static int
typed(const char *const *lines)
{
	int rc = at_terminal(work, NULL, lines, seen, sizeof(seen));

	ck_assert_ptr_null(strstr(seen, "31415"));
	ck_assert_ptr_null(strstr(seen, "sesame"));
	return rc;
}

#define TYPED(...) typed((const char *const[]) { __VA_ARGS__, NULL })

START_TEST(pins_are_asked_for)
{
	import("key", key);
	ck_assert_int_eq(TYPED("314159\n", "314159\n", "\n", "\n"), 0);
	ck_assert_int_eq(TYPED("314159\n", "314159\n", "31415926\n", "31415926\n", "\n"), 2);
	ck_assert_int_eq(TYPED("314159\n", "314159\n", "\n", "314150\n", "314150\n", "\n"), 3);
	/* too short, too long, not the same: three times is enough */
	ck_assert_int_eq(TYPED("314\n", "314159\n", "314158\n", "314159\n", "314159\n", "\n", "\n"),
			 0);
	ck_assert_ptr_nonnull(strstr(seen, "It has 4 to 8 characters."));
	ck_assert_ptr_nonnull(strstr(seen, "That was not the same."));
	ck_assert_int_eq(TYPED("314\n", "\n", "314159265\n"), 1);
	ck_assert_ptr_nonnull(strstr(seen, "no PIN1 was given"));
	ck_assert_int_eq(TYPED("\x04", "\x04", "\x04"), 1);
	o.type = card_type_find("isoapplet");
	ck_assert_int_eq(TYPED("314159\n", "314159\n", "\n"), 0);
}
END_TEST

START_TEST(passphrases_are_asked_for)
{
	import("sealed", sealed);
	o.pin_file = spill("pins", PINS);
	ck_assert_int_eq(TYPED("open sesame\n"), 0);
	ck_assert_ptr_nonnull(strstr(seen, "Passphrase of "));
	ck_assert_int_eq(TYPED("sesame\n", "\n", "open sesame\n"), 0);
	ck_assert_int_eq(TYPED("sesame\n", "\n", "sesame\n"), 1);
	ck_assert_ptr_nonnull(strstr(seen, "the passphrase is wrong"));
	ck_assert_int_eq(TYPED("\x04", "\x04", "\x04"), 1);
}
END_TEST

static int
without_terminal(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		setsid();
		_exit(try() < 0 && strstr(error, "no terminal to ask at") ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

START_TEST(nobody_to_ask)
{
	import("key", key);
	ck_assert_int_eq(without_terminal(), 0);
	o.n_imports = 0;
	import("sealed", sealed);
	o.pin_file = spill("pins", PINS);
	ck_assert_int_eq(without_terminal(), 0);
}
END_TEST

/* Of a new card of this type, instead of an empty one. */
static void
new_contents(const char *type)
{
	struct image_config cfg = { .type = type };
	struct image *image;

	o.type = card_type_find(type);
	cfg.contents = o.type->contents;
	state_free(state);
	ck_assert_int_eq(image_open(&image, &state, &cfg, error, sizeof(error)), 0);
	image_free(image);
}

/* Where each key has a place, one of an issuer has none; elsewhere it is kept. */
START_TEST(certificates_of_no_key)
{
	static const struct {
		const char *type, *make;
		bool left_out;
	} rows[] = {
		{ "cac", "00=rsa1024", true },
		{ "piv", "9A=p256", true },
		{ "openpgp", "sig=p256", true },
		{ "myeid", NULL, false },
	};

	new_contents(rows[_i].type);
	import("cert", cert);
	if (rows[_i].make)
		o.generates[o.n_generates++] = rows[_i].make;
	else
		import("key", other);
	o.pin_file = spill("pins", "PIN1=314159\n");
	good();
	ck_assert(has_said("the certificate of \"Some Body\" is of none of the keys: left out") ==
		  rows[_i].left_out);
}
END_TEST

START_TEST(certificates_of_a_key)
{
	new_contents("piv");
	import("key", key);
	import("cert", cert);
	o.pin_file = spill("pins", PINS);
	good();
	ck_assert(!has_said("left out"));
}
END_TEST

static const struct {
	const char *type, *place;
	const char *kinds[16];
} kinds[] = {
	{ "openpgp",
	  "sig",
	  { "rsa2048", "p256", "p384", "p521", "secp256k1", "brainpoolP256r1", "brainpoolP384r1",
	    "brainpoolP512r1", "ed25519", "ed448" } },
	{ "openpgp", "dec", { "p521", "brainpoolP512r1", "x25519", "x448" } },
	{ "token", "aut", { "p521", "ed448" } },
	{ "token", "9D", { "p384", "x25519" } },
};
#define N_KINDS (sizeof(kinds) / sizeof(*kinds))

START_TEST(kinds_of_keys)
{
	size_t i;
	char text[64];

	for (i = 0; kinds[_i].kinds[i]; i++) {
		new_contents(kinds[_i].type);
		snprintf(text, sizeof(text), "%s=%s", kinds[_i].place, kinds[_i].kinds[i]);
		o.generates[0] = text;
		o.n_generates = 1;
		o.pin_file = spill("pins", "PIN1=314159\n");
		good();
	}
}
END_TEST

/* What one application of a token has, and the other has not. */
START_TEST(places_of_a_token)
{
	static const char *const wrong_ones[] = { "9A=p521", "9D=ed25519", "sig=x25519",
						  "dec=ed448", "aut=rsa1024" };
	size_t i;
	char text[128];

	new_contents("token");
	o.pin_file = spill("pins", "PIN1=314159\nPUK1=31415926\nSOPIN=3141592653\n");
	o.n_generates = 1;
	for (i = 0; i < sizeof(wrong_ones) / sizeof(*wrong_ones); i++) {
		o.generates[0] = wrong_ones[i];
		refused("is of no use in place");
	}
	o.n_generates = 0;
	import("brainpool", brainpool);
	refused("a key without a place goes to PIV");
	snprintf(text, sizeof(text), "aut=%s", spill("brainpool", brainpool));
	o.imports[0] = text;
	good();
	o.pin_file = spill("pins", "PIN1=314159265\n");
	refused("PIN1 needs 6 to 8 characters");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("personalise");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_key_and_its_certificate);
	tcase_add_test(tc, labels);
	tcase_add_loop_test(tc, passphrases, 0, 4);
	tcase_add_test(tc, other_names);
	tcase_add_loop_test(tc, is_refused, 0, (int)(sizeof(wrong) / sizeof(*wrong)));
	tcase_add_test(tc, places_refused);
	tcase_add_test(tc, no_such_file);
	tcase_add_test(tc, too_large);
	tcase_add_test(tc, too_many);
	tcase_add_test(tc, just_too_large);
	tcase_add_test(tc, no_room_on_the_card);
	tcase_add_test(tc, no_right_passphrase);
	tcase_add_test(tc, pins_are_asked_for);
	tcase_add_test(tc, passphrases_are_asked_for);
	tcase_add_test(tc, nobody_to_ask);
	tcase_add_loop_test(tc, kinds_of_keys, 0, (int)N_KINDS);
	tcase_add_test(tc, places_of_a_token);
	tcase_add_loop_test(tc, certificates_of_no_key, 0, 4);
	tcase_add_test(tc, certificates_of_a_key);
	return run("personalise", tc);
}
