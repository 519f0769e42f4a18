# SPDX-License-Identifier: LGPL-2.1-or-later

# crypto/: known answers of the standards
UNIT_TESTS += tests/crypto/test_failure tests/crypto/test_rand tests/crypto/test_digest tests/crypto/test_resume tests/crypto/test_cipher \
	tests/crypto/test_mac tests/crypto/test_kdf tests/crypto/test_cms
tests_crypto_test_failure_SOURCES = tests/crypto/test_failure.c tests/known.h tests/support.h
tests_crypto_test_failure_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_crypto_test_failure_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_crypto_test_rand_SOURCES = tests/crypto/test_rand.c tests/known.h tests/support.h
tests_crypto_test_rand_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_crypto_test_rand_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=RAND_bytes
tests_crypto_test_rand_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_crypto_test_digest_SOURCES = tests/crypto/test_digest.c tests/known.h tests/support.h
tests_crypto_test_digest_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_crypto_test_digest_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_crypto_test_resume_SOURCES = tests/crypto/test_resume.c tests/known.h tests/support.h
tests_crypto_test_resume_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_crypto_test_resume_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_crypto_test_cipher_SOURCES = tests/crypto/test_cipher.c tests/known.h tests/support.h
tests_crypto_test_cipher_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_crypto_test_cipher_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_crypto_test_mac_SOURCES = tests/crypto/test_mac.c tests/known.h tests/support.h
tests_crypto_test_mac_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_crypto_test_mac_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_crypto_test_cms_SOURCES = tests/crypto/test_cms.c tests/known.h tests/support.h
tests_crypto_test_cms_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_crypto_test_cms_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_crypto_test_kdf_SOURCES = tests/crypto/test_kdf.c tests/known.h tests/support.h
tests_crypto_test_kdf_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_crypto_test_kdf_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/crypto/test_curve tests/crypto/test_ec tests/crypto/test_ed
tests_crypto_test_curve_SOURCES = tests/crypto/test_curve.c tests/known.h tests/support.h
tests_crypto_test_curve_CPPFLAGS = $(TEST_CPPFLAGS)
tests_crypto_test_curve_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_crypto_test_ec_SOURCES = tests/crypto/test_ec.c tests/known.h tests/support.h
tests_crypto_test_ec_CPPFLAGS = $(TEST_CPPFLAGS)
tests_crypto_test_ec_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_crypto_test_ed_SOURCES = tests/crypto/test_ed.c tests/known.h tests/support.h
tests_crypto_test_ed_CPPFLAGS = $(TEST_CPPFLAGS)
tests_crypto_test_ed_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/crypto/test_group
tests_crypto_test_group_SOURCES = tests/crypto/test_group.c tests/known.h tests/support.h
tests_crypto_test_group_CPPFLAGS = $(TEST_CPPFLAGS)
tests_crypto_test_group_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/crypto/test_import
tests_crypto_test_import_SOURCES = tests/crypto/test_import.c tests/known.h tests/support.h
tests_crypto_test_import_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_crypto_test_import_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/crypto/test_rsa
tests_crypto_test_rsa_SOURCES = tests/crypto/test_rsa.c tests/rsa_known.h tests/known.h tests/support.h
tests_crypto_test_rsa_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_crypto_test_rsa_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=EVP_PKEY_fromdata
tests_crypto_test_rsa_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/crypto/test_rsa_scheme
tests_crypto_test_rsa_scheme_SOURCES = tests/crypto/test_rsa_scheme.c tests/rsa_known.h tests/known.h tests/support.h
tests_crypto_test_rsa_scheme_CPPFLAGS = $(TEST_CPPFLAGS)
tests_crypto_test_rsa_scheme_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

