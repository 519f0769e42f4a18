# SPDX-License-Identifier: LGPL-2.1-or-later
# One program per module of the driver.

UNIT_TESTS += tests/vpcd/test_wire tests/vpcd/test_net tests/vpcd/test_atr tests/vpcd/test_name tests/vpcd/test_door tests/vpcd/test_slot \
	tests/vpcd/test_pad tests/vpcd/test_padline tests/vpcd/test_pinblock \
	tests/vpcd/test_readers tests/vpcd/test_attr tests/vpcd/test_ifd tests/vpcd/test_threads

tests_vpcd_test_wire_CPPFLAGS = $(TEST_CPPFLAGS)
tests_vpcd_test_wire_LDADD = libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_vpcd_test_net_SOURCES = tests/vpcd/test_net.c tests/folder.h tests/peer.h tests/support.h
tests_vpcd_test_net_CPPFLAGS = $(TEST_CPPFLAGS)
tests_vpcd_test_net_LDADD = libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_vpcd_test_atr_SOURCES = tests/vpcd/test_atr.c tests/peer.h tests/support.h
tests_vpcd_test_atr_CPPFLAGS = $(TEST_CPPFLAGS)
tests_vpcd_test_atr_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_vpcd_test_name_CPPFLAGS = $(TEST_CPPFLAGS) $(PCSC_CFLAGS)
tests_vpcd_test_name_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_vpcd_test_padline_CPPFLAGS = $(TEST_CPPFLAGS)
tests_vpcd_test_padline_LDADD = libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_vpcd_test_pinblock_CPPFLAGS = $(TEST_CPPFLAGS) $(PCSC_CFLAGS)
tests_vpcd_test_pinblock_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_vpcd_test_pad_SOURCES = tests/vpcd/test_pad.c tests/peer.h tests/support.h
tests_vpcd_test_pad_CPPFLAGS = $(TEST_CPPFLAGS) $(PCSC_CFLAGS)
tests_vpcd_test_pad_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS) -lpthread
tests_vpcd_test_door_SOURCES = tests/vpcd/test_door.c tests/peer.h tests/support.h
tests_vpcd_test_door_CPPFLAGS = $(TEST_CPPFLAGS) $(PCSC_CFLAGS)
tests_vpcd_test_door_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_vpcd_test_slot_SOURCES = tests/vpcd/test_slot.c tests/peer.h tests/support.h
tests_vpcd_test_slot_CPPFLAGS = $(TEST_CPPFLAGS) $(PCSC_CFLAGS)
tests_vpcd_test_slot_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_vpcd_test_slot_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_vpcd_test_attr_SOURCES = tests/vpcd/test_attr.c tests/peer.h tests/support.h
tests_vpcd_test_attr_CPPFLAGS = $(TEST_CPPFLAGS) $(PCSC_CFLAGS)
tests_vpcd_test_attr_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_vpcd_test_readers_SOURCES = tests/vpcd/test_readers.c tests/peer.h tests/support.h
tests_vpcd_test_readers_CPPFLAGS = $(TEST_CPPFLAGS) $(PCSC_CFLAGS)
tests_vpcd_test_readers_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS)
tests_vpcd_test_threads_SOURCES = tests/vpcd/test_threads.c tests/peer.h tests/support.h
tests_vpcd_test_threads_CPPFLAGS = $(TEST_CPPFLAGS) $(PCSC_CFLAGS)
tests_vpcd_test_threads_LDADD = libvpcd.la $(CHECK_LIBS) $(BSD_LIBS) -lpthread
# the module finds the log of its host in this program
tests_vpcd_test_ifd_SOURCES = tests/vpcd/test_ifd.c tests/peer.h tests/support.h
tests_vpcd_test_ifd_CPPFLAGS = $(TEST_CPPFLAGS) $(PCSC_CFLAGS)
tests_vpcd_test_ifd_LDFLAGS = $(AM_LDFLAGS) -export-dynamic
tests_vpcd_test_ifd_LDADD = libwire.la $(CHECK_LIBS) $(BSD_LIBS)

# a sanitizer cannot live behind the filter
if !SANITIZERS
UNIT_TESTS += tests/vpcd/test_filter
endif
EXTRA_PROGRAMS += tests/vpcd/test_filter
tests_vpcd_test_filter_SOURCES = tests/vpcd/test_filter.c tests/folder.h tests/peer.h tests/support.h
tests_vpcd_test_filter_CPPFLAGS = $(TEST_CPPFLAGS) $(PCSC_CFLAGS) $(SECCOMP_CFLAGS)
tests_vpcd_test_filter_LDADD = libvpcd.la $(CHECK_LIBS) $(SECCOMP_LIBS) $(BSD_LIBS)

SCRIPT_TESTS += tests/man.sh
