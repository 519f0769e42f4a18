/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A host of many threads, as pcscd is one: for each slot a status thread that waits without a
 * lock, clients that share a mutex per slot, and somebody who stops the waiting at any time;
 * before the doors cards that come, answer, and leave. Nothing is awaited but the end:
 * ./dev tsan looks at how the threads get on with each other.
 */
#include <ifdhandler.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "peer.h"
#include "wire.h"

#define READERS 4
#define SLOTS 2 /* of each, but one of the reversed */
#define CLIENTS 2
#define CARDS 3 /* per reader: more than it has slots */
#define TAG_POLLING 0x0FB3
#define TAG_STOP 0x0FB2

typedef RESPONSECODE wait_fn(DWORD Lun, int timeout_ms);
typedef RESPONSECODE stop_fn(DWORD Lun);

static char folder[32], path[40];
static uint16_t ports[READERS];
static pthread_mutex_t pcscd[READERS][SLOTS]; /* pcscd's, one per slot */
static atomic_bool present[READERS * SLOTS];  /* as pcscd has written it down */
static atomic_bool over;
static atomic_uint answers;

static DWORD
lun(unsigned long n)
{
	return n / SLOTS << 16 | n % SLOTS;
}

static pthread_mutex_t *
mutex_of(unsigned long n)
{
	return &pcscd[n / SLOTS][n % SLOTS];
}

static void
get_function(unsigned long n, DWORD tag, void *pointer)
{
	DWORD len = sizeof(void *);

	ck_assert_int_eq(IFDHGetCapabilities(lun(n), tag, &len, pointer), IFD_SUCCESS);
}

/* --- the host ------------------------------------------------------------------------ */

static RESPONSECODE
look(unsigned long n, bool was_present)
{
	uint8_t atr[MAX_ATR_SIZE];
	DWORD len = sizeof(atr);
	RESPONSECODE rc;

	pthread_mutex_lock(mutex_of(n));
	rc = IFDHICCPresence(lun(n));
	if (rc == IFD_ICC_PRESENT && !was_present)
		IFDHPowerICC(lun(n), IFD_POWER_UP, atr, &len);
	pthread_mutex_unlock(mutex_of(n));
	if ((rc == IFD_ICC_PRESENT) != was_present)
		atomic_store(&present[n], rc == IFD_ICC_PRESENT);
	return rc;
}

static void *
status_thread(void *arg)
{
	unsigned long n = (unsigned long)(uintptr_t)arg;
	RESPONSECODE was = IFD_ICC_NOT_PRESENT;
	wait_fn *wait;

	get_function(n, TAG_POLLING, &wait);
	while (!atomic_load(&over)) {
		was = look(n, was == IFD_ICC_PRESENT);
		wait(lun(n), 50);
	}
	return NULL;
}

/* One of what clients do where there is a card. */
static RESPONSECODE
act(unsigned long n, unsigned turn)
{
	uint8_t cmd[] = { 0x00, 0xa4, 0x00, 0x00 }, buffer[300];
	SCARD_IO_HEADER pci = { 0, 0 };
	DWORD len = sizeof(buffer);
	RESPONSECODE rc;

	switch (turn % 8) {
	case 0:
		return IFDHPowerICC(lun(n), turn % 16 ? IFD_RESET : IFD_POWER_UP, buffer, &len);
	case 1:
		return IFDHGetCapabilities(lun(n), TAG_IFD_ATR, &len, buffer);
	case 2:
		return IFDHSetProtocolParameters(lun(n), SCARD_PROTOCOL_T1, 0, 0, 0, 0);
	case 3:
		IFDHICCPresence(lun(n));
		return IFD_SUCCESS;
	default:
		rc = IFDHTransmitToICC(lun(n), pci, cmd, sizeof(cmd), buffer, &len, &pci);
		answers += rc == IFD_SUCCESS;
		return rc;
	}
}

static void *
client(void *arg)
{
	unsigned long n = (unsigned long)(uintptr_t)arg;
	unsigned turn = 0;

	while (!atomic_load(&over)) {
		pthread_mutex_lock(mutex_of(n));
		if (atomic_load(&present[n]) && act(n, turn++) != IFD_SUCCESS)
			atomic_store(&present[n], false);
		pthread_mutex_unlock(mutex_of(n));
		usleep(500);
	}
	return NULL;
}

static void *
stopper(void *arg)
{
	unsigned long n = 0;
	stop_fn *stop;

	(void)arg;
	get_function(0, TAG_STOP, &stop);
	while (!atomic_load(&over)) {
		stop(lun(n++ % (READERS * SLOTS - 1)));
		usleep(3000);
	}
	return NULL;
}

/* --- the cards ----------------------------------------------------------------------- */

