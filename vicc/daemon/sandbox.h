/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A card takes bytes from anybody who reaches the reader. What it can do to the
 * machine is limited before it answers the first of them.
 */
#ifndef VICC_DAEMON_SANDBOX_H
#define VICC_DAEMON_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

/* Beyond reading, writing and waiting on what is open: */
#define SANDBOX_CALLS 0x1u   /* connect, with new sockets of the families below */
#define SANDBOX_ANSWERS 0x2u /* accept connections */
#define SANDBOX_STORES 0x4u  /* replace files: what store_commit names */
#define SANDBOX_UNLINKS 0x8u /* remove a socket at the end */
#define SANDBOX_AWAITS 0x20u /* learn how a program has ended that was started before */
#define SANDBOX_UNIX 0x40u   /* sockets of this machine's own: a reader's, pcscd's */
#define SANDBOX_INET 0x80u
#define SANDBOX_INET6 0x100u
#define SANDBOX_FORWARDS 0x200u /* wait for signals, and hand them on to other processes */
#define SANDBOX_TERMINAL 0x400u /* switch a terminal's echo off and on */

/*
 * Other people's code (libpcsclite's, a plug-in's) needs nobody knows what:
 * everything but what starts programs, looks into others, types into the terminal,
 * gets round this filter or changes the machine.
 */
#define SANDBOX_WIDE 0x10u

/*
 * At the start, before there is a secret: no core dumps, and nobody but debuggers looks
 * in, if those.
 */
void sandbox_hide(bool debuggers);

/*
 * Of all folders only these, and what is in them, from now on, where the kernel knows
 * how (Landlock): files of the first can be opened, made and removed, files of those of
 * the n sockets removed; each is an open folder, or -1. No descriptor that is open is
 * touched. 0, also where the kernel does not know; or negative (said).
 */
int sandbox_confine(int image, const int *sockets, size_t n, const struct log *log);

/* The folder of a socket that is removed at the end, open; -1: there is none (NULL, empty), or it cannot be opened. */
int sandbox_folder(const char *socket);

/*
 * No new privileges, and a filter of system calls (EPERM for what is not in
 * it). Whatever libraries do lazily has been done before. 0, or negative (said).
 */
int sandbox_enter(unsigned allowed, const struct log *log);

#endif
