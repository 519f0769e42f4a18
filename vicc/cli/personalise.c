/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/personalise.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/slurp.h"
#include "cli/ask.h"
#include "cards/pkcs15/personal.h"
#include "cli/pinfile.h"

#define FILE_SIZE_MAX (1u << 20) /* bytes of keys, or of passphrases */
#define PASSPHRASE_TRIES 3       /* at the terminal */
#define PIN_TRIES 3

const char *const personalise_names[PERSONAL_SECRETS + 1] = {
	"PIN1", "PUK1", "SOPIN", "SOPUK", "GLOBALPIN", "ADMINKEY", NULL,
};

/* All that is gathered, and with what. */
struct gathering {
	const struct options *o;
	struct personal p;
	struct buf passphrases; /* --passphrase-file; lines end in NUL */
	int tty;                /* negative: not open, or there is none */
	char *error;
	size_t size;
};

/* Say what is wrong; rc. */
static int personalise_fail(struct gathering *g, int rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int
personalise_fail(struct gathering *g, int rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(g->error, g->size, fmt, ap);
	va_end(ap);
	return rc;
}

/* 0, or why there is none; asked for once. */
static int
open_terminal(struct gathering *g)
{
	if (g->tty < 0)
		g->tty = ask_open();
	return g->tty < 0 ? g->tty : 0;
}

/* --- keys and certificates --------------------------------------------------------------- */

static int
read_passphrases(struct gathering *g)
{
	const char *path = g->o->passphrase_file;
	size_t i;
	int rc = path ? slurp(path, &g->passphrases) : 0;

	if (rc < 0)
		return personalise_fail(g, rc, "--passphrase-file %s: %s", path, strerror(-rc));
	if (g->passphrases.n > 0 && g->passphrases.p[g->passphrases.n - 1] != '\n')
		buf_u8(&g->passphrases, '\n');
	if (g->passphrases.failed)
		return personalise_fail(g, -EFBIG, "--passphrase-file %s: %s", path,
					strerror(EFBIG));
	for (i = 0; i < g->passphrases.n; i++) {
		if (g->passphrases.p[i] == '\n')
			g->passphrases.p[i] = '\0';
	}
	return 0;
}

/* Where the next passphrase comes from; one is handed out, whether or not it is asked for. */
struct source {
	struct gathering *g;
	const char *file;  /* what it is for */
	struct view rest;  /* of the passphrases */
	bool asked;
	int rc;            /* why there was none */
};

static bool
next_line(struct source *from, struct secret *pass)
{
	const uint8_t *end = from->rest.n > 0 ? memchr(from->rest.p, '\0', from->rest.n) : NULL;
	struct view line;

	if (!end || !view_take(&from->rest, (size_t)(end - from->rest.p) + 1, &line))
		return false;
	line.n--;
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	/* one that is too long is none that could be asked for, either */
	return secret_set(pass, line) || next_line(from, pass);
}

static bool
ask_passphrase(void *ctx, struct secret *pass)
{
	struct source *from = ctx;
	char prompt[300];

	from->asked = true;
	if (from->g->o->passphrase_file)
		return next_line(from, pass);
	from->rc = open_terminal(from->g);
	if (from->rc < 0)
		return false;
	snprintf(prompt, sizeof(prompt), "Passphrase of %.256s: ", from->file);
	from->rc = ask_secret(prompt, pass);
	return from->rc == 0;
}

/* Whether another passphrase may be the right one. */
static bool
another(const struct source *from, unsigned tries)
{
	if (from->g->o->passphrase_file)
		return from->rest.n > 0;
	return from->rc == 0 && tries < PASSPHRASE_TRIES;
}

static int
no_passphrase(struct source *from)
{
	struct gathering *g = from->g;

	if (g->o->passphrase_file)
		return personalise_fail(g, -EACCES,
					"%s: no line of --passphrase-file %s is its passphrase",
					from->file, g->o->passphrase_file);
	if (g->tty < 0)
		return personalise_fail(g, -EACCES,
					"%s: needs a passphrase, and there is no terminal to ask at: use --passphrase-file",
					from->file);
	return personalise_fail(g, -EACCES, "%s: the passphrase is wrong", from->file);
}

static int
wrong_file(struct gathering *g, const char *path, int rc)
{
	switch (rc) {
	case -EBADMSG:
		return personalise_fail(
			g, rc, "%s: neither a key nor a certificate, as PEM, DER or PKCS#12", path);
	case -ENOTSUP:
		return personalise_fail(
			g, rc, "%s: this kind of key, curve or encryption is not supported", path);
	case -EFBIG:
		return personalise_fail(
			g, rc, "%s: more than %u keys or certificates, or one of more than 64 KB",
			path, IMPORT_MAX);
	default:
		return personalise_fail(g, rc, "%s: %s", path, strerror(-rc));
	}
}

/* Its own format, in which ssh-keygen has written keys since OpenSSH 7.8. */
static bool
is_openssh(struct view file)
{
	static const char begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----";

	return memmem(file.p, file.n, begin, sizeof(begin) - 1) != NULL;
}

static int
read_objects(struct gathering *g, const char *path, struct view file)
{
	struct source from = { .g = g, .file = path, .rest = buf_view(&g->passphrases) };
	unsigned tries = 0;
	int rc;

	do {
		rc = import_read(&g->p.from, file, ask_passphrase, &from);
	} while (rc == -EACCES && another(&from, ++tries));
	if (rc == -EACCES)
		return no_passphrase(&from);
	if (rc == -ENOTSUP && is_openssh(file))
		return personalise_fail(
			g, rc,
			"%s: a key in OpenSSH's format: convert it with ssh-keygen -p -m PEM -f %s",
			path, path);
	return rc < 0 ? wrong_file(g, path, rc) : 0;
}

static void
describe_new(const struct import_key *k, char *text, size_t size)
{
	if (k->rsa)
		snprintf(text, size, "RSA of %zu bits", rsa_size(k->rsa) * 8);
	else
		snprintf(text, size, "%s",
			 k->ec ? curve_name(ec_curve(k->ec)) : ed_name(ed_kind(k->ed)));
}

static int
check_key(struct gathering *g, const char *path, size_t n)
{
	const struct personal_type *type = g->o->type->personal;
	const struct import_key *k = &g->p.from.keys[n];
	const char *has = type->fault(k);
	unsigned place = g->p.orders[n].place;
	char what[64];

	if (!has && (!place || type->fits(k, place)))
		return 0;
	describe_new(k, what, sizeof(what));
	if (!has)
		return personalise_fail(g, -ENOTSUP, "%s: %s is of no use in place %02X", path,
					what, place);
	return personalise_fail(g, -ENOTSUP, "%s: %s: a card of type %s has a place for %s", path,
				what, g->o->type->name, has);
}

/* One certificate or more, from the first on, and none of them is the key's. */
static bool
has_other_certificate(const struct import *im, const struct import_key *k, size_t first)
{
	size_t i;

	for (i = first; i < im->n_certs; i++) {
		if (memcmp(im->certs[i].id, k->id, IMPORT_ID_SIZE) == 0)
			return false;
	}
	return im->n_certs > first;
}

/* What a file has brought must find its place. */
static int
check_keys(struct gathering *g, const char *path, unsigned place, size_t first_key,
	   size_t first_cert)
{
	bool by_place = g->o->type->personal->place != NULL;
	size_t i;
	int rc = 0;

	for (i = first_key; rc == 0 && i < g->p.from.n_keys; i++) {
		g->p.orders[i].place = place;
		rc = check_key(g, path, i);
		if (rc == 0 && by_place &&
		    has_other_certificate(&g->p.from, &g->p.from.keys[i], first_cert))
			rc = personalise_fail(g, -EINVAL, "%s: the certificate is for another key",
					      path);
	}
	return rc;
}

/* PLACE=FILE, where keys have places: what is behind it, and the place; else the text. */
static const char *
take_place(const struct gathering *g, const char *text, unsigned *place)
{
	const char *equals = strchr(text, '=');
	char name[8];

	*place = 0;
	if (!g->o->type->personal->place || !equals || (size_t)(equals - text) >= sizeof(name))
		return text;
	snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
	*place = g->o->type->personal->place(name);
	return *place ? equals + 1 : text;
}

static int
import_file(struct gathering *g, const char *text)
{
	struct buf file = BUF(FILE_SIZE_MAX);
	size_t first_key = g->p.from.n_keys, first_cert = g->p.from.n_certs;
	unsigned place;
	const char *path = take_place(g, text, &place);
	int rc = slurp(path, &file);

	rc = rc < 0 ? personalise_fail(g, rc, "--import %s: %s", path, strerror(-rc)) :
		      read_objects(g, path, buf_view(&file));
	buf_free(&file);
	return rc < 0 ? rc : check_keys(g, path, place, first_key, first_cert);
}

static int
import_files(struct gathering *g)
{
	size_t i;
	int rc = read_passphrases(g);

	for (i = 0; rc == 0 && i < g->o->n_imports; i++)
		rc = import_file(g, g->o->imports[i]);
	return rc;
}

/* --- keys that are made for the card ---------------------------------------------- */

static const struct {
	const char *name;
	size_t rsa_bits;  /* 0: another kind */
	bool ec;
	enum curve curve;
	enum ed_kind ed;
} makes[] = {
	{ "rsa1024", 1024, false, 0, 0 },
	{ "rsa2048", 2048, false, 0, 0 },
	{ "rsa3072", 3072, false, 0, 0 },
	{ "rsa4096", 4096, false, 0, 0 },
	{ "p256", 0, true, CURVE_P256, 0 },
	{ "p384", 0, true, CURVE_P384, 0 },
	{ "p521", 0, true, CURVE_P521, 0 },
	{ "secp256k1", 0, true, CURVE_K256, 0 },
	{ "brainpoolP256r1", 0, true, CURVE_BP256, 0 },
	{ "brainpoolP384r1", 0, true, CURVE_BP384, 0 },
	{ "brainpoolP512r1", 0, true, CURVE_BP512, 0 },
	{ "ed25519", 0, false, 0, ED_25519 },
	{ "x25519", 0, false, 0, ED_X25519 },
	{ "ed448", 0, false, 0, ED_448 },
	{ "x448", 0, false, 0, ED_X448 },
};
#define N_MAKES (sizeof(makes) / sizeof(*makes))

static int
make_key(struct import_key *k, size_t make)
{
	if (makes[make].rsa_bits)
		return rsa_generate(&k->rsa, makes[make].rsa_bits, view_of(NULL, 0), NULL, NULL);
	if (makes[make].ec)
		return ec_generate(&k->ec, makes[make].curve);
	return ed_generate(&k->ed, makes[make].ed);
}

static int
generate_key(struct gathering *g, const char *text)
{
	unsigned place;
	const char *name = take_place(g, text, &place);
	size_t make = 0, n = g->p.from.n_keys;
	int rc;

	while (make < N_MAKES && strcmp(makes[make].name, name) != 0)
		make++;
	if (!place || make == N_MAKES)
		return personalise_fail(
			g, -EINVAL,
			"--generate %s: neither a place nor a kind of key: as in 9A=p256", text);
	if (n == IMPORT_MAX)
		return personalise_fail(g, -EFBIG, "--generate %s: more than %u keys", text,
					IMPORT_MAX);
	rc = make_key(&g->p.from.keys[n], make);
	if (rc < 0)
		return personalise_fail(g, rc, "--generate %s: %s", text, strerror(-rc));
	/* no certificate is its: the number is one that no public key has */
	memset(g->p.from.keys[n].id, 0, IMPORT_ID_SIZE);
	g->p.orders[n] = (struct personal_order) { .place = place, .generated = true };
	g->p.from.n_keys++;
	return check_key(g, text, n);
}

static int
generate_keys(struct gathering *g)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < g->o->n_generates; i++)
		rc = generate_key(g, g->o->generates[i]);
	return rc;
}

