/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words of an image, for reading and writing alike. */
#include <stddef.h>

#include "image/text.h"

const char *const image_lives[] = {
	[SAM_UNSET] = "unset", [SAM_ACTIVE] = "active", [SAM_DEACTIVATED] = "deactivated", NULL,
};

const char *const image_paddings[] = {
	[SAM_UNPADDED] = "none", [SAM_PAD_00] = "00", [SAM_PAD_FF] = "FF", NULL,
};

const char *const image_kinds[] = {
	[SAM_DES] = "des", [SAM_DES3] = "des3", [SAM_AES] = "aes", [SAM_HMAC] = "hmac",
	[SAM_RSA] = "rsa", [SAM_EC] = "ec", [SAM_ED25519] = "ed25519", [SAM_X25519] = "x25519",
	[SAM_ED448] = "ed448", [SAM_X448] = "x448", NULL,
};

const char *const image_uses[] = {
	"sign", "verify", "decipher", "encipher", "checksum", "internal", "external", "derive",
	"certify", "sm", NULL,
};

const char *const image_grants[] = {
	[SAM_NEVER] = "never", [SAM_ALWAYS] = "always", [SAM_ANY] = "any", [SAM_ALL] = "all", NULL,
};

const char *const image_se_uses[] = {
	[SE_CHECK] = "check", [SE_MAKE] = "make", [SE_SM_RESPONSE] = "sm_response",
	[SE_SM_COMMAND] = "sm_command", NULL,
};

const struct image_word image_file_lives[] = {
	{ "creation", FILE_CREATION },
	{ "initialisation", FILE_INITIALISATION },
	{ "deactivated", FILE_DEACTIVATED },
	{ "activated", FILE_ACTIVATED },
	{ "terminated", FILE_TERMINATED },
	{ NULL, 0 },
};

const struct image_word image_structures[] = {
	{ "df", 0x38 },
	{ "transparent", 0x01 },
	{ "linear_fixed", 0x02 },
	{ "linear_fixed_tlv", 0x03 },
	{ "linear_variable", 0x04 },
	{ "linear_variable_tlv", 0x05 },
	{ "cyclic", 0x06 },
	{ "cyclic_tlv", 0x07 },
	{ "ber_tlv", 0x39 },
	{ "simple_tlv", 0x3a },
	{ NULL, 0 },
};

/* ISO/IEC 7816-4, 7.4.3, but for what is computed */
const struct image_word image_fcp_tags[] = {
	{ "total_size", 0x81 },
	{ "name", 0x84 },
	{ "proprietary", 0x85 },
	{ "rules_proprietary", 0x86 },
	{ "fci_file", 0x87 },
	{ "rules_reference", 0x8b },
	{ "rules_compact", 0x8c },
	{ "environments_file", 0x8d },
	{ "channel_security", 0x8e },
	{ "profile", 0x8f },
	{ "rules_objects", 0xa0 },
	{ "rules_templates", 0xa1 },
	{ "short_identifiers", 0xa2 },
	{ "proprietary_tlv", 0xa5 },
	{ "rules_expanded", 0xab },
	{ "mechanisms", 0xac },
	{ NULL, 0 },
};

const char *
image_word_for(const struct image_word *words, uint32_t value)
{
	for (; words->word; words++) {
		if (words->value == value)
			return words->word;
	}
	return NULL;
}
