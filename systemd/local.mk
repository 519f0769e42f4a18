# SPDX-License-Identifier: LGPL-2.1-or-later
# Nothing of it is put to work by itself: systemctl enable vicc@NAME does.

unitdir = $(systemdsystemunitdir)
nodist_unit_DATA = systemd/vicc@.service
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
EXTRA_DIST += systemd/vicc@.service.in systemd/user-vicc@.service.in systemd/vicc.sysusers systemd/vicc.tmpfiles
CLEANFILES += systemd/vicc@.service systemd/user/vicc@.service systemd/sysusers/vicc.conf systemd/tmpfiles/vicc.conf

# the user's has the name of the system's
userunitdir = $(prefix)/lib/systemd/user
nodist_userunit_DATA = systemd/user/vicc@.service
nodist_sysusers_DATA = systemd/sysusers/vicc.conf
nodist_tmpfiles_DATA = systemd/tmpfiles/vicc.conf

fill_in = $(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(SED) -e 's|@bindir[@]|$(bindir)|' -e 's|@sysconfdir[@]|$(sysconfdir)|'

systemd/vicc@.service: systemd/vicc@.service.in Makefile
	$(fill_in) $(srcdir)/systemd/vicc@.service.in >$@
systemd/user/vicc@.service: systemd/user-vicc@.service.in Makefile
	$(fill_in) $(srcdir)/systemd/user-vicc@.service.in >$@
systemd/sysusers/vicc.conf: systemd/vicc.sysusers
	$(fill_in) $(srcdir)/systemd/vicc.sysusers >$@
systemd/tmpfiles/vicc.conf: systemd/vicc.tmpfiles
	$(fill_in) $(srcdir)/systemd/vicc.tmpfiles >$@

completiondir = $(datadir)/bash-completion/completions
dist_completion_DATA = completion/vicc completion/vicc-pad completion/vicc-run completion/viccctl

exampledir = $(docdir)/examples
dist_example_SCRIPTS = examples/passport.sh
dist_example_DATA = examples/token.conf examples/pcscd-keep.conf examples/50-vicc.rules
