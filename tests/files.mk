# SPDX-License-Identifier: LGPL-2.1-or-later
# Files, records, data objects: the codec, the model, the commands.

EXTRA_DIST += tests/files.h tests/plaincard.h

UNIT_TESTS += tests/codec/test_fcp
tests_codec_test_fcp_CPPFLAGS = $(TEST_CPPFLAGS)
tests_codec_test_fcp_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/model/test_fs
tests_model_test_fs_CPPFLAGS = $(TEST_CPPFLAGS)
tests_model_test_fs_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/model/test_file
tests_model_test_file_CPPFLAGS = $(TEST_CPPFLAGS)
tests_model_test_file_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/model/test_proof
tests_model_test_proof_CPPFLAGS = $(TEST_CPPFLAGS)
tests_model_test_proof_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/model/test_acl
tests_model_test_acl_CPPFLAGS = $(TEST_CPPFLAGS)
tests_model_test_acl_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/model/test_record
tests_model_test_record_CPPFLAGS = $(TEST_CPPFLAGS)
tests_model_test_record_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/model/test_object
tests_model_test_object_CPPFLAGS = $(TEST_CPPFLAGS)
tests_model_test_object_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/iso/test_file
tests_iso_test_file_CPPFLAGS = $(TEST_CPPFLAGS)
tests_iso_test_file_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/iso/test_record
tests_iso_test_record_CPPFLAGS = $(TEST_CPPFLAGS)
tests_iso_test_record_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/iso/test_object
tests_iso_test_object_CPPFLAGS = $(TEST_CPPFLAGS)
tests_iso_test_object_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/codec/test_tlv
tests_codec_test_tlv_CPPFLAGS = $(TEST_CPPFLAGS)
tests_codec_test_tlv_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/codec/test_apdu
tests_codec_test_apdu_CPPFLAGS = $(TEST_CPPFLAGS)
tests_codec_test_apdu_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/codec/test_atr
tests_codec_test_atr_CPPFLAGS = $(TEST_CPPFLAGS)
tests_codec_test_atr_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/model/test_props
tests_model_test_props_CPPFLAGS = $(TEST_CPPFLAGS)
tests_model_test_props_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

# memory that runs out
UNIT_TESTS += tests/iso/test_memory
tests_iso_test_memory_CPPFLAGS = $(TEST_CPPFLAGS)
tests_iso_test_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_iso_test_memory_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/iso/test_binary
tests_iso_test_binary_CPPFLAGS = $(TEST_CPPFLAGS)
tests_iso_test_binary_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/iso/test_rule
tests_iso_test_rule_CPPFLAGS = $(TEST_CPPFLAGS)
tests_iso_test_rule_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)
