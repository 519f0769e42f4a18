/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session/confine.h"

#include <unistd.h>

#include "daemon/link.h"
#include "daemon/sandbox.h"

bool
has_foreign_code(const struct options *o)
{
	size_t i;

	for (i = 0; i < o->n_mitms && !o->mitms[i].module; i++)
		;
	return i < o->n_mitms || o->type->flags & CARD_FOREIGN_CODE;
}

/* New connections to a reader, and to pcscd where that is to be started. */
static unsigned
needed_sockets(const struct endpoint *w, const struct link *link)
{
	unsigned allowed = SANDBOX_CALLS;
	const struct addrinfo *a;

	if (w->path[0] || link->local)
		allowed |= SANDBOX_UNIX;
	for (a = link->addresses; a; a = a->ai_next)
		allowed |= a->ai_family == AF_INET ? SANDBOX_INET : SANDBOX_INET6;
	return allowed;
}

/* What the card's loop is going to need of the system. */
static unsigned
needed_calls(const struct options *o, const struct link *link, bool controlled)
{
	const struct endpoint *w = &o->where;
	unsigned allowed = 0;

	/* with --once the one connection is there already */
	if (!o->script && !w->once)
		allowed |= w->reversed ? SANDBOX_ANSWERS : needed_sockets(w, link);
	if (w->reversed && w->path[0])
		allowed |= SANDBOX_UNLINKS;
	if (controlled)
		allowed |= SANDBOX_ANSWERS | SANDBOX_UNLINKS;
	if (has_foreign_code(o))
		allowed |= SANDBOX_WIDE;
	if (o->n_mitms > 0)
		allowed |= SANDBOX_AWAITS;
	if (o->file && !o->read_only && !o->is_volatile)
		allowed |= SANDBOX_STORES;
	return allowed;
}

int
confine(void *ctx)
{
	const struct confine *c = ctx;
	unsigned allowed = needed_calls(c->o, c->host->link, c->control != NULL);
	const struct endpoint *w = &c->o->where;
	int sockets[2], rc = 0;
	size_t i;

	if (c->o->no_sandbox)
		return 0;
	/* nobody knows what other people's code opens */
	if (!(allowed & SANDBOX_WIDE)) {
		sockets[0] = sandbox_folder(w->reversed ? w->path : NULL);
		sockets[1] = sandbox_folder(c->control);
		rc = sandbox_confine(allowed & SANDBOX_STORES ? c->folder : -1, sockets, 2,
				     c->host->log);
		for (i = 0; i < 2; i++) {
			if (sockets[i] >= 0)
				close(sockets[i]);
		}
	}
	return rc < 0 ? rc : sandbox_enter(allowed, c->host->log);
}
