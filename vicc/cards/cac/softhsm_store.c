/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cards/cac/softhsm_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/slurp.h"
#include "base/text.h"

#define CONF_MAX 65536       /* bytes */
#define PATH_SIZE 4096
#define FILE_SIZE_MAX 65536  /* bytes of an object */
#define OBJECT_FILES_MAX 4096
#define READ_TRIES 5         /* of what changes meanwhile */
#define PAUSE_NS 10000000    /* between them */
#define PAUSES 500           /* for one token */
#define SERIAL_TAIL 8        /* digits of a token's serial number that its slot is made of */

/* --- the configuration -------------------------------------------------------------------- */

struct conf {
	char tokens[PATH_SIZE];
	char backend[16];
};

static char *
trim(char *s)
{
	char *end;

	s += strspn(s, " \t\r");
	for (end = s + strlen(s); end > s && strchr(" \t\r", end[-1]); end--)
		end[-1] = '\0';
	return s;
}

static void
take_line(struct conf *conf, char *line)
{
	char *value = strchr(line, '=');

	line[strcspn(line, "#")] = '\0';
	if (!value || value >= line + strlen(line))
		return;
	*value++ = '\0';
	if (strcmp(trim(line), "directories.tokendir") == 0)
		strlcpy(conf->tokens, trim(value), sizeof(conf->tokens));
	else if (strcmp(trim(line), "objectstore.backend") == 0)
		strlcpy(conf->backend, trim(value), sizeof(conf->backend));
}

static int
read_conf(const char *path, struct conf *conf, const struct log *log)
{
	struct buf text = BUF(CONF_MAX);
	int rc = slurp(path, &text);
	char *rest, *line;

	*conf = (struct conf) { .backend = "file" };
	buf_u8(&text, 0);
	if (rc == 0 && text.failed)
		rc = -ENOMEM;
	rest = rc == 0 ? (char *)text.p : NULL;
	while ((line = strsep(&rest, "\n")))
		take_line(conf, line);
	buf_free(&text);
	text_make_plain(conf->tokens);
	text_make_plain(conf->backend);
	if (rc < 0)
		log_error(log, "--softhsm %s: %s", path, strerror(-rc));
	else if (strcmp(conf->backend, "file") != 0)
		log_error(log, "--softhsm %s: objectstore.backend is %s: only \"file\" can be read",
			  path, conf->backend);
	else if (!*conf->tokens)
		log_error(log, "--softhsm %s: it has no directories.tokendir", path);
	else
		return 0;
	return rc < 0 ? rc : -EINVAL;
}

/* --- files ----------------------------------------------------------------------------------- */

/* What is being read, for messages, and what for. */
struct reading {
	const char *folder; /* of the token */
	int fd;
	struct softhsm_token *token;
	unsigned pauses; /* that are left */
	const struct log *log;
};

/* Which state of a file was read. */
static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* SoftHSM locks what it writes; nothing is locked here. */
static bool
is_being_written(int fd)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static int
read_once(int folder, const char *name, struct buf *out)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat before, after;
	int rc;

	if (fd < 0)
		return -errno;
	rc = fstat(fd, &before) < 0     ? -errno
	     : !S_ISREG(before.st_mode) ? -EINVAL
	     : is_being_written(fd)     ? -EBUSY
					: slurp_fd(fd, out);
	if (rc == 0 && (fstat(fd, &after) < 0 || !is_same(&before, &after)))
		rc = -EAGAIN;
	close(fd);
	return rc;
}

/* Whether there is time to wait for who writes. */
static bool
pause_reading(struct reading *r)
{
	const struct timespec t = { .tv_nsec = PAUSE_NS };

	if (r->pauses == 0)
		return false;
	r->pauses--;
	nanosleep(&t, NULL);
	return true;
}

/* One state of it, whole. What is half written is read again, what stays so not for long. */
static int
read_file(struct reading *r, const char *name, struct buf *out, struct softhsm_object *o)
{
	int tries = READ_TRIES, rc;

	do {
		buf_reset(out);
		rc = read_once(r->fd, name, out);
		if (rc == 0 && !softhsm_read(buf_view(out), o))
			rc = -EBADMSG;
		tries -= rc != -EBUSY;
	} while ((rc == -EBUSY || rc == -EAGAIN || rc == -EBADMSG) && tries > 0 &&
		 pause_reading(r));
	return rc;
}

