/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trace/trace.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/output.h"
#include "codec/apdu.h"

#define BLOCK_SECTION 0x0a0d0d0au
#define BLOCK_INTERFACE 1u
#define BLOCK_PACKET 6u
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define LINK_UPPER_PDU 252u
#define OPTION_END 0
#define OPTION_IF_NAME 2
#define OPTION_FLAGS 2
#define INBOUND 1u  /* to the host: what the card says */
#define OUTBOUND 2u
#define PDU_DISSECTOR_NAME 12 /* of the exported PDU's own tags, in network order */
#define BLOCK_MAX (CARD_RESPONSE_MAX + 256)

/* --- blocks, in this machine's byte order -------------------------------------- */

static void
put32(struct buf *b, uint32_t v)
{
	buf_put(b, &v, sizeof(v));
}

static void
put16(struct buf *b, uint16_t v)
{
	buf_put(b, &v, sizeof(v));
}

static void
trace_pad(struct buf *b)
{
	buf_fill(b, 0, (4 - b->n % 4) % 4);
}

static void
put_option(struct buf *b, uint16_t code, struct view value)
{
	put16(b, code);
	put16(b, (uint16_t)value.n);
	buf_put_view(b, value);
	trace_pad(b);
}

/* A block begins with its type and length, and ends with its length. */
static void
open_block(struct buf *b, uint32_t type)
{
	put32(b, type);
	put32(b, 0);
}

/* The whole of it with one write: several processes may share the file. */
static int
write_block(int fd, struct buf *b)
{
	uint32_t length = (uint32_t)b->n + 4;
	ssize_t n;

	put32(b, length);
	if (b->failed)
		return -ENOMEM;
	memcpy(b->p + 4, &length, sizeof(length));
	n = write(fd, b->p, b->n);
	if (n < 0)
		return -errno;
	return (size_t)n == b->n ? 0 : -ENOSPC;
}

static int
write_section(int fd)
{
	struct buf b = BUF(64);
	int rc;

	open_block(&b, BLOCK_SECTION);
	put32(&b, BYTE_ORDER_MAGIC);
	put16(&b, 1);
	put16(&b, 0);
	put32(&b, UINT32_MAX); /* length of the section: not known */
	put32(&b, UINT32_MAX);
	rc = write_block(fd, &b);
	buf_free(&b);
	return rc;
}

static int
write_interface(int fd, const char *name)
{
	struct buf b = BUF(1024);
	int rc;

	open_block(&b, BLOCK_INTERFACE);
	put16(&b, LINK_UPPER_PDU);
	put16(&b, 0);
	put32(&b, 0); /* packets are never cut */
	put_option(&b, OPTION_IF_NAME, view_of(name, strlen(name)));
	put_option(&b, OPTION_END, view_of(NULL, 0));
	rc = write_block(fd, &b);
	buf_free(&b);
	return rc;
}

int
trace_private(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) && fchmod(fd, 0600) < 0 && errno != EPERM ? -errno : 0;
}

int
trace_begin(int fd, const char *const *names, size_t n)
{
	int rc = write_section(fd);
	size_t i;

	for (i = 0; i < n && rc == 0; i++)
		rc = write_interface(fd, names[i]);
	return rc;
}

int
trace_create(const char *path, const char *const *names, size_t n)
{
	int fd = output_open(path, 0600, true), rc;

	if (fd < 0)
		return fd;
	rc = trace_private(fd);
	if (rc == 0)
		rc = trace_begin(fd, names, n);
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

/* --- packets --------------------------------------------------------------------- */

/* In network order: which dissector is meant, and that nothing follows. */
static void
put_pdu_tags(struct buf *b, const char *dissector)
{
	size_t n = strlen(dissector), padded = (n + 3) / 4 * 4;

	buf_u16(b, PDU_DISSECTOR_NAME);
	buf_u16(b, (uint16_t)padded);
	buf_put(b, dissector, n);
	buf_fill(b, 0, padded - n);
	buf_u16(b, 0);
	buf_u16(b, 0);
}

static uint64_t
packet_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void
put_packet(struct trace *t, uint32_t direction, const char *dissector, struct view bytes)
{
	struct buf tags = BUF(64), b = BUF(BLOCK_MAX);
	uint64_t now = packet_time();
	int rc;

	if (t->failed || t->paused)
		return;
	put_pdu_tags(&tags, dissector);
	open_block(&b, BLOCK_PACKET);
	put32(&b, t->interface);
	put32(&b, (uint32_t)(now >> 32));
	put32(&b, (uint32_t)now);
	put32(&b, (uint32_t)(tags.n + bytes.n));
	put32(&b, (uint32_t)(tags.n + bytes.n));
	buf_put_view(&b, buf_view(&tags));
	buf_put_view(&b, bytes);
	trace_pad(&b);
	put_option(&b, OPTION_FLAGS, view_of(&direction, sizeof(direction)));
	put_option(&b, OPTION_END, view_of(NULL, 0));
	rc = write_block(t->fd, &b);
	buf_free(&b);
	buf_free(&tags);
	if (rc == 0)
		return;
	log_error(t->log, "the trace ends here: %s", strerror(-rc));
	t->failed = true;
}

/* --- secrets --------------------------------------------------------------------- */

/* What is secret of a command: its data, or all behind P3 where its lengths are wrong. */
static struct view
secret_part(struct view cmd)
{
	struct apdu a;

	return apdu_parse(&a, cmd) == 0 ? a.data : view_slice(cmd, APDU_HEADER + 1, cmd.n);
}

void
trace_mask_command(struct buf *out, struct view cmd)
{
	struct view secret = secret_part(cmd);
	size_t head = secret.n > 0 ? (size_t)(secret.p - cmd.p) : cmd.n;

	buf_put_view(out, view_slice(cmd, 0, head));
	buf_fill(out, 0xff, secret.n);
	buf_put_view(out, view_slice(cmd, head + secret.n, cmd.n));
}

void
trace_mask_response(struct buf *out, struct view rsp)
{
	size_t n = rsp.n > 2 ? rsp.n - 2 : 0;

	buf_fill(out, 0xff, n);
	buf_put_view(out, view_slice(rsp, n, 2));
}

/* --- the tap --------------------------------------------------------------------- */

static struct trace *
trace_of(struct tap *tap)
{
	return (struct trace *)tap;
}

static void
trace_atr(struct tap *tap, struct view atr)
{
	put_packet(trace_of(tap), INBOUND, "iso7816.atr", atr);
}

static void
put_exchange(struct trace *t, struct view cmd, struct view rsp)
{
	put_packet(t, OUTBOUND, "iso7816", cmd);
	put_packet(t, INBOUND, "iso7816", rsp);
}

static void
trace_exchange(struct tap *tap, struct view cmd, struct view rsp, const struct card_note *note)
{
	struct buf masked_cmd = BUF(BLOCK_MAX), masked_rsp = BUF(BLOCK_MAX);
	struct trace *t = trace_of(tap);

	if (t->secrets || !note->secret) {
		put_exchange(t, cmd, rsp);
		return;
	}
	trace_mask_command(&masked_cmd, cmd);
	trace_mask_response(&masked_rsp, rsp);
	put_exchange(t, buf_view(&masked_cmd), buf_view(&masked_rsp));
	buf_free(&masked_cmd);
	buf_free(&masked_rsp);
}

void
trace_init(struct trace *t, int fd, uint32_t interface, bool secrets, const struct log *log)
{
	*t = (struct trace) {
		.tap = { .atr = trace_atr, .exchange = trace_exchange },
		.fd = fd,
		.interface = interface,
		.secrets = secrets,
		.log = log,
	};
}
