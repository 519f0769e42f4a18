# SPDX-License-Identifier: LGPL-2.1-or-later
# Not put to work by itself: among the examples, with the line that does so.

udevexampledir = $(docdir)/examples/udev
dist_udevexample_DATA = udev/70-vicc-relay.rules
nodist_udevexample_DATA = udev/vicc-relay@.service
EXTRA_DIST += udev/vicc-relay@.service.in
CLEANFILES += udev/vicc-relay@.service

udev/vicc-relay@.service: udev/vicc-relay@.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) udev && \
	$(SED) 's|@bindir[@]|$(bindir)|' $(srcdir)/udev/vicc-relay@.service.in >$@
