/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The module as it is installed, loaded as pcscd and driver testers load it. The
 * latter do not ask for the polling function. log_msg is ours, to be read.
 */
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <ifdhandler.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <debuglog.h>

#include "peer.h"

#define TAG_POLLING 0x0FB3
#define TAG_STOP 0x0FB2

static void *module;
static uint16_t port;
static char devicename[128];
static int card = -1;

/* --- its log -------------------------------------------------------------- */

static unsigned errors;
static char last_error[512];

__attribute__((format(printf, 2, 3))) void
log_msg(const int priority, const char *fmt, ...)
{
	va_list ap;

	if (priority < PCSC_LOG_ERROR)
		return;
	va_start(ap, fmt);
	vsnprintf(last_error, sizeof(last_error), fmt, ap);
	va_end(ap);
	errors++;
}

/* --- its functions -------------------------------------------------------- */

static RESPONSECODE (*create_by_name)(DWORD, LPSTR);
static RESPONSECODE (*create)(DWORD, DWORD);
static RESPONSECODE (*close_channel)(DWORD);
static RESPONSECODE (*get)(DWORD, DWORD, PDWORD, PUCHAR);
static RESPONSECODE (*set)(DWORD, DWORD, DWORD, PUCHAR);
static RESPONSECODE (*set_protocol)(DWORD, DWORD, UCHAR, UCHAR, UCHAR, UCHAR);
static RESPONSECODE (*power)(DWORD, DWORD, PUCHAR, PDWORD);
static RESPONSECODE (*transmit)(DWORD, SCARD_IO_HEADER, PUCHAR, DWORD, PUCHAR, PDWORD,
				PSCARD_IO_HEADER);
static RESPONSECODE (*control)(DWORD, DWORD, PUCHAR, DWORD, PUCHAR, DWORD, LPDWORD);
static RESPONSECODE (*presence)(DWORD);

static const struct symbol {
	const char *name;
	void *pointer; /* to the variable */
} symbols[] = {
	{ "IFDHCreateChannelByName", &create_by_name },
	{ "IFDHCreateChannel", &create },
	{ "IFDHCloseChannel", &close_channel },
	{ "IFDHGetCapabilities", &get },
	{ "IFDHSetCapabilities", &set },
	{ "IFDHSetProtocolParameters", &set_protocol },
	{ "IFDHPowerICC", &power },
	{ "IFDHTransmitToICC", &transmit },
	{ "IFDHControl", &control },
	{ "IFDHICCPresence", &presence },
};

#define N_SYMBOLS (sizeof(symbols) / sizeof(symbols[0]))

static void
module_path(char *path, size_t size)
{
	const char *top = getenv("top_builddir");

	snprintf(path, size, "%s/.libs/libifdvpcd.so", top ? top : ".");
}

static void
setup(void)
{
	char path[4096];
	void *p;
	size_t i;

	module_path(path, sizeof(path));
	module = dlopen(path, RTLD_LAZY);
	ck_assert_msg(module != NULL, "%s", dlerror());
	for (i = 0; i < N_SYMBOLS; i++) {
		p = dlsym(module, symbols[i].name);
		ck_assert_msg(p != NULL, "%s is missing", symbols[i].name);
		memcpy(symbols[i].pointer, &p, sizeof(p));
	}
	errors = 0;
	port = free_ports(2);
	snprintf(devicename, sizeof(devicename), "/dev/null:%u", port);
}

static void
teardown(void)
{
	if (card >= 0)
		close(card);
	card = -1;
	close_channel(0);
	close_channel(1);
	dlclose(module);
}

static void
open_channels(void)
{
	ck_assert_int_eq(create_by_name(0, devicename), IFD_SUCCESS);
	ck_assert_int_eq(create_by_name(1, devicename), IFD_SUCCESS);
}

static void
insert_card(void)
{
	card = peer_connect(port);
	ck_assert_int_ge(card, 0);
	peer_say(card, BYTES(PEER_ATR));
	ck_assert_int_eq(presence(0), IFD_ICC_PRESENT);
	peer_expect(card, BYTES("\x00\x01\x04"));
}

/* Answer what comes with the bytes that are there for it. */
struct exchange {
	const char *expected;
	size_t expected_len;
	const char *answer;
	size_t answer_len;
};

