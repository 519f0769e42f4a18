/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs APDU scripts where `vicc --script` cannot.
 *
 *   apdurun socket FILE... -- VICC [OPTION...]   over the socket of a vicc that is
 *                                 started anew for each file; the type is the
 *                                 file's name up to the first -, and a file of
 *                                 that name with .json what is on the card
 *   apdurun pcsc READER FILE...   through pcscd, one after the other against the
 *                                 card that is in that reader
 *
 * Exit 1 at the first file that does not end as it wants to.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <winscard.h>

#include "net.h"
#include "script/script.h"
#include "wire.h"

#define PATIENCE_MS 60000 /* for a key generation on a slow machine */

static int
run_file(const char *path, const struct script_target *t)
{
	struct script s = { .out = stdout };
	int rc = script_run_file(&s, path, t);

	if (rc == 0)
		printf("%s: %zu commands\n", path, s.commands);
	script_free(&s);
	return rc;
}

/* --- a socket ------------------------------------------------------------------- */

struct peer {
	int fd;
	struct wire in;
	uint8_t rx[WIRE_FRAME_MAX];
};

static int
peer_ask(struct peer *p, struct view frame, struct buf *out)
{
	const uint8_t *body;
	size_t n;
	int rc = wire_send(p->fd, frame.p, frame.n, PATIENCE_MS);

	if (rc == 0)
		rc = wire_receive(&p->in, p->fd, PATIENCE_MS, &body, &n);
	if (rc < 0)
		return rc;
	if (wire_pending(&p->in) > 0)
		return -EPROTO; /* two answers to one command */
	buf_put(out, body, n);
	return 0;
}

static int
peer_atr(void *ctx, struct buf *out)
{
	const uint8_t control = WIRE_ATR;

	return peer_ask(ctx, view_of(&control, 1), out);
}

static int
peer_power(void *ctx, enum card_power what)
{
	static const uint8_t controls[] = {
		[CARD_POWER_OFF] = WIRE_POWER_OFF,
		[CARD_POWER_ON] = WIRE_POWER_ON,
		[CARD_RESET] = WIRE_RESET,
	};
	struct peer *p = ctx;

	return wire_send(p->fd, &controls[what], 1, PATIENCE_MS);
}

/* What is shorter than two bytes is no command on the wire: the driver answers it. */
static int
peer_transmit(void *ctx, struct view cmd, struct buf *rsp)
{
	if (cmd.n < 2) {
		buf_u16(rsp, 0x6700);
		return 0;
	}
	return peer_ask(ctx, cmd, rsp);
}

static int
await_peer(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };

	return poll(&p, 1, PATIENCE_MS) == 1 ? net_accept(listener) : -ETIMEDOUT;
}

static int
serve(const char *script, int listener)
{
	static struct peer p;
	const struct script_target t = {
		.ctx = &p,
		.atr = peer_atr,
		.power = peer_power,
		.transmit = peer_transmit,
	};
	int rc;

	p.fd = await_peer(listener);
	if (p.fd < 0) {
		printf("%s: no card has come: %s\n", script, strerror(-p.fd));
		return p.fd;
	}
	wire_init(&p.in, p.rx, sizeof(p.rx));
	rc = peer_power(&p, CARD_POWER_ON);
	if (rc == 0)
		rc = run_file(script, &t);
	close(p.fd);
	return rc;
}

#define ARGUMENTS_MAX 32

/* The command, with the type and the socket that are this script's. */
static pid_t
start(char **command, const char *script, const char *path)
{
	const char *name = strrchr(script, '/');
	char *argv[ARGUMENTS_MAX], *type, *image;
	size_t n = 0;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (; *command && n < ARGUMENTS_MAX - 8; command++)
		argv[n++] = *command;
	type = strdup(name ? name + 1 : script);
	if (type)
		type[strcspn(type, "-")] = '\0';
	argv[n++] = (char *)"--type";
	argv[n++] = type;
	argv[n++] = (char *)"--unix";
	argv[n++] = strdup(path);
	if (asprintf(&image, "%.*s.json", (int)(strlen(script) - strlen(".apdu")), script) > 0 &&
	    access(image, R_OK) == 0) {
		argv[n++] = (char *)"--volatile";
		argv[n++] = (char *)"--file";
		argv[n++] = image;
	}
	argv[n] = NULL;
	execv(argv[0], argv);
	_exit(127);
}

