/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/pinfile.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/mem.h"
#include "base/slurp.h"

#define FILE_MAX 65536 /* bytes */
#define NAME_SIZE 32

/* What the script language takes for a name. */
static bool
name_valid(const char *name)
{
	const char *p;

	for (p = name; *p; p++) {
		if (!(*p >= 'A' && *p <= 'Z') && !(*p >= 'a' && *p <= 'z') &&
		    !(*p >= '0' && *p <= '9') && !strchr("_-.", *p))
			return false;
	}
	return *name;
}

static bool
set_value(struct props *pins, const char *name, const char *text)
{
	struct buf value = BUF(SECRET_MAX);
	bool ok = true;

	if (strncmp(text, "0x", 2) == 0)
		ok = hex_read(&value, text + 2);
	else
		buf_put(&value, text, strlen(text));
	ok = ok && !value.failed && value.n > 0 && props_set(pins, name, buf_view(&value));
	buf_free(&value);
	return ok;
}

static char *
trim_line(char *s)
{
	size_t n;

	s += strspn(s, " \t");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r", s[n - 1]))
		s[--n] = '\0';
	return s;
}

static bool
is_quoted(const char *text)
{
	size_t n = strlen(text);

	return n >= 2 && (text[0] == '"' || text[0] == '\'') && text[n - 1] == text[0];
}

/* NULL, or what is wrong. */
static const char *
take_line(struct props *pins, char *line)
{
	char *equals, *name, *value;

	line = trim_line(line);
	if (!*line || *line == '#')
		return NULL;
	equals = strchr(line, '=');
	if (!equals)
		return "expected NAME=VALUE, as in PIN1=123456";
	*equals = '\0';
	name = trim_line(line);
	if (!name_valid(name) || strlen(name) >= NAME_SIZE)
		return "expected a name such as PIN1 or PUK1 before the =";
	if (props_has(pins, name))
		return "this name is there twice";
	value = trim_line(equals + 1);
	if (is_quoted(value))
		return "the quotes would belong to the PIN: leave them out, or write it as 0x and hex";
	return set_value(pins, name, value)
		       ? NULL
		       : "expected 1 to 127 characters, or 0x and hex, behind the =";
}

static int
read_lines(struct props *pins, char *text, const char *path, char *error, size_t size)
{
	const char *wrong;
	unsigned number = 0;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		number++;
		wrong = take_line(pins, line);
		if (!wrong)
			continue;
		snprintf(error, size, "%s:%u: %s", path, number, wrong);
		return -EINVAL;
	}
	return 0;
}

int
pinfile_read(struct props *pins, const char *path, char *error, size_t size)
{
	struct buf text = BUF(FILE_MAX);
	int rc = slurp(path, &text);

	if (rc == 0)
		buf_u8(&text, 0);
	if (rc == 0 && text.failed)
		rc = -EFBIG;
	if (rc < 0)
		snprintf(error, size, "--pin-file %s: %s", path, strerror(-rc));
	else if (strlen((char *)text.p) + 1 != text.n)
		rc = -EINVAL, snprintf(error, size, "--pin-file %s: it is not a text file", path);
	else
		rc = read_lines(pins, (char *)text.p, path, error, size);
	buf_free(&text);
	return rc;
}

bool
pinfile_is_exposed(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	/* root's file for a group of daemons is as it should be */
	return st.st_mode & S_IROTH || (st.st_mode & S_IRGRP && st.st_uid == geteuid());
}
