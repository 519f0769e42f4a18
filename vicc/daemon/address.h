/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses of this machine. Asks its interfaces, never the network. */
#ifndef VICC_DAEMON_ADDRESS_H
#define VICC_DAEMON_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define ADDRESS_TEXT 64

bool address_is_loopback(const struct sockaddr *sa);

/* Whether it is one of this machine's, loopback included. */
bool address_is_local(const struct sockaddr *sa);

/*
 * The addresses under which others may reach this machine: up, neither loopback
 * nor link-local; IPv4 first. Writes at most max, numeric, and returns how many.
 */
size_t address_list(char texts[][ADDRESS_TEXT], size_t max);

#endif
