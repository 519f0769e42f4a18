/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* As much of a libpcsclite_real.so.1 as tests/daemon/test_delegate.c needs. */
#include <winscard.h>

LONG
SCardEstablishContext(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT context)
{
	(void)scope;
	(void)a;
	(void)b;
	*context = 1;
	return SCARD_S_SUCCESS;
}