/* --- PINs ------------------------------------------------------------------------------------- */

/* NULL: it may be this one; or else what would be right. */
static const char *
pin_fault(const struct gathering *g, enum personal_secret which, size_t n, char *text, size_t size)
{
	const struct personal_type *type = g->o->type->personal;
	unsigned min = type->secrets[which].min, max = type->secrets[which].max;

	if (n >= min && n <= max)
		return NULL;
	if (min == max)
		snprintf(text, size, "%u characters", max);
	else
		snprintf(text, size, "%u to %u characters", min, max);
	return text;
}

static int
index_of(const char *name)
{
	int i;

	for (i = 0; i < PERSONAL_SECRETS; i++) {
		if (strcmp(personalise_names[i], name) == 0)
			return i;
	}
	return -1;
}

static int
take_pin(struct gathering *g, const struct prop *pin)
{
	int which = index_of(pin->name);
	const char *want;
	char text[64];

	/* the names of a script are its own affair; NEWPIN1 is for a PIN pad, of the same file */
	if (which < 0 && (g->o->script || g->o->record || strncmp(pin->name, "NEWPIN", 6) == 0))
		return 0;
	if (which < 0 || g->o->type->personal->secrets[which].max == 0)
		return personalise_fail(g, -EINVAL, "--pin-file %s: a card of type %s has no %s",
					g->o->pin_file, g->o->type->name, pin->name);
	want = pin_fault(g, (enum personal_secret)which, pin->value.n, text, sizeof(text));
	if (want || !secret_set(&g->p.secrets[which], buf_view(&pin->value)))
		return personalise_fail(g, -EINVAL,
					"--pin-file %s: %s needs %s on a card of type %s",
					g->o->pin_file, pin->name, want, g->o->type->name);
	return 0;
}

