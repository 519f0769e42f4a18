/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The whole of what a card keeps, put aside and brought back; and a command without a reader. */
#include "control/inside.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/slurp.h"
#include "cli/place.h"
#include "control/seat.h"
#include "image/text.h"

void
contents_serial(struct control *c, const struct state *s)
{
	buf_set(&c->serial, buf_view(&s->serial));
}

void
contents_offered(struct control *c)
{
	if (c->self_powered)
		card_power(c->host->card, CARD_POWER_OFF);
	c->self_powered = false;
}

/* --- snapshots ------------------------------------------------------------------ */

static struct snapshot *
snapshot_named(struct control *c, const char *name)
{
	size_t i;

	for (i = 0; i < SNAPSHOTS_MAX; i++) {
		if (strcmp(c->snapshots[i].name, name) == 0)
			return &c->snapshots[i];
	}
	return NULL;
}

static size_t
snapshots_bytes(const struct control *c)
{
	size_t n = 0, i;

	for (i = 0; i < SNAPSHOTS_MAX; i++)
		n += c->snapshots[i].text.n;
	return n;
}

json_t *
snapshots_array(const struct control *c)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < SNAPSHOTS_MAX; i++) {
		if (c->snapshots[i].name[0])
			json_array_append_new(list, json_string(c->snapshots[i].name));
	}
	return list;
}

void
contents_free(struct control *c)
{
	size_t i;

	for (i = 0; i < SNAPSHOTS_MAX; i++)
		buf_free(&c->snapshots[i].text);
	buf_free(&c->serial);
}

/* Under this name, in place of what was; text is taken over. False: refused. */
static bool
put_aside(struct call *call, const char *name, struct buf *text)
{
	struct control *c = call->owner;
	struct snapshot *s = snapshot_named(c, name);
	size_t before = s ? s->text.n : 0;

	if (!s)
		s = snapshot_named(c, "");
	if (!s) {
		call_refuse(call, "too-large", "there are %d snapshots already", SNAPSHOTS_MAX);
		return false;
	}
	if (snapshots_bytes(c) - before + text->n > SNAPSHOTS_BYTES) {
		call_refuse(call, "too-large", "snapshots would take more than %u bytes",
			    SNAPSHOTS_BYTES);
		return false;
	}
	buf_free(&s->text);
	strlcpy(s->name, name, sizeof(s->name));
	s->text = *text;
	s->detached = c->loaded;
	*text = (struct buf) { .max = 0 };
	return true;
}

static bool
check_keeps(struct call *call)
{
	if (!call_control(call)->image)
		call_refuse(call, "not-possible", "a card of type %s keeps nothing",
			    call_control(call)->o->type->name);
	return !call->error;
}

/* The card's image as it is now. False: refused. */
static bool
now(struct call *call, struct buf *text)
{
	struct control *c = call->owner;
	int rc;

	if (!check_keeps(call))
		return false;
	*text = (struct buf)BUF(IMAGE_TEXT_MAX);
	rc = image_text(c->image, text);
	if (rc == 0)
		return true;
	buf_free(text);
	call_refuse(call, "io", "the image cannot be read: %s", strerror(-rc));
	return false;
}

static bool
write_all(struct call *call, int fd, struct view text)
{
	ssize_t n;

	while (text.n > 0) {
		n = write(fd, text.p, text.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			call_refuse(call, "io", "the file cannot be written: %s",
				    strerror(n < 0 ? errno : ENOSPC));
			return false;
		}
		text = view_slice(text, (size_t)n, text.n);
	}
	return true;
}

/* Into the descriptor that came with it, or aside. */
static bool
keep_snapshot(struct call *call, const char *name, struct buf *text)
{
	bool done;
	int fd;

	if (call->client->passed < 0)
		return put_aside(call, name ? name : "last", text);
	fd = call_file(call);
	done = fd >= 0 && write_all(call, fd, buf_view(text));
	if (fd >= 0)
		close(fd);
	return done;
}

/* Names are those of cards, but for the one that is ours. */
static bool
check_name(struct call *call, const char *name, bool own)
{
	if (!name || (place_is_name(name) && (own || strcmp(name, SNAPSHOT_OWN) != 0)))
		return true;
	call_refuse(call, "bad-argument", "name: 1 to %d letters, digits, - _ and .; not %s",
		    PLACE_NAME_MAX, SNAPSHOT_OWN);
	return false;
}

