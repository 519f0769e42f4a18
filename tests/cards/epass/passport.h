/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Passports as vicc makes them out of options, and a terminal that reads them. */
#ifndef TESTS_CARDS_EPASS_PASSPORT_H
#define TESTS_CARDS_EPASS_PASSPORT_H

#include "../eac/terminal.h"
#include "cards/eac/eac.h"
#include "cards/eac/lds.h"
#include "cards/epass/epass.h"
#include "codec/tlv.h"
#include "image/image.h"
#include "known.h"
#include "model/field.h"
#include "model/key.h"

#define SPECIMEN "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define INFORMATION "L898902C3674081221204159"

static const struct view none = { .n = 0 };

struct passport {
	struct card *card; /* NULL: it could not be made */
	struct card_env env;
	struct image *image;
	char error[512];
};

static struct passport p;
static const struct log *passport_log; /* NULL: nobody reads it */
static struct doc_terminal terminal;

static inline int
passport_fill(const void *ctx, struct state *s, char *error, size_t size)
{
	return epass_type.fill(s, ctx, error, size);
}

static inline void
passport_send(void *ctx, struct view command, struct buf *rsp)
{
	(void)ctx;
	ck_assert_int_eq(card_transmit(p.card, command, rsp), 0);
}

/* What is on a card with the options in cfg; path: its image, or NULL. */
static inline int
passport_contents(struct card_config *cfg, const char *path)
{
	const struct image_config image = {
		.type = epass_type.name,
		.contents = epass_type.contents,
		.path = path,
		.fill = passport_fill,
		.fill_ctx = cfg,
		.keep = true,
	};

	p = (struct passport) { .card = NULL };
	return image_open(&p.image, &cfg->state, &image, p.error, sizeof(p.error));
}

/* A card with these options; path likewise. */
static inline void
passport_make(const struct card_value *values, const char *path)
{
	struct card_config cfg = { .values = values };

	terminal = (struct doc_terminal) { .send = passport_send };
	if (passport_contents(&cfg, path) < 0)
		return;
	p.env = (struct card_env) { .log = passport_log,
				    .ctx = p.image,
				    .commit = image_commit,
				    .revert = image_revert };
	cfg.is_new = image_is_new(p.image);
	p.card = epass_type.open(&epass_type, &cfg, &p.env);
}

static inline void
passport_open(const struct card_value *values)
{
	passport_make(values, NULL);
	ck_assert_msg(p.card, "%s", p.error);
}

static inline void
passport_close(void)
{
	card_free(p.card);
	image_free(p.image);
	p = (struct passport) { .card = NULL };
}

static inline struct state *
passport_state(void)
{
	return ((struct iso *)p.card)->state;
}

static inline void
passport_reset(void)
{
	ck_assert_int_eq(p.card->ops->power(p.card, CARD_RESET), 0);
	doc_forget(&terminal);
}

static inline unsigned
select_application(void)
{
	return doc_command(&terminal, "00A4040C", known("A0000002471001"), 0, NULL);
}

static inline unsigned
pace_as(unsigned method, unsigned cipher, unsigned id, unsigned password, const char *secret,
	const char *chat)
{
	const struct doc_pace pace = { .method = method,
				       .cipher = cipher,
				       .id = id,
				       .password = password,
				       .secret = said(secret),
				       .chat = known(chat) };

	return doc_pace(&terminal, &pace, NULL);
}

static inline unsigned
pace_with_mrz(void)
{
	return pace_as(SECINFO_ECDH_GM, SECINFO_AES128, 13, EAC_MRZ, INFORMATION, "");
}

/* The card's key of chip authentication, as DG14 has it; id -1: the only one. False: it is not there. */
static inline bool
chip_key(struct view group14, int id, struct secinfo *out)
{
	struct view in;
	struct tlv t;

	ck_assert(tlv_next(&group14, &t) && secinfo_open(t.value, &in));
	while (secinfo_next(&in, out)) {
		if (out->kind == SECINFO_CA_KEY && (id < 0 || out->id == id))
			return true;
	}
	return false;
}