static void
log_left_out(const struct reading *r, const char *name, const char *why)
{
	char plain[NAME_MAX + 1];

	strlcpy(plain, name, sizeof(plain));
	text_make_plain(plain);
	log_error(r->log, "token %s: %s: %s: left out", r->folder, plain, why);
}

/* False: said. */
static bool
read_object(struct reading *r, const char *name, struct buf *file, struct softhsm_object *o)
{
	int rc = read_file(r, name, file, o);

	if (rc == 0)
		return true;
	log_left_out(r, name,
		     rc == -EBADMSG                  ? "cut short, or no object"
		     : rc == -EAGAIN || rc == -EBUSY ? "changes all the time"
						     : strerror(-rc));
	return false;
}

/* --- objects ----------------------------------------------------------------------------- */

static bool
cac_copy(struct buf *out, struct view v)
{
	*out = (struct buf) BUF(FILE_SIZE_MAX);
	return buf_set(out, v);
}

static int
keep_certificate(struct softhsm_token *t, const struct softhsm_object *o)
{
	struct softhsm_certificate *all = reallocarray(t->certs, t->n_certs + 1, sizeof(*all)), *c;

	if (!all)
		return -ENOMEM;
	t->certs = all;
	c = &all[t->n_certs++];
	*c = (struct softhsm_certificate) { BUF(0), BUF(0), BUF(0) };
	return cac_copy(&c->id, o->value[SOFTHSM_ID]) &&
			       cac_copy(&c->label, o->value[SOFTHSM_LABEL]) &&
			       cac_copy(&c->der, o->value[SOFTHSM_VALUE])
		       ? 0
		       : -ENOMEM;
}

static int
keep_key(struct softhsm_token *t, const struct softhsm_object *o)
{
	struct softhsm_key *all = reallocarray(t->keys, t->n_keys + 1, sizeof(*all)), *k;
	size_t i;

	if (!all)
		return -ENOMEM;
	t->keys = all;
	k = &all[t->n_keys++];
	*k = (struct softhsm_key) { .sealed = o->private };
	for (i = 0; i < RSA_PART_COUNT; i++) {
		if (!cac_copy(&k->part[i], o->value[SOFTHSM_RSA + i]))
			return -ENOMEM;
	}
	return 0;
}

static int
keep_object(struct reading *r, const char *name)
{
	struct buf file = BUF(FILE_SIZE_MAX);
	struct softhsm_object o;
	int rc = 0;

	if (!read_object(r, name, &file, &o))
		o.class = SOFTHSM_OTHER;
	if (o.class == SOFTHSM_CERTIFICATE && r->token->n_certs < SOFTHSM_OBJECTS_MAX)
		rc = keep_certificate(r->token, &o);
	else if (o.class == SOFTHSM_RSA_KEY && r->token->n_keys < SOFTHSM_OBJECTS_MAX)
		rc = keep_key(r->token, &o);
	else if (o.class != SOFTHSM_OTHER)
		log_left_out(r, name, "one object too many");
	buf_free(&file);
	return rc;
}

/* False: said. */
static bool
read_token_object(struct reading *r)
{
	static const char name[] = "token.object";
	struct buf file = BUF(FILE_SIZE_MAX);
	struct softhsm_object o;
	bool ok = read_object(r, name, &file, &o);

	if (ok && o.value[SOFTHSM_TOKEN_SERIAL].n != SOFTHSM_SERIAL_SIZE) {
		log_left_out(r, name, "no serial number of 16 digits");
		ok = false;
	} else if (ok && o.value[SOFTHSM_USER_PIN].n != SOFTHSM_BLOB_SIZE) {
		log_left_out(r, name, "no user PIN, or one of another cipher");
		ok = false;
	}
	ok = ok && cac_copy(&r->token->serial, o.value[SOFTHSM_TOKEN_SERIAL]) &&
	     cac_copy(&r->token->pin, o.value[SOFTHSM_USER_PIN]);
	buf_free(&file);
	return ok;
}

/* --- tokens ------------------------------------------------------------------------------ */

static int
compare(const struct buf *a, const struct buf *b)
{
	size_t n = a->n < b->n ? a->n : b->n;
	int d = n > 0 ? memcmp(a->p, b->p, n) : 0;

	return d ? d : (a->n > b->n) - (a->n < b->n);
}

static int
compare_certificates(const void *left, const void *right)
{
	const struct softhsm_certificate *a = left, *b = right;
	int d = compare(&a->id, &b->id);

	if (d == 0)
		d = compare(&a->label, &b->label);
	return d ? d : compare(&a->der, &b->der);
}

