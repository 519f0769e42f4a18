/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the control sockets are: NAME.sock in one folder for each user. */
#ifndef VICC_CLI_PLACE_H
#define VICC_CLI_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define PLACE_NAME_MAX 32
#define PLACE_SUFFIX ".sock"
#define PLACE_NO_FOLDER "no folder for control sockets: set VICC_CONTROL_DIR or XDG_RUNTIME_DIR"

/* 1 to 32 of A-Z a-z 0-9 - _ . and no dot first. */
bool place_is_name(const char *name);

/*
 * The folder: $VICC_CONTROL_DIR; /run/vicc of root and of user vicc; or vicc in
 * $XDG_RUNTIME_DIR. False: none is known, or it is too long.
 */
bool place_folder(char *path, size_t size);

/*
 * The socket of a name, or of a path (what has a slash in it is one), with .SLOT behind
 * the name if slot is not 0. False: as place_folder's.
 */
bool place_socket(const char *name, unsigned slot, char *path, size_t size);

#endif
