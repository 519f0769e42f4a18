/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <strings.h>

#include "model/card.h"
#include "cards/cac/cac.h"
#include "cards/cryptoflex/cryptoflex.h"
#include "cards/epass/epass.h"
#include "cards/handler_test/handler_test.h"
#include "cards/iso7816/iso7816.h"
#include "cards/isoapplet/isoapplet.h"
#include "cards/management/management.h"
#include "cards/myeid/myeid.h"
#include "cards/npa/npa.h"
#include "cards/openpgp/openpgp.h"
#include "cards/piv/piv.h"
#include "cards/relay/relay.h"
#include "cards/token/token.h"

const struct card_type *const card_types[] = {
	&iso7816_type,
	&isoapplet_type,
	&myeid_type,
	&cryptoflex_type,
	&piv_type,
	&cac_type,
	&epass_type,
	&npa_type,
	&openpgp_type,
	&token_type,
	&relay_type,
	&handler_test_type,
	NULL,
};

const struct iso_app *const iso_apps[] = {
	&cac_aca_app,
	&cac_ccc_app,
	&cac_data_app,
	&cac_get_data_app,
	&cac_pki_app,
	&emrtd_app,
	&management_app,
	&npa_eid_app,
	&npa_esign_app,
	&openpgp_app,
	&piv_app,
	NULL,
};

const struct card_type *
card_type_find(const char *name)
{
	const struct card_type *const *t;

	for (t = card_types; *t; t++) {
		if (strcasecmp((*t)->name, name) == 0)
			return *t;
	}
	return NULL;
}
