/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a card's contents, and its beginning (7.2.16, 7.2.17): how clients reset one. */
#include "cards/openpgp/openpgp.h"

#include <errno.h>
#include <string.h>

#include "crypto/rand.h"
#include "iso/key.h"
#include "model/object.h"

#define AES_SIZE 32 /* bytes */

/* Whoever has run PW3 down may, too: there is nobody left whose card it could be. */
sw_t
openpgp_terminate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct file *df = iso_df(c);

	(void)rsp;
	if (apdu_p1p2(cmd) != 0x0000)
		return SW_WRONG_OFFSET;
	if (!openpgp_is_proven(c, OPENPGP_PW3) && !openpgp_pw3_is_blocked(c))
		return SW_SECURITY_STATUS;
	df->life = FILE_TERMINATED;
	c->state->fs.changed = true;
	*iso_auth(c, df->uid) = (struct auth) { 0 };
	return SW_OK;
}

struct sam_key *
openpgp_draft_aes(struct iso *c, sw_t *sw)
{
	struct sam_key *k = iso_draft_key(c, iso_df(c)->uid, SAM_AES);
	uint8_t value[AES_SIZE];
	int rc = k ? rand_bytes(value, sizeof(value)) : -ENOMEM;

	*sw = rc == 0 ? SW_OK : iso_sw(c, rc);
	if (rc == 0)
		sam_key_set_secret(k, view_of(value, sizeof(value)));
	else if (k)
		iso_draft_drop(c, k);
	explicit_bzero(value, sizeof(value));
	return rc == 0 ? k : NULL;
}

static void
remove_keys(struct iso *c, const struct sam_key *but)
{
	struct sam_key *k, *next;

	for (k = c->state->sam.keys; k; k = next) {
		next = k->next;
		if (k->owner == but->owner && k != but)
			sam_key_remove(&c->state->sam, k);
	}
}

/* A new card of the same name. */
static sw_t
begin_anew(struct iso *c)
{
	struct file *df = iso_df(c);
	struct sam_key *key;
	sw_t sw;

	key = openpgp_draft_aes(c, &sw);
	if (!key)
		return sw;
	remove_keys(c, key);
	iso_draft_keep(c, key, OPENPGP_AES);
	object_drop_all(&c->state->fs, df);
	props_remove(&df->props, OPENPGP_FIELD_KEEPS_81);
	props_remove(&df->props, OPENPGP_FIELD_SIGNATURES);
	openpgp_renew_passwords(c);
	df->life = FILE_ACTIVATED;
	c->state->fs.changed = true;
	*openpgp_own(c) = (struct openpgp) { 0 };
	return SW_OK;
}

sw_t
openpgp_activate(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	(void)rsp;
	if (apdu_p1p2(cmd) != 0x0000)
		return SW_WRONG_OFFSET;
	return file_terminated(iso_df(c)) ? begin_anew(c) : SW_OK;
}