static int
read_pins(struct gathering *g)
{
	struct props pins = { .first = NULL };
	const struct prop *pin;
	int rc = pinfile_read(&pins, g->o->pin_file, g->error, g->size);

	for (pin = pins.first; rc == 0 && pin; pin = pin->next)
		rc = take_pin(g, pin);
	props_clear(&pins);
	if (rc == 0 && g->p.secrets[PERSONAL_PIN].n == 0)
		return personalise_fail(g, -EINVAL, "--pin-file %s: there is no PIN1",
					g->o->pin_file);
	if (rc == 0 && g->p.secrets[PERSONAL_SO_PUK].n > 0 && g->p.secrets[PERSONAL_SO_PIN].n == 0)
		return personalise_fail(g, -EINVAL, "--pin-file %s: a SOPUK without SOPIN",
					g->o->pin_file);
	return rc;
}

static const char *const questions[PERSONAL_SECRETS] = {
	"PIN", "PUK, or nothing", "PIN of the security officer, or nothing",
	"PUK of the security officer, or nothing", /* the others are asked of no one */
};

/* 1: not that way, ask again. */
static int
ask_twice(struct gathering *g, enum personal_secret which)
{
	struct secret *pin = &g->p.secrets[which], again = { .n = 0 };
	char prompt[128], text[64];
	const char *want;
	int rc;

	snprintf(prompt, sizeof(prompt), "%s: ", questions[which]);
	rc = ask_secret(prompt, pin);
	if (rc == 0 && pin->n == 0 && which != PERSONAL_PIN)
		return 0;
	want = pin_fault(g, which, rc == -EMSGSIZE ? SECRET_MAX + 1 : pin->n, text, sizeof(text));
	if (want && (rc == 0 || rc == -EMSGSIZE)) {
		snprintf(prompt, sizeof(prompt), "It has %s.", want);
		ask_write(g->tty, prompt);
		return 1;
	}
	if (rc == 0)
		rc = ask_secret("The same again: ", &again);
	if (rc == -EMSGSIZE || (rc == 0 && !secret_equal(secret_view(pin), secret_view(&again)))) {
		ask_write(g->tty, "That was not the same.");
		rc = 1;
	}
	secret_wipe(&again);
	return rc;
}

