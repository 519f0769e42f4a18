/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The names that pcscd calls (PC/SC Part 3, pcsc-lite's ifdhandler.h), and how
 * it wants each outcome told. Nothing happens here: see slot.h.
 */
#include <errno.h>
#include <ifdhandler.h>
#include <reader.h>
#include <string.h>

#include "attr.h"
#include "log.h"
#include "readers.h"
#include "slot.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT RESPONSECODE
IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
	struct name name;
	char error[NAME_TEXT_SIZE * 3];

	if (!DeviceName || name_parse(&name, DeviceName, error, sizeof(error)) < 0) {
		log_error("DEVICENAME %s: %s", DeviceName ? DeviceName : "",
			  DeviceName ? error : "none");
		return IFD_COMMUNICATION_ERROR;
	}
	return reader_create(Lun, &name) == 0 ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

EXPORT RESPONSECODE
IFDHCreateChannel(DWORD Lun, DWORD Channel)
{
	struct name name;
	char error[NAME_TEXT_SIZE];

	if (name_from_port(&name, Channel, error, sizeof(error)) < 0) {
		log_error("%s", error);
		return IFD_COMMUNICATION_ERROR;
	}
	return reader_create(Lun, &name) == 0 ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

EXPORT RESPONSECODE
IFDHCloseChannel(DWORD Lun)
{
	return reader_close(Lun) == 0 ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

/* On pcscd's status thread, without its locks: IFD_SUCCESS whatever woke it. */
static RESPONSECODE
polling_function(DWORD Lun, int timeout_ms)
{
	struct slot *s = reader_get(Lun);

	if (!s)
		return IFD_COMMUNICATION_ERROR;
	slot_wait(s, timeout_ms);
	reader_put(s);
	return IFD_SUCCESS;
}

static RESPONSECODE
stop_function(DWORD Lun)
{
	struct slot *s = reader_get(Lun);

	if (!s)
		return IFD_COMMUNICATION_ERROR;
	slot_stop(s);
	reader_put(s);
	return IFD_SUCCESS;
}

static RESPONSECODE
get_function(const void *pointer, PDWORD Length, PUCHAR Value)
{
	if (*Length < sizeof(void *))
		return IFD_ERROR_INSUFFICIENT_BUFFER;
	memcpy(Value, pointer, sizeof(void *));
	*Length = sizeof(void *);
	return IFD_SUCCESS;
}

EXPORT RESPONSECODE
IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
	RESPONSECODE (*const wait)(DWORD, int) = polling_function;
	RESPONSECODE (*const stop)(DWORD) = stop_function;
	struct slot *s;
	RESPONSECODE rc;

	if (!Length || !Value)
		return IFD_COMMUNICATION_ERROR;
	if (Tag == TAG_IFD_STOP_POLLING_THREAD)
		return get_function(&stop, Length, Value);
	s = reader_get(Lun);
	if (Tag != TAG_IFD_POLLING_THREAD_WITH_TIMEOUT) {
		rc = attr_get(s, Tag, Value, Length);
	} else {
		rc = get_function(&wait, Length, Value);
		if (rc == IFD_SUCCESS && s)
			atomic_store(&s->reader->polled, true);
	}
	if (s)
		reader_put(s);
	return rc;
}

EXPORT RESPONSECODE
IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value)
{
	(void)Lun;
	(void)Tag;
	(void)Length;
	(void)Value;
	return IFD_ERROR_TAG; /* nothing can be set */
}

EXPORT RESPONSECODE
IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1, UCHAR PTS2,
			  UCHAR PTS3)
{
	struct slot *s;
	bool offered;

	/* PTS values concern a speed that there is not */
	(void)Flags;
	(void)PTS1;
	(void)PTS2;
	(void)PTS3;
	if (Protocol != SCARD_PROTOCOL_T0 && Protocol != SCARD_PROTOCOL_T1)
		return IFD_PROTOCOL_NOT_SUPPORTED;
	s = reader_get(Lun);
	if (!s)
		return IFD_COMMUNICATION_ERROR;
	offered = slot_set_protocol(s, Protocol == SCARD_PROTOCOL_T1);
	reader_put(s);
	return offered ? IFD_SUCCESS : IFD_PROTOCOL_NOT_SUPPORTED;
}

