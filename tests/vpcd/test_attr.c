/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <reader.h>

#include "attr.h"
#include "peer.h"

#define ATTR_ROOM 264 /* what pcscd gives */

static struct reader *reader;
static struct slot *slot;
static uint8_t value[ATTR_ROOM];
static DWORD len;

static void
describe(const char *devicename)
{
	char error[256];

	ck_assert_int_eq(name_parse(&reader->name, devicename, error, sizeof(error)), 0);
}

/* A slot as it is with a card in it; it is never opened. */
static void
setup(void)
{
	unsigned k;

	reader = calloc(1, sizeof(*reader));
	describe("/dev/null:0x8C7B");
	for (k = 0; k < 2; k++) {
		slot = &reader->slots[k];
		*slot = (struct slot) { .reader = reader, .k = k, .fd = -1, .protocol = -1u };
		pthread_mutex_init(&slot->lock, NULL);
		memcpy(slot->atr, &PEER_ATR[2], PEER_ATR_LEN);
		slot->atr_len = PEER_ATR_LEN;
	}
	slot = &reader->slots[0];
	atomic_store(&slot->state, SLOT_PRESENT);
}

static void
teardown(void)
{
	free(reader);
}

static RESPONSECODE
get(struct slot *s, DWORD tag, DWORD room)
{
	memset(value, 0xee, sizeof(value));
	len = room;
	return attr_get(s, tag, value, &len);
}

static void
expect(DWORD tag, const void *p, size_t n)
{
	ck_assert_int_eq(get(slot, tag, ATTR_ROOM), IFD_SUCCESS);
	ck_assert_uint_eq(len, n);
	if (n > 0)
		ck_assert_mem_eq(value, p, n);
	/* exactly as much room, and one byte too little */
	ck_assert_int_eq(get(slot, tag, (DWORD)n), IFD_SUCCESS);
	if (n == 0)
		return;
	ck_assert_int_eq(get(slot, tag, (DWORD)n - 1), IFD_ERROR_INSUFFICIENT_BUFFER);
	ck_assert_uint_eq(len, n - 1);
	ck_assert_uint_eq(value[0], 0xee);
}

static void
expect_u8(DWORD tag, uint8_t n)
{
	expect(tag, &n, sizeof(n));
}

static void
expect_u32(DWORD tag, uint32_t n)
{
	expect(tag, &n, sizeof(n));
}

static void
expect_text(DWORD tag, const char *s)
{
	expect(tag, s, strlen(s) + 1);
}

START_TEST(the_driver)
{
	expect_u8(TAG_IFD_SIMULTANEOUS_ACCESS, 255);
	expect_u8(TAG_IFD_THREAD_SAFE, 1);
	expect_u8(TAG_IFD_SLOT_THREAD_SAFE, 1);
	expect_text(SCARD_ATTR_VENDOR_NAME, "vicc");
	expect_text(SCARD_ATTR_VENDOR_IFD_TYPE, "vpcd");
	expect_u32(SCARD_ATTR_VENDOR_IFD_VERSION, VICC_IFD_VERSION);
	expect_u32(SCARD_ATTR_MAXINPUT, 65535);
	/* also where there is no slot */
	ck_assert_int_eq(get(NULL, TAG_IFD_THREAD_SAFE, 1), IFD_SUCCESS);
	ck_assert_int_eq(get(NULL, TAG_IFD_SLOTS_NUMBER, 1), IFD_ERROR_TAG);
}
END_TEST

START_TEST(a_slot_with_a_card)
{
	expect_u8(TAG_IFD_SLOTS_NUMBER, 2);
	expect(TAG_IFD_ATR, &PEER_ATR[2], PEER_ATR_LEN);
	expect(SCARD_ATTR_ATR_STRING, &PEER_ATR[2], PEER_ATR_LEN);
	expect_u8(SCARD_ATTR_ICC_PRESENCE, 2);
	expect_u8(SCARD_ATTR_ICC_INTERFACE_STATUS, 1);
	expect_u8(SCARD_ATTR_ICC_TYPE_PER_ATR, 1);
	expect_u32(SCARD_ATTR_ASYNC_PROTOCOL_TYPES, 0x00010003);
	expect_u32(SCARD_ATTR_CURRENT_PROTOCOL_TYPE, 0x00010000);
	ck_assert(slot_set_protocol(slot, 1));
	expect_u32(SCARD_ATTR_CURRENT_PROTOCOL_TYPE, 0x00010002);
}
END_TEST