# model/: secrets and their use
UNIT_TESTS += tests/model/test_sam tests/model/test_se tests/model/test_sm
tests_model_test_sam_SOURCES = tests/model/test_sam.c tests/files.h tests/known.h tests/support.h
tests_model_test_sam_CPPFLAGS = $(TEST_CPPFLAGS)
tests_model_test_sam_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_model_test_se_SOURCES = tests/model/test_se.c tests/known.h tests/support.h
tests_model_test_se_CPPFLAGS = $(TEST_CPPFLAGS)
tests_model_test_se_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_model_test_sm_SOURCES = tests/model/test_sm.c tests/terminal.h tests/known.h tests/support.h
tests_model_test_sm_CPPFLAGS = $(TEST_CPPFLAGS)
tests_model_test_sm_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

# base/, and the cards that have no table
UNIT_TESTS += tests/base/test_bytes tests/base/test_hex tests/base/test_log tests/base/test_mem \
	tests/model/test_card tests/cards/test_registry tests/cards/handler_test/test_handler_test
tests_base_test_bytes_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_bytes_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_base_test_hex_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_hex_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_base_test_log_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_log_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_base_test_mem_CPPFLAGS = $(TEST_CPPFLAGS)
tests_base_test_mem_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_model_test_card_CPPFLAGS = $(TEST_CPPFLAGS)
tests_model_test_card_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_cards_test_registry_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cards_test_registry_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)
tests_cards_handler_test_test_handler_test_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cards_handler_test_test_handler_test_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)

# the card with a table
UNIT_TESTS += tests/iso/test_iso
tests_iso_test_iso_SOURCES = tests/iso/test_iso.c tests/thecard.h tests/talk.h tests/support.h
tests_iso_test_iso_CPPFLAGS = $(TEST_CPPFLAGS)
tests_iso_test_iso_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS)

# the plain card's secrets, command by command
UNIT_TESTS += tests/iso/test_auth tests/iso/test_pso tests/iso/test_sm tests/iso/test_key \
	tests/iso/test_certificate tests/model/test_key tests/model/test_algorithm
tests_iso_test_auth_SOURCES = tests/iso/test_auth.c tests/isocard.h tests/thecard.h tests/talk.h tests/known.h tests/support.h
tests_iso_test_auth_CPPFLAGS = $(TEST_CPPFLAGS)
tests_iso_test_auth_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_iso_test_pso_SOURCES = tests/iso/test_pso.c tests/isocard.h tests/rsa_known.h tests/thecard.h tests/talk.h tests/known.h \
	tests/support.h
tests_iso_test_pso_CPPFLAGS = $(TEST_CPPFLAGS)
tests_iso_test_pso_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_iso_test_sm_SOURCES = tests/iso/test_sm.c tests/isocard.h tests/terminal.h tests/thecard.h tests/talk.h tests/known.h \
	tests/support.h
tests_iso_test_sm_CPPFLAGS = $(TEST_CPPFLAGS)
tests_iso_test_sm_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_iso_test_key_SOURCES = tests/iso/test_key.c tests/isocard.h tests/rsa_known.h tests/thecard.h tests/talk.h tests/known.h \
	tests/support.h
tests_iso_test_key_CPPFLAGS = $(TEST_CPPFLAGS)
tests_iso_test_key_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_iso_test_certificate_SOURCES = tests/iso/test_certificate.c tests/isocard.h tests/thecard.h tests/talk.h tests/rsa_known.h tests/known.h tests/support.h
tests_iso_test_certificate_CPPFLAGS = $(TEST_CPPFLAGS)
tests_iso_test_certificate_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_model_test_key_SOURCES = tests/model/test_key.c tests/algorithms.h tests/rsa_known.h tests/known.h tests/support.h
tests_model_test_key_CPPFLAGS = $(TEST_CPPFLAGS)
tests_model_test_key_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_model_test_algorithm_SOURCES = tests/model/test_algorithm.c tests/algorithms.h tests/known.h tests/support.h
tests_model_test_algorithm_CPPFLAGS = $(TEST_CPPFLAGS)
tests_model_test_algorithm_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/iso/test_app
tests_iso_test_app_SOURCES = tests/iso/test_app.c tests/thecard.h tests/talk.h tests/support.h
tests_iso_test_app_CPPFLAGS = $(TEST_CPPFLAGS)
tests_iso_test_app_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

