/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log.h"

#include <debuglog.h>
#include <stdarg.h>
#include <stdio.h>

/* pcscd's; elsewhere (unit tests, driver testers) there is none */
#pragma weak log_msg

static void write_line(int priority, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static void
write_line(int priority, const char *fmt, va_list ap)
{
	char line[512];

	if (!log_msg)
		return;
	vsnprintf(line, sizeof(line), fmt, ap);
	log_msg(priority, "vpcd: %s", line);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(PCSC_LOG_ERROR, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(PCSC_LOG_INFO, fmt, ap);
	va_end(ap);
}