static bool
ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && strcmp(name + n - m, end) == 0;
}

static int
read_objects(struct reading *r)
{
	int fd = openat(r->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	size_t n = 0;
	int rc = dir ? 0 : -errno;

	while (rc == 0 && (e = readdir(dir)) && n++ < OBJECT_FILES_MAX) {
		if (ends_with(e->d_name, ".object") && strcmp(e->d_name, "token.object") != 0)
			rc = keep_object(r, e->d_name);
	}
	if (dir)
		closedir(dir);
	else if (fd >= 0)
		close(fd);
	if (r->token->n_certs > 1)
		qsort(r->token->certs, r->token->n_certs, sizeof(*r->token->certs),
		      compare_certificates);
	return rc;
}

/* SoftHSM's own order: the number that it makes of the end of the serial number. */
static unsigned long
slot_of(const struct softhsm_token *t)
{
	char tail[SERIAL_TAIL + 1] = "";

	memcpy(tail, t->serial.p + SOFTHSM_SERIAL_SIZE - SERIAL_TAIL, SERIAL_TAIL);
	return strtoul(tail, NULL, 16) & 0x7fffffff;
}

void
softhsm_token_free(struct softhsm_token *t)
{
	size_t i, k;

	for (i = 0; i < t->n_certs; i++) {
		buf_free(&t->certs[i].id);
		buf_free(&t->certs[i].label);
		buf_free(&t->certs[i].der);
	}
	for (i = 0; i < t->n_keys; i++) {
		for (k = 0; k < RSA_PART_COUNT; k++)
			buf_free(&t->keys[i].part[k]);
	}
	free(t->certs);
	free(t->keys);
	buf_free(&t->serial);
	buf_free(&t->pin);
	*t = (struct softhsm_token) { .n_certs = 0 };
}

/* As it was at one time: what came meanwhile may be a key of a certificate that is there. */
static int
read_folder(struct reading *r)
{
	struct stat before, after;
	int tries = READ_TRIES, rc;

	do {
		softhsm_token_free(r->token);
		rc = fstat(r->fd, &before) < 0 ? -errno
		     : read_token_object(r)    ? read_objects(r)
					       : 0;
		if (rc == 0 && fstat(r->fd, &after) < 0)
			rc = -errno;
	} while (rc == 0 && !is_same(&before, &after) && --tries > 0);
	return rc;
}

/* The token in one folder, if it comes before the one that is there. */
static int
read_token(int tokens, const char *name, struct softhsm_token *best, const struct log *log)
{
	struct softhsm_token t = { .n_certs = 0 };
	char plain[NAME_MAX + 1];
	struct reading r = {
		.folder = plain,
		.token = &t,
		.pauses = PAUSES,
		.log = log,
		.fd = openat(tokens, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
	};
	int rc = 0;

	strlcpy(plain, name, sizeof(plain));
	text_make_plain(plain);
	if (r.fd < 0 && errno != ENOTDIR && errno != ELOOP)
		log_error(log, "token %s: %s: left out", plain, strerror(errno));
	if (r.fd >= 0) {
		rc = read_folder(&r);
		close(r.fd);
	}
	if (rc == 0 && t.n_certs > 0 && (best->n_certs == 0 || slot_of(&t) < slot_of(best))) {
		softhsm_token_free(best);
		*best = t;
		return 0;
	}
	softhsm_token_free(&t);
	return rc;
}

static int
read_tokens(const char *path, struct softhsm_token *out, const struct log *log)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	int rc = 0;

	if (!dir) {
		rc = -errno;
		log_error(log, "the tokens of SoftHSM in %s: %s", path, strerror(errno));
		return rc;
	}
	while (rc == 0 && (e = readdir(dir))) {
		if (*e->d_name != '.')
			rc = read_token(dirfd(dir), e->d_name, out, log);
	}
	closedir(dir);
	if (rc < 0)
		log_error(log, "the tokens of SoftHSM in %s: %s", path, strerror(-rc));
	return rc;
}

int
softhsm_store_read(const char *path, struct softhsm_token *out, const struct log *log)
{
	struct conf conf;
	int rc = read_conf(path, &conf, log);

	*out = (struct softhsm_token) { .n_certs = 0 };
	if (rc == 0)
		rc = read_tokens(conf.tokens, out, log);
	if (rc == 0 && out->n_certs == 0) {
		log_error(log, "--softhsm %s: no token in %s has a certificate", path, conf.tokens);
		rc = -ENOENT;
	}
	return rc;
}
