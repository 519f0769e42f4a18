# SPDX-License-Identifier: LGPL-2.1-or-later

readerconfdir = $(serialconfdir)
nodist_readerconf_DATA = reader.conf.d/vpcd
EXTRA_DIST += reader.conf.d/vpcd.in
CLEANFILES += reader.conf.d/vpcd

reader.conf.d/vpcd: reader.conf.d/vpcd.in Makefile
	$(AM_V_GEN)$(MKDIR_P) reader.conf.d && \
	$(SED) 's|@serialdropdir[@]|$(serialdropdir)|g' $(srcdir)/reader.conf.d/vpcd.in >$@
