/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Programs that speak libnfc get a PC/SC reader instead: preloaded, it stands before the functions
 * of libnfc that such a program calls. NFCPCSC_READER is the reader's name. Written from the
 * manual of libnfc 1.8; what it takes and returns, and nothing else, is its.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winscard.h>

typedef char nfc_connstring[1024];

struct nfc_modulation {
	int type, rate;
};

#define NFC_EIO (-1)

static SCARDCONTEXT context;
static SCARDHANDLE handle;
static LONG last;

void
nfc_init(void **out)
{
	last = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
	*out = last == SCARD_S_SUCCESS ? &context : NULL;
}

void
nfc_exit(void *c)
{
	(void)c;
	SCardReleaseContext(context);
}

size_t
nfc_list_devices(void *c, nfc_connstring names[], size_t n)
{
	const char *reader = getenv("NFCPCSC_READER");

	(void)c;
	if (!reader || n == 0)
		return 0;
	snprintf(names[0], sizeof(names[0]), "%s", reader);
	return 1;
}

void *
nfc_open(void *c, const nfc_connstring name)
{
	DWORD protocol;

	(void)c;
	last = SCardConnect(context, name ? name : getenv("NFCPCSC_READER"), SCARD_SHARE_EXCLUSIVE,
			    SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &handle, &protocol);
	return last == SCARD_S_SUCCESS ? &handle : NULL;
}

void
nfc_close(void *d)
{
	(void)d;
	SCardDisconnect(handle, SCARD_RESET_CARD);
}

const char *
nfc_device_get_name(void *d)
{
	(void)d;
	return getenv("NFCPCSC_READER");
}

int
nfc_device_set_property_bool(void *d, int property, int enable)
{
	(void)d;
	(void)property;
	(void)enable;
	return 0;
}

int
nfc_initiator_init(void *d)
{
	(void)d;
	return 0;
}

/* The card is in the field since nfc_open. */
int
nfc_initiator_select_passive_target(void *d, struct nfc_modulation m, const uint8_t *data, size_t n,
				    void *target)
{
	(void)d;
	(void)m;
	(void)data;
	(void)n;
	(void)target;
	return 1;
}

void
nfc_perror(const void *d, const char *text)
{
	(void)d;
	fprintf(stderr, "%s: %s\n", text, pcsc_stringify_error(last));
}

int
nfc_initiator_transceive_bytes(void *d, const uint8_t *tx, size_t tx_n, uint8_t *rx, size_t rx_n,
			       int timeout)
{
	DWORD n = rx_n;

	(void)d;
	(void)timeout;
	last = SCardTransmit(handle, SCARD_PCI_T1, tx, tx_n, NULL, rx, &n);
	return last == SCARD_S_SUCCESS ? (int)n : NFC_EIO;
}
