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
	vicc/base/process.c vicc/base/process.h \
	vicc/base/slurp.c vicc/base/slurp.h \
	vicc/base/sw.h \
	vicc/base/text.c vicc/base/text.h \
	vicc/codec/apdu.c vicc/codec/apdu.h \
	vicc/codec/atr.c vicc/codec/atr.h \
	vicc/codec/fcp.c vicc/codec/fcp.h \
	vicc/codec/mrz.c vicc/codec/mrz.h \
	vicc/codec/mrz_make.c \
	vicc/codec/photo.c vicc/codec/photo.h \
	vicc/codec/pkcs15.c vicc/codec/pkcs15.h \
	vicc/codec/cvc.c vicc/codec/cvc.h \
	vicc/codec/secinfo.c vicc/codec/secinfo.h \
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
	vicc/iso/draft.c \
	vicc/iso/file.c \
	vicc/iso/object.c \
	vicc/iso/record.c \
	vicc/iso/rule.c \
	vicc/cards/cac/aca.c \
	vicc/cards/cac/buffer.c \
	vicc/cards/cac/cac.c vicc/cards/cac/cac.h \
	vicc/cards/cac/key.c \
	vicc/cards/cac/personal.c vicc/cards/cac/personal.h \
	vicc/cards/cac/softhsm.c vicc/cards/cac/softhsm.h \
	vicc/cards/cac/softhsm_store.c vicc/cards/cac/softhsm_store.h \
	vicc/cards/cac/token.c \
	vicc/cards/eac/bac.c vicc/cards/eac/bac.h \
	vicc/cards/eac/ca.c \
	vicc/cards/eac/check.c vicc/cards/eac/check.h \
	vicc/cards/eac/check_emrtd.c \
	vicc/cards/eac/eac.c vicc/cards/eac/eac.h vicc/cards/eac/engine.h \
	vicc/cards/eac/keys.c \
	vicc/cards/eac/open.c \
	vicc/cards/eac/options.c vicc/cards/eac/options.h \
	vicc/cards/eac/pace.c \
	vicc/cards/eac/password.c \
	vicc/cards/eac/suite.c vicc/cards/eac/suite.h \
	vicc/cards/eac/ta.c \
	vicc/cards/eac/lds.c vicc/cards/eac/lds.h \
	vicc/cards/eac/pki.c vicc/cards/eac/pki.h \
	vicc/cards/eac/portrait.c \
	vicc/cards/epass/aa.c \
	vicc/cards/epass/emrtd.c \
	vicc/cards/epass/epass.c vicc/cards/epass/epass.h \
	vicc/cards/epass/issue.c \
	vicc/cards/epass/personal.c vicc/cards/epass/personal.h \
	vicc/cards/epass/protocols.c \
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
	vicc/cards/pkcs15/certificate.c vicc/cards/pkcs15/certificate.h \
	vicc/cards/pkcs15/personal.c vicc/cards/pkcs15/personal.h \
	vicc/cards/npa/check.c \
	vicc/cards/npa/dataset.c \
	vicc/cards/npa/eid.c \
	vicc/cards/npa/esign.c \
	vicc/cards/npa/fill.c vicc/cards/npa/fill.h \
	vicc/cards/npa/fill_esign.c \
	vicc/cards/npa/fill_passport.c \
	vicc/cards/npa/npa.c vicc/cards/npa/npa.h \
	vicc/cards/npa/pin.c \
	vicc/cards/npa/profile.c vicc/cards/npa/profile.h \
	vicc/cards/npa/security.c \
	vicc/cards/npa/terminal.c \
	vicc/cards/openpgp/algorithm.c \
	vicc/cards/openpgp/key.c \
	vicc/cards/openpgp/life.c \
	vicc/cards/openpgp/object.c \
	vicc/cards/openpgp/openpgp.c vicc/cards/openpgp/openpgp.h \
	vicc/cards/openpgp/password.c \
	vicc/cards/openpgp/personal.c vicc/cards/openpgp/personal.h \
	vicc/cards/openpgp/use.c \
	vicc/cards/openpgp/yubico.c \
	vicc/cards/piv/attest.c \
	vicc/cards/piv/auth.c \
	vicc/cards/piv/establish.c \
	vicc/cards/piv/key.c \
	vicc/cards/piv/object.c \
	vicc/cards/piv/personal.c vicc/cards/piv/personal.h \
	vicc/cards/piv/piv.c vicc/cards/piv/piv.h \
	vicc/cards/piv/sm.c vicc/cards/piv/sm.h \
	vicc/cards/piv/yubico.c \
	vicc/cards/relay/relay.c vicc/cards/relay/relay.h \
	vicc/cards/token/personal.c vicc/cards/token/personal.h \
	vicc/cards/token/token.c vicc/cards/token/token.h \
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
	vicc/crypto/certify.c vicc/crypto/certify.h \
	vicc/crypto/cipher.c vicc/crypto/cipher.h \
	vicc/crypto/cms.c vicc/crypto/cms.h \
	vicc/crypto/cms_verify.c \
	vicc/crypto/digest.c vicc/crypto/digest.h \
	vicc/crypto/export.c vicc/crypto/export.h \
	vicc/crypto/failure.c vicc/crypto/failure.h \
	vicc/crypto/fromdata.c vicc/crypto/fromdata.h \
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
	vicc/crypto/group.c vicc/crypto/group.h \
	vicc/crypto/group_map.c vicc/crypto/group_map.h \
	vicc/crypto/import.c vicc/crypto/import.h

