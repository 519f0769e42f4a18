/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/wake.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <winscard.h>

/*
 * From pcsc-lite 2.3.0 on libpcsclite.so.1 only redirects: it loads the library that talks to
 * pcscd in the first SCardEstablishContext, which is behind the filter. One that is loaded
 * is found without a file being opened. LIBPCSCLITE_DELEGATE may name another library, such
 * as pcsc-spy's, which loads the real one in turn. Older versions have neither.
 */
static void
load_client_library(void)
{
	const char *delegate = secure_getenv("LIBPCSCLITE_DELEGATE");

	dlopen("libpcsclite_real.so.1", RTLD_LAZY);
	if (delegate)
		dlopen(delegate, RTLD_LAZY);
}

void
wake_init(struct wake *w, const struct log *log)
{
	*w = (struct wake) { .log = log };
	load_client_library();
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
