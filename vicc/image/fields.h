/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fields that an application declares (model/field.h), in an image's text. */
#ifndef VICC_IMAGE_FIELDS_H
#define VICC_IMAGE_FIELDS_H

#include "image/jsonread.h"
#include "image/jsontext.h"
#include "model/field.h"

/* An object of fields; what none of them declares, or is not as declared, is refused. */
bool fields_read(struct json_reader *r, const json_t *v, const struct field *fields,
		 struct props *into);

/* Under this key what there is of them, in the order of their declaration; nothing for none. */
void fields_write(struct json_writer *w, const char *key, const struct field *fields,
		  const struct props *p);

#endif
