/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/log.h"

#include <string.h>
#include <unistd.h>

#include "base/text.h"

static void write_line(const struct log *l, enum log_level level, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static void
write_line(const struct log *l, enum log_level level, const char *fmt, va_list ap)
{
	char line[1024];
	size_t n;

	if (!l || !l->out || level > l->level)
		return;
	snprintf(line, sizeof(line), "%s: ", l->name ? l->name : "vicc");
	n = strlen(line);
	vsnprintf(line + n, sizeof(line) - n - 1, fmt, ap);
	/* names of files, readers and cards are anybody's */
	text_make_plain(line);
	n = strlen(line);
	line[n++] = '\n';
	/* one write: several processes share the stream */
	if (fflush(l->out) == 0 && write(fileno(l->out), line, n) < 0)
		return; /* nobody to tell */
}

#define WRITER(name, level) \
	void \
	name(const struct log *l, const char *fmt, ...) \
	{ \
		va_list ap; \
\
		va_start(ap, fmt); \
		write_line(l, level, fmt, ap); \
		va_end(ap); \
	}

WRITER(log_error, LOG_ERROR_ONLY)
WRITER(log_notice, LOG_NOTICE)
WRITER(log_info, LOG_INFO)
WRITER(log_debug, LOG_DEBUG)
