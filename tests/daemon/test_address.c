/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

#include "daemon/address.h"
#include "support.h"

static const struct {
	const char *text;
	bool loopback;
	bool local;
} known[] = {
	{ "127.0.0.1", true, true },
	{ "127.1.2.3", true, true },
	{ "::1", true, true },
	{ "192.0.2.1", false, false }, /* RFC 5737: nobody's */
	{ "128.0.0.1", false, false },
	{ "2001:db8::1", false, false }, /* RFC 3849 */
	{ "::", false, false },
};

static struct addrinfo *
parse(const char *text)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM }, *a;

	ck_assert_int_eq(getaddrinfo(text, "1", &hints, &a), 0);
	return a;
}

START_TEST(is_known)
{
	struct addrinfo *a = parse(known[_i].text);

	ck_assert(address_is_loopback(a->ai_addr) == known[_i].loopback);
	ck_assert(address_is_local(a->ai_addr) == known[_i].local);
	freeaddrinfo(a);
}
END_TEST

START_TEST(of_another_family)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };

	ck_assert(!address_is_loopback(&sa));
	ck_assert(!address_is_local(&sa));
}
END_TEST

START_TEST(listed)
{
	char texts[8][ADDRESS_TEXT];
	size_t n = address_list(texts, 8), i;
	struct addrinfo *a;

	ck_assert_uint_le(n, 8);
	for (i = 0; i < n; i++) {
		a = parse(texts[i]);
		ck_assert(!address_is_loopback(a->ai_addr));
		ck_assert(address_is_local(a->ai_addr));
		freeaddrinfo(a);
	}
	ck_assert_uint_le(address_list(texts, 1), 1);
	ck_assert_uint_eq(address_list(texts, 0), 0);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("address");

	tcase_add_loop_test(tc, is_known, 0, sizeof(known) / sizeof(known[0]));
	tcase_add_test(tc, of_another_family);
	tcase_add_test(tc, listed);
	return run("address", tc);
}
