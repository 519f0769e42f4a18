/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

static const struct in_addr *
v4(const struct sockaddr *sa)
{
	return &((const struct sockaddr_in *)(const void *)sa)->sin_addr;
}

static const struct in6_addr *
v6(const struct sockaddr *sa)
{
	return &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
}

bool
address_is_loopback(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET)
		return ntohl(v4(sa)->s_addr) >> 24 == IN_LOOPBACKNET;
	return sa->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(v6(sa));
}

static bool
same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	if (!b || a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET)
		return v4(a)->s_addr == v4(b)->s_addr;
	return a->sa_family == AF_INET6 && IN6_ARE_ADDR_EQUAL(v6(a), v6(b));
}

bool
address_is_local(const struct sockaddr *sa)
{
	struct ifaddrs *all, *i;

	if (address_is_loopback(sa))
		return true;
	if (getifaddrs(&all) < 0)
		return false;
	for (i = all; i && !same_address(sa, i->ifa_addr); i = i->ifa_next)
		;
	freeifaddrs(all);
	return i != NULL;
}

/* Worth telling to another machine? */
static bool
reachable(const struct ifaddrs *i, int family)
{
	const struct sockaddr *sa = i->ifa_addr;

	if (!sa || sa->sa_family != family || !(i->ifa_flags & IFF_UP) || address_is_loopback(sa))
		return false;
	if (family == AF_INET)
		return ntohl(v4(sa)->s_addr) >> 16 != 0xa9fe; /* 169.254, RFC 3927 */
	return !IN6_IS_ADDR_LINKLOCAL(v6(sa));
}

size_t
address_list(char texts[][ADDRESS_TEXT], size_t max)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct ifaddrs *all, *i;
	size_t n = 0, f;

	if (getifaddrs(&all) < 0)
		return 0;
	for (f = 0; f < 2; f++) {
		for (i = all; i && n < max; i = i->ifa_next) {
			if (!reachable(i, families[f]))
				continue;
			inet_ntop(families[f],
				  families[f] == AF_INET ? (const void *)v4(i->ifa_addr)
							 : (const void *)v6(i->ifa_addr),
				  texts[n++], ADDRESS_TEXT);
		}
	}
	freeifaddrs(all);
	return n;
}