static void *
play(void *arg)
{
	const struct exchange *e = arg;

	peer_expect(card, e->expected, e->expected_len);
	peer_say(card, e->answer, e->answer_len);
	return NULL;
}

static pthread_t
card_does(struct exchange *e)
{
	pthread_t t;

	ck_assert_int_eq(pthread_create(&t, NULL, play, e), 0);
	return t;
}

START_TEST(a_session_without_polling)
{
	struct exchange on = { BYTES("\x00\x01\x01\x00\x01\x04"), BYTES(PEER_ATR) };
	struct exchange reset = { BYTES("\x00\x01\x02\x00\x01\x04"), BYTES("\x00\x02\x3b\x00") };
	struct exchange select = { BYTES("\x00\x04\x00\xa4\x00\x00"),
				   BYTES("\x00\x03\x01\x90\x00") };
	SCARD_IO_HEADER send = { 1, 8 }, receive = { 77, 78 };
	uint8_t cmd[] = { 0x00, 0xa4, 0x00, 0x00 }, rsp[258];
	uint8_t atr[MAX_ATR_SIZE];
	DWORD len = sizeof(atr);
	pthread_t t;

	open_channels();
	ck_assert_int_eq(presence(0), IFD_ICC_NOT_PRESENT);
	insert_card();
	ck_assert_int_eq(presence(1), IFD_ICC_NOT_PRESENT);
	t = card_does(&on);
	ck_assert_int_eq(power(0, IFD_POWER_UP, atr, &len), IFD_SUCCESS);
	pthread_join(t, NULL);
	ck_assert_uint_eq(len, PEER_ATR_LEN);
	ck_assert_mem_eq(atr, &PEER_ATR[2], PEER_ATR_LEN);
	ck_assert_int_eq(set_protocol(0, SCARD_PROTOCOL_T1, 0, 0, 0, 0), IFD_SUCCESS);
	t = card_does(&select);
	len = sizeof(rsp);
	ck_assert_int_eq(transmit(0, send, cmd, sizeof(cmd), rsp, &len, &receive), IFD_SUCCESS);
	pthread_join(t, NULL);
	ck_assert_uint_eq(len, 3);
	ck_assert_mem_eq(rsp, "\x01\x90\x00", 3);
	/* it goes back to the client as it is */
	ck_assert_uint_eq(receive.Protocol, 77);
	ck_assert_uint_eq(receive.Length, 78);
	t = card_does(&reset);
	ck_assert_int_eq(power(0, IFD_RESET, atr, &len), IFD_SUCCESS);
	pthread_join(t, NULL);
	ck_assert_uint_eq(len, 2);
	ck_assert_int_eq(power(0, IFD_POWER_DOWN, atr, &len), IFD_SUCCESS);
	ck_assert_uint_eq(len, 0);
	peer_expect(card, BYTES("\x00\x01\x00"));
	close(card);
	card = -1;
	ck_assert_int_eq(presence(0), IFD_ICC_NOT_PRESENT);
	ck_assert_int_eq(power(0, IFD_POWER_UP, atr, &len), IFD_ERROR_POWER_ACTION);
	ck_assert_int_eq(power(0, IFD_RESET + 1, atr, &len), IFD_NOT_SUPPORTED);
	ck_assert_uint_eq(len, 0);
	ck_assert_int_eq(power(0, IFD_POWER_DOWN, atr, &len), IFD_SUCCESS);
	len = sizeof(rsp);
	ck_assert_int_eq(transmit(0, send, cmd, sizeof(cmd), rsp, &len, &receive),
			 IFD_ICC_NOT_PRESENT);
	ck_assert_uint_eq(len, 0);
	ck_assert_uint_eq(errors, 0);
	insert_card();
}
END_TEST

START_TEST(wrong_lengths)
{
	static uint8_t cmd[65536];
	SCARD_IO_HEADER pci = { 0, 0 };
	uint8_t rsp[258];
	DWORD len = sizeof(rsp);

	open_channels();
	insert_card();
	ck_assert_int_eq(transmit(0, pci, cmd, 0, rsp, &len, &pci), IFD_COMMUNICATION_ERROR);
	ck_assert_uint_eq(len, 0);
	len = sizeof(rsp);
	ck_assert_int_eq(transmit(0, pci, cmd, sizeof(cmd), rsp, &len, &pci),
			 IFD_COMMUNICATION_ERROR);
	ck_assert_uint_eq(len, 0);
	len = sizeof(rsp);
	ck_assert_int_eq(transmit(0, pci, cmd, 1, rsp, &len, &pci), IFD_SUCCESS);
	ck_assert_uint_eq(len, 2);
	ck_assert_mem_eq(rsp, "\x67\x00", 2);
	ck_assert_int_eq(presence(0), IFD_ICC_PRESENT);
}
END_TEST

