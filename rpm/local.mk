# SPDX-License-Identifier: LGPL-2.1-or-later
# In the tarball, so that rpmbuild -ta takes it as it is.

EXTRA_DIST += rpm/vicc.spec.in rpm/vicc.spec rpm/rpmlint.toml rpm/README.SELinux rpm/vpcd.cil
CLEANFILES += rpm/vicc.spec

rpm/vicc.spec: rpm/vicc.spec.in Makefile
	$(AM_V_GEN)$(MKDIR_P) rpm && $(SED) 's|@version[@]|$(PACKAGE_VERSION)|' $(srcdir)/rpm/vicc.spec.in >$@
