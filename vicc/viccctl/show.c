/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "viccctl/show.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/slurp.h"
#include "daemon/address.h"
#include "daemon/qr.h"
#include "daemon/reader.h"
#include "name.h"

#define DUMP (JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(16))

void
show_json(const json_t *v)
{
	json_dumpf(v, stdout, DUMP);
	putchar('\n');
	fflush(stdout);
}

void
show_value(const json_t *v)
{
	if (json_is_string(v))
		puts(json_string_value(v));
	else if (v)
		show_json(v);
}

/* --- status -------------------------------------------------------------------- */

static const char *
text(const json_t *status, const char *member, const char *none)
{
	const char *s = json_string_value(json_object_get(status, member));

	return s ? s : none;
}

/* What pcscd knows of it, which the card does not. */
static void
add_reader(const struct ctl *t, json_t *status)
{
	struct readers r;
	const char *why;
	size_t i;

	if (t->no_pcsc || !ctl_readers(&r, status, &why))
		return;
	/* of several, the one in which a card is */
	for (i = 0; i + 1 < r.n && !(r.r[i].event_state & SCARD_STATE_PRESENT); i++)
		;
	json_object_set_new(status, "reader", json_string(r.r[i].name));
	json_object_set_new(status, "seen", json_boolean(r.r[i].event_state & SCARD_STATE_PRESENT));
}

static void
state_text(const json_t *status, char *out, size_t size)
{
	snprintf(out, size, "%s%s%s%s", text(status, "state", "?"),
		 json_is_true(json_object_get(status, "powered")) ? ", power" : "",
		 json_is_true(json_object_get(status, "muted")) ? ", mute" : "",
		 json_is_string(json_object_get(status, "locked")) ? ", locked" : "");
}

int
show_status(struct ctl *t)
{
	char state[64];
	int code;
	json_t *s = ctl_do(t, "status", &code);

	if (!s)
		return code;
	add_reader(t, s);
	if (t->json) {
		show_json(s);
		json_decref(s);
		return CTL_DONE;
	}
	if (!t->headed)
		printf("%-8s %-12s %-20s %-12s %-20s %6s  %s\n", "NAME", "TYPE", "SLOT", "STATE",
		       "READER", "APDUS", "LAST");
	t->headed = true;
	state_text(s, state, sizeof(state));
	printf("%-8s %-12s %-20s %-12s %-20s %6lld  %.4s %s\n", text(s, "name", ""),
	       text(s, "type", ""), text(s, "endpoint", ""), state, text(s, "reader", "-"),
	       (long long)json_integer_value(json_object_get(s, "apdus")), text(s, "header", ""),
	       text(s, "sw", ""));
	json_decref(s);
	return CTL_DONE;
}

/* --- readers --------------------------------------------------------------------- */

#define ADDRESSES_MAX 16
#define CONFIG_MAX (1u << 20) /* bytes */

/* One listing: where a phone can go. */
struct listing {
	bool draw;
	bool drawn;
	size_t slots;
};

static void
show_address(struct listing *l, const char *address, unsigned port)
{
	char text[ADDRESS_TEXT + 32];

	snprintf(text, sizeof(text), strchr(address, ':') ? "vpcd://[%s]:%u" : "vpcd://%s:%u",
		 address, port);
	printf("  %s\n", text);
	if (l->draw && !l->drawn)
		l->drawn = qr_draw(stdout, text);
}

static bool
is_loopback(const char *address)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST }, *a;
	bool loopback = false;

	if (!*address || strcmp(address, "localhost") == 0)
		return true;
	if (getaddrinfo(address, NULL, &hints, &a) == 0) {
		loopback = address_is_loopback(a->ai_addr);
		freeaddrinfo(a);
	}
	return loopback;
}

/* How others reach that slot, or why they cannot. */
static void
show_ways(struct listing *l, const char *host, unsigned port)
{
	char addresses[ADDRESSES_MAX][ADDRESS_TEXT];
	size_t n, i;

	if (is_loopback(host)) {
		printf("  only programs of this machine reach it; with DEVICENAME listen:@:%u others do\n",
		       port);
	} else if (strcmp(host, "@") == 0) {
		n = address_list(addresses, ADDRESSES_MAX);
		for (i = 0; i < n; i++)
			show_address(l, addresses[i], port);
		if (n == 0)
			printf("  this machine has no address that others reach\n");
	} else {
		show_address(l, host, port);
	}
}

/* listen:HOST:PORT, as the driver writes it. */
static void
show_endpoint(struct listing *l, const char *endpoint)
{
	char host[ADDRESS_TEXT];
	const char *at, *port = strrchr(endpoint, ':');
	size_t n;

	if (strncmp(endpoint, "unix:", 5) == 0)
		printf("  only programs of this machine reach it; with DEVICENAME listen:@:35963 others do\n");
	if (strncmp(endpoint, "listen:", 7) != 0)
		return;
	at = endpoint + 7 + (endpoint[7] == '[');
	n = (size_t)(port - at) - (endpoint[7] == '[');
	snprintf(host, sizeof(host), "%.*s", (int)n, at);
	show_ways(l, host, (unsigned)strtoul(port + 1, NULL, 10));
}

static void
show_slot(void *ctx, const char *name, const char *endpoint, const char *atr)
{
	struct listing *l = ctx;

	printf("%-24s %-28s %s\n", name, endpoint, atr);
	show_endpoint(l, endpoint);
	l->slots++;
}

/* The entries of a configuration of pcscd's, for whoever may not ask it. */
static int
show_config(struct ctl *t, struct listing *l)
{
	struct buf text = BUF(CONFIG_MAX);
	char *rest, *line, error[256], endpoint[NAME_TEXT_SIZE];
	struct name name;
	unsigned k;
	int rc = slurp(t->config, &text);

	buf_u8(&text, 0);
	if (rc < 0 || text.failed) {
		buf_free(&text);
		return ctl_fail(t, CTL_FAILED, "%s: %s", t->config,
				strerror(rc < 0 ? -rc : ENOMEM));
	}
	rest = (char *)text.p;
	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, " \t");
		if (strncmp(line, "DEVICENAME", 10) != 0 || !line[10])
			continue;
		line += 10 + strspn(line + 10, " \t");
		line[strcspn(line, " \t\r")] = '\0';
		if (name_parse(&name, line, error, sizeof(error)) < 0)
			continue; /* of another driver */
		for (k = 0; k < name.slots; k++) {
			name_endpoint(&name, k, endpoint);
			show_slot(l, line, endpoint, "");
		}
	}
	buf_free(&text);
	return CTL_DONE;
}

int
show_readers(struct ctl *t)
{
	struct listing l = { .draw = t->qr || isatty(STDOUT_FILENO) };
	const char *why = NULL;

	if (t->config)
		return show_config(t, &l);
	if (!readers_all(show_slot, &l, &why))
		return ctl_fail(t, CTL_FAILED,
				"%s: --config FILE reads the entries of a configuration", why);
	return l.slots > 0 ? CTL_DONE : ctl_fail(t, CTL_NOBODY, "pcscd has no reader of vpcd");
}
