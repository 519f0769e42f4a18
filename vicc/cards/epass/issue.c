/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --issue: what a document signer says of a passport, once more, of what is on it now. */
#include "cards/epass/personal.h"

#include <errno.h>
#include <string.h>

#include "codec/tlv.h"
#include "crypto/cms.h"
#include "model/field.h"

/* The data groups as they are, and whose passport it is: by field, as DG1 may have been spoiled. */
static int
read_groups(struct making *m)
{
	char fault[MRZ_FAULT_SIZE];

	if (!mrz_read_unchecked(&m->mrz, props_get(&m->df->props, EMRTD_FIELD_MRZ), fault))
		return eac_fail(&m->to, -EINVAL, "--issue: field \"" EMRTD_FIELD_MRZ "\": %s",
				fault);
	return lds_read(&m->lds, m->df) ? 0 : making_error(m, -ENOMEM);
}

/* What is signed in EF.CardSecurity stays; where it is unreadable there is nothing to be signed. */
static int
read_card_security(struct making *m)
{
	const struct file *ef = fs_child(m->to.s->fs.mf, EPASS_FID_CARD_SECURITY);
	struct cms cms;

	if (!ef)
		return 0;
	if (!cms_read(buf_view(&ef->contents), &cms) || cms.content.n == 0)
		return eac_fail(&m->to, -EINVAL, "--issue: EF.CardSecurity is not CMS SignedData");
	return buf_set(&m->security, cms.content) ? 0 : making_error(m, -ENOMEM);
}

static int
issue_again(struct making *m)
{
	int rc =
		m->df ? read_groups(m) : eac_fail(&m->to, -EINVAL, "--issue: no passport is there");

	if (rc == 0)
		rc = read_card_security(m);
	if (rc == 0)
		rc = making_issuer(m);
	if (rc == 0)
		rc = making_sign(m);
	return rc;
}

int
epass_issue(struct state *s, const struct card_config *cfg, char *error, size_t size)
{
	struct making m;
	int rc;

	making_begin(&m, s, cfg, error, size);
	rc = issue_again(&m);
	making_end(&m);
	return rc;
}
