/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection to a card's control socket: lines of JSON each way. */
#ifndef VICC_VICCCTL_CONNECTION_H
#define VICC_VICCCTL_CONNECTION_H

#include <jansson.h>
#include <stdint.h>

#include "base/bytes.h"

struct connection {
	int fd; /* -1: none */
	struct buf in;
	json_t *greeting; /* its member "vicc" */
	json_t *events;   /* that came while an answer was waited for */
};

/* 0; -ENOENT: nobody is there; -EPERM: it is another user's; -EBUSY, or another errno value. */
int connection_open(struct connection *c, const char *path, int64_t deadline);
void connection_close(struct connection *c);

/* 0, or negative. The request is taken over; passed: a descriptor that goes with it, or -1. */
int connection_send(struct connection *c, json_t *request, int passed);

/*
 * The next answer, to be decref'd; NULL: *error is -ETIMEDOUT (until deadline), -EPIPE or
 * another.
 */
json_t *connection_answer(struct connection *c, int64_t deadline, int *error);

/* The next event, likewise. */
json_t *connection_event(struct connection *c, int64_t deadline, int *error);

#endif