# what is on a new card: a file for each type that keeps anything, its name the type's
CONTENTS = \
	vicc/contents/cac.json \
	vicc/contents/cryptoflex.json \
	vicc/contents/ePass.json \
	vicc/contents/iso7816.json \
	vicc/contents/isoapplet.json \
	vicc/contents/myeid.json \
	vicc/contents/npa.json \
	vicc/contents/openpgp.json \
	vicc/contents/piv.json \
	vicc/contents/token.json
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

libvicc_la_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS) $(JANSSON_CFLAGS) $(PCSC_CFLAGS)
libvicc_la_LIBADD = $(CRYPTO_LIBS) $(JANSSON_LIBS) $(PCSC_LIBS) $(BSD_LIBS) -lpthread

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
	vicc/cli/place.c vicc/cli/place.h \
	vicc/cli/plugins.c vicc/cli/plugins.h \
	vicc/cli/virt_cacard.c vicc/cli/virt_cacard.h \
	vicc/trace/recorder.c vicc/trace/recorder.h \
	vicc/trace/trace.c vicc/trace/trace.h \
	vicc/daemon/qr.c vicc/daemon/qr.h \
	vicc/daemon/reader.c vicc/daemon/reader.h \
	vicc/daemon/background.c vicc/daemon/background.h \
	vicc/daemon/sandbox.c vicc/daemon/sandbox.h \
	vicc/daemon/signals.c vicc/daemon/signals.h \
	vicc/daemon/supervise.c vicc/daemon/supervise.h \
	vicc/daemon/autostart.c vicc/daemon/autostart.h
libviccd_la_CPPFLAGS = $(AM_CPPFLAGS) -DPLUGINDIR='"$(plugindir)"' $(PCSC_CFLAGS) $(SECCOMP_CFLAGS) $(QRENCODE_CFLAGS)
libviccd_la_LIBADD = libvicc.la libwire.la $(PCSC_LIBS) $(SECCOMP_LIBS) $(QRENCODE_LIBS) $(BSD_LIBS)

# commands from outside
noinst_LTLIBRARIES += libcontrol.la
libcontrol_la_SOURCES = \
	vicc/control/between.c \
	vicc/control/contents.c \
	vicc/control/control.c vicc/control/control.h vicc/control/inside.h \
	vicc/control/seat.c vicc/control/seat.h \
	vicc/control/fault.c vicc/control/fault.h \
	vicc/control/server.c vicc/control/server.h \
	vicc/control/service.c vicc/control/service.h \
	vicc/control/status.c \
	vicc/control/verbs.c
