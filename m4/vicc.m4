# SPDX-License-Identifier: LGPL-2.1-or-later

# VICC_NEED(VARIABLE, MODULE, DEBIAN, FEDORA): a package that there must be.
AC_DEFUN([VICC_NEED], [
PKG_CHECK_MODULES([$1], [$2], [], [VICC_MISSING([$2], [$3], [$4])])
])

# VICC_MISSING(WHAT, DEBIAN, FEDORA): one line that says what to install;
# VICC_ALL_THERE ends configure with all of them, so that nobody installs one,
# tries again and meets the next.
AC_DEFUN([VICC_MISSING], [vicc_missing="$vicc_missing
  $1 is missing: install $2 (Debian) or $3 (Fedora)"])
AC_DEFUN([VICC_ALL_THERE], [
AS_IF([test -n "$vicc_missing"], [AC_MSG_ERROR([cannot build vicc yet:$vicc_missing])])
])

# VICC_WANT(VARIABLE, OPTION, MODULE, DEBIAN, FEDORA, WHAT FOR): used where it
# is, --with-OPTION insists, --without-OPTION leaves it out.
AC_DEFUN([VICC_WANT], [
AC_ARG_WITH([$2], [AS_HELP_STRING([--without-$2], [leave out $6])], [], [with_$2=auto])
have_$1=no
AS_IF([test "x$with_$2" != xno], [
	PKG_CHECK_MODULES([$1], [$3], [have_$1=yes], [
		AS_IF([test "x$with_$2" = xyes], [VICC_MISSING([$3], [$4], [$5])])
		have_$1="no (for $6 install $4 (Debian) or $5 (Fedora))"
	])
])
AS_IF([test "x$have_$1" = xyes], [AC_DEFINE([HAVE_$1], [1], [Define for $6])])
])

# VICC_DIR(NAME, WHAT, DEFAULT): a folder outside the prefix, --with-NAME=DIR.
# It may start with ${prefix}, as configure's own folders do; make expands it.
AC_DEFUN([VICC_DIR], [
AC_ARG_WITH([$1], [AS_HELP_STRING([--with-$1=DIR], [$2])],
	[], [with_$1="$3"])
AS_CASE([$with_$1], [/*|\@S|@*], [], [AC_MSG_ERROR([--with-$1 wants an absolute folder, not "$with_$1"])])
$1=$with_$1
AC_SUBST([$1])
])

# VICC_TRY_CFLAGS(FLAGS), VICC_TRY_LDFLAGS(FLAGS): added where they work.
AC_DEFUN([VICC_TRY_CFLAGS], [
AC_MSG_CHECKING([whether $CC takes $1])
vicc_saved=$CFLAGS
CFLAGS="$CFLAGS -Werror $1"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]], [[char c[8]; memset(c, 0, sizeof(c)); return c[0];]])],
	[AC_MSG_RESULT([yes]); VICC_CFLAGS="$VICC_CFLAGS $1"], [AC_MSG_RESULT([no])])
CFLAGS=$vicc_saved
])
AC_DEFUN([VICC_TRY_LDFLAGS], [
AC_MSG_CHECKING([whether $CC links with $1])
vicc_saved=$LDFLAGS
LDFLAGS="$LDFLAGS $1"
AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
	[AC_MSG_RESULT([yes]); VICC_LDFLAGS="$VICC_LDFLAGS $1"], [AC_MSG_RESULT([no])])
LDFLAGS=$vicc_saved
])

# VICC_HARDENING: what every object and program gets, in variables of our own
# (VICC_CFLAGS, VICC_CPPFLAGS, VICC_LDFLAGS), so that CFLAGS stay the user's.
AC_DEFUN([VICC_HARDENING], [
VICC_CFLAGS="-std=gnu11"
VICC_LDFLAGS=
m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
	-Wformat=2 -Wpointer-arith -Wwrite-strings -Wvla -fstack-protector-strong
	-fstack-clash-protection -fcf-protection -fno-common], [VICC_TRY_CFLAGS(m4_defn([flag]))])
m4_foreach_w([flag], [-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack], [VICC_TRY_LDFLAGS(m4_defn([flag]))])
# _FORTIFY_SOURCE wants optimisation, and a distribution may have set its own
AC_MSG_CHECKING([whether to set _FORTIFY_SOURCE])
AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [[
#if defined(_FORTIFY_SOURCE) || !defined(__OPTIMIZE__)
#error not ours to set
#endif
]])], [AC_MSG_RESULT([yes]); VICC_CPPFLAGS="-D_FORTIFY_SOURCE=2"], [AC_MSG_RESULT([no])])
AC_SUBST([VICC_CFLAGS])
AC_SUBST([VICC_CPPFLAGS])
AC_SUBST([VICC_LDFLAGS])
])
