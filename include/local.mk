# SPDX-License-Identifier: LGPL-2.1-or-later

# what plug-ins are made with, and where they go
viccincludedir = $(includedir)/vicc
viccinclude_HEADERS = include/vicc/card.h
plugindir = $(libdir)/vicc

pkgconfigdir = $(libdir)/pkgconfig
nodist_pkgconfig_DATA = include/vicc.pc
EXTRA_DIST += include/vicc.pc.in
CLEANFILES += include/vicc.pc

include/vicc.pc: include/vicc.pc.in Makefile
	$(AM_V_GEN)$(MKDIR_P) include && \
	$(SED) -e 's|@prefix[@]|$(prefix)|' -e 's|@exec_prefix[@]|$(exec_prefix)|' \
		-e 's|@libdir[@]|$(libdir)|' -e 's|@includedir[@]|$(includedir)|' \
		-e 's|@plugindir[@]|$(plugindir)|' -e 's|@version[@]|$(PACKAGE_VERSION)|' \
		$(srcdir)/include/vicc.pc.in >$@