# cards derived from it
UNIT_TESTS += tests/cards/cryptoflex/test_cryptoflex
tests_cards_cryptoflex_test_cryptoflex_SOURCES = tests/cards/cryptoflex/test_cryptoflex.c tests/thecard.h tests/talk.h tests/known.h tests/support.h
tests_cards_cryptoflex_test_cryptoflex_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cards_cryptoflex_test_cryptoflex_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc
tests_cards_cryptoflex_test_cryptoflex_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/isoapplet/test_isoapplet
tests_cards_isoapplet_test_isoapplet_SOURCES = tests/cards/isoapplet/test_isoapplet.c tests/thecard.h tests/talk.h tests/known.h tests/support.h
tests_cards_isoapplet_test_isoapplet_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cards_isoapplet_test_isoapplet_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/myeid/test_myeid
tests_cards_myeid_test_myeid_SOURCES = tests/cards/myeid/test_myeid.c tests/onecard.h tests/newcard.h tests/rsa_known.h tests/thecard.h tests/talk.h tests/known.h \
	tests/support.h
tests_cards_myeid_test_myeid_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_cards_myeid_test_myeid_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/codec/test_mrz
tests_codec_test_mrz_SOURCES = tests/codec/test_mrz.c tests/known.h tests/support.h
tests_codec_test_mrz_CPPFLAGS = $(TEST_CPPFLAGS)
tests_codec_test_mrz_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/codec/test_x509
tests_codec_test_x509_SOURCES = tests/codec/test_x509.c tests/known.h tests/support.h
tests_codec_test_x509_CPPFLAGS = $(TEST_CPPFLAGS)
tests_codec_test_x509_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/codec/test_cvc tests/codec/test_secinfo
tests_codec_test_cvc_SOURCES = tests/codec/test_cvc.c tests/cards/eac/vectors.h tests/known.h tests/support.h
tests_codec_test_cvc_CPPFLAGS = $(TEST_CPPFLAGS)
tests_codec_test_cvc_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)
tests_codec_test_secinfo_SOURCES = tests/codec/test_secinfo.c tests/cards/eac/vectors.h tests/known.h tests/support.h
tests_codec_test_secinfo_CPPFLAGS = $(TEST_CPPFLAGS)
tests_codec_test_secinfo_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/eac/test_vectors tests/cards/eac/test_eac
EAC_TEST = tests/cards/eac/nonsense.h tests/cards/eac/chain.h tests/cards/eac/document.h tests/cards/eac/terminal.c tests/cards/eac/terminal.h tests/known.h tests/support.h
tests_cards_eac_test_vectors_SOURCES = tests/cards/eac/test_vectors.c tests/cards/eac/vectors.h $(EAC_TEST)
tests_cards_eac_test_vectors_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_cards_eac_test_vectors_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=rand_bytes,--wrap=kdf_derive
tests_cards_eac_test_vectors_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
tests_cards_eac_test_eac_SOURCES = tests/cards/eac/test_eac.c $(EAC_TEST)
tests_cards_eac_test_eac_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS)
tests_cards_eac_test_eac_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=rand_bytes
tests_cards_eac_test_eac_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/npa/test_npa
tests_cards_npa_test_npa_SOURCES = tests/cards/npa/test_npa.c tests/cards/npa/idcard.h $(EAC_TEST)
tests_cards_npa_test_npa_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS) -I$(top_srcdir)/tests/cards/eac
tests_cards_npa_test_npa_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/cards/npa/test_kept
tests_cards_npa_test_kept_SOURCES = tests/cards/npa/test_kept.c tests/cards/npa/idcard.h $(EAC_TEST)
tests_cards_npa_test_kept_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS) -I$(top_srcdir)/tests/cards/eac
tests_cards_npa_test_kept_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/npa/test_check
tests_cards_npa_test_check_SOURCES = tests/cards/npa/test_check.c tests/cards/npa/idcard.h $(EAC_TEST)
tests_cards_npa_test_check_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS) -I$(top_srcdir)/tests/cards/eac
tests_cards_npa_test_check_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/npa/test_fill
tests_cards_npa_test_fill_SOURCES = tests/cards/npa/test_fill.c tests/memory_ends.h tests/cards/npa/idcard.h $(EAC_TEST)
tests_cards_npa_test_fill_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS) -I$(top_srcdir)/tests/cards/eac
tests_cards_npa_test_fill_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_cards_npa_test_fill_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/npa/test_random
tests_cards_npa_test_random_SOURCES = tests/cards/npa/test_random.c tests/cards/npa/idcard.h $(EAC_TEST)
tests_cards_npa_test_random_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS) -I$(top_srcdir)/tests/cards/eac
tests_cards_npa_test_random_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

