# SPDX-License-Identifier: LGPL-2.1-or-later
# Files, records, data objects: the codec, the model, the commands.

EXTRA_DIST += tests/files.h tests/plaincard.h

UNIT_TESTS += tests/test_fcp
tests_test_fcp_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_fcp_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_fs
tests_test_fs_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_fs_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_file
tests_test_file_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_file_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_acl
tests_test_acl_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_acl_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_record
tests_test_record_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_record_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_object
tests_test_object_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_object_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_iso_file
tests_test_iso_file_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_iso_file_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_iso_record
tests_test_iso_record_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_iso_record_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_iso_object
tests_test_iso_object_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_iso_object_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_tlv
tests_test_tlv_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_tlv_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_apdu
tests_test_apdu_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_apdu_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_atr
tests_test_atr_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_atr_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_props
tests_test_props_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_props_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

# memory that runs out
UNIT_TESTS += tests/test_iso_memory
tests_test_iso_memory_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_iso_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_test_iso_memory_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_iso_binary
tests_test_iso_binary_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_iso_binary_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/test_iso_rule
tests_test_iso_rule_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_iso_rule_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)
