/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A chain of certificates for an authentication terminal: CVCA, document verifier, terminal. */
#ifndef TESTS_CARDS_EAC_CHAIN_H
#define TESTS_CARDS_EAC_CHAIN_H

#include "codec/cvc.h"
#include "known.h"
#include "terminal.h"

#define AT_CVCA (UINT64_C(3) << 38 | CHAT_AT_ALL)
#define AT_DV (UINT64_C(2) << 38 | CHAT_AT_ALL)

struct chain {
	struct doc_cert cvca, dv, terminal;
};

static inline struct doc_cert_spec
cvca_spec(void)
{
	return (struct doc_cert_spec) { .car = "DECVCAAT00001",
					.chr = "DECVCAAT00001",
					.terminal = CVC_AT,
					.rights = AT_CVCA,
					.effective = "250101",
					.expires = "300101" };
}

static inline struct doc_cert_spec
dv_spec(void)
{
	return (struct doc_cert_spec) { .car = "DECVCAAT00001",
					.chr = "DEDVAT0000001",
					.terminal = CVC_AT,
					.rights = AT_DV,
					.effective = "260101",
					.expires = "280101",
					.no_params = true };
}

static inline struct doc_cert_spec
terminal_spec(uint64_t rights)
{
	return (struct doc_cert_spec) { .car = "DEDVAT0000001",
					.chr = "DETERMINAL001",
					.terminal = CVC_AT,
					.rights = rights,
					.effective = "260201",
					.expires = "270101",
					.no_params = true };
}

static inline void
chain_make(struct chain *c, const struct doc_cert_spec *cvca, const struct doc_cert_spec *dv,
	   const struct doc_cert_spec *terminal_cert)
{
	doc_cert_make(&c->cvca, NULL, cvca);
	doc_cert_make(&c->dv, &c->cvca, dv);
	doc_cert_make(&c->terminal, &c->dv, terminal_cert);
}

static inline void
chain_free(struct chain *c)
{
	doc_cert_free(&c->cvca);
	doc_cert_free(&c->dv);
	doc_cert_free(&c->terminal);
}

static inline void
chain_of(struct chain *c, uint64_t rights)
{
	const struct doc_cert_spec cvca = cvca_spec(), dv = dv_spec(), t = terminal_spec(rights);

	chain_make(c, &cvca, &dv, &t);
}

/* What is in a 7F4C. */
static inline struct view
chat_of(uint64_t rights)
{
	static uint8_t chat[18] = { 0x06, 0x09, 0x04, 0x00, 0x7f, 0x00, 0x07,
				    0x03, 0x01, 0x02, 0x02, 0x53, 0x05 };
	int i;

	for (i = 0; i < 5; i++)
		chat[13 + i] = (uint8_t)(rights >> 8 * (4 - i));
	return view_of(chat, sizeof(chat));
}

static inline unsigned
show_chain(struct doc_terminal *t, const struct chain *c, bool extended)
{
	unsigned sw = doc_show(t, "DECVCAAT00001", &c->dv, extended);

	return sw == 0x9000 ? doc_show(t, "DEDVAT0000001", &c->terminal, extended) : sw;
}

static inline unsigned
authenticate(struct doc_terminal *t, const struct chain *c, struct view aux)
{
	struct buf comp = BUF(256);
	unsigned sw;

	doc_ca_key(t, 13, &comp);
	sw = doc_ta(t, &c->terminal, "DETERMINAL001", buf_view(&comp), aux, false,
		    view_of(t->id_picc, t->id_picc_n));
	buf_free(&comp);
	return sw;
}

#endif
