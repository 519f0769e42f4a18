# SPDX-License-Identifier: LGPL-2.1-or-later

# crypto/: known answers of the standards
UNIT_TESTS += tests/test_failure tests/test_rand tests/test_digest tests/test_resume tests/test_cipher \
	tests/test_mac tests/test_kdf
tests_test_failure_SOURCES = tests/test_failure.c tests/known.h tests/support.h
tests_test_failure_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
tests_test_failure_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_rand_SOURCES = tests/test_rand.c tests/known.h tests/support.h
tests_test_rand_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
tests_test_rand_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=RAND_bytes
tests_test_rand_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_digest_SOURCES = tests/test_digest.c tests/known.h tests/support.h
tests_test_digest_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
tests_test_digest_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_resume_SOURCES = tests/test_resume.c tests/known.h tests/support.h
tests_test_resume_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
tests_test_resume_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_cipher_SOURCES = tests/test_cipher.c tests/known.h tests/support.h
tests_test_cipher_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
tests_test_cipher_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_mac_SOURCES = tests/test_mac.c tests/known.h tests/support.h
tests_test_mac_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
tests_test_mac_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_kdf_SOURCES = tests/test_kdf.c tests/known.h tests/support.h
tests_test_kdf_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
tests_test_kdf_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/test_curve tests/test_ec tests/test_ed
tests_test_curve_SOURCES = tests/test_curve.c tests/known.h tests/support.h
tests_test_curve_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_curve_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_ec_SOURCES = tests/test_ec.c tests/known.h tests/support.h
tests_test_ec_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_ec_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_ed_SOURCES = tests/test_ed.c tests/known.h tests/support.h
tests_test_ed_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_ed_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/test_import
tests_test_import_SOURCES = tests/test_import.c tests/known.h tests/support.h
tests_test_import_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(CRYPTO_CFLAGS)
tests_test_import_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/test_rsa
tests_test_rsa_SOURCES = tests/test_rsa.c tests/rsa_known.h tests/known.h tests/support.h
tests_test_rsa_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_rsa_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/test_rsa_scheme
tests_test_rsa_scheme_SOURCES = tests/test_rsa_scheme.c tests/rsa_known.h tests/known.h tests/support.h
tests_test_rsa_scheme_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_rsa_scheme_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

# model/: secrets and their use
UNIT_TESTS += tests/test_sam tests/test_se tests/test_sm
tests_test_sam_SOURCES = tests/test_sam.c tests/known.h tests/support.h
tests_test_sam_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_sam_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_se_SOURCES = tests/test_se.c tests/known.h tests/support.h
tests_test_se_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_se_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_sm_SOURCES = tests/test_sm.c tests/terminal.h tests/known.h tests/support.h
tests_test_sm_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_sm_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

# base/, and the cards that have no table
UNIT_TESTS += tests/test_bytes tests/test_hex tests/test_log tests/test_mem \
	tests/test_card tests/test_registry tests/test_handler_test
tests_test_bytes_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_bytes_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_hex_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_hex_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_log_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_log_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_mem_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_mem_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_card_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_card_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_registry_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_registry_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_test_handler_test_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_handler_test_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)

# the card with a table
UNIT_TESTS += tests/test_iso
tests_test_iso_SOURCES = tests/test_iso.c tests/talk.h tests/support.h
tests_test_iso_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_iso_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)

# the plain card's secrets, command by command
UNIT_TESTS += tests/test_iso_auth tests/test_iso_pso tests/test_iso_sm tests/test_iso_key \
	tests/test_iso_certificate tests/test_key tests/test_algorithm
tests_test_iso_auth_SOURCES = tests/test_iso_auth.c tests/isocard.h tests/talk.h tests/known.h tests/support.h
tests_test_iso_auth_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_iso_auth_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_iso_pso_SOURCES = tests/test_iso_pso.c tests/isocard.h tests/rsa_known.h tests/talk.h tests/known.h \
	tests/support.h
tests_test_iso_pso_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_iso_pso_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_iso_sm_SOURCES = tests/test_iso_sm.c tests/isocard.h tests/terminal.h tests/talk.h tests/known.h \
	tests/support.h
tests_test_iso_sm_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_iso_sm_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_iso_key_SOURCES = tests/test_iso_key.c tests/isocard.h tests/rsa_known.h tests/talk.h tests/known.h \
	tests/support.h
tests_test_iso_key_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_iso_key_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_iso_certificate_SOURCES = tests/test_iso_certificate.c tests/isocard.h tests/talk.h tests/rsa_known.h tests/known.h tests/support.h
tests_test_iso_certificate_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_iso_certificate_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_key_SOURCES = tests/test_key.c tests/rsa_known.h tests/known.h tests/support.h
tests_test_key_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_key_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_test_algorithm_SOURCES = tests/test_algorithm.c tests/known.h tests/support.h
tests_test_algorithm_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_algorithm_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

# cards derived from it
UNIT_TESTS += tests/test_cryptoflex
tests_test_cryptoflex_SOURCES = tests/test_cryptoflex.c tests/talk.h tests/known.h tests/support.h
tests_test_cryptoflex_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_cryptoflex_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/test_isoapplet
tests_test_isoapplet_SOURCES = tests/test_isoapplet.c tests/talk.h tests/known.h tests/support.h
tests_test_isoapplet_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_isoapplet_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/test_myeid
tests_test_myeid_SOURCES = tests/test_myeid.c tests/newcard.h tests/rsa_known.h tests/talk.h tests/known.h \
	tests/support.h
tests_test_myeid_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(JANSSON_CFLAGS)
tests_test_myeid_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

# a card that is somewhere else
UNIT_TESTS += tests/test_relay
tests_test_relay_SOURCES = tests/test_relay.c tests/support.h
tests_test_relay_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_relay_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)

# a card that is made of somebody's keys
UNIT_TESTS += tests/test_pkcs15
tests_test_pkcs15_SOURCES = tests/test_pkcs15.c tests/known.h tests/support.h
tests_test_pkcs15_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_pkcs15_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/test_personal
tests_test_personal_SOURCES = tests/test_personal.c tests/rsa_known.h tests/talk.h tests/known.h tests/support.h
tests_test_personal_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_test_personal_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
