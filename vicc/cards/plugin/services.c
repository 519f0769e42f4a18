/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cards/plugin/services.h"

#include <errno.h>
#include <string.h>

#include "crypto/rand.h"
#include "iso/auth.h"
#include "model/acl.h"

#define NAME_MAX_CHARS 64 /* of what is kept */
#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

static struct service_client *
service_client(const void *card)
{
	return ((const struct card *)card)->host;
}

/* Its state now: one that could not be committed is replaced. */
static struct state *
state_of(const struct service_client *client)
{
	return client->iso ? client->iso->state : client->state;
}

/* --- for all ---------------------------------------------------------------------- */

/* One line, whatever is in it. */
static void
service_log(const void *card, uint32_t level, const char *line)
{
	const struct service_client *client = service_client(card);
	const struct log *log = client->env->log;
	int n;

	if (!line)
		return;
	n = (int)strcspn(line, "\r\n");
	switch (level) {
	case VICC_LOG_ERROR:
		log_error(log, "%s: %.*s", client->name, n, line);
		break;
	case VICC_LOG_NOTICE:
		log_notice(log, "%s: %.*s", client->name, n, line);
		break;
	case VICC_LOG_INFO:
		log_info(log, "%s: %.*s", client->name, n, line);
		break;
	default:
		log_debug(log, "%s: %.*s", client->name, n, line);
		break;
	}
}

static int32_t
service_random(void *p, size_t n)
{
	return p || n == 0 ? rand_bytes(p, n) : -EINVAL;
}

static void
service_put(struct buf *out, const void *p, size_t n)
{
	if (p && n > 0)
		buf_put(out, p, n);
}

static int32_t
service_parse(struct view raw, struct apdu *cmd)
{
	int rc = apdu_parse(cmd, raw);

	if (rc == 0)
		apdu_class(cmd);
	return rc;
}

static int32_t
service_interrupted(const void *card)
{
	const struct card_env *env = service_client(card)->env;

	return env->interrupted && env->interrupted(env->ctx);
}

/* --- what is kept ------------------------------------------------------------------ */

static bool
is_name(const char *name)
{
	size_t n = name ? strlen(name) : 0;

	return n > 0 && n <= NAME_MAX_CHARS && strspn(name, NAME_CHARS) == n;
}

static struct view
service_kept(void *card, const char *name)
{
	const struct state *s = state_of(service_client(card));

	return s && is_name(name) ? props_get(&s->props, name) : view_of(NULL, 0);
}

static int32_t
service_keep(void *card, const char *name, struct view value)
{
	struct state *s = state_of(service_client(card));

	if (!s)
		return -ENOTSUP;
	if (!is_name(name) || value.n > PROPS_VALUE_MAX || (value.n > 0 && !value.p))
		return -EINVAL;
	/* what an image may hold, so that it can be read again */
	if (props_size(&s->props) + strlen(name) + value.n > s->fs.quota)
		return -ENOSPC;
	return props_set(&s->props, name, value) ? 0 : -ENOMEM;
}

static int32_t
service_commit(void *card)
{
	struct state *s = state_of(service_client(card));

	return s ? state_commit(s) : -ENOTSUP;
}

/* --- for rows ------------------------------------------------------------------------ */

static void *
service_own(struct iso *c)
{
	return iso_own(c, app_owner(c->x.ch->app, c->x.row));
}

static uint16_t
service_base(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	return cmd && (cmd->data.p || cmd->data.n == 0) ? iso_base(c, cmd, rsp) : SW_UNKNOWN;
}

static uint16_t
service_select(struct iso *c, struct view path)
{
	static const uint8_t mf[] = { 0x3f, 0x00 };
	struct selector what = { .how = FS_PATH_FROM_MF, .data = path };

	if (path.n > 0 && !path.p)
		return SW_UNKNOWN;
	if (path.n == 0 || view_equal(path, view_of(mf, sizeof(mf))))
		what = (struct selector) { .how = FS_BY_FID, .data = view_of(mf, sizeof(mf)) };
	return fs_select(&c->state->fs, &what, &c->x.ch->at, NULL);
}

static uint16_t
service_read(struct iso *c, size_t offset, void *p, size_t *n)
{
	struct buf out = { .max = n ? *n : 0 };
	struct file *ef;
	sw_t sw;

	if (!n || (!p && *n > 0))
		return SW_UNKNOWN;
	sw = iso_ef_by_sfi(c, 0, &ef);
	if (sw == SW_OK)
		sw = file_read(ef, &c->x.who, offset, *n, &out);
	if (out.failed)
		sw = SW_NO_MEMORY;
	*n = out.failed ? 0 : out.n;
	if (*n > 0)
		memcpy(p, out.p, *n);
	buf_free(&out);
	return sw;
}

static uint16_t
service_update(struct iso *c, size_t offset, struct view v)
{
	struct file *ef;
	sw_t sw;

	if (v.n > 0 && !v.p)
		return SW_UNKNOWN;
	sw = iso_ef_by_sfi(c, 0, &ef);
	return sw == SW_OK ? file_update(&c->state->fs, ef, &c->x.who, offset, v) : sw;
}

static int32_t
service_verified(struct iso *c, uint8_t reference)
{
	const struct access who = iso_asker(c);

	return acl_reference(&who, iso_df(c), reference, false) == SW_OK;
}

const struct services plugin_services = {
	.abi = VICC_ABI,
	.size = sizeof(struct services),
	.version = PACKAGE_VERSION,
	.log = service_log,
	.random = service_random,
	.put = service_put,
	.parse = service_parse,
	.interrupted = service_interrupted,
	.kept = service_kept,
	.keep = service_keep,
	.commit = service_commit,
	.own = service_own,
	.base = service_base,
	.select = service_select,
	.read = service_read,
	.update = service_update,
	.verified = service_verified,
};
