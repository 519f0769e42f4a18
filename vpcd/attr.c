/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "attr.h"

#include <reader.h>
#include <string.h>

#define PROPERTIES_CODE 0x313520
#define READERS_MAX 255
#define CHANNEL_VENDOR 0x00f00000u   /* Part 3, CHANNEL_ID: 0xDDDDCCCC, DDDD vendor-defined */
#define PROTOCOL_ENCODING 0x00010000u /* Part 3: 0xCCCCPPPP, CCCC = 1: PPPP has a bit for each T */
#define PRESENT_IN_PLACE 2           /* Part 3, ICC_PRESENCE: present, not swallowed */

/* One value: numbers in host order, as pcsc-lite's clients expect them. */
struct value {
	size_t len;
	uint8_t bytes[NAME_TEXT_SIZE];
};

static void
attr_put(struct value *v, const void *p, size_t n)
{
	memcpy(v->bytes, p, n);
	v->len = n;
}

static void
put_u8(struct value *v, uint8_t n)
{
	attr_put(v, &n, sizeof(n));
}

static void
put_u32(struct value *v, uint32_t n)
{
	attr_put(v, &n, sizeof(n));
}

static void
put_text(struct value *v, const char *s)
{
	attr_put(v, s, strlen(s) + 1);
}

/* What holds for the driver, whichever the slot. */
static bool
driver_value(DWORD tag, struct value *v)
{
	switch (tag) {
	case TAG_IFD_SIMULTANEOUS_ACCESS:
		put_u8(v, READERS_MAX);
		return true;
	case TAG_IFD_THREAD_SAFE:
	case TAG_IFD_SLOT_THREAD_SAFE:
		put_u8(v, 1);
		return true;
	case SCARD_ATTR_VENDOR_NAME:
		put_text(v, "vicc");
		return true;
	case SCARD_ATTR_VENDOR_IFD_TYPE:
		put_text(v, "vpcd");
		return true;
	case SCARD_ATTR_VENDOR_IFD_VERSION:
		put_u32(v, VICC_IFD_VERSION);
		return true;
	case SCARD_ATTR_MAXINPUT:
		put_u32(v, WIRE_BODY_MAX);
		return true;
	}
	return false;
}

static void
put_protocols(struct slot *s, struct value *v, bool current)
{
	unsigned offered, set;

	slot_protocols(s, &offered, &set);
	put_u32(v, PROTOCOL_ENCODING | (current ? set : offered));
}

static void
put_channel(const struct slot *s, struct value *v)
{
	const struct name *n = &s->reader->name;
	uint32_t number = n->mode == NAME_UNIX ? 0 : n->port;

	put_u32(v, CHANNEL_VENDOR | (number + (n->shared ? 0 : s->k)));
}

static bool
slot_value(struct slot *s, DWORD tag, struct value *v)
{
	uint8_t atr[ATR_MAX];
	size_t atr_len = slot_atr(s, atr);
	char endpoint[NAME_TEXT_SIZE];

	switch (tag) {
	case TAG_IFD_SLOTS_NUMBER:
		put_u8(v, (uint8_t)s->reader->name.slots);
		return true;
	case TAG_IFD_ATR:
	case SCARD_ATTR_ATR_STRING:
		attr_put(v, atr, atr_len);
		return true;
	case SCARD_ATTR_ICC_PRESENCE:
		put_u8(v, atr_len ? PRESENT_IN_PLACE : 0);
		return true;
	case SCARD_ATTR_ICC_INTERFACE_STATUS:
	case SCARD_ATTR_ICC_TYPE_PER_ATR: /* 1: ISO 7816 asynchronous */
		put_u8(v, atr_len ? 1 : 0);
		return true;
	case SCARD_ATTR_VENDOR_IFD_SERIAL_NO:
		name_endpoint(&s->reader->name, s->k, endpoint);
		put_text(v, endpoint);
		return true;
	case SCARD_ATTR_CHANNEL_ID:
		put_channel(s, v);
		return true;
	case SCARD_ATTR_ASYNC_PROTOCOL_TYPES:
	case SCARD_ATTR_CURRENT_PROTOCOL_TYPE:
		put_protocols(s, v, tag == SCARD_ATTR_CURRENT_PROTOCOL_TYPE);
		return true;
	}
	return false;
}

RESPONSECODE
attr_get(struct slot *s, DWORD tag, void *value, DWORD *len)
{
	struct value v;

	if (!driver_value(tag, &v) && !(s && slot_value(s, tag, &v)))
		return IFD_ERROR_TAG;
	if (v.len > *len)
		return IFD_ERROR_INSUFFICIENT_BUFFER;
	memcpy(value, v.bytes, v.len);
	*len = v.len;
	return IFD_SUCCESS;
}

/* Tag, length, value; numbers of properties are little-endian. */
static void
put_property(struct value *v, uint8_t tag, const void *p, uint8_t n)
{
	v->bytes[v->len++] = tag;
	v->bytes[v->len++] = n;
	memcpy(v->bytes + v->len, p, n);
	v->len += n;
}

RESPONSECODE
attr_control(DWORD code, void *out, DWORD room, DWORD *len)
{
	static const uint8_t properties_code[] = { 0x00, 0x31, 0x35, 0x20 }; /* big-endian */
	static const uint8_t apdu_max[] = { ATTR_APDU_DATA_MAX & 0xff, ATTR_APDU_DATA_MAX >> 8, 0, 0 };
	static const uint8_t no = 0;
	struct value v = { 0 };

	*len = 0;
	if (code == CM_IOCTL_GET_FEATURE_REQUEST) {
		put_property(&v, FEATURE_GET_TLV_PROPERTIES, properties_code, sizeof(properties_code));
	} else if (code == PROPERTIES_CODE) {
		put_property(&v, PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize, apdu_max, sizeof(apdu_max));
		put_property(&v, PCSCv2_PART10_PROPERTY_bPPDUSupport, &no, sizeof(no));
		put_property(&v, PCSCv2_PART10_PROPERTY_sFirmwareID, PACKAGE_STRING,
			     sizeof(PACKAGE_STRING) - 1);
	} else {
		return IFD_NOT_SUPPORTED;
	}
	if (v.len > room)
		return IFD_ERROR_INSUFFICIENT_BUFFER;
	memcpy(out, v.bytes, v.len);
	*len = v.len;
	return IFD_SUCCESS;
}