START_TEST(a_timeout)
{
	SCARD_IO_HEADER pci = { 0, 0 };
	uint8_t cmd[2] = { 0 }, rsp[258];
	DWORD len = sizeof(rsp);

	strcat(devicename, "/timeout=1");
	open_channels();
	insert_card();
	ck_assert_int_eq(transmit(0, pci, cmd, sizeof(cmd), rsp, &len, &pci), IFD_RESPONSE_TIMEOUT);
	ck_assert_uint_eq(len, 0);
	ck_assert_int_eq(presence(0), IFD_ICC_NOT_PRESENT);
	ck_assert_uint_eq(errors, 1);
	ck_assert_ptr_nonnull(strstr(last_error, "time"));
}
END_TEST

START_TEST(protocols)
{
	open_channels();
	ck_assert_int_eq(set_protocol(0, SCARD_PROTOCOL_T0, 0, 0, 0, 0),
			 IFD_PROTOCOL_NOT_SUPPORTED);
	insert_card();
	ck_assert_int_eq(set_protocol(0, SCARD_PROTOCOL_T0, 0, 0, 0, 0), IFD_SUCCESS);
	ck_assert_int_eq(set_protocol(0, SCARD_PROTOCOL_T1, IFD_NEGOTIATE_PTS1, 0x11, 0, 0),
			 IFD_SUCCESS);
	ck_assert_int_eq(set_protocol(0, SCARD_PROTOCOL_RAW, 0, 0, 0, 0),
			 IFD_PROTOCOL_NOT_SUPPORTED);
	ck_assert_int_eq(set_protocol(0, 0, 0, 0, 0, 0), IFD_PROTOCOL_NOT_SUPPORTED);
	ck_assert_int_eq(set_protocol(0, SCARD_PROTOCOL_ANY, 0, 0, 0, 0),
			 IFD_PROTOCOL_NOT_SUPPORTED);
}
END_TEST

START_TEST(no_such_slot)
{
	static const DWORD luns[] = { 0, 2, 0x10000, 0x10001, 0xffffffff };
	SCARD_IO_HEADER pci = { 0, 0 };
	uint8_t bytes[264] = { 0 };
	DWORD lun = luns[_i], len = sizeof(bytes);

	if (_i > 0)
		open_channels();
	ck_assert_int_eq(presence(lun), IFD_ICC_NOT_PRESENT);
	ck_assert_int_ne(power(lun, IFD_POWER_UP, bytes, &len), IFD_SUCCESS);
	len = sizeof(bytes);
	ck_assert_int_ne(transmit(lun, pci, bytes, 5, bytes, &len, &pci), IFD_SUCCESS);
	ck_assert_uint_eq(len, 0);
	ck_assert_int_ne(set_protocol(lun, SCARD_PROTOCOL_T0, 0, 0, 0, 0), IFD_SUCCESS);
	ck_assert_int_ne(close_channel(lun), IFD_SUCCESS);
	len = sizeof(bytes);
	ck_assert_int_eq(get(lun, TAG_IFD_ATR, &len, bytes), IFD_ERROR_TAG);
}
END_TEST

/* One clear line for each, and no reader. */
START_TEST(a_wrong_devicename)
{
	static const char *const names[] = {
		"/dev/null:0", "listen:phone:1", "unix:relative", "connect:@:1", "/dev/null:1/slots=17",
		"/dev/ttyS0", "listen:1/colour=red", "", "listen:127.0.0.1:x",
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(devicename, sizeof(devicename), "%s", names[i]);
		errors = 0;
		ck_assert_int_eq(create_by_name(0, devicename), IFD_COMMUNICATION_ERROR);
		ck_assert_uint_eq(errors, 1);
		ck_assert_ptr_null(strchr(last_error, '\n'));
		ck_assert_ptr_nonnull(strstr(last_error, names[i]));
		ck_assert_int_eq(presence(0), IFD_ICC_NOT_PRESENT);
	}
	errors = 0;
	ck_assert_int_eq(create_by_name(0, NULL), IFD_COMMUNICATION_ERROR);
	ck_assert_uint_eq(errors, 1);
	errors = 0;
	ck_assert_int_eq(create(0, 65536), IFD_COMMUNICATION_ERROR);
	ck_assert_uint_eq(errors, 1);
}
END_TEST

