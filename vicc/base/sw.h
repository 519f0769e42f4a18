/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Status words (ISO/IEC 7816-4, 5.6), as this project uses them. */
#ifndef VICC_BASE_SW_H
#define VICC_BASE_SW_H

#include <stdbool.h>
#include <stdint.h>

typedef uint16_t sw_t;

enum {
	SW_OK = 0x9000,
	SW_MORE = 0x6100,                  /* | bytes waiting, 00: 256 or more */
	SW_WARNING = 0x6200,
	SW_END_OF_FILE = 0x6282,           /* end reached before Ne bytes; nothing found */
	SW_DEACTIVATED = 0x6283,           /* selected, but deactivated */
	SW_FCI_NOT_FORMATTED = 0x6284,
	SW_TERMINATED = 0x6285,            /* selected, but terminated */
	SW_WARNING_CHANGED = 0x6300,
	SW_TRIES = 0x63c0,                 /* | tries left, at most 15 */
	SW_EXECUTION = 0x6400,
	SW_MEMORY_FAILURE = 0x6581,
	SW_WRONG_LENGTH = 0x6700,
	SW_CLA_FUNCTION = 0x6800,
	SW_CHANNEL_NOT_SUPPORTED = 0x6881,
	SW_SM_NOT_SUPPORTED = 0x6882,
	SW_LAST_EXPECTED = 0x6883,         /* last command of the chain */
	SW_CHAINING_NOT_SUPPORTED = 0x6884,
	SW_NOT_ALLOWED = 0x6900,
	SW_INCOMPATIBLE_FILE = 0x6981,
	SW_SECURITY_STATUS = 0x6982,
	SW_BLOCKED = 0x6983,
	SW_REFERENCE_UNUSABLE = 0x6984,
	SW_CONDITIONS = 0x6985,
	SW_NO_CURRENT_EF = 0x6986,
	SW_SM_MISSING = 0x6987,
	SW_SM_INCORRECT = 0x6988,
	SW_WRONG_DATA = 0x6a80,
	SW_FUNCTION_NOT_SUPPORTED = 0x6a81,
	SW_FILE_NOT_FOUND = 0x6a82,
	SW_RECORD_NOT_FOUND = 0x6a83,
	SW_NO_MEMORY = 0x6a84,
	SW_LC_TLV = 0x6a85,
	SW_WRONG_P1P2 = 0x6a86,
	SW_LC_P1P2 = 0x6a87,
	SW_REFERENCE_NOT_FOUND = 0x6a88,
	SW_FILE_EXISTS = 0x6a89,
	SW_NAME_EXISTS = 0x6a8a,
	SW_WRONG_OFFSET = 0x6b00,
	SW_WRONG_LE = 0x6c00,              /* | the right Le */
	SW_INS = 0x6d00,
	SW_CLA = 0x6e00,
	SW_UNKNOWN = 0x6f00,
};

/* Data go with these; 64xx and above are errors and carry none (5.6). */
static inline bool
sw_is_error(sw_t sw)
{
	return sw >> 8 >= 0x64 && sw >> 8 <= 0x6f;
}

#endif
