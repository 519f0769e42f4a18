/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is on a new card of each type: the texts of ../contents, made into C by make. */
#ifndef VICC_CARDS_CONTENTS_H
#define VICC_CARDS_CONTENTS_H

extern const char contents_cac[];
extern const char contents_cryptoflex[];
extern const char contents_ePass[];
extern const char contents_iso7816[];
extern const char contents_isoapplet[];
extern const char contents_myeid[];
extern const char contents_npa[];
extern const char contents_openpgp[];
extern const char contents_piv[];
extern const char contents_token[];

#endif
