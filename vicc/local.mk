# SPDX-License-Identifier: LGPL-2.1-or-later

# the cards: no process, no socket, no mutable global
noinst_LTLIBRARIES += libvicc.la
libvicc_la_SOURCES = \
	vicc/base/alloc.c vicc/base/alloc.h \
	vicc/base/bytes.c vicc/base/bytes.h \
	vicc/base/hex.c vicc/base/hex.h \
	vicc/base/log.c vicc/base/log.h \
	vicc/base/mem.c vicc/base/mem.h \
	vicc/base/output.c vicc/base/output.h \
	vicc/base/slurp.c vicc/base/slurp.h \
	vicc/base/sw.h \
	vicc/base/text.c vicc/base/text.h \
	vicc/codec/apdu.c vicc/codec/apdu.h \
	vicc/codec/atr.c vicc/codec/atr.h \
	vicc/codec/fcp.c vicc/codec/fcp.h \
	vicc/codec/pkcs15.c vicc/codec/pkcs15.h \
	vicc/codec/tlv.c vicc/codec/tlv.h \
	vicc/codec/tlv_index.c vicc/codec/tlv_index.h \
	vicc/codec/x509.c vicc/codec/x509.h \
	vicc/model/access.h \
	vicc/model/proof.c vicc/model/proof.h \
	vicc/model/acl.c vicc/model/acl.h \
	vicc/model/field.c vicc/model/field.h \
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
	vicc/model/card.h vicc/iso/iso.h \
	vicc/iso/app.c vicc/iso/app.h \
	vicc/iso/bare.c \
	vicc/iso/iso.c \
	vicc/iso/stages.c vicc/iso/stages.h \
	vicc/iso/binary.c \
	vicc/iso/file.c \
	vicc/iso/object.c \
	vicc/iso/record.c \
	vicc/iso/rule.c \
	vicc/cards/eac/bac.c vicc/cards/eac/bac.h \
	vicc/cards/iso7816/mutual.c \
	vicc/cards/iso7816/iso7816.c vicc/cards/iso7816/iso7816.h \
	vicc/cards/isoapplet/isoapplet.c vicc/cards/isoapplet/isoapplet.h \
	vicc/cards/isoapplet/personal.c \
	vicc/cards/management/management.c vicc/cards/management/management.h \
	vicc/cards/myeid/myeid.c vicc/cards/myeid/myeid.h \
	vicc/cards/myeid/key.c \
	vicc/cards/myeid/personal.c \
	vicc/cards/myeid/pin.c \
	vicc/cards/myeid/pso.c \
	vicc/cards/myeid/wrap.c \
	vicc/cards/pkcs15/personal.c vicc/cards/pkcs15/personal.h \
	vicc/cards/piv/attest.c \
	vicc/cards/piv/auth.c \
	vicc/cards/piv/certificate.c vicc/cards/piv/certificate.h \
	vicc/cards/piv/establish.c \
	vicc/cards/piv/key.c \
	vicc/cards/piv/object.c \
	vicc/cards/piv/personal.c vicc/cards/piv/personal.h \
	vicc/cards/piv/piv.c vicc/cards/piv/piv.h \
	vicc/cards/piv/sm.c vicc/cards/piv/sm.h \
	vicc/cards/piv/yubico.c \
	vicc/cards/relay/relay.c vicc/cards/relay/relay.h \
	vicc/cards/plugin/mitm.c vicc/cards/plugin/mitm.h \
	vicc/cards/plugin/mitm_program.c vicc/cards/plugin/mitm_program.h \
	vicc/cards/plugin/plugin.c vicc/cards/plugin/plugin.h \
	vicc/cards/plugin/card.c vicc/cards/plugin/card.h \
	vicc/cards/plugin/services.c vicc/cards/plugin/services.h \
	vicc/cards/cryptoflex/cryptoflex.c vicc/cards/cryptoflex/cryptoflex.h \
	vicc/cards/cryptoflex/auth.c \
	vicc/cards/cryptoflex/rsa.c \
	vicc/iso/auth.c vicc/iso/auth.h \
	vicc/iso/certificate.c \
	vicc/iso/channel.c \
	vicc/iso/key.c vicc/iso/key.h \
	vicc/iso/pso.c \
	vicc/iso/sm.c vicc/iso/sm.h \
	vicc/model/card.c vicc/cards/registry.c \
	vicc/cards/handler_test/handler_test.c vicc/cards/handler_test/handler_test.h
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
CONTENTS = vicc/contents/cryptoflex.json vicc/contents/iso7816.json vicc/contents/isoapplet.json vicc/contents/myeid.json vicc/contents/piv.json
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
	vicc/image/image.c vicc/image/image.h \
	vicc/image/fields.c vicc/image/fields.h \
	vicc/image/read.c vicc/image/reading.h \
	vicc/image/read_application.c vicc/image/read_contents.c vicc/image/read_file.c \
	vicc/image/read_key.c vicc/image/read_pin.c vicc/image/read_rule.c vicc/image/read_se.c \
	vicc/image/words.c vicc/image/write.c vicc/image/text.h \
	vicc/image/jsonread.c vicc/image/jsonread.h \
	vicc/image/jsontext.c vicc/image/jsontext.h \
	vicc/image/store.c vicc/image/store.h
