/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a service manager wants to know: that the cards are in their readers. */
#ifndef VICC_DAEMON_NOTIFY_H
#define VICC_DAEMON_NOTIFY_H

#include <stddef.h>

/*
 * Take note of who asked for it, $NOTIFY_SOCKET, once, before there is a process
 * for each card. 0, also when nobody asked; or a negative errno value.
 */
int notify_open(size_t cards);

/* The same for whoever is at the other end of this socket, which is taken over. */
int notify_to(int fd, size_t cards);

/*
 * This process's card has its reader. The last card of all tells READY=1, and as
 * X_VICC_CARDS how many they are; again means nothing.
 */
void notify_ready(void);

void notify_close(void);

#endif