static int
over_socket(char **command, const char *script, const char *path)
{
	int listener = net_listen_unix(path, 0600, (gid_t)-1), rc, status = -1;
	pid_t pid;

	if (listener < 0)
		return listener;
	pid = start(command, script, path);
	rc = pid < 0 ? -ECHILD : serve(script, listener);
	close(listener);
	unlink(path);
	if (pid < 0)
		return rc;
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	if (status != 0)
		printf("%s: vicc has ended with status %#x\n", script, (unsigned)status);
	return rc == 0 && status != 0 ? -ECHILD : rc;
}

/* args: scripts, --, a command */
static int
run_socket(char **args)
{
	char dir[] = "/tmp/apdurun-XXXXXX", path[sizeof(dir) + 8], **command = args;
	int rc = mkdtemp(dir) ? 0 : -errno;

	while (*command && strcmp(*command, "--") != 0)
		command++;
	if (!command[0] || !command[1])
		return -EINVAL;
	snprintf(path, sizeof(path), "%s/card", dir);
	for (; args < command && rc == 0; args++)
		rc = over_socket(command + 1, *args, path);
	rmdir(dir);
	return rc;
}

/* --- pcscd ------------------------------------------------------------------------ */

struct reader_link {
	SCARDHANDLE card;
	DWORD protocol;
	uint8_t rx[CARD_RESPONSE_MAX + 16];
};

static int
pcsc_error(const char *what, LONG rc)
{
	if (rc == SCARD_S_SUCCESS)
		return 0;
	printf("%s: %s\n", what, pcsc_stringify_error(rc));
	return -EIO;
}

static int
pcsc_atr(void *ctx, struct buf *out)
{
	struct reader_link *l = ctx;
	uint8_t atr[MAX_ATR_SIZE];
	DWORD n = sizeof(atr), names = 0;
	LONG rc = SCardStatus(l->card, NULL, &names, NULL, NULL, atr, &n);

	if (rc == SCARD_S_SUCCESS)
		buf_put(out, atr, n);
	return pcsc_error("SCardStatus", rc);
}

/* Off means off and on again: pcscd lets nobody keep a card without power. */
static int
pcsc_power(void *ctx, enum card_power what)
{
	struct reader_link *l = ctx;

	if (what == CARD_POWER_ON)
		return 0;
	return pcsc_error("SCardReconnect",
			  SCardReconnect(l->card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY,
					 what == CARD_RESET ? SCARD_RESET_CARD : SCARD_UNPOWER_CARD,
					 &l->protocol));
}

static int
pcsc_transmit(void *ctx, struct view cmd, struct buf *rsp)
{
	struct reader_link *l = ctx;
	const SCARD_IO_REQUEST *pci =
		l->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
	DWORD n = sizeof(l->rx);
	LONG rc;

	if (cmd.n == 0) { /* libpcsclite refuses it */
		buf_u16(rsp, 0x6700);
		return 0;
	}
	rc = SCardTransmit(l->card, pci, cmd.p, cmd.n, NULL, l->rx, &n);
	if (rc == SCARD_S_SUCCESS)
		buf_put(rsp, l->rx, n);
	return pcsc_error("SCardTransmit", rc);
}

static int
run_pcsc(const char *reader, char **scripts)
{
	static struct reader_link l;
	const struct script_target t = {
		.ctx = &l,
		.atr = pcsc_atr,
		.power = pcsc_power,
		.transmit = pcsc_transmit,
	};
	SCARDCONTEXT ctx;
	int rc;

	rc = pcsc_error("SCardEstablishContext",
			SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &ctx));
	if (rc < 0)
		return rc;
	rc = pcsc_error("SCardConnect", SCardConnect(ctx, reader, SCARD_SHARE_SHARED,
						     SCARD_PROTOCOL_ANY, &l.card, &l.protocol));
	for (; *scripts && rc == 0; scripts++)
		rc = run_file(*scripts, &t);
	SCardReleaseContext(ctx);
	return rc;
}

int
main(int argc, char **argv)
{
	int rc;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 3 && strcmp(argv[1], "socket") == 0) {
		rc = run_socket(argv + 2);
	} else if (argc > 3 && strcmp(argv[1], "pcsc") == 0) {
		rc = run_pcsc(argv[2], argv + 3);
	} else {
		fputs("usage: apdurun socket FILE... -- VICC... | apdurun pcsc READER FILE...\n",
		      stderr);
		return 2;
	}
	return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
