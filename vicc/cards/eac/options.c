/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/eac/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/hex.h"
#include "base/slurp.h"
#include "codec/x509.h"
#include "crypto/cms.h"
#include "crypto/import.h"
#include "model/field.h"

#define ID_ECDH 13 /* domain parameters where a name says nothing: brainpoolP256r1, */
#define ID_DH 2    /* and 2048 bits with an order of 256 */
#define ID_P224 10 /* has no encoding for integrated mapping */

#define ALGORITHM_MAX 2048 /* bytes of explicit parameters */

/* --- values ---------------------------------------------------------------------------------- */

static bool
is_number(const char *value, size_t digits)
{
	return strlen(value) == digits && strspn(value, "0123456789") == digits;
}

const char *
eac_can_fault(const char *value)
{
	return is_number(value, 6) ? NULL : "6 digits";
}

const char *
eac_date_fault(const char *value)
{
	const uint32_t date = is_number(value, 8) ? (uint32_t)strtoul(value, NULL, 10) : 0;

	return date >= 20000101 && date <= 20991231 && date_valid(date)
		       ? NULL
		       : "a day of this century, YYYYMMDD";
}

const char *
eac_path_fault(const char *value)
{
	return *value ? NULL : "a path";
}

/* --- lists ----------------------------------------------------------------------------------- */

bool
eac_is_none(const char *list)
{
	return strcasecmp(list, "none") == 0;
}

static bool
domain_fits(int id, bool curve)
{
	return id >= 0 && group_exists((unsigned)id) && group_is_curve((unsigned)id) == curve;
}

static bool
is_dh_pace(const struct eac_protocol *p)
{
	return p->method == SECINFO_DH_GM || p->method == SECINFO_DH_IM;
}

bool
eac_pace_fits(const struct eac_protocol *p)
{
	if (p->method == SECINFO_ECDH_IM && p->id == ID_P224)
		return false;
	return domain_fits(p->id, !is_dh_pace(p));
}

typedef bool name_fn(const char *text, size_t n, uint8_t *method, uint8_t *cipher, int *id);

/* False: none of ours; then the list stands where it stood. */
static bool
next_name(const char **list, name_fn *from_name, struct eac_protocol *p)
{
	const size_t n = strcspn(*list, ",");

	if (!from_name(*list, n, &p->method, &p->cipher, &p->id))
		return false;
	*list += n;
	if (**list == ',')
		++*list;
	return true;
}

bool
eac_next_pace(const char **list, struct eac_protocol *out)
{
	if (!next_name(list, secinfo_pace_from_name, out))
		return false;
	if (out->id < 0)
		out->id = is_dh_pace(out) ? ID_DH : ID_ECDH;
	return eac_pace_fits(out);
}

bool
eac_next_ca(const char **list, struct eac_protocol *out)
{
	if (!next_name(list, secinfo_ca_from_name, out))
		return false;
	if (out->id < 0)
		out->id = out->method == SECINFO_DH ? ID_DH : ID_ECDH;
	return domain_fits(out->id, out->method == SECINFO_ECDH);
}

static bool
is_list(const char *list, bool (*next)(const char **list, struct eac_protocol *p))
{
	struct eac_protocol p;

	do {
		if (!next(&list, &p))
			return false;
	} while (*list);
	return true;
}

const char *
eac_pace_fault(const char *value)
{
	return is_list(value, eac_next_pace)
		       ? NULL
		       : "a list as ecdh-gm-aes128:13,dh-im-3des:0 (vicc-cards(7))";
}

const char *
eac_pace_or_none_fault(const char *value)
{
	return eac_is_none(value) || is_list(value, eac_next_pace)
		       ? NULL
		       : "none, or a list as ecdh-gm-aes128:13,dh-im-3des:0 (vicc-cards(7))";
}

const char *
eac_ca_fault(const char *value)
{
	return eac_is_none(value) || is_list(value, eac_next_ca)
		       ? NULL
		       : "none, or a list as ecdh-aes128:13,dh-3des:2 (vicc-cards(7))";
}

/* --- files ----------------------------------------------------------------------------------- */

int
eac_fail(const struct eac_making *m, int rc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m->error, m->size, fmt, ap);
	va_end(ap);
	return rc;
}

int
eac_read_file(const struct eac_making *m, const char *option, const char *path, struct buf *out)
{
	int rc = slurp(path, out);

	return rc < 0 ? eac_fail(m, rc, "--%s %s: %s", option, path, strerror(-rc)) : 0;
}

int
eac_refuse_info(const struct eac_making *m, const char *option, const char *path,
		const struct secinfo *info)
{
	struct buf oid = BUF(256);

	hex_write(&oid, info->oid);
	buf_u8(&oid, 0);
	eac_fail(
		m, 0,
		"--%s %s: the card does not know the protocol with OID %s (hex), or its parameters",
		option, path, oid.failed ? "?" : (const char *)oid.p);
	buf_free(&oid);
	return -ENOTSUP;
}

/* --- terminal authentication ----------------------------------------------------------------- */

static uint32_t
eac_today(void)
{
	time_t now = time(NULL);
	struct tm tm;

	if (!gmtime_r(&now, &tm))
		return 20000101;
	return (uint32_t)(tm.tm_year + 1900) * 10000 + (uint32_t)(tm.tm_mon + 1) * 100 +
	       (uint32_t)tm.tm_mday;
}