START_TEST(a_slot_without)
{
	atomic_store(&slot->state, SLOT_EMPTY);
	expect(TAG_IFD_ATR, "", 0);
	expect_u8(SCARD_ATTR_ICC_PRESENCE, 0);
	expect_u8(SCARD_ATTR_ICC_INTERFACE_STATUS, 0);
	expect_u8(SCARD_ATTR_ICC_TYPE_PER_ATR, 0);
	expect_u32(SCARD_ATTR_ASYNC_PROTOCOL_TYPES, 0x00010000);
}
END_TEST

START_TEST(where_it_is)
{
	expect_text(SCARD_ATTR_VENDOR_IFD_SERIAL_NO, "listen:localhost:35963");
	expect_u32(SCARD_ATTR_CHANNEL_ID, 0x00f08c7b);
	slot = &reader->slots[1];
	expect_text(SCARD_ATTR_VENDOR_IFD_SERIAL_NO, "listen:localhost:35964");
	expect_u32(SCARD_ATTR_CHANNEL_ID, 0x00f08c7c);
	describe("listen:4000/shared=1");
	expect_text(SCARD_ATTR_VENDOR_IFD_SERIAL_NO, "listen:localhost:4000");
	expect_u32(SCARD_ATTR_CHANNEL_ID, 0x00f00fa0);
	describe("unix:/run/pcscd/s");
	expect_text(SCARD_ATTR_VENDOR_IFD_SERIAL_NO, "unix:/run/pcscd/s.1");
	expect_u32(SCARD_ATTR_CHANNEL_ID, 0x00f00001);
	describe("connect:[::1]:1/slots=2");
	expect_text(SCARD_ATTR_VENDOR_IFD_SERIAL_NO, "connect:[::1]:2");
}
END_TEST

START_TEST(the_unknown)
{
	static const DWORD tags[] = {
		0, TAG_IFD_POLLING_THREAD_KILLABLE, SCARD_ATTR_DEVICE_FRIENDLY_NAME,
		SCARD_ATTR_MAX_CLK, SCARD_ATTR_DEVICE_SYSTEM_NAME, 0xffffffff,
	};
	size_t i;

	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		/* pcscd fills the friendly name in itself if the length was left alone */
		ck_assert_int_eq(get(slot, tags[i], 77), IFD_ERROR_TAG);
		ck_assert_uint_eq(len, 77);
		ck_assert_uint_eq(value[0], 0xee);
	}
}
END_TEST

START_TEST(features)
{
	static const uint8_t list[] = {
		0x12, 0x04, 0x42, 0x33, 0x00, 0x12, /* FEATURE_GET_TLV_PROPERTIES: code, big-endian */
	};

	ck_assert_int_eq(
		attr_control(slot, CM_IOCTL_GET_FEATURE_REQUEST, value, sizeof(value), &len),
		IFD_SUCCESS);
	ck_assert_uint_eq(len, sizeof(list));
	ck_assert_mem_eq(value, list, sizeof(list));
	/* Windows' number of the same request, (0x31 << 16 | 3400 << 2) */
	ck_assert_int_eq(attr_control(slot, 0x313520, value, sizeof(value), &len), IFD_SUCCESS);
	ck_assert_uint_eq(len, sizeof(list));
	ck_assert_mem_eq(value, list, sizeof(list));
	ck_assert_int_eq(
		attr_control(slot, CM_IOCTL_GET_FEATURE_REQUEST, value, sizeof(list), &len),
		IFD_SUCCESS);
	ck_assert_int_eq(
		attr_control(slot, CM_IOCTL_GET_FEATURE_REQUEST, value, sizeof(list) - 1, &len),
		IFD_ERROR_INSUFFICIENT_BUFFER);
	ck_assert_uint_eq(len, 0);
}
END_TEST

