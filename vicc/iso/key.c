/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys: which one is meant, and where they come from. */
#include "iso/key.h"

#include <errno.h>

#include "codec/tlv.h"
#include "model/acl.h"
#include "iso/auth.h"

#define NUMBER(ref) ((ref) & 0x7f) /* without the bit that says local */

/* --- which one ------------------------------------------------------------------ */

struct sam_key *
iso_key(struct iso *c, uint8_t ref)
{
	const struct sam *s = &c->state->sam;
	const struct file *df;
	struct sam_key *k = NULL;

	if (!iso_ref_is_local(ref))
		return sam_key_find(s, 0, ref);
	for (df = iso_df(c); df && !k; df = df->parent)
		k = sam_key_find(s, df->uid, NUMBER(ref));
	return k;
}

/* A key EF: by FID or path, as a template names it. NULL: there is none. */
static struct file *
key_file(struct iso *c, struct view named)
{
	struct selector what = { .how = named.n > 2 ? FS_PATH_FROM_MF : FS_BY_FID, .data = named };
	struct file *f;

	return fs_find(&c->state->fs, &c->x.ch->at, &what, &f) == SW_OK ? f : NULL;
}

/* A reference of one byte in a template; the use says which of the two is meant first. */
static bool
template_ref(struct view objects, enum se_use use, struct view *ref)
{
	uint8_t first = use == SE_MAKE ? SE_DO_PRIVATE_KEY : SE_DO_SECRET_KEY;
	uint8_t second = use == SE_MAKE ? SE_DO_SECRET_KEY : SE_DO_PRIVATE_KEY;

	if (tlv_find(objects, first, ref) && ref->n > 0)
		return true;
	return tlv_find(objects, second, ref) && ref->n > 0;
}

/* By the name of the holder of the certificate that was verified last. */
static struct sam_key *
holders_key(struct iso *c, struct view holder)
{
	return view_equal(buf_view(&c->x.ch->certified.holder.name), holder) ? iso_certified_key(c)
									     : NULL;
}

sw_t
iso_template_key(struct iso *c, struct view objects, enum se_use use, struct sam_key **out)
{
	struct view ref = { .n = 0 }, named = { .n = 0 };
	bool has_ref = template_ref(objects, use, &ref);
	const struct file *f;

	*out = NULL;
	if (tlv_find(objects, SE_DO_FILE, &named) && named.n > 0) {
		f = key_file(c, named);
		if (f && ref.n < 2)
			*out = sam_key_find(&c->state->sam, f->uid, has_ref ? ref.p[0] : 0);
	} else if (!has_ref) {
		return SW_CONDITIONS;
	} else {
		*out = ref.n == 1 ? iso_key(c, ref.p[0]) : holders_key(c, ref);
	}
	return *out ? SW_OK : SW_REFERENCE_NOT_FOUND;
}

/* A key has rules of its own; one that is not there yet is made as a file is. */
sw_t
iso_check_key_rule(const struct access *who, const struct file *f, enum acl_op op)
{
	const struct sam_key *k = who->key;

	if (!k)
		return acl_check(who, f, file_is_df(f) ? ACL_CREATE_EF : ACL_UPDATE);
	return sam_granted(op == ACL_KEY_USE ? &k->use : &k->manage, k->owner, who)
		       ? SW_OK
		       : SW_SECURITY_STATUS;
}

sw_t
iso_check_key(struct iso *c, uint32_t owner, const struct sam_key *k, enum acl_op op)
{
	const struct file *f = owner ? fs_by_uid(&c->state->fs, owner) : c->state->fs.mf;
	sw_t sw;

	if (!f)
		return SW_REFERENCE_NOT_FOUND;
	c->x.who.key = k;
	sw = check_access(&c->x.who, f, op);
	c->x.who.key = NULL;
	return sw;
}

sw_t
iso_may_use(struct iso *c, const struct sam_key *k, unsigned purpose)
{
	sw_t sw = iso_check_key(c, k->owner, k, ACL_KEY_USE);

	if (sw != SW_OK)
		return sw;
	return k->uses != 0 && !(k->uses & purpose) ? SW_CONDITIONS : SW_OK;
}

