/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An OpenPGP card that is somebody's from the beginning. */
#ifndef VICC_CARDS_OPENPGP_PERSONAL_H
#define VICC_CARDS_OPENPGP_PERSONAL_H

#include "cards/pkcs15/personal.h"

extern const struct personal_type openpgp_personal;

#endif
