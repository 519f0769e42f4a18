# SPDX-License-Identifier: LGPL-2.1-or-later
# One program per module of the driver.

UNIT_TESTS += tests/test_wire tests/test_net tests/test_name tests/test_door tests/test_slot \
	tests/test_readers tests/test_attr tests/test_ifd

tests_test_wire_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_wire_LDADD = libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_net_SOURCES = tests/test_net.c tests/peer.h tests/support.h
tests_test_net_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_net_LDADD = libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_name_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(PCSC_CFLAGS)
tests_test_name_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_door_SOURCES = tests/test_door.c tests/peer.h tests/support.h
tests_test_door_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(PCSC_CFLAGS)
tests_test_door_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_slot_SOURCES = tests/test_slot.c tests/peer.h tests/support.h
tests_test_slot_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(PCSC_CFLAGS)
tests_test_slot_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_test_slot_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_attr_SOURCES = tests/test_attr.c tests/peer.h tests/support.h
tests_test_attr_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(PCSC_CFLAGS)
tests_test_attr_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_readers_SOURCES = tests/test_readers.c tests/peer.h tests/support.h
tests_test_readers_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(PCSC_CFLAGS)
tests_test_readers_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS)
# the module finds the log of its host in this program
tests_test_ifd_SOURCES = tests/test_ifd.c tests/peer.h tests/support.h
tests_test_ifd_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(PCSC_CFLAGS)
tests_test_ifd_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
tests_test_ifd_LDADD = libwire.la $(CHECK_LIBS) $(BSD_LIBS)

SCRIPT_TESTS += tests/man.sh
