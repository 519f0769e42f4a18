/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SecurityInfos and CV certificates out of any bytes; what was read can be put, and is the
 * same then.
 */
#include "codec/cvc.h"
#include "codec/secinfo.h"
#include "fuzz.h"

static void
walk_infos(struct view in)
{
	struct secinfo info;
	size_t before = in.n;

	while (secinfo_next(&in, &info)) {
		must(in.n < before && info.whole.n == before - in.n);
		must(info.required.n > 0 && info.required.n + info.optional.n < info.whole.n);
		must(info.public.n < info.whole.n);
		before = in.n;
	}
	must(in.n == before);
}

static void
read_certificate(struct view in)
{
	struct buf body = BUF(0x20000), whole = BUF(0x20000);
	struct cvc cert, again;

	if (!cvc_read(in, &cert))
		return;
	must(date_valid(cert.effective) && date_valid(cert.expires));
	cvc_put_body(&body, &(struct cvc_body) {
		.car = cert.car, .chr = cert.chr, .key = cert.public, .chat = cert.chat,
		.effective = cert.effective, .expires = cert.expires, .extensions = cert.extensions });
	cvc_put(&whole, buf_view(&body), cert.signature);
	must(!whole.failed && cvc_read(buf_view(&whole), &again));
	must(view_equal(again.chr, cert.chr) && again.chat.rights == cert.chat.rights);
	must(again.key.scheme == cert.key.scheme && again.expires == cert.expires);
	buf_free(&body);
	buf_free(&whole);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view in = view_of(data, size), infos;
	struct chat chat;

	walk_infos(in);
	if (secinfo_open(in, &infos))
		walk_infos(infos);
	read_certificate(in);
	chat_read(in, &chat);
	return 0;
}
