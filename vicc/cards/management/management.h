/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Yubico's tools ask a card about itself before they ask its applications. */
#ifndef VICC_CARDS_MANAGEMENT_MANAGEMENT_H
#define VICC_CARDS_MANAGEMENT_MANAGEMENT_H

#include "iso/iso.h"

extern const struct iso_app management_app;

#endif
