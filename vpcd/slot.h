/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Slots, one per Lun. A slot is EMPTY until its door lets a card in, PRESENT,
 * and DEAD from the moment the card is lost until the host has been told: so two
 * cards are never one session, and no answer is the answer to another command.
 *
 * Threads: pcscd waits in slot_wait on one thread per slot, and calls the rest
 * from others, one at a time, except slot_stop and the closing, which come at
 * any time. A card's descriptor is closed by the waiting thread only.
 */
#ifndef VPCD_SLOT_H
#define VPCD_SLOT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atr.h"
#include "door.h"
#include "name.h"
#include "pad.h"
#include "wire.h"

#define SLOT_POWER_MS 5000    /* to answer power up or reset with the ATR */
#define SLOT_REST_MS 250      /* until what pcscd makes of a call is written down, see slot.c */
#define SLOT_PRESENCE_MS 1000 /* a host without polling waits so long for a card on its way */

enum slot_state { SLOT_EMPTY, SLOT_PRESENT, SLOT_DEAD };

struct slot {
	struct reader *reader;
	unsigned k;        /* which slot of the reader */
	bool open;         /* reader table's: pcscd has created and not closed it */
	_Atomic(struct door *) door; /* its own, or the reader's shared one; set when all else is */
	int wake;          /* eventfd for the waiting thread */
	atomic_bool stop;  /* slot_wait is to return */
	atomic_int state;  /* enum slot_state */
	_Atomic int64_t rest_until; /* let no card in before */
	_Atomic int64_t hold_until; /* tell nobody before that the card is lost */

	pthread_mutex_t talk; /* one conversation with the card at a time */
	struct wire in;
	uint8_t rx[WIRE_FRAME_MAX];
	struct pad pad;

	pthread_mutex_t lock; /* the following; never held while waiting */
	int fd;               /* the card, or -1 */
	uint8_t atr[ATR_MAX];
	size_t atr_len;
	unsigned protocol; /* T=n as set, -1u: none yet */

	/* the waiting thread, asked for by all, and what it alone was told since it last waited */
	atomic_bool waited;
	_Atomic(pthread_t) waiter;
	bool told_present;
	bool told_absent;
};

/* One entry of reader.conf. */
struct reader {
	struct reader *next;
	unsigned index;      /* upper half of the Lun */
	unsigned refs;       /* calls under way, and one while any slot is open */
	struct name name;
	atomic_bool polled;  /* the host has asked for the polling function */
	struct door doors[NAME_SLOTS_MAX]; /* the first only, when shared */
	struct slot slots[NAME_SLOTS_MAX];
};

/* Open the slot of a reader that is being made; its door too. 0 or -errno. */
int slot_open(struct slot *s, struct reader *r, unsigned k);

/* End all waiting; what is under way on other threads fails soon. */
void slot_shut(struct slot *s);

/* Release what it holds. Nobody may use it any more. */
void slot_free(struct slot *s);

/* Whether there is a card, as the host is to see it. */
bool slot_present(struct slot *s);

/*
 * Wait until a card has come or gone, timeout_ms have passed, or slot_stop was
 * called. Without any of these it does not return: pcscd would take the power
 * off an unused card.
 */
void slot_wait(struct slot *s, int timeout_ms);
void slot_stop(struct slot *s);

/*
 * 0, or -ENODEV: there is no card (any more); -ETIMEDOUT: it was too slow, and is dropped;
 * power up also -ENOMSG: the card is mute, and stays.
 */
int slot_power_off(struct slot *s); /* always 0 */
int slot_power_up(struct slot *s, enum wire_control how, uint8_t atr[ATR_MAX], size_t *len);

/*
 * Command in, response out; *rsp_len is the room and then the length. As above;
 * -EINVAL: no command at all (the card stays). On any error *rsp_len is 0.
 */
int slot_transmit(struct slot *s, const uint8_t *cmd, size_t cmd_len, uint8_t *rsp,
		  size_t *rsp_len);

/*
 * A PIN is entered at the slot's pad, which it has, and verified, or changed (Part 10, 2.5.2 and
 * 2.5.3): the structure in, the card's response out, or two bytes where the card was not asked.
 * As slot_transmit; -ENOTSUP: it is no structure; -ENOSPC: no room for a status word.
 */
int slot_enter_pin(struct slot *s, bool modify, const uint8_t *in, size_t in_len, uint8_t *rsp,
		   size_t *rsp_len);

/* The ATR of the card that is present; 0: there is none. */
size_t slot_atr(struct slot *s, uint8_t atr[ATR_MAX]);

/* T=n. False when the card does not offer it. */
bool slot_set_protocol(struct slot *s, unsigned t);

/* As bits: what the card offers, and what was set (0: nothing). */
void slot_protocols(struct slot *s, unsigned *offered, unsigned *current);

#endif