static RESPONSECODE
ifd_power(struct slot *s, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
	uint8_t atr[ATR_MAX] = { 0 };
	size_t len = 0;

	*AtrLength = 0;
	if (Action == IFD_POWER_DOWN)
		return slot_power_off(s) == 0 ? IFD_SUCCESS : IFD_ERROR_POWER_ACTION;
	if (Action != IFD_POWER_UP && Action != IFD_RESET)
		return IFD_NOT_SUPPORTED;
	if (slot_power_up(s, Action == IFD_RESET ? WIRE_RESET : WIRE_POWER_ON, atr, &len) < 0)
		return IFD_ERROR_POWER_ACTION;
	memcpy(Atr, atr, len);
	*AtrLength = len;
	return IFD_SUCCESS;
}

EXPORT RESPONSECODE
IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
	struct slot *s = reader_get(Lun);
	RESPONSECODE rc;

	if (!s)
		return IFD_COMMUNICATION_ERROR;
	rc = ifd_power(s, Action, Atr, AtrLength);
	reader_put(s);
	return rc;
}

static RESPONSECODE
transmit_outcome(int rc)
{
	switch (rc) {
	case 0:
		return IFD_SUCCESS;
	case -EINVAL:
		return IFD_COMMUNICATION_ERROR;
	case -ETIMEDOUT:
		return IFD_RESPONSE_TIMEOUT;
	case -ENOTSUP:
		return IFD_NOT_SUPPORTED;
	case -ENOSPC:
		return IFD_ERROR_INSUFFICIENT_BUFFER;
	default:
		return IFD_ICC_NOT_PRESENT;
	}
}

/* RecvPci is pcscd's to keep: it goes back to the client verbatim. */
EXPORT RESPONSECODE
IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer, DWORD TxLength,
		  PUCHAR RxBuffer, PDWORD RxLength, PSCARD_IO_HEADER RecvPci)
{
	struct slot *s = reader_get(Lun);
	size_t len = *RxLength;
	int rc;

	(void)SendPci;
	(void)RecvPci;
	*RxLength = 0;
	if (!s)
		return IFD_COMMUNICATION_ERROR;
	rc = slot_transmit(s, TxBuffer, TxLength, RxBuffer, &len);
	*RxLength = len;
	reader_put(s);
	return transmit_outcome(rc);
}

/* A PIN is entered: as long as that takes. */
static RESPONSECODE
enter_pin(struct slot *s, bool modify, const uint8_t *in, DWORD in_len, PUCHAR out, DWORD room,
	  LPDWORD len)
{
	size_t n = room;
	int rc = slot_enter_pin(s, modify, in, in_len, out, &n);

	*len = n;
	return transmit_outcome(rc);
}

EXPORT RESPONSECODE
IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength, PUCHAR RxBuffer,
	    DWORD RxLength, LPDWORD pdwBytesReturned)
{
	struct slot *s = reader_get(Lun);
	bool verify = dwControlCode == ATTR_FEATURE_CODE(FEATURE_VERIFY_PIN_DIRECT);
	bool modify = dwControlCode == ATTR_FEATURE_CODE(FEATURE_MODIFY_PIN_DIRECT);
	RESPONSECODE rc;

	if (attr_has_pad(s) && (verify || modify))
		rc = enter_pin(s, modify, TxBuffer, TxLength, RxBuffer, RxLength, pdwBytesReturned);
	else
		rc = attr_control(s, dwControlCode, RxBuffer, RxLength, pdwBytesReturned);
	if (s)
		reader_put(s);
	return rc;
}

EXPORT RESPONSECODE
IFDHICCPresence(DWORD Lun)
{
	struct slot *s = reader_get(Lun);
	bool present;

	if (!s)
		return IFD_ICC_NOT_PRESENT;
	present = slot_present(s);
	reader_put(s);
	return present ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT;
}