int
eac_set_today(struct state *s)
{
	s->fs.changed = true;
	return field_set_number(eac_fields(s), EAC_FIELD_DATE, eac_today()) ? 0 : -ENOMEM;
}

static int
take_anchor(const struct eac_making *m, const char *path)
{
	struct buf file = BUF(EAC_ANCHOR_MAX);
	int rc = eac_read_file(m, "cvca", path, &file);

	if (rc == 0) {
		rc = eac_anchor_add(m->s, buf_view(&file));
		if (rc < 0)
			eac_fail(m, rc, "--cvca %s: %s", path,
				 rc == -EINVAL   ? "not a CV certificate of a CVCA (7F21)"
				 : rc == -EEXIST ? "there are two for this kind of terminal already"
						 : strerror(-rc));
	}
	buf_free(&file);
	return rc;
}

int
eac_take_anchors(const struct eac_making *m)
{
	const struct card_value *v = NULL;
	int rc = 0;

	while (rc == 0 && (v = card_value_next(m->cfg, "cvca", v)))
		rc = take_anchor(m, v->value);
	return rc;
}

/* --- keys of chip authentication and restricted identification -------------------------------- */

/* The private value, as long as the order. -EINVAL: it is none of this group. */
static int
read_private(const struct eac_key_file *from, size_t order, struct buf *d)
{
	struct import_key k = { .ec = NULL };
	enum curve curve;
	int rc = import_key_read(&k, from->bytes);

	if (rc == 0 && k.ec && group_curve(from->domain, &curve) && ec_curve(k.ec) == curve)
		rc = ec_get_d(k.ec, d);
	else if (rc < 0 && rc != -ENOMEM && from->raw && from->bytes.n == order)
		rc = buf_set(d, from->bytes) ? 0 : -ENOMEM;
	else if (rc != -ENOMEM)
		rc = -EINVAL;
	import_key_free(&k);
	return rc;
}

static void
refuse_key(const struct eac_making *m, const struct eac_key_file *from, size_t order)
{
	char number[64] = "";

	if (from->raw)
		snprintf(number, sizeof(number), ", or as a number of %zu bytes below the order",
			 order);
	eac_fail(m, 0, "--%s %s: not a private key for domain parameters %u (%s), as PKCS#8%s",
		 from->option, from->path, from->domain, from->field, number);
}

int
eac_take_key(const struct eac_making *m, const struct eac_key_file *from)
{
	struct buf d = BUF(GROUP_PRIVATE_MAX);
	struct group *g;
	int rc = group_new(&g, from->domain);
	const size_t order = rc == 0 ? group_scalar(g) : 0;

	if (rc == 0)
		rc = read_private(from, order, &d);
	if (rc == 0)
		rc = eac_key_set(m->s, from->field, from->id, from->domain, buf_view(&d));
	if (rc < 0)
		refuse_key(m, from, order);
	group_free(g);
	buf_free(&d);
	return rc;
}

bool
eac_signed_infos(struct view file, struct view *infos)
{
	struct cms cms;

	return cms_read(file, &cms) && secinfo_open(cms.content, infos);
}

void
eac_put_without_keys(struct buf *out, struct view infos)
{
	struct secinfo info;

	while (secinfo_next(&infos, &info)) {
		if (info.kind != SECINFO_CA_KEY)
			buf_put_view(out, info.whole);
	}
}

/* DH's public value is an INTEGER, a point is what it is. */
static void
put_element(unsigned domain, struct view element, struct buf *out)
{
	if (group_is_curve(domain))
		buf_put_view(out, element);
	else
		x509_put_integer(out, element);
}

static int
put_algorithm(unsigned domain, bool by_number, struct buf *out)
{
	struct group *g = NULL;
	int rc = 0;

	if (by_number)
		secinfo_put_domain(out, (uint8_t)domain);
	else
		rc = group_new(&g, domain);
	if (g)
		rc = group_put_algorithm(g, out);
	group_free(g);
	return rc;
}

int
eac_put_ca_key(const struct state *s, const char *field, bool by_number, int key_id,
	       struct buf *out)
{
	struct buf algorithm = BUF(ALGORITHM_MAX), element = BUF(GROUP_ELEMENT_MAX),
		   public = BUF(GROUP_ELEMENT_MAX + 8);
	struct eac_key key = { .id = 0 };
	int rc = eac_key_get(s, field, &key);

	if (rc == 0)
		rc = eac_key_public(&key, &element);
	if (rc == 0)
		rc = put_algorithm(key.domain, by_number, &algorithm);
	if (rc == 0) {
		put_element(key.domain, buf_view(&element), &public);
		secinfo_put_ca_key(out, group_is_curve(key.domain) ? SECINFO_ECDH : SECINFO_DH,
				   buf_view(&algorithm), buf_view(&public), key_id);
		if (algorithm.failed || public.failed || out->failed)
			rc = -ENOMEM;
	}
	secret_wipe(&key.d);
	buf_free(&algorithm);
	buf_free(&element);
	buf_free(&public);
	return rc;
}
