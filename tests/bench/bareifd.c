/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The yardstick's driver. DEVICENAME null:SLOTS answers from memory: what pcscd
 * itself costs. DEVICENAME yard:PORT:SLOTS has one sendmsg and one recv for each
 * command, and no more thought than that: nothing is checked, no card can leave.
 */
#include <fcntl.h>
#include <ifdhandler.h>
#include <stdio.h>
#include <stdlib.h>

#include "bare.h"

#define READERS_MAX 16
#define SLOTS_MAX 16

struct slot {
	int listener;
	int fd;
	uint8_t rx[BARE_FRAME_MAX];
};

static struct reader {
	bool memory;
	unsigned slots;
	struct slot slot[SLOTS_MAX];
} readers[READERS_MAX];

static struct reader *
reader_of(DWORD lun)
{
	return &readers[(lun >> 16) % READERS_MAX];
}

static struct slot *
slot_of(DWORD lun)
{
	return &reader_of(lun)->slot[(lun & 0xffff) % SLOTS_MAX];
}

RESPONSECODE
IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
	struct reader *r = reader_of(Lun);
	struct slot *s = slot_of(Lun);
	unsigned port = 0;

	s->fd = -1;
	r->memory = sscanf(DeviceName, "null:%u", &r->slots) == 1;
	if (r->memory)
		return IFD_SUCCESS;
	if (sscanf(DeviceName, "yard:%u:%u", &port, &r->slots) != 2)
		return IFD_COMMUNICATION_ERROR;
	s->listener = bare_listen(port + (Lun & 0xffff));
	if (s->listener < 0 || fcntl(s->listener, F_SETFL, O_NONBLOCK) < 0)
		return IFD_COMMUNICATION_ERROR;
	return IFD_SUCCESS;
}

RESPONSECODE
IFDHCreateChannel(DWORD Lun, DWORD Channel)
{
	(void)Lun;
	(void)Channel;
	return IFD_COMMUNICATION_ERROR;
}

RESPONSECODE
IFDHCloseChannel(DWORD Lun)
{
	(void)Lun;
	return IFD_SUCCESS;
}

RESPONSECODE
IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
	switch (Tag) {
	case TAG_IFD_SLOTS_NUMBER:
		*Value = (UCHAR)reader_of(Lun)->slots;
		break;
	case TAG_IFD_SIMULTANEOUS_ACCESS:
		*Value = READERS_MAX;
		break;
	case TAG_IFD_THREAD_SAFE:
	case TAG_IFD_SLOT_THREAD_SAFE:
		*Value = 1;
		break;
	default:
		return IFD_ERROR_TAG;
	}
	*Length = 1;
	return IFD_SUCCESS;
}

RESPONSECODE
IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value)
{
	(void)Lun;
	(void)Tag;
	(void)Length;
	(void)Value;
	return IFD_ERROR_TAG;
}

RESPONSECODE
IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1, UCHAR PTS2,
			  UCHAR PTS3)
{
	(void)Lun;
	(void)Protocol;
	(void)Flags;
	(void)PTS1;
	(void)PTS2;
	(void)PTS3;
	return IFD_SUCCESS;
}

RESPONSECODE
IFDHICCPresence(DWORD Lun)
{
	struct slot *s = slot_of(Lun);

	if (reader_of(Lun)->memory)
		return IFD_SUCCESS;
	if (s->fd < 0) {
		s->fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
		if (s->fd >= 0)
			bare_no_delay(s->fd);
	}
	return s->fd >= 0 ? IFD_SUCCESS : IFD_ICC_NOT_PRESENT;
}

RESPONSECODE
IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
	static const uint8_t reset[] = { 0, 1, 2, 0, 1, 4 };
	struct slot *s = slot_of(Lun);

	*AtrLength = 0;
	if (Action == IFD_POWER_DOWN)
		return IFD_SUCCESS;
	*AtrLength = sizeof(bare_atr);
	memcpy(Atr, bare_atr, sizeof(bare_atr));
	if (reader_of(Lun)->memory)
		return IFD_SUCCESS;
	if (send(s->fd, reset, sizeof(reset), MSG_NOSIGNAL) < 0 || bare_receive(s->fd, s->rx) == 0)
		return IFD_ERROR_POWER_ACTION;
	*AtrLength = bare_length(s->rx) <= MAX_ATR_SIZE ? bare_length(s->rx) : MAX_ATR_SIZE;
	memcpy(Atr, s->rx + BARE_HEADER, *AtrLength);
	return IFD_SUCCESS;
}

RESPONSECODE
IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer, DWORD TxLength,
		  PUCHAR RxBuffer, PDWORD RxLength, PSCARD_IO_HEADER RecvPci)
{
	struct slot *s = slot_of(Lun);
	size_t n;

	(void)SendPci;
	(void)RecvPci;
	if (reader_of(Lun)->memory) {
		n = bare_answer_size(TxBuffer, TxLength);
		memset(RxBuffer, 0, n);
		memcpy(RxBuffer + n - 2, "\x90\x00", 2);
	} else {
		n = bare_exchange(s->fd, TxBuffer, TxLength, s->rx);
		memcpy(RxBuffer, s->rx + BARE_HEADER, n);
	}
	*RxLength = n;
	return n ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

RESPONSECODE
IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength, PUCHAR RxBuffer,
	    DWORD RxLength, LPDWORD pdwBytesReturned)
{
	(void)Lun;
	(void)dwControlCode;
	(void)TxBuffer;
	(void)TxLength;
	(void)RxBuffer;
	(void)RxLength;
	*pdwBytesReturned = 0;
	return IFD_NOT_SUPPORTED;
}
