/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/autostart.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <winscard.h>

/*
 * From pcsc-lite 2.3.0 on libpcsclite.so.1 only redirects: it loads the library that talks to
 * pcscd in the first SCardEstablishContext, which is behind the filter. One that is loaded
 * is found without a file being opened. LIBPCSCLITE_DELEGATE may name another library, such
 * as pcsc-spy's, which loads the real one in turn. Older versions have neither.
 */
void
autostart_init(struct autostart *a, const struct log *log)
{
	const char *delegate = secure_getenv("LIBPCSCLITE_DELEGATE");

	*a = (struct autostart) { .log = log };
	dlopen("libpcsclite_real.so.1", RTLD_LAZY);
	if (delegate)
		dlopen(delegate, RTLD_LAZY);
}

void
autostart_pcscd(struct autostart *a)
{
	SCARDCONTEXT context;
	LONG rc;

	if (a->refused)
		return;
	rc = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
	if (rc == SCARD_S_SUCCESS) {
		/* the older one last: there is no moment without any */
		if (a->held)
			SCardReleaseContext(a->context);
		a->held = true;
		a->context = context;
	} else if (rc == SCARD_W_SECURITY_VIOLATION) {
		a->refused = true;
		if (!a->said)
			log_notice(a->log,
				   "pcscd does not let this user in (polkit); it is awake all the "
				   "same, but one with --auto-exit may leave again");
		a->said = true;
	}
}

void
autostart_rearm(struct autostart *a)
{
	a->refused = false;
}

void
autostart_free(struct autostart *a)
{
	if (a->held)
		SCardReleaseContext(a->context);
	a->held = false;
}