/* Answer frame after frame, as many as this, and leave. */
static void
serve(int fd, unsigned frames)
{
	uint8_t frame[2 + 300];
	ssize_t n;

	while (frames-- > 0 && recv(fd, frame, 2, MSG_WAITALL) == 2) {
		n = frame[0] << 8 | frame[1];
		if (n > 300 || recv(fd, frame + 2, (size_t)n, MSG_WAITALL) != n)
			break;
		if (n == 1 && frame[2] == WIRE_ATR)
			send(fd, PEER_ATR, sizeof(PEER_ATR) - 1, MSG_NOSIGNAL);
		else if (n > 1)
			send(fd, "\0\2\x90\0", 4, MSG_NOSIGNAL);
	}
	close(fd);
}

static int
meet(unsigned reader)
{
	int fds[NET_LISTENERS], n, fd;

	if (reader == 0)
		return peer_connect_unix(path);
	if (reader < READERS - 1)
		return peer_connect(ports[reader]);
	n = net_listen_tcp("127.0.0.1", ports[reader], fds);
	if (n < 0)
		return -1;
	fd = peer_readable(fds[0], 300) ? accept(fds[0], NULL, NULL) : -1;
	close(fds[0]);
	return fd;
}

static void *
card(void *arg)
{
	unsigned reader = (unsigned)(uintptr_t)arg, frames = 1;
	struct timeval patience = { .tv_usec = 300000 };
	int fd;

	while (!atomic_load(&over)) {
		fd = meet(reader);
		if (fd >= 0) {
			setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
			serve(fd, frames++ % 20);
		}
		usleep(5000);
	}
	return NULL;
}

/* --- all of them --------------------------------------------------------------------- */

static void
devicename(unsigned reader, char *text, size_t size)
{
	static const char *const modes[READERS] = { "unix", "listen", "listen", "connect" };

	if (reader == 0)
		snprintf(text, size, "unix:%s", path);
	else
		snprintf(text, size, "%s:127.0.0.1:%u%s", modes[reader], (unsigned)ports[reader],
			 reader == 2 ? "/shared=1" : "");
}

static pthread_t threads[128];
static unsigned n_threads;

static void
start(void *(*run_)(void *), unsigned long n)
{
	ck_assert_uint_lt(n_threads, 128);
	ck_assert_int_eq(pthread_create(&threads[n_threads++], NULL, run_, (void *)(uintptr_t)n),
			 0);
}

/* As pcscd: the status thread of a slot runs before the next slot is created. */
static void
open_slot(unsigned reader, unsigned k)
{
	unsigned long n = reader * SLOTS + k;
	char text[128];
	unsigned i;

	devicename(reader, text, sizeof(text));
	ck_assert_int_eq(IFDHCreateChannelByName(lun(n), text), IFD_SUCCESS);
	start(status_thread, n);
	for (i = 0; i < CLIENTS; i++)
		start(client, n);
}

static unsigned
slots_of(unsigned reader)
{
	return reader == READERS - 1 ? 1 : SLOTS;
}

static void
open_all(void)
{
	unsigned reader, k;

	for (reader = 0; reader < READERS; reader++) {
		for (k = 0; k < CARDS; k++)
			start(card, reader);
		for (k = 0; k < slots_of(reader); k++)
			open_slot(reader, k);
	}
	start(stopper, 0);
}

START_TEST(all_at_once)
{
	unsigned reader, k, i;

	atomic_store(&over, false);
	for (reader = 0; reader < READERS; reader++) {
		for (k = 0; k < SLOTS; k++)
			pthread_mutex_init(&pcscd[reader][k], NULL);
	}
	open_all();
	for (i = 0; i < 3 || (i < 60 && answers <= 100); i++)
		sleep(1);
	/* one reader goes with all of its threads at work, as after pcscd's patience */
	IFDHCloseChannel(lun(2));
	IFDHCloseChannel(lun(3));
	atomic_store(&over, true);
	while (n_threads > 0)
		pthread_join(threads[--n_threads], NULL);
	for (reader = 0; reader < READERS; reader++) {
		for (k = 0; reader != 1 && k < slots_of(reader); k++)
			ck_assert_int_eq(IFDHCloseChannel(lun(reader * SLOTS + k)), IFD_SUCCESS);
	}
	ck_assert_uint_gt(answers, 100);
}
END_TEST

static void
setup(void)
{
	uint16_t port = free_ports(3 * SLOTS);
	unsigned i;

	strcpy(folder, "/tmp/test_threads.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/s", folder);
	for (i = 1; i < READERS; i++)
		ports[i] = (uint16_t)(port + (i - 1) * SLOTS);
}

static void
teardown(void)
{
	rmdir(folder);
}

int
main(void)
{
	TCase *tc = tcase_create("threads");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, all_at_once);
	return run("threads", tc);
}
