/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run/present.h"

#include <string.h>
#include <winscard.h>

#define READERS_MAX 64
#define NAMES_MAX 8192

static unsigned
present_list(SCARDCONTEXT ctx, char *names, SCARD_READERSTATE *states)
{
	DWORD size = NAMES_MAX;
	unsigned n = 0;
	char *name;

	if (SCardListReaders(ctx, NULL, names, &size) != SCARD_S_SUCCESS)
		return 0;
	for (name = names; *name && n < READERS_MAX; name += strlen(name) + 1)
		states[n++] = (SCARD_READERSTATE) { .szReader = name };
	return n;
}

static unsigned
count_present(const SCARD_READERSTATE *states, unsigned n)
{
	unsigned i, present = 0;

	for (i = 0; i < n; i++)
		present += (states[i].dwEventState & SCARD_STATE_PRESENT) != 0;
	return present;
}

static bool
present_look(SCARDCONTEXT ctx, unsigned cards, unsigned ms)
{
	SCARD_READERSTATE states[READERS_MAX];
	char names[NAMES_MAX];
	unsigned i, n = present_list(ctx, names, states);

	if (n == 0 || SCardGetStatusChange(ctx, 0, states, n) != SCARD_S_SUCCESS)
		return cards == 0;
	if (count_present(states, n) >= cards)
		return true;
	for (i = 0; i < n; i++)
		states[i].dwCurrentState = states[i].dwEventState;
	SCardGetStatusChange(ctx, ms, states, n);
	return count_present(states, n) >= cards;
}

bool
present_wait(unsigned cards, unsigned ms)
{
	SCARDCONTEXT ctx;
	bool present;

	if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &ctx) != SCARD_S_SUCCESS)
		return false;
	present = present_look(ctx, cards, ms);
	SCardReleaseContext(ctx);
	return present;
}