UNIT_TESTS += tests/cards/openpgp/test_openpgp
tests_cards_openpgp_test_openpgp_SOURCES = tests/cards/openpgp/test_openpgp.c tests/command_ends.h tests/onecard.h tests/personal.h tests/memory_ends.h tests/newcard.h tests/thecard.h tests/talk.h \
	tests/known.h tests/support.h
tests_cards_openpgp_test_openpgp_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_cards_openpgp_test_openpgp_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_cards_openpgp_test_openpgp_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/token/test_token
tests_cards_token_test_token_SOURCES = tests/cards/token/test_token.c tests/newcard.h tests/thecard.h tests/talk.h tests/known.h tests/support.h
tests_cards_token_test_token_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_cards_token_test_token_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/piv/test_piv
tests_cards_piv_test_piv_SOURCES = tests/cards/piv/test_piv.c tests/command_ends.h tests/memory_ends.h tests/onecard.h tests/newcard.h tests/thecard.h tests/talk.h tests/known.h \
	tests/support.h
tests_cards_piv_test_piv_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_cards_piv_test_piv_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_cards_piv_test_piv_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/piv/test_sm
tests_cards_piv_test_sm_SOURCES = tests/cards/piv/test_sm.c tests/command_ends.h tests/memory_ends.h tests/onecard.h tests/newcard.h tests/thecard.h tests/talk.h tests/known.h tests/support.h
tests_cards_piv_test_sm_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_cards_piv_test_sm_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=rand_bytes,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_cards_piv_test_sm_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/piv/test_personal
tests_cards_piv_test_personal_SOURCES = tests/cards/piv/test_personal.c tests/personal.h tests/memory_ends.h tests/newcard.h tests/talk.h tests/support.h
tests_cards_piv_test_personal_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_cards_piv_test_personal_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_cards_piv_test_personal_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/cac/test_softhsm
tests_cards_cac_test_softhsm_SOURCES = tests/cards/cac/test_softhsm.c tests/cards/cac/objects.h tests/memory_ends.h tests/support.h
tests_cards_cac_test_softhsm_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cards_cac_test_softhsm_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_cards_cac_test_softhsm_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/cac/test_personal
tests_cards_cac_test_personal_SOURCES = tests/cards/cac/test_personal.c tests/personal.h tests/memory_ends.h tests/talk.h tests/support.h
tests_cards_cac_test_personal_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_cards_cac_test_personal_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_cards_cac_test_personal_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/cac/test_token
tests_cards_cac_test_token_SOURCES = tests/cards/cac/test_token.c tests/cards/cac/objects.h tests/memory_ends.h tests/talk.h tests/support.h
tests_cards_cac_test_token_CPPFLAGS = $(TEST_CPPFLAGS) $(JANSSON_CFLAGS)
tests_cards_cac_test_token_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_cards_cac_test_token_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

