/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a reader with a PIN pad and the program that enters the digits say to each other, and
 * where they meet: shared by the driver and vicc-pad. Lines of ASCII, each ended by LF. The
 * driver listens; it asks a program that is connected, and one connection is one request:
 *
 *   ask 1 verify|modify slot=K ins=20 ref=01 min=4 max=8 first=30 next=30 end=02
 *       want=pin|[old,]new[,again] texts=01 lang=0409 display=0|1    (one line)
 *   key                       a digit was typed, not which
 *   pin DIGITS [DIGITS [DIGITS]]   in the order of want; or
 *   cancel | sw XXXX          the second is for tests: the client's answer, 61XX to 6FXX or 9XXX
 *   done 9000                 the status word that the client gets; or, instead of hearing more,
 *   stop time|card|end        too late; the card has gone; the reader ends
 */
#ifndef VPCD_PADLINE_H
#define VPCD_PADLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PADLINE_MAX 255                /* bytes of a line, without LF */
#define PADLINE_SIZE (PADLINE_MAX + 2) /* with LF and NUL */
#define PADLINE_PATH 108               /* of a socket, with NUL: sun_path */
#define PADLINE_KEYS 64                /* that may be told in one request */
#define PIN_DIGITS 63                  /* at most, of one PIN */
#define PIN_WANTED 3                   /* PINs at most in one request */

enum pin_role { PIN_VERIFIED, PIN_OLD, PIN_NEW, PIN_AGAIN };

/* A request. Numbers are the client's, Part 10 says what they mean; seconds, digits. */
struct pad_ask {
	bool modify;
	unsigned slot;
	uint8_t ins, ref; /* of the command: INS and P2 */
	unsigned min, max;
	unsigned first, next; /* seconds until the first digit, and until each further one */
	uint8_t end;          /* bEntryValidationCondition: 01 max reached, 02 key, 04 time */
	enum pin_role want[PIN_WANTED];
	unsigned n_wanted;
	uint8_t texts; /* bNumberMessage */
	uint16_t lang; /* wLangId */
	bool display;
};

/* Digits, and NULs up to the end; the owner wipes them. */
struct pin {
	char digits[PIN_DIGITS + 1];
};

enum pad_word { PAD_KEY, PAD_PINS, PAD_CANCEL, PAD_SW };

struct pad_answer {
	enum pad_word word;
	struct pin pins[PIN_WANTED];
	unsigned n_pins;
	uint16_t sw;
};

/* The line, with LF; its length. */
size_t padline_write_ask(char line[PADLINE_SIZE], const struct pad_ask *ask);

/* A line without its end. Words that are not known are skipped. False: it is no request. */
bool padline_read_ask(const char *line, struct pad_ask *ask);

/* Likewise for what a program says, where nothing is skipped. On false no digit is in answer. */
bool padline_read_answer(const char *line, struct pad_answer *answer);

/*
 * Where slot k of a reader meets its pad. path: its unix socket, without slot; else NULL, and
 * then its port, with the slot. False: too long for a socket.
 */
bool padline_unix_path(char out[PADLINE_PATH], const char *path, unsigned k);
bool padline_tcp_path(char out[PADLINE_PATH], unsigned port, unsigned k, bool reversed);

#endif
