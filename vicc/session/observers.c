/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "session/observers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "cli/pinfile.h"

/* --- of one card ---------------------------------------------------------------- */

static int
read_pins(const struct options *o, struct props *pins, const struct log *log)
{
	char error[512];
	int rc = o->pin_file && (o->script || o->record)
			 ? pinfile_read(pins, o->pin_file, error, sizeof(error))
			 : 0;

	if (rc < 0)
		log_error(log, "%s", error);
	return rc;
}

static void
add_tap(struct host *host, struct tap *tap)
{
	tap->next = host->taps;
	host->taps = tap;
}

int
observers_open(const struct options *o, const struct trace_place *place, struct host *host,
	       struct observers *observers)
{
	int rc = read_pins(o, &observers->pins, host->log);

	if (rc == 0 && o->record) {
		rc = record_open(&observers->record, o->record, o->type->name, &observers->pins,
				 host->log);
		if (rc < 0)
			log_error(host->log, "cannot write --record \"%s\": %s", o->record,
				  output_fault(rc));
		else
			add_tap(host, &observers->record.tap);
	}
	if (rc == 0 && place->fd >= 0) {
		trace_init(&observers->trace, place->fd, place->interface, o->trace_secrets,
			   host->log);
		add_tap(host, &observers->trace.tap);
	}
	return rc;
}

void
observers_free(struct observers *observers)
{
	props_clear(&observers->pins);
	record_free(&observers->record);
}

/* --- files of several cards ------------------------------------------------------- */

/* Cards with the same file share it: each is an interface of its own. */
static bool
shares_trace(const struct command *cmd, size_t i, size_t k)
{
	return cmd->cards[k].trace && strcmp(cmd->cards[i].trace, cmd->cards[k].trace) == 0;
}

static int
open_trace(const struct command *cmd, size_t i, struct trace_place *places)
{
	char (*texts)[LINK_TEXT] = calloc(cmd->n_cards, sizeof(*texts));
	const char **names = calloc(cmd->n_cards, sizeof(*names));
	uint32_t n = 0;
	int fd = -ENOMEM;
	size_t k;

	for (k = i; texts && names && k < cmd->n_cards; k++) {
		if (!shares_trace(cmd, i, k))
			continue;
		endpoint_text(&cmd->cards[k].where, texts[n]);
		names[n] = texts[n];
		places[k].interface = n++;
	}
	if (texts && names)
		fd = trace_create(cmd->cards[i].trace, names, n);
	for (k = i; fd >= 0 && k < cmd->n_cards; k++) {
		if (shares_trace(cmd, i, k))
			places[k].fd = fd;
	}
	free(texts);
	free(names);
	return fd < 0 ? fd : 0;
}

struct trace_place *
traces_open(const struct command *cmd)
{
	struct trace_place *places = calloc(cmd->n_cards, sizeof(*places));
	struct log log = { .out = stderr };
	int rc = places ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; places && i < cmd->n_cards; i++)
		places[i].fd = -1;
	for (i = 0; rc == 0 && i < cmd->n_cards; i++) {
		if (cmd->cards[i].trace && places[i].fd < 0)
			rc = open_trace(cmd, i, places);
		if (rc < 0)
			log_error(&log, "cannot write --trace \"%s\": %s", cmd->cards[i].trace,
				  output_fault(rc));
	}
	if (rc == 0)
		return places;
	free(places);
	return NULL;
}