START_TEST(a_channel_id)
{
	ck_assert_int_eq(create(0, port), IFD_SUCCESS);
	ck_assert_int_eq(create(1, port), IFD_SUCCESS);
	insert_card();
	ck_assert_int_eq(close_channel(0), IFD_SUCCESS);
	ck_assert_int_eq(close_channel(0), IFD_COMMUNICATION_ERROR);
}
END_TEST

START_TEST(a_taken_port_is_said_once)
{
	int fds[NET_LISTENERS], i;

	ck_assert_int_eq(net_listen_tcp("127.0.0.1", port, fds), 1);
	open_channels();
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(presence(0), IFD_ICC_NOT_PRESENT);
	ck_assert_uint_eq(errors, 1);
	close(fds[0]);
}
END_TEST

START_TEST(a_busy_slot_says_so_once)
{
	int late, i;

	open_channels();
	insert_card();
	for (i = 0; i < 3; i++) {
		late = peer_connect(port);
		ck_assert_int_eq(presence(0), IFD_ICC_PRESENT);
		peer_expect_end(late);
		close(late);
	}
	ck_assert_uint_eq(errors, 1);
	ck_assert_ptr_nonnull(strstr(last_error, "busy"));
}
END_TEST

START_TEST(capabilities)
{
	uint8_t value[264];
	DWORD len = 1;

	open_channels();
	ck_assert_int_eq(get(0, TAG_IFD_SLOTS_NUMBER, &len, value), IFD_SUCCESS);
	ck_assert_uint_eq(len, 1);
	ck_assert_uint_eq(value[0], 2);
	ck_assert_int_eq(get(0, TAG_IFD_SIMULTANEOUS_ACCESS, &len, value), IFD_SUCCESS);
	ck_assert_uint_eq(value[0], 255);
	len = 77;
	ck_assert_int_eq(get(0, 0x7fff0003, &len, value), IFD_ERROR_TAG);
	ck_assert_uint_eq(len, 77);
	len = 1;
	ck_assert_int_eq(get(0, TAG_POLLING, &len, value), IFD_ERROR_INSUFFICIENT_BUFFER);
	ck_assert_int_eq(get(0, TAG_STOP, &len, value), IFD_ERROR_INSUFFICIENT_BUFFER);
	ck_assert_int_eq(get(0, TAG_POLLING, NULL, value), IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(get(0, TAG_POLLING, &len, NULL), IFD_COMMUNICATION_ERROR);
	ck_assert_int_eq(set(0, TAG_IFD_SLOTS_NUMBER, 1, value), IFD_ERROR_TAG);
	ck_assert_int_eq(control(0, 1, NULL, 0, value, sizeof(value), &len), IFD_NOT_SUPPORTED);
	ck_assert_int_eq(control(0, 0x42000D48, NULL, 0, value, sizeof(value), &len), IFD_SUCCESS);
	ck_assert_uint_eq(len, 6);
}
END_TEST

#define VERIFY 0x42330006 /* ATTR_FEATURE_CODE(FEATURE_VERIFY_PIN_DIRECT) */

/* A request that is none, and one whose answer there is no room for: nobody enters a PIN. */
START_TEST(requests_for_a_pin)
{
	char folder[] = "/tmp/test_ifd.XXXXXX";
	UCHAR request[32] = { 0 }, answer[4];
	DWORD len = 7;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(devicename, sizeof(devicename), "unix:%s/s/slots=1/pad=1", folder);
	ck_assert_int_eq(create_by_name(0, devicename), IFD_SUCCESS);
	ck_assert_int_eq(control(0, VERIFY, request, 4, answer, sizeof(answer), &len),
			 IFD_NOT_SUPPORTED);
	ck_assert_uint_eq(len, 0);
	len = 7;
	ck_assert_int_eq(control(0, VERIFY, request, sizeof(request), answer, 1, &len),
			 IFD_ERROR_INSUFFICIENT_BUFFER);
	ck_assert_uint_eq(len, 0);
	ck_assert_int_eq(close_channel(0), IFD_SUCCESS);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* As pcscd does it: the polling function does the work, and presence never waits. */
START_TEST(polling)
{
	RESPONSECODE (*poll_function)(DWORD, int), (*stop_function)(DWORD);
	DWORD len = sizeof(poll_function);

	open_channels();
	ck_assert_int_eq(get(0, TAG_POLLING, &len, (PUCHAR)&poll_function), IFD_SUCCESS);
	ck_assert_uint_eq(len, sizeof(poll_function));
	ck_assert_int_eq(get(0, TAG_STOP, &len, (PUCHAR)&stop_function), IFD_SUCCESS);
	card = peer_connect(port);
	peer_say(card, BYTES(PEER_ATR));
	ck_assert_int_eq(presence(0), IFD_ICC_NOT_PRESENT);
	ck_assert_int_eq(poll_function(0, 60000), IFD_SUCCESS);
	ck_assert_int_eq(presence(0), IFD_ICC_PRESENT);
	ck_assert_int_eq(stop_function(0), IFD_SUCCESS);
	ck_assert_int_eq(poll_function(0, 60000), IFD_SUCCESS);
	ck_assert_int_eq(poll_function(0, 1), IFD_SUCCESS);
	ck_assert_int_ne(poll_function(0x70000, 1), IFD_SUCCESS);
	ck_assert_int_ne(stop_function(0x70000), IFD_SUCCESS);
}
END_TEST

/* --- what it exports ------------------------------------------------------ */

/* of <link.h>, which the tree has another one of */
#if UINTPTR_MAX > UINT32_MAX
#define ElfW(type) Elf64_##type
#else
#define ElfW(type) Elf32_##type
#endif

static const ElfW(Shdr) *
dynamic_symbols(const uint8_t *elf)
{
	const ElfW(Ehdr) *header = (const void *)elf;
	const ElfW(Shdr) *section = (const void *)(elf + header->e_shoff);
	unsigned i;

	for (i = 0; i < header->e_shnum; i++) {
		if (section[i].sh_type == SHT_DYNSYM)
			return &section[i];
	}
	ck_abort_msg("no dynamic symbols");
}

START_TEST(only_ifdh_is_exported)
{
	const ElfW(Shdr) *table, *strings;
	const ElfW(Sym) *symbol;
	const char *name;
	const uint8_t *elf;
	char path[4096];
	struct stat st;
	size_t i, n, found = 0;
	int fd;

	module_path(path, sizeof(path));
	fd = open(path, O_RDONLY);
	ck_assert_int_eq(fstat(fd, &st), 0);
	elf = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	ck_assert(elf != MAP_FAILED);
	table = dynamic_symbols(elf);
	strings = (const ElfW(
			  Shdr) *)(const void *)(elf +
						 ((const ElfW(Ehdr) *)(const void *)elf)->e_shoff) +
		  table->sh_link;
	symbol = (const void *)(elf + table->sh_offset);
	n = table->sh_size / sizeof(*symbol);
	for (i = 1; i < n; i++) {
		if (symbol[i].st_shndx == SHN_UNDEF)
			continue;
		name = (const char *)elf + strings->sh_offset + symbol[i].st_name;
		ck_assert_msg(strncmp(name, "IFDH", 4) == 0, "%s is exported", name);
		found++;
	}
	ck_assert_uint_eq(found, N_SYMBOLS);
	close(fd);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("ifd");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_session_without_polling);
	tcase_add_test(tc, wrong_lengths);
	tcase_add_test(tc, a_timeout);
	tcase_add_test(tc, protocols);
	tcase_add_loop_test(tc, no_such_slot, 0, 5);
	tcase_add_test(tc, a_wrong_devicename);
	tcase_add_test(tc, a_channel_id);
	tcase_add_test(tc, a_taken_port_is_said_once);
	tcase_add_test(tc, a_busy_slot_says_so_once);
	tcase_add_test(tc, capabilities);
	tcase_add_test(tc, requests_for_a_pin);
	tcase_add_test(tc, polling);
	tcase_add_test(tc, only_ifdh_is_exported);
	return run("ifd", tc);
}