/* Chip authentication with the key of DG14. */
static inline unsigned
chip_authentication(unsigned method, unsigned cipher, int id, unsigned domain)
{
	struct buf group = BUF(4096), public = BUF(GROUP_ELEMENT_MAX);
	struct view number;
	struct secinfo info;
	unsigned sw;

	ck_assert(doc_read_file(&terminal, 14, &group, &sw));
	ck_assert(chip_key(buf_view(&group), id, &info));
	/* a number is as long as the prime */
	number = info.public;
	if (!doc_is_curve(domain)) {
		while (number.p[0] == 0)
			number = view_slice(number, 1, number.n);
		buf_fill(&public, 0, doc_element(domain) - number.n);
	}
	buf_put_view(&public, number);
	sw = doc_ca1(&terminal, method, cipher, id, domain, buf_view(&public));
	buf_free(&group);
	buf_free(&public);
	return sw;
}

/* --- terminals with certificates ------------------------------------------------------------ */

struct chain {
	struct doc_cert cvca, dv, is;
};

/* rights: 1 DG3, 2 DG4. */
static inline void
chain_make(struct chain *c, unsigned rights, const char *expires)
{
	const struct doc_cert_spec cvca = { .car = "UTCVCA00001",
					    .chr = "UTCVCA00001",
					    .terminal = CVC_IS,
					    .rights = 0xc3,
					    .effective = "250101",
					    .expires = "400101" };
	const struct doc_cert_spec dv = { .car = "UTCVCA00001",
					  .chr = "UTDVIS00001",
					  .terminal = CVC_IS,
					  .rights = 0x83,
					  .effective = "260101",
					  .expires = expires,
					  .no_params = true };
	const struct doc_cert_spec is = { .car = "UTDVIS00001",
					  .chr = "UTINSPECT0001",
					  .terminal = CVC_IS,
					  .rights = rights,
					  .effective = "260101",
					  .expires = expires,
					  .no_params = true };

	doc_cert_make(&c->cvca, NULL, &cvca);
	doc_cert_make(&c->dv, &c->cvca, &dv);
	doc_cert_make(&c->is, &c->dv, &is);
}

static inline void
chain_free(struct chain *c)
{
	doc_cert_free(&c->cvca);
	doc_cert_free(&c->dv);
	doc_cert_free(&c->is);
}

/* After chip authentication on a curve of 256 bits. */
static inline unsigned
terminal_authentication(struct chain *c, struct view id_picc)
{
	struct buf comp = BUF(64);
	unsigned sw = doc_show(&terminal, "UTCVCA00001", &c->dv, false);

	if (sw == 0x9000)
		sw = doc_show(&terminal, "UTDVIS00001", &c->is, false);
	buf_put(&comp, terminal.ca_public + 1, 32);
	if (sw == 0x9000)
		sw = doc_ta(&terminal, &c->is, "UTINSPECT0001", buf_view(&comp), none, true,
			    id_picc);
	buf_free(&comp);
	return sw;
}

/* A file for an option; path ends in XXXXXX, and is the test's to remove. */
static inline const char *
written(char *path, struct view contents)
{
	int fd;

	memset(path + strlen(path) - 6, 'X', 6);
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, contents.p, contents.n), (ssize_t)contents.n);
	close(fd);
	return path;
}

/* A card with fingers and eyes in DG3 and DG4, which trusts this chain. */
static inline void
open_with_chain(const struct chain *c, const char *date, bool no_checks)
{
	static char fingers[] = "/tmp/vicc-epass-XXXXXX", eyes[] = "/tmp/vicc-epass-XXXXXX", anchor[] = "/tmp/vicc-epass-XXXXXX";
	char dg3[64], dg4[64];
	const struct card_value values[] = {
		{ "dg", dg3 }, { "dg", dg4 }, { "cvca", anchor }, { "aa", "none" }, { "can", "123456" }, { "date", date },
		{ no_checks ? "disable-ta-checks" : NULL, "" }, { NULL, NULL }
	};

	snprintf(dg3, sizeof(dg3), "3=%s", written(fingers, said("fingers")));
	snprintf(dg4, sizeof(dg4), "4=%s", written(eyes, known("76 04 65796573")));
	written(anchor, buf_view(&c->cvca.cvc));
	passport_open(values);
	unlink(fingers);
	unlink(eyes);
	unlink(anchor);
}

#endif
