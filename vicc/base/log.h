/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One log per process, handed down as a value: libvicc has no globals. Never
 * given data fields: headers, lengths and status words only, at any verbosity.
 */
#ifndef VICC_BASE_LOG_H
#define VICC_BASE_LOG_H

#include <stdarg.h>
#include <stdio.h>

enum log_level {
	LOG_ERROR_ONLY, /* -q: what goes wrong */
	LOG_NOTICE,     /* default: and one line when connected */
	LOG_INFO,       /* -v: power, connections */
	LOG_DEBUG,      /* -vv: every command's header, lengths, status word */
};

struct log {
	FILE *out;         /* NULL: nothing is written */
	enum log_level level;
	const char *name;  /* the program's or the card's, before each line */
};

/* Each writes one line, whole, with one write. A NULL log is silent. */
void log_error(const struct log *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_notice(const struct log *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_info(const struct log *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_debug(const struct log *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