static int
ask_pin(struct gathering *g, enum personal_secret which)
{
	unsigned tries = 0;
	int rc;

	do {
		rc = ask_twice(g, which);
	} while (rc == 1 && ++tries < PIN_TRIES);
	if (rc == 0)
		return 0;
	return personalise_fail(g, rc < 0 ? rc : -EINVAL, "no %s was given: use --pin-file",
				personalise_names[which]);
}

static int
ask_pins(struct gathering *g)
{
	const struct personal_type *type = g->o->type->personal;
	int i, rc = open_terminal(g);

	if (rc < 0)
		return personalise_fail(
			g, rc,
			"a new card needs a PIN, and there is no terminal to ask at: use --pin-file");
	for (i = 0; rc == 0 && i < PERSONAL_SECRETS; i++) {
		if (i == PERSONAL_SO_PUK && g->p.secrets[PERSONAL_SO_PIN].n == 0)
			continue;
		if (type->secrets[i].max > 0 && questions[i])
			rc = ask_pin(g, (enum personal_secret)i);
	}
	return rc;
}

/* --- the rest --------------------------------------------------------------------- */

/* What fits, and no part of a character. */
static void
set_text(char text[PERSONAL_LABEL_SIZE], const char *from)
{
	size_t n = strlen(from);

	if (n >= PERSONAL_LABEL_SIZE) {
		for (n = PERSONAL_LABEL_SIZE - 1; n > 0 && ((uint8_t)from[n] & 0xc0) == 0x80; n--)
			;
	}
	memcpy(text, from, n);
	text[n] = '\0';
}

