/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A CAC that is somebody's from the beginning. */
#ifndef VICC_CARDS_CAC_PERSONAL_H
#define VICC_CARDS_CAC_PERSONAL_H

#include "cards/pkcs15/personal.h"

extern const struct personal_type cac_personal;

#endif