libcontrol_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
libcontrol_la_LIBADD = libviccd.la libimage.la

# who enters the digits of a PIN pad, beside a card or in a program of its own
noinst_LTLIBRARIES += libpad.la
libpad_la_SOURCES = \
	vicc/pad/control.c \
	vicc/pad/file.c \
	vicc/pad/pad.c vicc/pad/pad.h \
	vicc/pad/program.c vicc/pad/source.h \
	vicc/pad/terminal.c \
	vicc/pad/typist.c vicc/pad/typist.h
libpad_la_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
libpad_la_LIBADD = libcontrol.la libviccd.la

bin_PROGRAMS += vicc/vicc
vicc_vicc_SOURCES = vicc/main.c \
	vicc/session/confine.c vicc/session/confine.h \
	vicc/session/observers.c vicc/session/observers.h \
	vicc/session/passwords.c vicc/session/passwords.h \
	vicc/session/session.c vicc/session/session.h
vicc_vicc_LDADD = libpad.la libcontrol.la libviccd.la libimage.la libscript.la
# of a package of its own, which make install is not
EXTRA_DIST += vicc/man/virt_cacard.1 systemd/virt_cacard.service
dist_man_MANS += vicc/man/vicc.1 vicc/man/vicc.conf.5 vicc/man/vicc-image.5 vicc/man/vicc-script.5 vicc/man/vicc-cards.7

# a pcscd, a reader and cards for one command
bin_PROGRAMS += vicc/vicc-run
vicc_vicc_run_SOURCES = \
	vicc/run/keeper.c vicc/run/keeper.h \
	vicc/run/pcscd.c vicc/run/pcscd.h \
	vicc/run/place.c vicc/run/place.h \
	vicc/run/present.c vicc/run/present.h \
	vicc/run/run.c vicc/run/run.h
vicc_vicc_run_CPPFLAGS = $(AM_CPPFLAGS) -DDRIVERDIR='"$(driverexecdir)"' $(PCSC_CFLAGS)
vicc_vicc_run_LDADD = libwire.la $(PCSC_LIBS) $(BSD_LIBS)
dist_man_MANS += vicc/man/vicc-run.1

# the program that gives a card commands: no card, no libcrypto
bin_PROGRAMS += vicc/viccctl/viccctl
vicc_viccctl_viccctl_SOURCES = \
	vicc/viccctl/main.c vicc/viccctl/viccctl.h \
	vicc/viccctl/connection.c vicc/viccctl/connection.h \
	vicc/viccctl/file.c vicc/viccctl/file.h \
	vicc/viccctl/follow.c vicc/viccctl/follow.h \
	vicc/viccctl/pad.c vicc/viccctl/pad.h \
	vicc/viccctl/show.c vicc/viccctl/show.h \
	vicc/viccctl/words.c vicc/viccctl/words.h \
	vicc/base/alloc.c vicc/base/bytes.c vicc/base/hex.c vicc/base/output.c vicc/base/slurp.c vicc/base/text.c \
	vicc/cli/place.c vicc/daemon/address.c vicc/daemon/qr.c vicc/daemon/reader.c vpcd/atr.c vpcd/name.c
vicc_viccctl_viccctl_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(PCSC_CFLAGS) $(QRENCODE_CFLAGS)
vicc_viccctl_viccctl_LDADD = libwire.la $(JANSSON_LIBS) $(PCSC_LIBS) $(QRENCODE_LIBS) $(BSD_LIBS)
dist_man_MANS += vicc/man/viccctl.1 vicc/man/vpcd-config.1 vicc/man/vicc-control.7

# the keys of a PIN pad
bin_PROGRAMS += vicc/vicc-pad
vicc_vicc_pad_SOURCES = vicc/vicc-pad.c
vicc_vicc_pad_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
vicc_vicc_pad_LDADD = libpad.la libcontrol.la libviccd.la $(JANSSON_LIBS)
dist_man_MANS += vicc/man/vicc-pad.1