/* An authentication enciphers the challenge, unless something else is named. */
static const struct algorithm authenticates[] = {
	[SAM_DES] = { .what = ALGORITHM_CIPHER, .kind = SAM_DES, .mode = CIPHER_ECB },
	[SAM_DES3] = { .what = ALGORITHM_CIPHER, .kind = SAM_DES3, .mode = CIPHER_ECB },
	[SAM_AES] = { .what = ALGORITHM_CIPHER, .kind = SAM_AES, .mode = CIPHER_ECB },
	[SAM_HMAC] = { .what = ALGORITHM_HMAC, .kind = SAM_HMAC, .digest = DIGEST_SHA256 },
};

/*
 * What a command, or else the template, or else the key says. 9000, 6985: nothing does;
 * 6A81: nothing that is known.
 */
static sw_t
named_algorithm(const struct iso *c, struct view objects, uint8_t alg, const struct sam_key *k,
		const struct algorithm **out)
{
	struct view named;

	if (alg != 0) {
		*out = iso_algorithm(c, alg);
	} else if (tlv_find(objects, SE_DO_ALGORITHM, &named) && named.n > 0) {
		*out = named.n == 1 ? iso_algorithm(c, named.p[0]) : NULL;
	} else if (k->algorithm != 0xff) {
		*out = iso_algorithm(c, k->algorithm);
	} else {
		return SW_CONDITIONS;
	}
	return *out ? SW_OK : SW_FUNCTION_NOT_SUPPORTED;
}

static sw_t
choose_algorithm(const struct iso *c, struct view objects, const struct key_query *q,
		 struct key_op *m)
{
	sw_t sw = named_algorithm(c, objects, q->alg, m->key, &m->algorithm);

	/* the key that needs none named: it has one way to be used */
	if (sw == SW_CONDITIONS && q->crt == SE_AT && sam_kind_is_symmetric(m->key->kind)) {
		m->algorithm = &authenticates[m->key->kind];
		sw = SW_OK;
	}
	if (sw == SW_OK &&
	    (m->algorithm->what == ALGORITHM_HASH || m->algorithm->kind != m->key->kind))
		sw = SW_FUNCTION_NOT_SUPPORTED;
	return sw;
}

sw_t
iso_select_key(struct iso *c, const struct key_query *q, struct key_op *out)
{
	struct view objects = se_template(&c->x.ch->se, q->crt, q->use);
	sw_t sw;

	sw = q->ref == 0 ? iso_template_key(c, objects, q->use, &out->key) : SW_CONDITIONS;
	if (sw == SW_CONDITIONS && (q->ref != 0 || q->crt == SE_AT)) {
		out->key = iso_key(c, q->ref);
		sw = out->key ? SW_OK : SW_REFERENCE_NOT_FOUND;
	}
	if (sw == SW_OK)
		sw = iso_may_use(c, out->key, q->purpose);
	return sw == SW_OK ? choose_algorithm(c, objects, q, out) : sw;
}

sw_t
iso_crypto_sw(const struct iso *c, int rc)
{
	switch (rc) {
	case -ENOENT:
		return SW_REFERENCE_NOT_FOUND;
	case -EINVAL:
	case -EBADMSG:
		return SW_WRONG_DATA;
	case -ENOTSUP:
		return SW_FUNCTION_NOT_SUPPORTED;
	default:
		return iso_sw(c, rc);
	}
}

sw_t
iso_check_sw(const struct iso *c, int rc)
{
	return rc == -EBADMSG ? SW_WARNING_CHANGED : iso_crypto_sw(c, rc);
}

sw_t
iso_hash_algorithm(const struct iso *c, enum digest *out)
{
	const struct algorithm *a;
	struct view id;

	if (!se_get(&c->x.ch->se, SE_HT, SE_MAKE, SE_DO_ALGORITHM, &id) &&
	    !se_get(&c->x.ch->se, SE_HT, SE_CHECK, SE_DO_ALGORITHM, &id))
		return SW_CONDITIONS;
	a = id.n == 1 ? iso_algorithm(c, id.p[0]) : NULL;
	if (!a || a->what != ALGORITHM_HASH)
		return SW_FUNCTION_NOT_SUPPORTED;
	*out = a->digest;
	return SW_OK;
}

/* --- new ones --------------------------------------------------------------------- */

#define RSA_BITS 2048
#define PUBLIC_KEY 0x7f49
#define PRIVATE_KEY 0x7f48

/* Where a local reference is found, or else would be made. */
static uint32_t
local_owner(struct iso *c, uint8_t number)
{
	const struct file *df;

	for (df = iso_df(c); df; df = df->parent) {
		if (sam_key_find(&c->state->sam, df->uid, number))
			return df->uid;
	}
	return iso_df(c)->uid;
}

