/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <reader.h>

#define SERIAL_MAX MAX_BUFFER_SIZE /* bytes: libpcsclite refuses to ask for more */

/* Whether the reader's serial number, its endpoint, is the one that the card connects to. */
static bool
is_endpoint(const char *serial, const char *path, unsigned port)
{
	const char *own = strrchr(serial, ':');

	if (path)
		return strncmp(serial, "unix:", 5) == 0 && strcmp(serial + 5, path) == 0;
	return own && strncmp(serial, "listen:", 7) == 0 && strtoul(own + 1, NULL, 10) == port;
}

/* Without power, and beside others; where somebody has the reader for himself it is not told. */
static bool
ask_serial(SCARDCONTEXT ctx, const char *reader, char serial[SERIAL_MAX + 1])
{
	DWORD protocol, n = SERIAL_MAX;
	SCARDHANDLE handle;
	bool told;

	if (SCardConnect(ctx, reader, SCARD_SHARE_DIRECT, 0, &handle, &protocol) != SCARD_S_SUCCESS)
		return false;
	memset(serial, 0, SERIAL_MAX + 1);
	told = SCardGetAttrib(handle, SCARD_ATTR_VENDOR_IFD_SERIAL_NO, (LPBYTE)serial, &n) ==
	       SCARD_S_SUCCESS;
	SCardDisconnect(handle, SCARD_LEAVE_CARD);
	return told;
}

/* All names, one after the other, each with its NUL, and another; the caller's. NULL: none. */
static char *
list_names(SCARDCONTEXT ctx)
{
	DWORD n = 0;
	char *names;

	if (SCardListReaders(ctx, NULL, NULL, &n) != SCARD_S_SUCCESS)
		return NULL;
	names = calloc(1, n + 2);
	if (names && SCardListReaders(ctx, NULL, names, &n) != SCARD_S_SUCCESS) {
		free(names);
		names = NULL;
	}
	return names;
}

/*
 * What is now, or, after ms at most, what is no longer as it was. In a context of its own: see
 * readers_await.
 */
static LONG
reader_look(struct readers *r, DWORD ms, bool first)
{
	SCARD_READERSTATE states[READERS_MAX] = { { 0 } };
	SCARDCONTEXT ctx;
	LONG rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &ctx);
	size_t i;

	if (rc != SCARD_S_SUCCESS)
		return rc;
	for (i = 0; i < r->n; i++) {
		states[i].szReader = r->r[i].name;
		states[i].dwCurrentState = first ? SCARD_STATE_UNAWARE : r->r[i].event_state;
	}
	rc = SCardGetStatusChange(ctx, ms, states, (DWORD)r->n);
	for (i = 0; i < r->n && rc == SCARD_S_SUCCESS; i++) {
		r->r[i].event_state = states[i].dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
		r->r[i].atr_len = states[i].cbAtr;
		memcpy(r->r[i].atr, states[i].rgbAtr, sizeof(r->r[i].atr));
	}
	SCardReleaseContext(ctx);
	return rc;
}

static void
find(SCARDCONTEXT ctx, struct readers *to, const char *path, unsigned port)
{
	char *names = list_names(ctx), serial[SERIAL_MAX + 1];
	const char *name;

	for (name = names; name && *name && to->n < READERS_MAX; name += strlen(name) + 1) {
		if (ask_serial(ctx, name, serial) && is_endpoint(serial, path, port))
			strlcpy(to->r[to->n++].name, name, MAX_READERNAME);
	}
	free(names);
}

/* Why pcscd was not asked. */
static const char *
reader_reason(LONG rc)
{
	return rc == SCARD_W_SECURITY_VIOLATION ? "pcscd does not let this user in"
						: "pcscd is not there";
}

static void
atr_text(const struct readers *r, char text[2 * MAX_ATR_SIZE + 8])
{
	DWORD i;

	snprintf(text, 8, r->r[0].event_state & SCARD_STATE_MUTE ? "mute" : "empty");
	if (r->r[0].event_state & SCARD_STATE_PRESENT) {
		for (i = 0; i < r->r[0].atr_len; i++)
			snprintf(text + 2 * i, 3, "%02X", r->r[0].atr[i]);
	}
}

bool
readers_all(void (*call)(void *ctx, const char *name, const char *endpoint, const char *atr),
	    void *ctx, const char **why)
{
	struct readers one = { .n = 1 };
	char *names, serial[SERIAL_MAX + 1], atr[2 * MAX_ATR_SIZE + 8];
	const char *name;
	SCARDCONTEXT sc;
	LONG rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &sc);

	*why = reader_reason(rc);
	if (rc != SCARD_S_SUCCESS)
		return false;
	names = list_names(sc);
	for (name = names; name && *name; name += strlen(name) + 1) {
		if (!ask_serial(sc, name, serial) ||
		    (strncmp(serial, "listen:", 7) != 0 && strncmp(serial, "unix:", 5) != 0 &&
		     strncmp(serial, "connect:", 8) != 0))
			continue;
		strlcpy(one.r[0].name, name, MAX_READERNAME);
		reader_look(&one, 0, true);
		atr_text(&one, atr);
		call(ctx, name, serial, atr);
	}
	free(names);
	SCardReleaseContext(sc);
	return true;
}

bool
readers_of(struct readers *to, const char *path, unsigned port, const char **why)
{
	SCARDCONTEXT ctx;
	LONG rc;

	*to = (struct readers) { .n = 0 };
	rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &ctx);
	*why = reader_reason(rc);
	if (rc != SCARD_S_SUCCESS)
		return false;
	find(ctx, to, path, port);
	SCardReleaseContext(ctx);
	*why = "no reader of pcscd is at the card's endpoint";
	return to->n > 0 && reader_look(to, 0, true) == SCARD_S_SUCCESS;
}

/*
 * Each look is a connection of its own: in pcsc-lite 2.5 an event that comes while a
 * client asks for the states is taken for their number. And in slices: what happens
 * between pcscd's telling the state and its knowing that somebody waits, it tells nobody.
 */
void
readers_await(struct readers *r, int ms)
{
	reader_look(r, ms < 200 ? (DWORD)ms : 200, false);
}

unsigned
readers_counter(const struct readers *r, size_t i)
{
	return (unsigned)(r->r[i].event_state >> 16);
}

LONG
reader_reset(const char *name, bool cold)
{
	SCARDCONTEXT ctx;
	SCARDHANDLE handle;
	DWORD protocol;
	LONG rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &ctx);

	if (rc != SCARD_S_SUCCESS)
		return rc;
	rc = SCardConnect(ctx, name, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &handle, &protocol);
	if (rc == SCARD_S_SUCCESS)
		rc = SCardDisconnect(handle, cold ? SCARD_UNPOWER_CARD : SCARD_RESET_CARD);
	SCardReleaseContext(ctx);
	return rc;
}
