/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* barerelay PORT READER: the yardstick's relay: one recv, one SCardTransmit, one send. */
#include <stdio.h>
#include <stdlib.h>

#include <winscard.h>

#include "bare.h"

#define PROTOCOLS (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)

static SCARDHANDLE card;
static DWORD protocol;

static bool
reply(int fd, const uint8_t *body, size_t n)
{
	static uint8_t out[BARE_FRAME_MAX];
	DWORD len = sizeof(out);

	if (n != 1)
		return SCardTransmit(card,
				     protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0,
				     body, (DWORD)n, NULL, out, &len) == SCARD_S_SUCCESS &&
		       bare_send(fd, out, len);
	if (body[0] != 4)
		return true;
	return SCardStatus(card, NULL, NULL, NULL, NULL, out, &len) == SCARD_S_SUCCESS &&
	       bare_send(fd, out, len);
}

int
main(int argc, char **argv)
{
	static uint8_t in[BARE_FRAME_MAX];
	SCARDCONTEXT ctx;
	size_t have, at;
	int fd;

	if (argc != 3) {
		fputs("usage: barerelay PORT READER\n", stderr);
		return 2;
	}
	if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &ctx) != SCARD_S_SUCCESS ||
	    SCardConnect(ctx, argv[2], SCARD_SHARE_EXCLUSIVE, PROTOCOLS, &card, &protocol) !=
		    SCARD_S_SUCCESS)
		return 1;
	fd = bare_dial((unsigned)atoi(argv[1]), 500);
	if (fd < 0)
		return 1;
	bare_no_delay(fd);
	while ((have = bare_receive(fd, in)) > 0) {
		for (at = 0; at < have; at += BARE_HEADER + bare_length(in + at))
			if (!reply(fd, in + at + BARE_HEADER, bare_length(in + at)))
				return 1;
	}
	return 0;
}
