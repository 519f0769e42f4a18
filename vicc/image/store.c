/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/slurp.h"

struct store {
	char *path; /* as given */
	char name[NAME_MAX + 1], lock_name[NAME_MAX + 1], temp_name[NAME_MAX + 1];
	bool read_only;
	bool followed;      /* path is a link */
	struct stat behind; /* what it led to */
	int dir;
	int lock;
	int fd;     /* the file that was last kept, whatever its name shows now; -1: none */
};

/* --- names ------------------------------------------------------------------ */

/*
 * Whose link may lead us: our own and root's, and to a file that is the same user's as the
 * link. Anybody can put a link where we are going to look.
 */
static bool
may_follow(const struct stat *link, const struct stat *target)
{
	return link->st_uid == 0 || link->st_uid == geteuid() || link->st_uid == target->st_uid;
}

/* Ask the kernel, which may know better (fs.protected_symlinks), what is behind it. */
static int
look_behind(const char *path, struct stat *target)
{
	int fd = open(path, O_PATH | O_CLOEXEC), rc;

	if (fd < 0)
		return -errno;
	rc = fstat(fd, target) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

/* Where path leads, in memory of its own. */
static int
follow(struct store *s, char **out)
{
	struct stat link;
	int rc = lstat(s->path, &link) < 0 ? -errno : 0;

	*out = NULL;
	if (rc < 0 && rc != -ENOENT)
		return rc;
	if (rc == -ENOENT || !S_ISLNK(link.st_mode)) {
		*out = strdup(s->path);
		return *out ? 0 : -ENOMEM;
	}
	rc = look_behind(s->path, &s->behind);
	if (rc == 0 && !may_follow(&link, &s->behind))
		rc = -EPERM;
	if (rc < 0)
		return rc;
	s->followed = true;
	*out = realpath(s->path, NULL);
	return *out ? 0 : -errno;
}

static bool
name_with(char out[NAME_MAX + 1], const char *before, const char *name, const char *after)
{
	return snprintf(out, NAME_MAX + 1, "%s%s%s", before, name, after) <= NAME_MAX;
}

/* Splits path, and opens its directory. */
static int
open_dir(struct store *s, char *path)
{
	char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dir = !slash ? "." : slash == path ? "/" : path;

	if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return -EISDIR;
	if (!name_with(s->name, "", name, "") || !name_with(s->lock_name, "", name, ".lock") ||
	    !name_with(s->temp_name, ".", name, ".vicc-tmp"))
		return -ENAMETOOLONG;
	if (slash)
		*slash = '\0';
	s->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return s->dir < 0 ? -errno : 0;
}

/* The link may be another one by now. */
static bool
is_what_was_behind(const struct store *s)
{
	struct stat st;

	return fstatat(s->dir, s->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_dev == s->behind.st_dev && st.st_ino == s->behind.st_ino;
}

static int
store_find(struct store *s)
{
	char *path;
	int rc = follow(s, &path);

	if (rc == 0)
		rc = open_dir(s, path);
	free(path);
	if (rc == 0 && s->followed && !is_what_was_behind(s))
		return -ESTALE;
	return rc;
}

/* --- opening ---------------------------------------------------------------- */

/* flock, not fcntl: closing another descriptor of the same file must not unlock it. */
static int
take_lock(struct store *s)
{
	s->lock = openat(s->dir, s->lock_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->lock < 0)
		return -errno;
	if (flock(s->lock, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return 0;
}

static int
open_file(struct store *s)
{
	struct stat st;

	/* not to wait for the other end of a FIFO */
	s->fd = openat(s->dir, s->name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	if (s->fd < 0)
		return errno == ENOENT && !s->read_only ? 0 : -errno;
	if (fstat(s->fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -ENODEV;
	return st.st_size > STORE_MAX ? -EFBIG : 0;
}

static int
open_all(struct store *s)
{
	int rc = store_find(s);

	if (rc == 0 && !s->read_only)
		rc = take_lock(s);
	if (rc < 0)
		return rc;
	/* what a process that was killed left behind; ours, as we hold the lock */
	if (!s->read_only)
		unlinkat(s->dir, s->temp_name, 0);
	return open_file(s);
}

static void
store_explain(const struct store *s, int rc, char *error, size_t size)
{
	if (rc == -EBUSY)
		snprintf(error, size, "%s: in use by another process, which holds %s", s->path,
			 s->lock_name);
	else if (rc == -EPERM)
		snprintf(error, size,
			 "%s: a link of another user, to a file that is not his, is not followed",
			 s->path);
	else if (rc == -ENODEV)
		snprintf(error, size, "%s: not a regular file", s->path);
	else
		snprintf(error, size, "%s: %s", s->path, strerror(-rc));
}

int
store_open(struct store **out, const char *path, unsigned flags, char *error, size_t size)
{
	struct store *s = calloc(1, sizeof(*s));
	int rc;

	if (s)
		s->path = strdup(path);
	if (!s || !s->path) {
		free(s);
		snprintf(error, size, "%s: %s", path, strerror(ENOMEM));
		return -ENOMEM;
	}
	s->read_only = flags & STORE_READ_ONLY;
	s->dir = s->lock = s->fd = -1;
	rc = open_all(s);
	if (rc < 0) {
		store_explain(s, rc, error, size);
		store_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

static void
close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void
store_free(struct store *s)
{
	if (!s)
		return;
	close_if_open(s->fd);
	close_if_open(s->dir);
	close_if_open(s->lock);
	free(s->path);
	free(s);
}

bool
store_exists(const struct store *s)
{
	return s->fd >= 0;
}

const char *
store_path(const struct store *s)
{
	return s->path;
}

int
store_dir(const struct store *s)
{
	return s->dir;
}

uid_t
store_owner(const struct store *s)
{
	struct stat st;

	return s->fd >= 0 && fstat(s->fd, &st) == 0 ? st.st_uid : (uid_t)-1;
}

/* --- reading and writing ---------------------------------------------------- */

int
store_read(const struct store *s, struct buf *out)
{
	if (s->fd < 0)
		return -ENOENT;
	/* it stands behind what we wrote */
	return lseek(s->fd, 0, SEEK_SET) < 0 ? -errno : slurp_fd(s->fd, out);
}

static int
write_all(int fd, struct view v)
{
	ssize_t n;

	while (v.n > 0) {
		n = write(fd, v.p, v.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		v = view_slice(v, (size_t)n, v.n);
	}
	return 0;
}

/* A file that its owner wrote as another user (root) remains the owner's. */
static void
give_to_owner(const struct store *s, int fd)
{
	struct stat st;

	if (s->fd >= 0 && fstat(s->fd, &st) == 0 && st.st_uid != geteuid() &&
	    fchown(fd, st.st_uid, st.st_gid) < 0)
		return; /* then it is ours, as any new file */
}

/* A synced file under name, or a negative errno value and none. */
static int
write_new(const struct store *s, const char *name, struct view image)
{
	int fd, rc;

	fd = openat(s->dir, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	give_to_owner(s, fd);
	rc = fchmod(fd, 0600) < 0 ? -errno : write_all(fd, image);
	if (rc == 0 && fsync(fd) < 0)
		rc = -errno;
	if (rc == 0)
		return fd;
	close(fd);
	unlinkat(s->dir, name, 0);
	return rc;
}

static int
sync_dir(const struct store *s)
{
	/* some file systems of other machines know no such thing */
	return fsync(s->dir) < 0 && errno != EINVAL ? -errno : 0;
}

/*
 * The name already shows what could not be synced: show the old file again, as
 * the answer will be that nothing has changed. As good as a failing disk allows.
 */
static void
put_back(const struct store *s)
{
	struct buf old = BUF(STORE_MAX);
	int fd = -1;

	if (s->fd < 0)
		unlinkat(s->dir, s->name, 0);
	else if (store_read(s, &old) == 0)
		fd = write_new(s, s->temp_name, buf_view(&old));
	buf_free(&old);
	if (fd < 0)
		return;
	if (renameat(s->dir, s->temp_name, s->dir, s->name) == 0)
		sync_dir(s);
	close(fd);
}

static int
take_place(const struct store *s)
{
	int rc;

	if (renameat(s->dir, s->temp_name, s->dir, s->name) < 0) {
		rc = -errno;
		unlinkat(s->dir, s->temp_name, 0);
		return rc;
	}
	rc = sync_dir(s);
	if (rc < 0)
		put_back(s);
	return rc;
}

int
store_commit(struct store *s, struct view image)
{
	int fd, rc;

	if (s->read_only)
		return -EROFS;
	unlinkat(s->dir, s->temp_name, 0); /* of a commit that could not even clean up */
	fd = write_new(s, s->temp_name, image);
	if (fd < 0)
		return fd;
	rc = take_place(s);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	close_if_open(s->fd);
	s->fd = fd;
	return 0;
}

int
store_keep(const struct store *s, const char *suffix)
{
	struct buf old = BUF(STORE_MAX);
	char name[NAME_MAX + 1];
	int rc, fd;

	if (s->read_only)
		return -EROFS;
	if (!name_with(name, s->name, ".", suffix))
		return -ENAMETOOLONG;
	rc = store_read(s, &old);
	if (rc == 0) {
		fd = write_new(s, name, buf_view(&old));
		rc = fd >= 0 ? sync_dir(s) : fd == -EEXIST ? 0 : fd;
		close_if_open(fd);
	}
	buf_free(&old);
	return rc;
}
