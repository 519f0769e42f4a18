/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plain ISO/IEC 7816 card: the root of the table-driven types. */
#include "cards/iso7816/iso7816.h"

#include "cards/contents.h"

/*
 * T=0 and T=1, category 80: card service data F8 (selection by full and partial
 * name; EF.DIR and EF.ATR hold BER-TLV and are read with READ BINARY; there is
 * an MF), capabilities F7 C1 FF (all selections but an implicit one; WRITE is
 * OR, a data unit is a byte; chaining, extended length, lengths in EF.ATR,
 * channels assigned by either side, eight or more).
 */
static const uint8_t atr[] = {
	0x3b, 0x87, 0x80, 0x01, 0x80, 0x31, 0xf8, 0x73, 0xf7, 0xc1, 0xff, 0xf5,
};

static const struct instr rows[] = {
	{ .ins = 0x04, .fn = iso_deactivate_file, .name = "DEACTIVATE FILE" },
	{ .ins = 0x0c, .fn = iso_erase_record, .name = "ERASE RECORD", .flags = INSTR_NO_LC },
	{ .ins = 0x0e, .fn = iso_erase_binary, .name = "ERASE BINARY" },
	{ .ins = 0x0f, .fn = iso_erase_binary_odd, .name = "ERASE BINARY" },
	{ .ins = 0x20, .fn = iso_verify, .name = "VERIFY", .flags = INSTR_SECRET, .p2_rfu = 0x60 },
	{ .ins = 0x21, .fn = iso_verify_odd, .name = "VERIFY", .flags = INSTR_SECRET,
	  .p2_rfu = 0x60 },
	{ .ins = 0x22, .fn = iso_manage_security_environment,
	  .name = "MANAGE SECURITY ENVIRONMENT" },
	{ .ins = 0x24, .fn = iso_change_reference_data, .name = "CHANGE REFERENCE DATA",
	  .flags = INSTR_LC | INSTR_SECRET, .p1_rfu = 0xfe, .p2_rfu = 0x60 },
	{ .ins = 0x26, .fn = iso_disable_verification, .name = "DISABLE VERIFICATION REQUIREMENT",
	  .flags = INSTR_SECRET, .p1_rfu = 0xfe, .p2_rfu = 0x60 },
	{ .ins = 0x28, .fn = iso_enable_verification, .name = "ENABLE VERIFICATION REQUIREMENT",
	  .flags = INSTR_SECRET, .p1_rfu = 0xfe, .p2_rfu = 0x60 },
	{ .ins = 0x2a, .fn = iso_perform_security_operation, .name = "PERFORM SECURITY OPERATION",
	  .flags = INSTR_SECRET },
	{ .ins = 0x2c, .fn = iso_reset_retry_counter, .name = "RESET RETRY COUNTER",
	  .flags = INSTR_SECRET, .p1_rfu = 0xfc, .p2_rfu = 0x60 },
	{ .ins = 0x44, .fn = iso_activate_file, .name = "ACTIVATE FILE" },
	{ .ins = 0x46, .fn = iso_generate_key_pair, .name = "GENERATE ASYMMETRIC KEY PAIR",
	  .flags = INSTR_LE | INSTR_SECRET, .p1_rfu = 0x38 },
	{ .ins = 0x47, .fn = iso_generate_key_pair_odd, .name = "GENERATE ASYMMETRIC KEY PAIR",
	  .flags = INSTR_LE | INSTR_SECRET, .p1_rfu = 0x38 },
	{ .ins = 0x70, .fn = iso_manage_channel, .name = "MANAGE CHANNEL",
	  .flags = INSTR_NO_LC, .p1_rfu = 0x7f },
	{ .ins = 0x82, .fn = iso7816_external_authenticate, .name = "EXTERNAL AUTHENTICATE",
	  .flags = INSTR_SECRET, .p2_rfu = 0x60 },
	{ .ins = 0x84, .fn = iso_get_challenge, .name = "GET CHALLENGE",
	  .flags = INSTR_NO_LC | INSTR_LE, .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0x86, .fn = iso_general_authenticate, .name = "GENERAL AUTHENTICATE",
	  .flags = INSTR_LC | INSTR_SECRET, .p2_rfu = 0x60 },
	{ .ins = 0x87, .fn = iso_general_authenticate_odd, .name = "GENERAL AUTHENTICATE",
	  .flags = INSTR_LC | INSTR_SECRET, .p2_rfu = 0x60 },
	{ .ins = 0x88, .fn = iso_internal_authenticate, .name = "INTERNAL AUTHENTICATE",
	  .flags = INSTR_LC | INSTR_SECRET, .p2_rfu = 0x60 },
	{ .ins = 0xa0, .fn = iso_search_binary, .name = "SEARCH BINARY", .flags = INSTR_LC },
	{ .ins = 0xa1, .fn = iso_search_binary_odd, .name = "SEARCH BINARY", .flags = INSTR_LC },
	{ .ins = 0xa2, .fn = iso_search_record, .name = "SEARCH RECORD", .flags = INSTR_LC },
	{ .ins = 0xa4, .fn = iso_select, .name = "SELECT" },
	{ .ins = 0xb0, .fn = iso_read_binary, .name = "READ BINARY",
	  .flags = INSTR_NO_LC | INSTR_LE },
	{ .ins = 0xb1, .fn = iso_read_binary_odd, .name = "READ BINARY", .flags = INSTR_LC },
	{ .ins = 0xb2, .fn = iso_read_record, .name = "READ RECORD",
	  .flags = INSTR_NO_LC | INSTR_LE },
	{ .ins = 0xb3, .fn = iso_read_record_odd, .name = "READ RECORD", .flags = INSTR_LC },
	{ .ins = 0xc0, .fn = iso_get_response, .name = "GET RESPONSE",
	  .flags = INSTR_NO_LC | INSTR_LE | INSTR_TRANSPORT, .p1_rfu = 0xff, .p2_rfu = 0xff },
	{ .ins = 0xca, .fn = iso_get_data, .name = "GET DATA", .flags = INSTR_NO_LC | INSTR_LE },
	{ .ins = 0xcb, .fn = iso_get_data_odd, .name = "GET DATA", .flags = INSTR_LC },
	{ .ins = 0xd0, .fn = iso_write_binary, .name = "WRITE BINARY", .flags = INSTR_LC },
	{ .ins = 0xd1, .fn = iso_write_binary_odd, .name = "WRITE BINARY", .flags = INSTR_LC },
	{ .ins = 0xd2, .fn = iso_write_record, .name = "WRITE RECORD", .flags = INSTR_LC },
	{ .ins = 0xd3, .fn = iso_write_record_odd, .name = "WRITE RECORD", .flags = INSTR_LC },
	{ .ins = 0xd6, .fn = iso_update_binary, .name = "UPDATE BINARY", .flags = INSTR_LC },
	{ .ins = 0xd7, .fn = iso_update_binary_odd, .name = "UPDATE BINARY", .flags = INSTR_LC },
	{ .ins = 0xda, .fn = iso_put_data, .name = "PUT DATA" },
	{ .ins = 0xdb, .fn = iso_put_data_odd, .name = "PUT DATA",
	  .flags = INSTR_LC | INSTR_SECRET },
	{ .ins = 0xdc, .fn = iso_update_record, .name = "UPDATE RECORD", .flags = INSTR_LC },
	{ .ins = 0xdd, .fn = iso_update_record_odd, .name = "UPDATE RECORD", .flags = INSTR_LC },
	{ .ins = 0xe0, .fn = iso_create_file, .name = "CREATE FILE", .flags = INSTR_LC },
	{ .ins = 0xe2, .fn = iso_append_record, .name = "APPEND RECORD", .flags = INSTR_LC },
	{ .ins = 0xe4, .fn = iso_delete_file, .name = "DELETE FILE" },
	{ .ins = 0xe6, .fn = iso_terminate_df, .name = "TERMINATE DF" },
	{ .ins = 0xe8, .fn = iso_terminate_ef, .name = "TERMINATE EF" },
	{ .ins = 0xfe, .fn = iso_terminate_card, .name = "TERMINATE CARD USAGE",
	  .flags = INSTR_NO_LC },
	INSTR_END
};