/* As it was chosen, or else what the first certificate is called. */
static void
choose_label(struct gathering *g)
{
	const struct import *im = &g->p.from;

	if (g->o->label)
		set_text(g->p.label, g->o->label);
	else if (im->n_certs > 0 && *im->certs[0].name)
		set_text(g->p.label, im->certs[0].name);
	else
		set_text(g->p.label, g->o->type->name);
}

static bool
set_time(struct personal *p)
{
	time_t now = time(NULL);
	struct tm tm;

	return gmtime_r(&now, &tm) && strftime(p->time, sizeof(p->time), "%Y%m%d%H%M%SZ", &tm) > 0;
}

static int
gather(struct gathering *g)
{
	const struct personal_type *type = g->o->type->personal;
	const char *why = NULL;
	int rc = import_files(g);

	if (rc == 0)
		rc = generate_keys(g);
	if (rc == 0)
		rc = g->o->pin_file ? read_pins(g) : ask_pins(g);
	if (rc == 0 && type->refuse)
		why = type->refuse(&g->p);
	if (why)
		rc = personalise_fail(g, -EINVAL, "--import: %s", why);
	choose_label(g);
	if (g->o->subject)
		set_text(g->p.subject, g->o->subject);
	if (rc == 0 && !set_time(&g->p))
		return personalise_fail(g, -EOVERFLOW, "the clock of this machine is wrong");
	return rc;
}

static bool
has_key(const struct import *im, const struct import_cert *cert)
{
	size_t i;

	for (i = 0; i < im->n_keys && memcmp(im->keys[i].id, cert->id, IMPORT_ID_SIZE) != 0; i++)
		;
	return i < im->n_keys;
}

/* Where keys have places, a certificate lies beside its key: an issuer's has no place. */
static void
say_left_out(const struct gathering *g, const struct log *log)
{
	const struct import *im = &g->p.from;
	size_t i;

	for (i = 0; g->o->type->personal->place && i < im->n_certs; i++) {
		if (!has_key(im, &im->certs[i]))
			log_notice(
				log,
				"--import: the certificate of \"%s\" is of none of the keys: left out",
				im->certs[i].name);
	}
}

int
personalise(const struct options *o, struct state *s, const struct log *log, char *error,
	    size_t size)
{
	struct gathering g = {
		.o = o, .passphrases = BUF(FILE_SIZE_MAX), .tty = -1, .error = error, .size = size,
	};
	int rc = gather(&g);
	sw_t sw = SW_OK;
	size_t i;

	if (rc == 0) {
		say_left_out(&g, log);
		sw = o->type->personal->personalise(s, &g.p);
	}
	if (sw == SW_FILE_EXISTS)
		rc = personalise_fail(&g, -EEXIST, "two keys are for the same place");
	else if (sw != SW_OK)
		rc = personalise_fail(
			&g, -ENOMEM,
			"the card has too little memory for all keys and certificates");
	import_free(&g.p.from);
	for (i = 0; i < PERSONAL_SECRETS; i++)
		secret_wipe(&g.p.secrets[i]);
	buf_free(&g.passphrases);
	ask_close(g.tty);
	return rc;
}
