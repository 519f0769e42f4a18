/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A trace that Wireshark and tshark read: pcapng (draft-ietf-opsawg-pcapng) with
 * link type 252, Upper PDU. Each block is written whole, as it happens: a process
 * that is killed leaves a readable file.
 */
#ifndef VICC_TRACE_TRACE_H
#define VICC_TRACE_TRACE_H

#include "daemon/host.h"

/*
 * An open file, which may have been there before, is for its owner alone: 0600. What is
 * no file (a device, a pipe) is not only ours, and stays as it is. 0 or -errno.
 */
int trace_private(int fd);

/*
 * Begin a file: one interface for each name. What was in it is gone; mode 0600.
 * A descriptor, whose writes cards of several processes may share, or -errno.
 */
int trace_create(const char *path, const char *const *names, size_t n);

/* The same on a file that is open. 0 or -errno. */
int trace_begin(int fd, const char *const *names, size_t n);

struct trace {
	struct tap tap;
	int fd;
	uint32_t interface; /* which of the names */
	bool secrets;       /* show them; else each data byte of theirs is FF */
	const struct log *log;
	bool paused;
	bool failed;        /* and has said so */
};

/* To be hung into host.taps. The descriptor stays the caller's. */
void trace_init(struct trace *t, int fd, uint32_t interface, bool secrets, const struct log *log);

/* Append a command or answer with FF in place of each byte of its data. */
void trace_mask_command(struct buf *out, struct view cmd);
void trace_mask_response(struct buf *out, struct view rsp);

#endif