static const struct algorithm algorithms[] = {
	{ 0x00, .what = ALGORITHM_CIPHER, .kind = SAM_DES3, .mode = CIPHER_ECB },
	{ 0x01, .what = ALGORITHM_CIPHER, .kind = SAM_DES3, .mode = CIPHER_CBC },
	{ 0x02, .what = ALGORITHM_CIPHER, .kind = SAM_AES, .mode = CIPHER_ECB },
	{ 0x03, .what = ALGORITHM_CIPHER, .kind = SAM_AES, .mode = CIPHER_CBC },
	{ 0x04, .what = ALGORITHM_CIPHER, .kind = SAM_DES, .mode = CIPHER_ECB },
	{ 0x05, .what = ALGORITHM_CIPHER, .kind = SAM_DES, .mode = CIPHER_CBC },
	{ 0x07, .what = ALGORITHM_HASH, .digest = DIGEST_SHA1 },
	{ 0x08, .what = ALGORITHM_HASH, .digest = DIGEST_SHA256 },
	{ 0x09, .what = ALGORITHM_CMAC, .kind = SAM_AES },
	{ 0x0a, .what = ALGORITHM_HMAC, .kind = SAM_HMAC, .digest = DIGEST_SHA256 },
	{ 0x0b, .what = ALGORITHM_RETAIL_MAC, .kind = SAM_DES3 },
	{ 0x0c, .what = ALGORITHM_RSA_PKCS1, .kind = SAM_RSA },
	{ 0x10, .what = ALGORITHM_RSA_RAW, .kind = SAM_RSA },
	{ 0x11, .what = ALGORITHM_RSA_PSS, .kind = SAM_RSA },
	{ 0x12, .what = ALGORITHM_RSA_OAEP, .kind = SAM_RSA },
	{ 0x13, .what = ALGORITHM_ECDSA, .kind = SAM_EC },
	{ 0x14, .what = ALGORITHM_ECDH, .kind = SAM_EC },
	{ 0x15, .what = ALGORITHM_ED25519, .kind = SAM_ED25519 },
	{ 0x16, .what = ALGORITHM_X25519, .kind = SAM_X25519 },
	{ 0x18, .what = ALGORITHM_HASH, .digest = DIGEST_SHA224 },
	{ 0x19, .what = ALGORITHM_HASH, .digest = DIGEST_SHA384 },
	{ 0x1a, .what = ALGORITHM_HASH, .digest = DIGEST_SHA512 },
	{ 0x1b, .what = ALGORITHM_HASH, .digest = DIGEST_SHA3_256 },
	{ 0x1c, .what = ALGORITHM_HASH, .digest = DIGEST_SHA3_384 },
	{ 0x1d, .what = ALGORITHM_HASH, .digest = DIGEST_SHA3_512 },
	ALGORITHM_END
};

const struct iso_app iso7816_app = {
	.rows = rows,
	.algorithms = algorithms,
};

const struct iso_type iso7816_iso_type = {
	.root = &iso7816_app,
	.atr = VIEW(atr),
	.channels = ISO_CHANNELS_MAX,
};

const struct card_type iso7816_type = {
	.name = "iso7816",
	.summary = "plain ISO 7816-4/-8/-9 card: files, PINs, keys, secure messaging, channels",
	.flags = CARD_TAKES_ATR | CARD_TAKES_SERIAL,
	.open = iso_open,
	.data = &iso7816_iso_type,
	.schema = iso_type_schema,
	.contents = contents_iso7816,
};
