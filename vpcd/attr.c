/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "attr.h"

#include <reader.h>
#include <string.h>

/* what clients there ask with, and by a remote desktop here */
#define FEATURE_REQUEST_WINDOWS 0x313520
#define READERS_MAX 255
#define LCD_COLUMNS 16
#define LCD_LINES 2
#define PAD_END_ANY 0x07             /* bEntryValidationCondition: maximum, key, time */
#define PAD_TWO_TIMES 0x01           /* bTimeOut2: one until the first key, one after each */
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

/*
 * Tag, length, and the code to call the feature by: of all that is here the one big-endian
 * number.
 */
static void
put_feature(struct value *v, uint8_t feature)
{
	const uint32_t code = ATTR_FEATURE_CODE(feature);
	const uint8_t bytes[] = {
		(uint8_t)(code >> 24), (uint8_t)(code >> 16), (uint8_t)(code >> 8), (uint8_t)code,
	};

	put_property(v, feature, bytes, sizeof(bytes));
}

bool
attr_has_pad(const struct slot *s)
{
	return s && s->reader->name.pad != NAME_PAD_NONE;
}

static bool
has_display(const struct slot *s)
{
	return s && s->reader->name.pad == NAME_PAD_DISPLAY;
}

static void
put_features(struct value *v, const struct slot *s)
{
	if (attr_has_pad(s)) {
		put_feature(v, FEATURE_VERIFY_PIN_DIRECT);
		put_feature(v, FEATURE_MODIFY_PIN_DIRECT);
		put_feature(v, FEATURE_IFD_PIN_PROPERTIES);
	}
	put_feature(v, FEATURE_GET_TLV_PROPERTIES);
}

/* PIN_PROPERTIES_STRUCTURE: as many bytes as clients insist on. */
static void
put_pin_properties(struct value *v, const struct slot *s)
{
	const uint8_t layout = has_display(s) ? LCD_COLUMNS : 0,
		      lines = has_display(s) ? LCD_LINES : 0;
	const uint8_t bytes[] = { layout, lines, PAD_END_ANY, PAD_TWO_TIMES };

	attr_put(v, bytes, sizeof(bytes));
}

/*
 * Not bMinPINSize and bMaxPINSize, which GnuPG takes instead of the card's limits, nor
 * wIdVendor, by which it knows some pads: none of those is this one.
 */
static void
put_pad_properties(struct value *v, const struct slot *s)
{
	static const uint8_t layout[] = { LCD_COLUMNS, LCD_LINES }, columns[] = { LCD_COLUMNS, 0 };
	static const uint8_t lines[] = { LCD_LINES, 0 }, end = PAD_END_ANY, times = PAD_TWO_TIMES;

	if (has_display(s)) {
		put_property(v, PCSCv2_PART10_PROPERTY_wLcdLayout, layout, sizeof(layout));
		put_property(v, PCSCv2_PART10_PROPERTY_wLcdMaxCharacters, columns, sizeof(columns));
		put_property(v, PCSCv2_PART10_PROPERTY_wLcdMaxLines, lines, sizeof(lines));
	}
	put_property(v, PCSCv2_PART10_PROPERTY_bEntryValidationCondition, &end, sizeof(end));
	put_property(v, PCSCv2_PART10_PROPERTY_bTimeOut2, &times, sizeof(times));
}

static void
put_properties(struct value *v, const struct slot *s)
{
	static const uint8_t apdu_max[] = {
		ATTR_APDU_DATA_MAX & 0xff, ATTR_APDU_DATA_MAX >> 8, 0, 0,
	};
	static const uint8_t no = 0;

	if (attr_has_pad(s))
		put_pad_properties(v, s);
	put_property(v, PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize, apdu_max, sizeof(apdu_max));
	put_property(v, PCSCv2_PART10_PROPERTY_bPPDUSupport, &no, sizeof(no));
	put_property(v, PCSCv2_PART10_PROPERTY_sFirmwareID, PACKAGE_STRING,
		     sizeof(PACKAGE_STRING) - 1);
}

RESPONSECODE
attr_control(const struct slot *s, DWORD code, void *out, DWORD room, DWORD *len)
{
	struct value v = { 0 };

	*len = 0;
	if (code == CM_IOCTL_GET_FEATURE_REQUEST || code == FEATURE_REQUEST_WINDOWS)
		put_features(&v, s);
	else if (code == ATTR_FEATURE_CODE(FEATURE_GET_TLV_PROPERTIES))
		put_properties(&v, s);
	else if (code == ATTR_FEATURE_CODE(FEATURE_IFD_PIN_PROPERTIES) && attr_has_pad(s))
		put_pin_properties(&v, s);
	else
		return IFD_NOT_SUPPORTED;
	if (v.len > room)
		return IFD_ERROR_INSUFFICIENT_BUFFER;
	memcpy(out, v.bytes, v.len);
	*len = v.len;
	return IFD_SUCCESS;
}