START_TEST(properties)
{
	static const uint8_t numbers[] = {
		0x0a, 0x04, 0xf6, 0xff, 0x00, 0x00, /* dwMaxAPDUDataSize: 65526, little-endian */
		0x09, 0x01, 0x00,                   /* bPPDUSupport: no */
		0x08, sizeof(PACKAGE_STRING) - 1,   /* sFirmwareID */
	};
	const size_t all = sizeof(numbers) + sizeof(PACKAGE_STRING) - 1;

	ck_assert_int_eq(attr_control(slot, 0x42330012, value, sizeof(value), &len), IFD_SUCCESS);
	ck_assert_uint_eq(len, all);
	ck_assert_mem_eq(value, numbers, sizeof(numbers));
	ck_assert_mem_eq(value + sizeof(numbers), PACKAGE_STRING, sizeof(PACKAGE_STRING) - 1);
	ck_assert_int_eq(attr_control(slot, 0x42330012, value, (DWORD)all - 1, &len),
			 IFD_ERROR_INSUFFICIENT_BUFFER);
	ck_assert_uint_eq(len, 0);
}
END_TEST

static void
expect_control(DWORD code, const void *p, size_t n)
{
	ck_assert_int_eq(attr_control(slot, code, value, sizeof(value), &len), IFD_SUCCESS);
	ck_assert_uint_ge(len, n);
	ck_assert_mem_eq(value, p, n);
}

/* A reader with a pad says so in each slot, card or not; what only others have stays away. */
START_TEST(a_pad)
{
	static const uint8_t list[] = {
		0x06, 0x04, 0x42, 0x33, 0x00, 0x06, /* FEATURE_VERIFY_PIN_DIRECT */
		0x07, 0x04, 0x42, 0x33, 0x00, 0x07, /* FEATURE_MODIFY_PIN_DIRECT */
		0x0a, 0x04, 0x42, 0x33, 0x00, 0x0a, /* FEATURE_IFD_PIN_PROPERTIES */
		0x12, 0x04, 0x42, 0x33, 0x00, 0x12,
	};

	ck_assert_int_eq(attr_control(slot, 0x4233000a, value, sizeof(value), &len),
			 IFD_NOT_SUPPORTED);
	ck_assert(!attr_has_pad(slot));
	ck_assert(!attr_has_pad(NULL));
	describe("/dev/null/pad=1");
	slot = &reader->slots[1];
	atomic_store(&slot->state, SLOT_EMPTY);
	ck_assert(attr_has_pad(slot));
	expect_control(0x42000D48, list, sizeof(list));
	ck_assert_uint_eq(len, sizeof(list));
	expect_control(0x4233000a, "\x00\x00\x07\x01", 4);
	ck_assert_uint_eq(len, 4);
	expect_control(0x42330012, "\x02\x01\x07\x03\x01\x01\x0a\x04", 8);
	describe("/dev/null/pad=display");
	expect_control(0x4233000a, "\x10\x02\x07\x01", 4);
	expect_control(
		0x42330012,
		"\x01\x02\x10\x02\x04\x02\x10\x00\x05\x02\x02\x00\x02\x01\x07\x03\x01\x01\x0a\x04",
		20);
}
END_TEST

START_TEST(other_controls)
{
	len = 77;
	ck_assert_int_eq(attr_control(slot, 0, value, sizeof(value), &len), IFD_NOT_SUPPORTED);
	ck_assert_uint_eq(len, 0);
	ck_assert_int_eq(attr_control(slot, 0x42330011, value, sizeof(value), &len),
			 IFD_NOT_SUPPORTED);
	/* one that is not supported is so however small the buffer */
	ck_assert_int_eq(attr_control(slot, 1, NULL, 0, &len), IFD_NOT_SUPPORTED);
	ck_assert_int_eq(attr_control(slot, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, &len),
			 IFD_ERROR_INSUFFICIENT_BUFFER);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("attr");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, the_driver);
	tcase_add_test(tc, a_slot_with_a_card);
	tcase_add_test(tc, a_slot_without);
	tcase_add_test(tc, where_it_is);
	tcase_add_test(tc, the_unknown);
	tcase_add_test(tc, features);
	tcase_add_test(tc, properties);
	tcase_add_test(tc, a_pad);
	tcase_add_test(tc, other_controls);
	return run("attr", tc);
}