# a card that is somewhere else
UNIT_TESTS += tests/cards/relay/test_relay
tests_cards_relay_test_relay_SOURCES = tests/cards/relay/test_relay.c tests/support.h
tests_cards_relay_test_relay_CPPFLAGS = $(TEST_CPPFLAGS) $(PCSC_CFLAGS)
tests_cards_relay_test_relay_LDADD = libvicc.la libwire.la $(CHECK_LIBS) $(BSD_LIBS) -lpthread

# a card that is made of somebody's keys
UNIT_TESTS += tests/codec/test_pkcs15
tests_codec_test_pkcs15_SOURCES = tests/codec/test_pkcs15.c tests/known.h tests/support.h
tests_codec_test_pkcs15_CPPFLAGS = $(TEST_CPPFLAGS)
tests_codec_test_pkcs15_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/pkcs15/test_personal
tests_cards_pkcs15_test_personal_SOURCES = tests/cards/pkcs15/test_personal.c tests/rsa_known.h tests/thecard.h tests/talk.h tests/known.h tests/support.h
tests_cards_pkcs15_test_personal_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cards_pkcs15_test_personal_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc
tests_cards_pkcs15_test_personal_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)

# documents
UNIT_TESTS += tests/codec/test_photo
tests_codec_test_photo_SOURCES = tests/codec/test_photo.c tests/known.h tests/support.h
tests_codec_test_photo_CPPFLAGS = $(TEST_CPPFLAGS)
tests_codec_test_photo_LDADD = libvicc.la $(CHECK_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/eac/test_options
tests_cards_eac_test_options_SOURCES = tests/cards/eac/test_options.c tests/known.h tests/support.h
tests_cards_eac_test_options_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cards_eac_test_options_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/eac/test_lds
tests_cards_eac_test_lds_SOURCES = tests/cards/eac/test_lds.c tests/known.h tests/support.h
tests_cards_eac_test_lds_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cards_eac_test_lds_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/eac/test_pki
tests_cards_eac_test_pki_SOURCES = tests/cards/eac/test_pki.c tests/known.h tests/support.h
tests_cards_eac_test_pki_CPPFLAGS = $(TEST_CPPFLAGS)
tests_cards_eac_test_pki_LDADD = libvicc.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/epass/test_epass
EPASS_TEST = tests/cards/eac/nonsense.h tests/cards/epass/passport.h tests/cards/eac/terminal.c tests/cards/eac/terminal.h tests/known.h tests/support.h
tests_cards_epass_test_epass_SOURCES = tests/cards/epass/test_epass.c tests/memory_ends.h $(EPASS_TEST)
tests_cards_epass_test_epass_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_cards_epass_test_epass_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS)
tests_cards_epass_test_epass_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/epass/test_access
tests_cards_epass_test_access_SOURCES = tests/cards/epass/test_access.c $(EPASS_TEST)
tests_cards_epass_test_access_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS)
tests_cards_epass_test_access_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/epass/test_check
tests_cards_epass_test_check_SOURCES = tests/cards/epass/test_check.c $(EPASS_TEST)
tests_cards_epass_test_check_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS)
tests_cards_epass_test_check_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
if !SANITIZERS
UNIT_TESTS += tests/cards/epass/test_freed
endif
tests_cards_epass_test_freed_SOURCES = tests/cards/epass/test_freed.c tests/freed.h tests/needles.h tests/valgrind.h $(EPASS_TEST)
tests_cards_epass_test_freed_CFLAGS = $(AM_CFLAGS) -fno-builtin
tests_cards_epass_test_freed_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS)
tests_cards_epass_test_freed_LDADD = libviccd.la libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
UNIT_TESTS += tests/cards/epass/test_points
tests_cards_epass_test_points_SOURCES = tests/cards/epass/test_points.c $(EPASS_TEST)
tests_cards_epass_test_points_CPPFLAGS = $(TEST_CPPFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS)
tests_cards_epass_test_points_LDADD = libimage.la libvicc.la libwire.la $(CHECK_LIBS) $(CRYPTO_LIBS) $(BSD_LIBS)