sw_t
iso_key_ref(struct iso *c, struct view objects, uint8_t ref, struct key_ref *out)
{
	struct view named = { .n = 0 }, by_template = { .n = 0 };
	const struct file *f;
	bool has_ref = ref != 0;

	if (!has_ref && template_ref(objects, SE_MAKE, &by_template)) {
		if (by_template.n != 1)
			return SW_REFERENCE_NOT_FOUND;
		ref = by_template.p[0];
		has_ref = true;
	}
	*out = (struct key_ref) { .ref = NUMBER(ref) };
	if (tlv_find(objects, SE_DO_FILE, &named) && named.n > 0) {
		f = key_file(c, named);
		if (!f)
			return SW_REFERENCE_NOT_FOUND;
		out->owner = f->uid;
		return SW_OK;
	}
	if (iso_ref_is_local(ref))
		out->owner = local_owner(c, NUMBER(ref));
	return has_ref ? SW_OK : SW_CONDITIONS;
}

static struct sam_key *
key_at(const struct iso *c, const struct key_ref *at)
{
	return sam_key_find(&c->state->sam, at->owner, at->ref);
}

sw_t
iso_may_make_key(struct iso *c, const struct key_ref *at, enum acl_op op)
{
	return iso_check_key(c, at->owner, key_at(c, at), op);
}

bool
iso_room(const struct iso *c, size_t n)
{
	size_t used = c->state->fs.used + sam_size(&c->state->sam);

	return used <= c->state->fs.quota && n <= c->state->fs.quota - used;
}

/*
 * A key is made aside, and comes to its place when nothing can go wrong any more:
 * the old one stays whole until then.
 */
static struct sam_key *
make_aside(struct sam *aside, const struct key_ref *at, enum sam_kind kind)
{
	return sam_key_add(aside, at->owner, at->ref, kind);
}

static sw_t
put_in_place(struct iso *c, const struct key_ref *at, struct sam_key *made, struct sam_key **out)
{
	struct sam *s = &c->state->sam;
	struct sam_key *k = key_at(c, at);

	if (!iso_room(c, sam_key_size(made)))
		return SW_NO_MEMORY;
	if (!k)
		k = sam_key_add(s, at->owner, at->ref, made->kind);
	if (!k)
		return SW_NO_MEMORY;
	sam_key_swap(k, made);
	s->changed = true;
	if (out)
		*out = k;
	return SW_OK;
}

/* Domain parameters as they were given: whoever sent them wants them back. */
static bool
keep_parameters(struct sam_key *k, struct view objects)
{
	struct buf given = BUF(SAM_LABEL_MAX);
	bool kept, has_oid = false;
	struct tlv t;

	while (k->kind == SAM_EC && tlv_next(&objects, &t)) {
		has_oid = has_oid || t.tag == KEY_OID;
		if (t.tag >= 0x81 && t.tag <= 0x87 && t.tag != KEY_POINT)
			buf_put_view(&given, t.whole);
	}
	if (has_oid)
		buf_reset(&given);
	kept = !given.failed && buf_set(&k->label, buf_view(&given));
	buf_free(&given);
	return kept;
}

/* Give a new key pair to a key; it is taken over. */
static int
keep_pair(struct sam_key *k, struct import_key *p, struct view objects)
{
	int rc;

	if (!k) {
		import_key_free(p);
		return -ENOMEM;
	}
	if (p->rsa)
		rc = key_keep_rsa(k, p->rsa);
	else
		rc = p->ec ? key_keep_ec(k, p->ec) : key_keep_ed(k, p->ed);
	return rc == 0 && !keep_parameters(k, objects) ? -ENOMEM : rc;
}

static size_t
rsa_bits(const struct sam_key *old, struct view objects)
{
	struct view v;
	size_t bits;

	if (tlv_find(objects, KEY_RSA_N, &v) && view_number(v, &bits))
		return bits;
	return old && old->bits > 0 ? old->bits : RSA_BITS;
}

static int
generate_rsa(struct iso *c, const struct sam_key *old, struct view objects, struct rsa **out)
{
	struct view e = { .n = 0 };

	tlv_find(objects, KEY_RSA_E, &e);
	return rsa_generate(out, rsa_bits(old, objects), e, iso_interrupted, c);
}

