/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "name.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "wire.h"

#define TIMEOUT_S 60
#define LISTEN_SLOTS 2

/* The text being taken apart, and where to say what is wrong with it. */
struct parse {
	struct name *n;
	char text[NAME_TEXT_SIZE * 2];
	bool slots_given;
	bool unix_given; /* mode= or group= */
	char *error;
	size_t error_size;
};

static int name_refuse(struct parse *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int
name_refuse(struct parse *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->error, p->error_size, fmt, ap);
	va_end(ap);
	return -1;
}

/* Digits only, in base 10, or 16 after 0x: no sign, no space, no rest. */
static bool
name_number(const char *s, unsigned base, unsigned long min, unsigned long max, unsigned long *out)
{
	char *end;

	if (base == 0) {
		base = 10;
		if (strncasecmp(s, "0x", 2) == 0) {
			base = 16;
			s += 2;
		}
	}
	if (!isxdigit((unsigned char)*s) || strlen(s) > 8)
		return false;
	*out = strtoul(s, &end, (int)base);
	/* strtoul takes another 0x in base 16 */
	return *end == '\0' && !strpbrk(s, "xX") && *out >= min && *out <= max;
}

static int
option_number(struct parse *p, const char *key, const char *value, unsigned long max, unsigned *out)
{
	unsigned long v;

	if (!name_number(value, 10, 1, max, &v))
		return name_refuse(p, "/%s=%s: want 1..%lu", key, value, max);
	*out = (unsigned)v;
	return 0;
}

static int
option_mode(struct parse *p, const char *value)
{
	unsigned long v;

	if (!name_number(value, 8, 0, 0777, &v))
		return name_refuse(p, "/mode=%s: want an octal mode such as 0660", value);
	p->n->file_mode = (mode_t)v;
	p->unix_given = true;
	return 0;
}

static int
option_group(struct parse *p, const char *value)
{
	const struct group *g = getgrnam(value);

	if (!g)
		return name_refuse(p, "/group=%s: no such group", value);
	p->n->group = g->gr_gid;
	p->unix_given = true;
	return 0;
}

