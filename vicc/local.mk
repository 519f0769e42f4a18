# SPDX-License-Identifier: LGPL-2.1-or-later

# the cards: no process, no socket, no mutable global
noinst_LTLIBRARIES += libvicc.la
libvicc_la_SOURCES = \
	vicc/base/alloc.c vicc/base/alloc.h \
	vicc/base/bytes.c vicc/base/bytes.h \
	vicc/base/hex.c vicc/base/hex.h \
	vicc/base/log.c vicc/base/log.h \
	vicc/base/mem.c vicc/base/mem.h \
	vicc/base/sw.h \
	vicc/codec/apdu.c vicc/codec/apdu.h \
	vicc/codec/atr.c vicc/codec/atr.h \
	vicc/codec/fcp.c vicc/codec/fcp.h \
	vicc/codec/pkcs15.c vicc/codec/pkcs15.h \
	vicc/codec/tlv.c vicc/codec/tlv.h \
	vicc/model/access.h \
	vicc/model/acl.c vicc/model/acl.h \
	vicc/model/file.c vicc/model/file.h \
	vicc/model/fs.c vicc/model/fs.h \
	vicc/model/object.c vicc/model/object.h \
	vicc/model/props.c vicc/model/props.h \
	vicc/model/record.c vicc/model/record.h \
	vicc/model/algorithm.c vicc/model/algorithm.h \
	vicc/model/key.c vicc/model/key.h \
	vicc/model/sam.c vicc/model/sam.h \
	vicc/model/se.c vicc/model/se.h \
	vicc/model/sm.c vicc/model/sm.h \
	vicc/model/state.c vicc/model/state.h \
	vicc/cards/card.h vicc/cards/iso.h \
	vicc/cards/iso.c \
	vicc/cards/iso_binary.c \
	vicc/cards/iso_file.c \
	vicc/cards/iso_object.c \
	vicc/cards/iso_record.c \
	vicc/cards/iso_rule.c \
	vicc/cards/iso7816.c \
	vicc/cards/isoapplet.c vicc/cards/isoapplet.h \
	vicc/cards/isoapplet_personal.c \
	vicc/cards/myeid.c vicc/cards/myeid.h \
	vicc/cards/myeid_key.c \
	vicc/cards/myeid_personal.c \
	vicc/cards/myeid_pso.c \
	vicc/cards/myeid_wrap.c \
	vicc/cards/personal.c vicc/cards/personal.h \
	vicc/cards/relay.c vicc/cards/relay.h \
	vicc/cards/mitm.c vicc/cards/mitm.h \
	vicc/cards/mitm_program.c vicc/cards/mitm_program.h \
	vicc/cards/plugin.c vicc/cards/plugin.h \
	vicc/cards/plugin_card.c vicc/cards/plugin_card.h \
	vicc/cards/plugin_services.c vicc/cards/plugin_services.h \
	vicc/cards/cryptoflex.c vicc/cards/cryptoflex.h \
	vicc/cards/cryptoflex_auth.c \
	vicc/cards/cryptoflex_rsa.c \
	vicc/cards/iso_auth.c vicc/cards/iso_auth.h \
	vicc/cards/iso_certificate.c \
	vicc/cards/iso_channel.c \
	vicc/cards/iso_key.c vicc/cards/iso_key.h \
	vicc/cards/iso_pso.c \
	vicc/cards/iso_sm.c vicc/cards/iso_sm.h \
	vicc/cards/card.c vicc/cards/registry.c \
	vicc/cards/handler_test.c vicc/cards/handler_test.h
libvicc_la_SOURCES += \
	vicc/crypto/cipher.c vicc/crypto/cipher.h \
	vicc/crypto/digest.c vicc/crypto/digest.h \
	vicc/crypto/failure.c vicc/crypto/failure.h \
	vicc/crypto/kdf.c vicc/crypto/kdf.h \
	vicc/crypto/mac.c vicc/crypto/mac.h \
	vicc/crypto/memory.c vicc/crypto/memory.h \
	vicc/crypto/rand.c vicc/crypto/rand.h \
	vicc/crypto/resume.c vicc/crypto/resume.h \
	vicc/crypto/rsa.c vicc/crypto/rsa.h vicc/crypto/rsa_key.h \
	vicc/crypto/rsa_scheme.c \
	vicc/crypto/curve.c vicc/crypto/curve.h vicc/crypto/curve_group.h \
	vicc/crypto/ec.c vicc/crypto/ec.h \
	vicc/crypto/ed.c vicc/crypto/ed.h \
	vicc/crypto/import.c vicc/crypto/import.h