static int
generate_ec(const struct sam_key *old, struct view objects, struct ec **out)
{
	enum curve curve = CURVE_P256;
	struct view v;
	bool named = tlv_find(objects, KEY_OID, &v) || tlv_find(objects, 0x81, &v);

	if (named && !key_curve_of(objects, &curve))
		return -EINVAL;
	if (!named && old && old->kind == SAM_EC)
		key_curve_of(buf_view(&old->asym), &curve);
	return ec_generate(out, curve);
}

/* The new pair, aside: out is aside's. */
static int
generate_pair(struct iso *c, const struct key_ref *at, enum sam_kind kind, struct view objects,
	 struct sam *aside, struct sam_key **out)
{
	const struct sam_key *old = key_at(c, at);
	struct import_key p = { .rsa = NULL };
	enum ed_kind ed;
	int rc;

	switch (kind) {
	case SAM_RSA:
		rc = generate_rsa(c, old, objects, &p.rsa);
		break;
	case SAM_EC:
		rc = generate_ec(old, objects, &p.ec);
		break;
	default:
		rc = key_ed_kind(kind, &ed) ? ed_generate(&p.ed, ed) : -ENOTSUP;
	}
	if (rc < 0)
		return rc;
	*out = make_aside(aside, at, kind);
	return keep_pair(*out, &p, objects);
}

sw_t
iso_generate(struct iso *c, const struct key_ref *at, enum sam_kind kind, struct view objects,
	     struct sam_key **out)
{
	struct sam aside = { .keys = NULL };
	struct sam_key *made;
	sw_t sw = iso_crypto_sw(c, generate_pair(c, at, kind, objects, &aside, &made));

	if (sw == SW_OK)
		sw = put_in_place(c, at, made, out);
	sam_free(&aside);
	return sw;
}

sw_t
iso_keep_key(struct iso *c, const struct key_ref *at, enum sam_kind kind, struct view objects,
	     struct sam_key **out)
{
	struct sam aside = { .keys = NULL };
	struct sam_key *made = make_aside(&aside, at, kind);
	int rc = made ? key_import(made, kind, objects) : -ENOMEM;
	sw_t sw;

	if (rc == 0 && !keep_parameters(made, objects))
		rc = -ENOMEM;
	sw = rc == 0 ? put_in_place(c, at, made, out) : iso_crypto_sw(c, rc);
	sam_free(&aside);
	return sw;
}

sw_t
iso_put_public(struct iso *c, struct sam_key *k, struct buf *rsp)
{
	struct buf objects = BUF(SAM_ASYM_MAX);
	struct view point;
	size_t mark;
	int rc = key_put_public(k, &objects);

	if (rc == 0) {
		mark = tlv_open(rsp, PUBLIC_KEY);
		if (k->label.n > 0 && tlv_find(buf_view(&objects), KEY_POINT, &point)) {
			buf_put_view(rsp, buf_view(&k->label));
			tlv_put(rsp, KEY_POINT, point);
		} else {
			buf_put_view(rsp, buf_view(&objects));
		}
		tlv_close(rsp, mark);
	}
	if (objects.failed)
		rc = -ENOMEM;
	buf_free(&objects);
	return iso_crypto_sw(c, rc);
}

/* --- commands about them ------------------------------------------------------------ */

/* What a command says of a key: a template of its own, or those of the environment in force. */
struct about {
	struct view own; /* of the command; empty: none */
	struct view set; /* in force; empty: none */
};

/* The template in a command's data. */
static struct view
own_template(struct view data)
{
	struct view v = { .n = 0 };
	enum se_crt crt;
	struct tlv t;

	while (tlv_next(&data, &t)) {
		if (t.tag == 0xac ||
		    (t.tag <= 0xff && t.tag != 0 && se_crt_of((uint8_t)t.tag, &crt)))
			return t.value;
	}
	return v;
}

/* The first one in force that names a key. */
static struct view
set_template(const struct iso *c)
{
	static const enum se_crt order[] = { SE_ANY, SE_DST, SE_AT, SE_KAT, SE_CT };
	struct view objects, ref;
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(*order); i++) {
		objects = se_template(&c->x.ch->se, order[i], SE_MAKE);
		if (template_ref(objects, SE_MAKE, &ref) || tlv_find(objects, SE_DO_FILE, &ref))
			return objects;
	}
	return view_of(NULL, 0);
}

static struct about
what_about(const struct iso *c, struct view data)
{
	return (struct about) { .own = own_template(data), .set = set_template(c) };
}

