/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Static keys and trust anchors: fields of the root. */
#include "cards/eac/engine.h"

#include <errno.h>

#include "model/field.h"

/* Those of the root are kept in the MF. */
struct props *
eac_fields(const struct state *s)
{
	return &s->fs.mf->props;
}

static bool
keys_store(struct state *s, const char *field, struct view value)
{
	s->fs.changed = true;
	return props_set(eac_fields(s), field, value);
}

static int
key_store(struct state *s, const char *field, const struct eac_key *k)
{
	struct buf value = BUF(EAC_KEY_MAX);
	int rc;

	buf_u8(&value, k->id);
	buf_u8(&value, (uint8_t)k->domain);
	buf_put_view(&value, secret_view(&k->d));
	rc = !value.failed && keys_store(s, field, buf_view(&value)) ? 0 : -ENOMEM;
	buf_free(&value);
	return rc;
}

int
eac_key_make(struct state *s, const char *field, uint8_t id, unsigned domain)
{
	struct eac_key k = { .id = id, .domain = domain };
	struct group *g;
	int rc = group_new(&g, domain);

	if (rc == 0)
		rc = group_private(g, &k.d);
	if (rc == 0)
		rc = key_store(s, field, &k);
	group_free(g);
	secret_wipe(&k.d);
	return rc;
}

int
eac_key_set(struct state *s, const char *field, uint8_t id, unsigned domain, struct view d)
{
	struct eac_key k = { .id = id, .domain = domain };
	struct buf public = BUF(GROUP_ELEMENT_MAX);
	int rc = secret_set(&k.d, d) ? eac_key_public(&k, &public) : -EINVAL;

	if (rc == 0)
		rc = key_store(s, field, &k);
	buf_free(&public);
	secret_wipe(&k.d);
	return rc;
}

int
eac_key_get(const struct state *s, const char *field, struct eac_key *out)
{
	struct view v = props_get(eac_fields(s), field);
	uint8_t domain;

	if (!view_u8(&v, &out->id) || !view_u8(&v, &domain))
		return -ENOENT;
	out->domain = domain;
	return secret_set(&out->d, v) ? 0 : -EINVAL;
}

int
eac_key_public(const struct eac_key *k, struct buf *out)
{
	struct group *g;
	int rc = group_new(&g, k->domain);

	if (rc == 0)
		rc = group_public(g, view_of(NULL, 0), secret_view(&k->d), out);
	group_free(g);
	return rc;
}

int
eac_key_agree(const struct eac_key *k, struct view theirs, struct buf *secret)
{
	struct buf element = BUF(GROUP_ELEMENT_MAX);
	struct group *g;
	int rc = group_new(&g, k->domain);

	if (rc == 0)
		rc = group_agree(g, secret_view(&k->d), theirs, &element);
	if (rc == 0) {
		buf_put_view(secret, group_secret(g, buf_view(&element)));
		rc = secret->failed ? -ENOMEM : 0;
	}
	group_free(g);
	buf_free(&element);
	return rc;
}

/* A number, without zeros before it. */
static struct view
number_of(struct view v)
{
	while (v.n > 0 && v.p[0] == 0)
		v = view_slice(v, 1, v.n);
	return v;
}

static bool
is_public_of(const struct secinfo *info, const struct eac_key *k, struct view public)
{
	return info->kind == SECINFO_CA_KEY && (!info->has_id || info->id == k->id) &&
	       view_equal(number_of(info->public), number_of(public));
}

bool
eac_has_ca_key(const struct state *s, const char *field, struct view infos)
{
	struct buf public = BUF(GROUP_ELEMENT_MAX);
	struct eac_key k = { .id = 0 };
	struct secinfo info;
	bool found = false;

	if (eac_key_get(s, field, &k) == 0 && eac_key_public(&k, &public) == 0) {
		while (!found && secinfo_next(&infos, &info))
			found = is_public_of(&info, &k, buf_view(&public));
	}
	secret_wipe(&k.d);
	buf_free(&public);
	return found;
}

/* --- trust anchors ---------------------------------------------------------------------- */

static const char *const anchors[][2] = {
	[CVC_IS] = { EAC_FIELD_CVCA_IS, EAC_FIELD_CVCA_IS_2 },
	[CVC_AT] = { EAC_FIELD_CVCA_AT, EAC_FIELD_CVCA_AT_2 },
	[CVC_ST] = { EAC_FIELD_CVCA_ST, EAC_FIELD_CVCA_ST_2 },
};

struct view
eac_anchor(const struct state *s, enum cvc_terminal terminal, bool before)
{
	return props_get(eac_fields(s), anchors[terminal][before]);
}

/* The newest comes first. */
int
eac_anchor_add(struct state *s, struct view certificate)
{
	struct view first, old;
	struct buf copy = BUF(EAC_ANCHOR_MAX);
	struct cvc cert;
	int rc = 0;

	if (certificate.n > EAC_ANCHOR_MAX || !cvc_read(certificate, &cert) || cert.whole.n == 0 ||
	    cert.chat.role != CVC_CVCA || (cert.key.scheme == CVC_ECDSA && !cert.key.has_params))
		return -EINVAL;
	first = eac_anchor(s, cert.chat.terminal, false);
	old = eac_anchor(s, cert.chat.terminal, true);
	if (old.n > 0)
		return -EEXIST;
	buf_put_view(&copy, first);
	if (copy.failed ||
	    (copy.n > 0 && !keys_store(s, anchors[cert.chat.terminal][1], buf_view(&copy))) ||
	    !keys_store(s, anchors[cert.chat.terminal][0], certificate))
		rc = -ENOMEM;
	buf_free(&copy);
	return rc;
}

int
eac_anchor_follow(struct state *s, const struct cvc *link, struct view whole)
{
	const char *const *names = anchors[link->chat.terminal];
	struct buf old = BUF(EAC_ANCHOR_MAX);
	int rc = 0;

	buf_put_view(&old, props_get(eac_fields(s), names[0]));
	if (old.failed || !keys_store(s, names[1], buf_view(&old)) ||
	    !keys_store(s, names[0], whole))
		rc = -ENOMEM;
	buf_free(&old);
	return rc;
}