# what is on a new card: a file for each type that keeps anything, its name the type's
CONTENTS = vicc/contents/cryptoflex.json vicc/contents/iso7816.json vicc/contents/isoapplet.json vicc/contents/myeid.json
EXTRA_DIST += $(CONTENTS)
CLEANFILES += vicc/cards/contents.c
libvicc_la_SOURCES += vicc/cards/contents.h
nodist_libvicc_la_SOURCES = vicc/cards/contents.c
vicc/cards/contents.c: $(CONTENTS)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && { \
	echo '#include "cards/contents.h"'; \
	for f in $^; do \
		echo "const char contents_`basename $$f .json`[] ="; \
		$(SED) -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' $$f && echo ';' || exit 1; \
	done; } >$@.tmp && mv $@.tmp $@

libvicc_la_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS) $(PCSC_CFLAGS)
libvicc_la_LIBADD = $(CRYPTO_LIBS) $(PCSC_LIBS) $(BSD_LIBS) -lpthread

# what a card keeps, on disk
noinst_LTLIBRARIES += libimage.la
libimage_la_SOURCES = \
	vicc/image.c vicc/image.h \
	vicc/imageread.c vicc/imagewords.c vicc/imagewrite.c vicc/imagetext.h \
	vicc/jsonread.c vicc/jsonread.h \
	vicc/jsontext.c vicc/jsontext.h \
	vicc/store.c vicc/store.h
libimage_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
libimage_la_LIBADD = libvicc.la $(JANSSON_LIBS)

# APDU scripts, for the daemon and for the tests
noinst_LTLIBRARIES += libscript.la
libscript_la_SOURCES = \
	vicc/formula.c vicc/formula.h \
	vicc/pattern.c vicc/pattern.h \
	vicc/script.c vicc/script.h
libscript_la_LIBADD = libvicc.la

# the process around a card, all but main
noinst_LTLIBRARIES += libviccd.la
libviccd_la_SOURCES = \
	vicc/address.c vicc/address.h \
	vicc/ask.c vicc/ask.h \
	vicc/guard.c vicc/guard.h \
	vicc/host.c vicc/host.h \
	vicc/link.c vicc/link.h \
	vicc/middle.c vicc/middle.h \
	vicc/notify.c vicc/notify.h \
	vicc/options.c vicc/options.h \
	vicc/personalise.c vicc/personalise.h \
	vicc/pinfile.c vicc/pinfile.h \
	vicc/plugins.c vicc/plugins.h \
	vicc/recorder.c vicc/recorder.h \
	vicc/trace.c vicc/trace.h \
	vicc/qr.c vicc/qr.h \
	vicc/sandbox.c vicc/sandbox.h \
	vicc/signals.c vicc/signals.h \
	vicc/wake.c vicc/wake.h
libviccd_la_CPPFLAGS = $(AM_CPPFLAGS) -DPLUGINDIR='"$(plugindir)"' $(PCSC_CFLAGS) $(SECCOMP_CFLAGS) $(QRENCODE_CFLAGS)
libviccd_la_LIBADD = libvicc.la libwire.la $(PCSC_LIBS) $(SECCOMP_LIBS) $(QRENCODE_LIBS) $(BSD_LIBS)

bin_PROGRAMS += vicc/vicc
vicc_vicc_SOURCES = vicc/main.c
vicc_vicc_LDADD = libviccd.la libimage.la libscript.la
dist_man_MANS += vicc/vicc.1 vicc/vicc.conf.5 vicc/vicc-image.5 vicc/vicc-script.5 vicc/vicc-cards.7
