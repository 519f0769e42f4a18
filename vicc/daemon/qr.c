/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "daemon/qr.h"

#include <netdb.h>
#include <string.h>
#ifdef HAVE_QRENCODE
#include <qrencode.h>
#endif

#include "daemon/address.h"

#define ADDRESSES_MAX 16
#define QUIET 4 /* light modules around the code (ISO/IEC 18004, 6.3.8) */

#ifdef HAVE_QRENCODE

static bool
dark(const QRcode *qr, int x, int y)
{
	if (x < 0 || y < 0 || x >= qr->width || y >= qr->width)
		return false;
	return qr->data[y * qr->width + x] & 1;
}

/* Two rows of modules become one of characters, black on white whatever the terminal's colours. */
bool
qr_draw(FILE *out, const char *text)
{
	static const char *const halves[] = { " ", "\u2580", "\u2584", "\u2588" };
	QRcode *qr = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);
	int x, y;

	if (!qr)
		return false;
	for (y = -QUIET; y < qr->width + QUIET; y += 2) {
		fputs("\033[30;107m", out);
		for (x = -QUIET; x < qr->width + QUIET; x++)
			fputs(halves[dark(qr, x, y) | dark(qr, x, y + 1) << 1], out);
		fputs("\033[0m\n", out);
	}
	QRcode_free(qr);
	return true;
}

#else

bool
qr_draw(FILE *out, const char *text)
{
	(void)out;
	(void)text;
	return false;
}

#endif

/* Is it one address, and which kind? */
enum kind { KIND_LOOPBACK, KIND_ONE, KIND_ALL };

static enum kind
kind_of(const char *host)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST }, *a;
	bool loopback;

	if (!host || strcasecmp(host, "localhost") == 0)
		return KIND_LOOPBACK;
	if (strcmp(host, "@") == 0 || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0)
		return KIND_ALL;
	if (getaddrinfo(host, NULL, &hints, &a) != 0)
		return KIND_ONE;
	loopback = address_is_loopback(a->ai_addr);
	freeaddrinfo(a);
	return loopback ? KIND_LOOPBACK : KIND_ONE;
}

static void
announce_one(FILE *out, const char *host, unsigned port, bool draw)
{
	char text[LINK_TEXT];

	snprintf(text, sizeof(text), strchr(host, ':') ? "vicc://[%s]:%u" : "vicc://%s:%u", host,
		 port);
	fprintf(out, "%s\n", text);
	if (draw)
		qr_draw(out, text);
}

void
qr_announce(FILE *out, const struct endpoint *where, bool draw)
{
	enum kind kind = kind_of(where->host);
	char texts[ADDRESSES_MAX][ADDRESS_TEXT];
	size_t i, n;

	if (kind != KIND_ALL) {
		announce_one(out, where->host ? where->host : "localhost", where->port,
			     draw && kind == KIND_ONE);
	} else {
		n = address_list(texts, ADDRESSES_MAX);
		for (i = 0; i < n; i++)
			announce_one(out, texts[i], where->port, draw && i == 0);
		if (n == 0)
			announce_one(out, "localhost", where->port, false);
	}
	fflush(out);
}
