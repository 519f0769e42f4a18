/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pcscd's log, where there is a pcscd. It shows only errors by default: what an
 * administrator must see is an error, said once per state. Never a card's bytes.
 */
#ifndef VPCD_LOG_H
#define VPCD_LOG_H

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
