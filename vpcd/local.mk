# SPDX-License-Identifier: LGPL-2.1-or-later

# the wire, shared by the driver and the daemon
noinst_LTLIBRARIES += libwire.la
libwire_la_SOURCES = vpcd/wire.c vpcd/wire.h vpcd/net.c vpcd/net.h vpcd/padline.c vpcd/padline.h
libwire_la_CPPFLAGS = $(AM_CPPFLAGS) -DPCSC_IPCDIR='"$(pcscipcdir)"'
libwire_la_LIBADD = $(BSD_LIBS)

# all of the driver but its exported names, so that unit tests can link it
noinst_LTLIBRARIES += libvpcd.la
libvpcd_la_SOURCES = \
	vpcd/ifd.c \
	vpcd/atr.c vpcd/atr.h \
	vpcd/attr.c vpcd/attr.h \
	vpcd/readers.c vpcd/readers.h \
	vpcd/slot.c vpcd/slot.h \
	vpcd/pad.c vpcd/pad.h \
	vpcd/pinblock.c vpcd/pinblock.h \
	vpcd/door.c vpcd/door.h \
	vpcd/name.c vpcd/name.h \
	vpcd/log.c vpcd/log.h
libvpcd_la_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
libvpcd_la_CFLAGS = $(AM_CFLAGS) -fvisibility=hidden
libvpcd_la_LIBADD = libwire.la

# "exec" in the name: installed by install-exec, before its hook
driverexecdir = $(serialdropdir)
driverexec_LTLIBRARIES = libifdvpcd.la
libifdvpcd_la_SOURCES =
libifdvpcd_la_LIBADD = libvpcd.la $(BSD_LIBS) -lpthread
libifdvpcd_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
	-Wl,--version-script=$(top_srcdir)/vpcd/ifdvpcd.map
EXTRA_libifdvpcd_la_DEPENDENCIES = vpcd/ifdvpcd.map
EXTRA_DIST += vpcd/ifdvpcd.map

# a plain module: pcscd opens the .so by its path, nobody links it
install-exec-hook:
	rm -f $(DESTDIR)$(driverexecdir)/libifdvpcd.la
uninstall-hook:
	rm -f $(DESTDIR)$(driverexecdir)/libifdvpcd.so

dist_man_MANS = vpcd/vpcd.8