/* Pairs of hexadecimal digits: how many bytes, at most max; 0: it is something else. */
static size_t
name_hex(const char *s, uint8_t *out, size_t max)
{
	char pair[3] = "";
	size_t n;

	for (n = 0; s[2 * n]; n++) {
		pair[0] = s[2 * n];
		pair[1] = s[2 * n + 1];
		if (n == max || !isxdigit((unsigned char)pair[0]) ||
		    !isxdigit((unsigned char)pair[1]))
			return 0;
		out[n] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

static int
option_atr(struct parse *p, const char *value)
{
	struct name *n = p->n;
	const char *fault;

	if (n->atr_from != NAME_ATR_ASKED)
		return name_refuse(p, "/atr=: want one");
	n->atr_from = NAME_ATR_POWER;
	if (strcmp(value, "power") == 0)
		return 0;
	n->atr_from = NAME_ATR_FIXED;
	n->atr_len = name_hex(value, n->atr, sizeof(n->atr));
	if (n->atr_len == 0)
		return name_refuse(p, "/atr=%s: want power, or at most %d bytes in hexadecimal",
				   value, ATR_MAX);
	fault = atr_fault(n->atr, n->atr_len);
	return fault ? name_refuse(p, "/atr=%s is no ATR: %s", value, fault) : 0;
}

static int
option_pad(struct parse *p, const char *value)
{
	if (strcmp(value, "1") != 0 && strcmp(value, "display") != 0)
		return name_refuse(p, "/pad=%s: want 1 or display", value);
	p->n->pad = *value == '1' ? NAME_PAD_KEYS : NAME_PAD_DISPLAY;
	return 0;
}

static int
option(struct parse *p, const char *key, const char *value)
{
	if (strcmp(key, "slots") == 0) {
		p->slots_given = true;
		return option_number(p, key, value, NAME_SLOTS_MAX, &p->n->slots);
	}
	if (strcmp(key, "timeout") == 0)
		return option_number(p, key, value, NAME_TIMEOUT_MAX, &p->n->timeout_s);
	if (strcmp(key, "atr") == 0)
		return option_atr(p, value);
	if (strcmp(key, "mode") == 0)
		return option_mode(p, value);
	if (strcmp(key, "group") == 0)
		return option_group(p, value);
	if (strcmp(key, "pad") == 0)
		return option_pad(p, value);
	if (strcmp(key, "shared") != 0)
		return name_refuse(
			p, "/%s=%s: unknown; want slots, shared, timeout, atr, pad, mode or group",
			key, value);
	if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
		return name_refuse(p, "/shared=%s: want 0 or 1", value);
	p->n->shared = *value == '1';
	return 0;
}

/* Take the trailing /key=value segments off, the last one first. */
static int
options(struct parse *p)
{
	char *slash, *equals;

	while ((slash = strrchr(p->text, '/')) && (equals = strchr(slash, '='))) {
		*slash = *equals = '\0';
		if (option(p, slash + 1, equals + 1) < 0)
			return -1;
	}
	return 0;
}

static int
port(struct parse *p, const char *s)
{
	unsigned long v;

	if (!name_number(s, 0, 1, 65535, &v))
		return name_refuse(p, "port \"%s\": want 1..65535, decimal or 0x hex", s);
	p->n->port = (uint16_t)v;
	return 0;
}

/* Strip the brackets of [IPv6]. */
static void
unbracket(char *s)
{
	size_t n = strlen(s);

	if (n > 2 && s[0] == '[' && s[n - 1] == ']') {
		memmove(s, s + 1, n - 2);
		s[n - 2] = '\0';
	}
}

static bool
is_numeric(const char *s)
{
	struct in6_addr any;

	return inet_pton(AF_INET, s, &any) == 1 || inet_pton(AF_INET6, s, &any) == 1;
}

/*
 * `address[:port]`, split at the last colon, unless that stands in brackets. A
 * host of several colons must be an IPv6 address.
 */
static int
address(struct parse *p, char *s)
{
	char *colon = strrchr(s, ':');

	if (colon && !strchr(colon, ']')) {
		*colon = '\0';
		if (port(p, colon + 1) < 0)
			return -1;
	}
	unbracket(s);
	if (*s == '\0' || strpbrk(s, "/=[]\"' "))
		return name_refuse(p, "\"%s\" is no address", s);
	if (strchr(s, ':') && !is_numeric(s))
		return name_refuse(p, "\"%s\" is no IPv6 address", s);
	if (strlcpy(p->n->address, s, sizeof(p->n->address)) >= sizeof(p->n->address))
		return name_refuse(p, "the address is too long");
	return 0;
}

static int
listen_address(struct parse *p, char *s)
{
	char *a = p->n->address;

	/* a lone number is the port, on loopback */
	if (isdigit((unsigned char)*s) && !strpbrk(s, ".:"))
		return port(p, s);
	if (address(p, s) < 0)
		return -1;
	if (strcmp(a, "localhost") == 0)
		*a = '\0';
	else if (strcmp(a, "@") != 0 && !is_numeric(a))
		return name_refuse(
			p, "cannot listen on \"%s\": want a numeric address, or @ for all", a);
	return 0;
}

static int
unix_path(struct parse *p, const char *s)
{
	struct sockaddr_un sun;
	size_t suffix = p->n->slots > 1 && !p->n->shared ? strlen(".15") : 0;

	p->n->mode = NAME_UNIX;
	if (*s != '/' || s[strlen(s) - 1] == '/')
		return name_refuse(p, "unix:%s: want the absolute path of a socket", s);
	if (strlen(s) + suffix >= sizeof(sun.sun_path))
		return name_refuse(p, "unix:%s: longer than the %zu bytes of a socket's path", s,
				   sizeof(sun.sun_path) - 1 - suffix);
	strlcpy(p->n->address, s, sizeof(p->n->address));
	return 0;
}

static int
connect_address(struct parse *p, char *s)
{
	p->n->mode = NAME_CONNECT;
	if (!p->slots_given)
		p->n->slots = 1;
	if (p->n->shared)
		return name_refuse(p, "/shared=1 is for a reader that listens");
	if (address(p, s) < 0)
		return -1;
	if (strcmp(p->n->address, "@") == 0)
		return name_refuse(p, "cannot connect to @: want a host");
	return 0;
}

static int
mode(struct parse *p)
{
	char *s = p->text;

	if (strncmp(s, "unix:", 5) == 0)
		return unix_path(p, s + 5);
	if (strncmp(s, "connect:", 8) == 0)
		return connect_address(p, s + 8);
	if (strncmp(s, "listen:", 7) == 0)
		return listen_address(p, s + 7);
	/* as others write it: a device that is none, for pcscd's sake */
	if (strncmp(s, "/dev/null:", 10) == 0)
		return port(p, s + 10);
	if (strcmp(s, "/dev/null") == 0)
		return 0;
	if (*s == '/' || !strchr(s, ':'))
		return name_refuse(p, "\"%s\": want listen:, unix:, connect: or host:port", s);
	return connect_address(p, s);
}

/* What only the whole shows. */
static int
name_check(struct parse *p)
{
	const struct name *n = p->n;
	char pad[PADLINE_PATH];

	if (p->unix_given && n->mode != NAME_UNIX && n->pad == NAME_PAD_NONE)
		return name_refuse(p, "/mode= and /group= are for unix: and /pad=");
	if (n->mode != NAME_UNIX && !n->shared && n->port + n->slots - 1 > 65535)
		return name_refuse(p, "port %u: no room for %u slots above it", n->port, n->slots);
	if (n->pad != NAME_PAD_NONE && !name_pad_path(n, n->slots - 1, pad))
		return name_refuse(p, "/pad=: the path of its socket would be longer than %d bytes",
				   PADLINE_PATH - 1);
	return 0;
}

static void
defaults(struct name *n)
{
	*n = (struct name) {
		.mode = NAME_LISTEN,
		.port = WIRE_PORT,
		.slots = LISTEN_SLOTS,
		.timeout_s = TIMEOUT_S,
		.file_mode = 0600,
		.group = (gid_t)-1,
	};
}

int
name_parse(struct name *n, const char *devicename, char *error, size_t size)
{
	struct parse p = { .n = n, .error = error, .error_size = size };
	size_t len = strlen(devicename);

	defaults(n);
	/* pcscd strips the quotes of FRIENDLYNAME only */
	if (len >= 2 && devicename[0] == '"' && devicename[len - 1] == '"') {
		devicename++;
		len -= 2;
	}
	if (len == 0)
		return name_refuse(&p, "it is empty");
	if (len >= sizeof(p.text))
		return name_refuse(&p, "it is longer than %zu characters", sizeof(p.text) - 1);
	memcpy(p.text, devicename, len);
	if (options(&p) < 0 || mode(&p) < 0)
		return -1;
	return name_check(&p);
}

int
name_from_port(struct name *n, unsigned long number_, char *error, size_t size)
{
	struct parse p = { .n = n, .error = error, .error_size = size };

	defaults(n);
	if (number_ < 1 || number_ > 65535)
		return name_refuse(&p, "CHANNELID %lu: want a port, 1..65535", number_);
	n->port = (uint16_t)number_;
	return name_check(&p);
}

void
name_endpoint(const struct name *n, unsigned k, char *text)
{
	const char *address_ = n->address[0] ? n->address : "localhost";
	const char *prefix = n->mode == NAME_CONNECT ? "connect:" : "listen:";
	bool v6 = strchr(address_, ':') != NULL;

	if (n->shared)
		k = 0;
	if (n->mode == NAME_UNIX && k > 0)
		snprintf(text, NAME_TEXT_SIZE, "unix:%s.%u", address_, k);
	else if (n->mode == NAME_UNIX)
		snprintf(text, NAME_TEXT_SIZE, "unix:%s", address_);
	else
		snprintf(text, NAME_TEXT_SIZE, "%s%s%s%s:%u", prefix, v6 ? "[" : "", address_,
			 v6 ? "]" : "", n->port + k);
}

bool
name_pad_path(const struct name *n, unsigned k, char out[PADLINE_PATH])
{
	if (n->mode == NAME_UNIX)
		return padline_unix_path(out, n->address, k);
	return padline_tcp_path(out, n->shared ? n->port : n->port + k, n->shared ? k : 0,
				n->mode == NAME_CONNECT);
}

bool
name_collides(const struct name *a, const struct name *b)
{
	char x[NAME_TEXT_SIZE], y[NAME_TEXT_SIZE];
	unsigned i, k;

	for (i = 0; i < a->slots; i++) {
		for (k = 0; k < b->slots; k++) {
			name_endpoint(a, i, x);
			name_endpoint(b, k, y);
			if (strcmp(x, y) == 0)
				return true;
		}
	}
	return false;
}
