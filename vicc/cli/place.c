/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/place.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool
place_is_name(const char *name)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
	size_t n = strlen(name);

	return n > 0 && n <= PLACE_NAME_MAX && *name != '.' && strspn(name, allowed) == n;
}

/* Those that services run as: they have no folder of a login. */
static bool
is_service(void)
{
	const struct passwd *vicc;

	if (geteuid() == 0)
		return true;
	vicc = getpwnam("vicc");
	return vicc && vicc->pw_uid == geteuid();
}

bool
place_folder(char *path, size_t size)
{
	const char *own = getenv("VICC_CONTROL_DIR"), *login = getenv("XDG_RUNTIME_DIR");
	int n = -1;

	if (own && *own)
		n = snprintf(path, size, "%s", own);
	else if (is_service())
		n = snprintf(path, size, "/run/vicc");
	else if (login && *login)
		n = snprintf(path, size, "%s/vicc", login);
	return n > 0 && (size_t)n < size;
}

bool
place_socket(const char *name, unsigned slot, char *path, size_t size)
{
	char suffix[16] = "";
	size_t n;

	if (slot > 0)
		snprintf(suffix, sizeof(suffix), ".%u", slot);
	if (strchr(name, '/'))
		return (size_t)snprintf(path, size, "%s%s", name, suffix) < size;
	if (!place_folder(path, size))
		return false;
	n = strlen(path);
	return (size_t)snprintf(path + n, size - n, "/%s%s" PLACE_SUFFIX, name, suffix) < size - n;
}