static sw_t
where_about(struct iso *c, const struct about *a, uint8_t ref, struct key_ref *at)
{
	sw_t sw = iso_key_ref(c, a->own, ref, at);

	return sw == SW_CONDITIONS ? iso_key_ref(c, a->set, ref, at) : sw;
}

/* By algorithm, or the kind of the key that is there already. 9000, 6985, 6A81. */
static sw_t
kind_about(const struct iso *c, const struct about *a, const struct key_ref *at,
	   enum sam_kind *kind)
{
	const struct sam_key *old = key_at(c, at);
	const struct algorithm *alg;
	struct view id;

	if ((tlv_find(a->own, SE_DO_ALGORITHM, &id) && id.n > 0) ||
	    (tlv_find(a->set, SE_DO_ALGORITHM, &id) && id.n > 0)) {
		alg = id.n == 1 ? iso_algorithm(c, id.p[0]) : NULL;
		if (!alg || alg->what == ALGORITHM_HASH || sam_kind_is_symmetric(alg->kind))
			return SW_FUNCTION_NOT_SUPPORTED;
		*kind = alg->kind;
		return SW_OK;
	}
	if (!old || sam_kind_is_symmetric(old->kind))
		return SW_CONDITIONS;
	*kind = old->kind;
	return SW_OK;
}

/* Make it, tell its public half, keep it. */
static sw_t
generate_and_tell(struct iso *c, const struct key_ref *at, enum sam_kind kind,
		  struct view objects, struct buf *rsp)
{
	struct sam aside = { .keys = NULL };
	struct sam_key *made;
	sw_t sw = iso_crypto_sw(c, generate_pair(c, at, kind, objects, &aside, &made));

	if (sw == SW_OK)
		sw = iso_put_public(c, made, rsp);
	if (sw == SW_OK)
		sw = rsp->failed ? SW_NO_MEMORY : put_in_place(c, at, made, NULL);
	sam_free(&aside);
	return sw;
}

/*
 * GENERATE ASYMMETRIC KEY PAIR (7816-8, 11.4): P1 b1 generate or read; b3 b2
 * choose among output formats, of which there is one here.
 */
sw_t
iso_generate_key_pair(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct view objects = cmd->data;
	struct about a = what_about(c, cmd->data);
	struct sam_key *there;
	struct key_ref at;
	enum sam_kind kind;
	sw_t sw;

	if (!tlv_valid(cmd->data) || !tlv_valid(a.own))
		return SW_WRONG_DATA;
	tlv_find(cmd->data, PUBLIC_KEY, &objects);
	sw = where_about(c, &a, cmd->p2, &at);
	if (sw != SW_OK)
		return sw;
	if (cmd->p1 & 1) {
		there = key_at(c, &at);
		return there ? iso_put_public(c, there, rsp) : SW_REFERENCE_NOT_FOUND;
	}
	sw = kind_about(c, &a, &at, &kind);
	if (sw == SW_OK)
		sw = iso_may_make_key(c, &at, ACL_KEY_GENERATE);
	return sw == SW_OK ? generate_and_tell(c, &at, kind, objects, rsp) : sw;
}

sw_t
iso_generate_key_pair_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return iso_generate_key_pair(c, cmd, rsp);
}

bool
iso_is_key(struct view data)
{
	struct view v;

	return tlv_valid(data) &&
	       (tlv_find(data, PRIVATE_KEY, &v) || tlv_find(data, PUBLIC_KEY, &v));
}

sw_t
iso_import_key(struct iso *c, struct view data)
{
	struct about a = what_about(c, data);
	struct view objects;
	struct key_ref at;
	enum sam_kind kind, named;
	sw_t sw;

	if (!tlv_find(data, PRIVATE_KEY, &objects) && !tlv_find(data, PUBLIC_KEY, &objects))
		return SW_WRONG_DATA;
	if (!tlv_valid(a.own) || !tlv_valid(objects) || !key_kind_of(objects, &kind))
		return SW_WRONG_DATA;
	sw = where_about(c, &a, 0, &at);
	if (sw == SW_OK && kind_about(c, &a, &at, &named) == SW_OK)
		kind = named;
	if (sw == SW_OK)
		sw = iso_may_make_key(c, &at, ACL_KEY_IMPORT);
	return sw == SW_OK ? iso_keep_key(c, &at, kind, objects, NULL) : sw;
}