libimage_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
libimage_la_LIBADD = libvicc.la $(JANSSON_LIBS)

# APDU scripts, for the daemon and for the tests
noinst_LTLIBRARIES += libscript.la
libscript_la_SOURCES = \
	vicc/script/formula.c vicc/script/formula.h \
	vicc/script/pattern.c vicc/script/pattern.h \
	vicc/script/script.c vicc/script/script.h
libscript_la_LIBADD = libvicc.la

# the process around a card, all but one session and main
noinst_LTLIBRARIES += libviccd.la
libviccd_la_SOURCES = \
	vicc/daemon/address.c vicc/daemon/address.h \
	vicc/cli/ask.c vicc/cli/ask.h \
	vicc/daemon/guard.c vicc/daemon/guard.h \
	vicc/daemon/host.c vicc/daemon/host.h \
	vicc/daemon/link.c vicc/daemon/link.h \
	vicc/cli/mitm_chain.c vicc/cli/mitm_chain.h \
	vicc/daemon/notify.c vicc/daemon/notify.h \
	vicc/cli/options.c vicc/cli/options.h \
	vicc/cli/personalise.c vicc/cli/personalise.h \
	vicc/cli/pinfile.c vicc/cli/pinfile.h \
	vicc/cli/plugins.c vicc/cli/plugins.h \
	vicc/trace/recorder.c vicc/trace/recorder.h \
	vicc/trace/trace.c vicc/trace/trace.h \
	vicc/daemon/qr.c vicc/daemon/qr.h \
	vicc/daemon/sandbox.c vicc/daemon/sandbox.h \
	vicc/daemon/signals.c vicc/daemon/signals.h \
	vicc/daemon/supervise.c vicc/daemon/supervise.h \
	vicc/daemon/autostart.c vicc/daemon/autostart.h
libviccd_la_CPPFLAGS = $(AM_CPPFLAGS) -DPLUGINDIR='"$(plugindir)"' $(PCSC_CFLAGS) $(SECCOMP_CFLAGS) $(QRENCODE_CFLAGS)
libviccd_la_LIBADD = libvicc.la libwire.la $(PCSC_LIBS) $(SECCOMP_LIBS) $(QRENCODE_LIBS) $(BSD_LIBS)

bin_PROGRAMS += vicc/vicc
vicc_vicc_SOURCES = vicc/main.c \
	vicc/session/confine.c vicc/session/confine.h \
	vicc/session/observers.c vicc/session/observers.h \
	vicc/session/session.c vicc/session/session.h
vicc_vicc_LDADD = libviccd.la libimage.la libscript.la
dist_man_MANS += vicc/man/vicc.1 vicc/man/vicc.conf.5 vicc/man/vicc-image.5 vicc/man/vicc-script.5 vicc/man/vicc-cards.7
