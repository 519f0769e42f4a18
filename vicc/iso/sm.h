/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which keys secure messaging of the plain card is to begin with. */
#ifndef VICC_ISO_SM_H
#define VICC_ISO_SM_H

#include "iso/iso.h"

struct iso_sm_keys {
	enum sm_suite suite;
	struct sam_key *mac;
	struct sam_key *enc; /* NULL: authentication only */
};

/* What the environment in force names. False: nothing that would do. */
bool iso_sm_keys(struct iso *c, struct iso_sm_keys *keys);

#endif
