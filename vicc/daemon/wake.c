/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/wake.h"

#include <winscard.h>

void
wake_init(struct wake *w, const struct log *log)
{
	*w = (struct wake) { .log = log };
	/* some versions load what is behind them with the first call, which a filter would forbid */
	SCardReleaseContext(0);
}

void
wake_reader(struct wake *w)
{
	SCARDCONTEXT context;
	LONG rc;

	if (w->refused)
		return;
	rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
	if (rc == SCARD_S_SUCCESS) {
		/* the older one last: there is no moment without any */
		if (w->held)
			SCardReleaseContext(w->context);
		w->held = true;
		w->context = context;
	} else if (rc == SCARD_W_SECURITY_VIOLATION) {
		w->refused = true;
		if (!w->said)
			log_notice(w->log, "pcscd does not let this user in (polkit); it is awake all the "
				   "same, but one with --auto-exit may leave again");
		w->said = true;
	}
}

void
wake_again(struct wake *w)
{
	w->refused = false;
}

void
wake_free(struct wake *w)
{
	if (w->held)
		SCardReleaseContext(w->context);
	w->held = false;
}
