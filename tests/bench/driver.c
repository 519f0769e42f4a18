/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * driver LABEL LIBRARY DEVICENAME PORT N M: a driver without pcscd, and a bare card
 * in its slot 0: N times GET CHALLENGE, M times "is a card there?". Prints
 * LABEL,OPERATION,N,MIN,P50,P99 (microseconds) and LABEL,allocations,COUNT, those
 * of the commands. Under strace without -f only the thread that sends is seen.
 */
#include <dlfcn.h>
#include <ifdhandler.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "bare.h"
#include "../program.h"

#define PATIENCE_S 120

typedef RESPONSECODE create_fn(DWORD lun, LPSTR name);
typedef RESPONSECODE capabilities_fn(DWORD lun, DWORD tag, PDWORD len, PUCHAR value);
typedef RESPONSECODE presence_fn(DWORD lun);
typedef RESPONSECODE power_fn(DWORD lun, DWORD action, PUCHAR atr, PDWORD len);
typedef RESPONSECODE transmit_fn(DWORD lun, SCARD_IO_HEADER pci, PUCHAR tx, DWORD tx_len, PUCHAR rx,
				 PDWORD rx_len, PSCARD_IO_HEADER back);
typedef RESPONSECODE wait_fn(DWORD lun, int timeout_ms);

/* --- allocations ---------------------------------------------------------- */

static atomic_ulong allocations;

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);

void *
malloc(size_t n)
{
	allocations++;
	return __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	allocations++;
	return __libc_realloc(p, n);
}

/* --- the driver's host ---------------------------------------------------- */

static presence_fn *presence;
static wait_fn *wait_for_event;

static void *
symbol(void *library, const char *name)
{
	void *p = dlsym(library, name);

	if (!p) {
		fprintf(stderr, "driver: %s\n", dlerror());
		exit(1);
	}
	return p;
}

/* What pcscd's status thread does. */
static void *
watch(void *arg)
{
	(void)arg;
	for (;;) {
		presence(0);
		if (wait_for_event)
			wait_for_event(0, 60000);
		else
			usleep(400000);
	}
	return NULL;
}

static void
ask_for_polling(capabilities_fn *capabilities)
{
	union {
		UCHAR bytes[sizeof(void *)];
		wait_fn *fn;
	} u;
	DWORD len = sizeof(u);

	if (capabilities(0, TAG_IFD_POLLING_THREAD_WITH_TIMEOUT, &len, u.bytes) == IFD_SUCCESS)
		wait_for_event = u.fn;
}

/* --- measuring ------------------------------------------------------------ */

static void
print(const char *label, const char *what, double *v, size_t n)
{
	if (n == 0)
		return;
	qsort(v, n, sizeof(*v), by_value);
	printf("%s,%s,%zu,%.2f,%.2f,%.2f\n", label, what, n, v[0], v[n / 2], v[n * 99 / 100]);
}

static void
commands(const char *label, transmit_fn *transmit, double *took, size_t n)
{
	static uint8_t cmd[] = { 0x00, 0x84, 0x00, 0x00, 0x08 }, rx[65548];
	SCARD_IO_HEADER pci = { .Protocol = 1 };
	unsigned long before = atomic_load(&allocations), after;
	double start;
	DWORD len;
	size_t i;

	for (i = 0; i < n; i++) {
		len = sizeof(rx);
		start = now_us();
		if (transmit(0, pci, cmd, sizeof(cmd), rx, &len, &pci) != IFD_SUCCESS ||
		    len != 10) {
			fputs("driver: a command has failed\n", stderr);
			exit(1);
		}
		took[i] = now_us() - start;
	}
	after = atomic_load(&allocations);
	print(label, "driver alone: GET CHALLENGE", took, n);
	printf("%s,allocations,%lu\n", label, after - before);
}

static void
asking(const char *label, double *took, size_t n)
{
	double start;
	size_t i;

	for (i = 0; i < n; i++) {
		start = now_us();
		presence(0);
		took[i] = now_us() - start;
	}
	print(label, "driver alone: presence", took, n);
}

int
main(int argc, char **argv)
{
	size_t n = argc == 7 ? (size_t)atol(argv[5]) : 0, m = argc == 7 ? (size_t)atol(argv[6]) : 0;
	double *took = calloc(n + m + 1, sizeof(*took));
	DWORD atr_len = MAX_ATR_SIZE;
	UCHAR atr[MAX_ATR_SIZE];
	pthread_t thread;
	void *library;
	pid_t card;
	int fd, i;

	if (n == 0 || !took)
		return 2;
	alarm(PATIENCE_S); /* a driver that never answers is the end, not a wait */
	library = dlopen(argv[2], RTLD_NOW);
	if (!library) {
		fprintf(stderr, "driver: %s\n", dlerror());
		return 1;
	}
	presence = (presence_fn *)symbol(library, "IFDHICCPresence");
	if (((create_fn *)symbol(library, "IFDHCreateChannelByName"))(0, argv[3]) != IFD_SUCCESS)
		return 1;
	ask_for_polling((capabilities_fn *)symbol(library, "IFDHGetCapabilities"));
	card = fork();
	if (card == 0) {
		fd = bare_dial((unsigned)atoi(argv[4]), 200);
		bare_no_delay(fd);
		bare_serve(fd, false, -1);
		_exit(0);
	}
	pthread_create(&thread, NULL, watch, NULL);
	for (i = 0; i < 2000 && presence(0) != IFD_ICC_PRESENT; i++)
		usleep(10000);
	((power_fn *)symbol(library, "IFDHPowerICC"))(0, IFD_POWER_UP, atr, &atr_len);
	commands(argv[1], (transmit_fn *)symbol(library, "IFDHTransmitToICC"), took, n);
	asking(argv[1], took, m);
	kill(card, SIGTERM);
	waitpid(card, NULL, 0);
	fflush(stdout);
	_exit(0);
}