json_t *
do_snapshot(struct call *call)
{
	const char *name = call_text(call, "name");
	struct buf text;
	json_int_t n;
	bool done;

	if (name && call->client->passed >= 0)
		return call_refuse(call, "bad-argument", "a name, or a descriptor");
	if (!check_name(call, name, false) || !now(call, &text))
		return NULL;
	n = (json_int_t)text.n;
	done = keep_snapshot(call, name, &text);
	buf_free(&text);
	if (!done)
		return NULL;
	return json_pack("{s:o, s:I}", "serial", service_hex(buf_view(&call_control(call)->serial)),
			 "bytes", n);
}

/* --- the other way ------------------------------------------------------------------ */

static bool
check_out(struct call *call)
{
	if (host_is_out(call_control(call)->host) && !call_control(call)->host->connected)
		return true;
	call_refuse(call, "in", "the card is in: take it out first");
	return false;
}

/* A card like this one, of another state, sits down in its place. */
static bool
exchange_card(struct call *call, struct state *state)
{
	struct control *c = call->owner;
	struct card_config cfg = c->cfg;
	struct card *card;

	contents_serial(c, state);
	cfg.state = state;
	card = card_open(c->o->type, &cfg, &c->env);
	if (!card) {
		call_refuse(call, "internal", "no memory for another card");
		return false;
	}
	seat_exchange(c->seat, card);
	c->self_powered = false;
	return true;
}

static bool
take_state(struct call *call, struct view text, bool detached)
{
	struct control *c = call->owner;
	struct state *state;
	char error[512];
	int rc = image_replace(c->image, text, detached, &state, error, sizeof(error));

	if (rc < 0) {
		call_refuse(call, rc == -EINVAL ? "bad-argument" : "io", "%s", error);
		return false;
	}
	c->loaded = detached;
	return exchange_card(call, state);
}

static json_t *
serial_of(const struct call *call)
{
	return json_pack("{s:o}", "serial", service_hex(buf_view(&call_control(call)->serial)));
}

json_t *
do_restore(struct call *call)
{
	const char *name = call_text(call, "name");
	const struct snapshot *s;

	if (!check_name(call, name, true) || !check_keeps(call))
		return NULL;
	s = snapshot_named(call_control(call), name ? name : "last");
	if (!s)
		return call_refuse(call, "no-snapshot", "there is no snapshot %s",
				   name ? name : "last");
	if (!check_out(call) || !take_state(call, buf_view(&s->text), s->detached))
		return NULL;
	return serial_of(call);
}

/* All that the descriptor has, from its start on. False: refused. */
static bool
read_file(struct call *call, struct buf *text)
{
	int fd = call_file(call), rc;

	if (fd < 0)
		return false;
	rc = lseek(fd, 0, SEEK_SET) < 0 ? -errno : slurp_fd(fd, text);
	close(fd);
	if (rc < 0)
		call_refuse(call, rc == -EFBIG ? "too-large" : "io", "the file cannot be read: %s",
			    strerror(-rc));
	return rc == 0;
}

/* Its own state is put aside first, once: a file never becomes another card's. */
static bool
keep_own(struct call *call)
{
	struct buf text;
	bool kept;

	if (call_control(call)->loaded)
		return true;
	if (!now(call, &text))
		return false;
	kept = put_aside(call, SNAPSHOT_OWN, &text);
	buf_free(&text);
	return kept;
}

json_t *
do_load(struct call *call)
{
	struct buf text = BUF(IMAGE_TEXT_MAX);
	json_t *ok = NULL;

	if (!check_keeps(call) || !check_out(call))
		return NULL;
	if (read_file(call, &text) && keep_own(call) && take_state(call, buf_view(&text), true))
		ok = serial_of(call);
	buf_free(&text);
	if (ok)
		json_object_set_new(ok, "type", service_text(call_control(call)->o->type->name));
	return ok;
}

/* --- a command without a reader ---------------------------------------------------------- */

json_t *
do_apdu(struct call *call)
{
	struct control *c = call->owner;
	struct buf cmd = BUF(SERVER_LINE_MAX / 2), rsp = BUF(CARD_RESPONSE_MAX);
	json_t *ok = NULL;
	int rc = 0;

	if (!check_out(call))
		return NULL;
	if (!hex_read(&cmd, call_text(call, "command")) || cmd.n < 2) {
		buf_free(&cmd);
		return call_refuse(call, "bad-argument", "command: a command, in hexadecimal");
	}
	if (!c->self_powered)
		rc = card_power(c->host->card, CARD_POWER_ON);
	c->self_powered = rc == 0;
	if (rc == 0)
		rc = card_transmit(c->host->card, buf_view(&cmd), &rsp);
	if (rc == 0)
		ok = json_pack("{s:o}", "response", service_hex(buf_view(&rsp)));
	else
		call_refuse(call, "io", "the card has failed: %s", strerror(-rc));
	buf_free(&cmd);
	buf_free(&rsp);
	return ok;
}
