/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "codec/photo.h"

#define JPEG_SOI 0xffd8
#define J2K_SOC 0xff4f /* a bare codestream, */
#define J2K_SIZ 0xff51 /* which begins with its size */

/* JP2 signature box (T.800, I.5.1) */
static const uint8_t jp2_signature[] = { 0, 0, 0, 12, 'j', 'P', ' ', ' ', '\r', '\n', 0x87, '\n' };

static bool
take_u32(struct view *in, size_t *out)
{
	struct view v;

	return view_take(in, 4, &v) && view_number(v, out);
}

static bool
set_size(struct photo *out, size_t width, size_t height)
{
	out->width = (uint16_t)width;
	out->height = (uint16_t)height;
	return width > 0 && height > 0 && width <= 0xffff && height <= 0xffff;
}

/* --- JPEG ---------------------------------------------------------------------------------- */

/* T.81, table B.1: SOF0 to SOF15 but for DHT, JPG and DAC, which stand among them. */
static bool
is_frame(uint16_t marker)
{
	return marker >= 0xffc0 && marker <= 0xffcf && marker != 0xffc4 && marker != 0xffc8 &&
	       marker != 0xffcc;
}

/* Precision, then height and width. */
static bool
frame_size(struct view segment, struct photo *out)
{
	uint16_t width, height;
	uint8_t precision;

	return view_u8(&segment, &precision) && view_u16(&segment, &height) &&
	       view_u16(&segment, &width) && set_size(out, width, height);
}

/* Segments up to the frame's header. */
static bool
read_jpeg(struct view in, struct photo *out)
{
	struct view segment;
	uint16_t marker, n;

	while (view_u16(&in, &marker)) {
		if (marker < 0xff02 || !view_u16(&in, &n) || n < 2 ||
		    !view_take(&in, n - 2u, &segment))
			return false;
		if (is_frame(marker))
			return frame_size(segment, out);
	}
	return false;
}

/* --- JPEG 2000 ----------------------------------------------------------------------------- */

/* T.800, A.5.1: where the reference grid ends, and where the picture begins on it. */
static bool
read_codestream(struct view in, struct photo *out)
{
	size_t x1, y1, x0, y0;
	uint16_t marker, n, capabilities;

	out->jpeg2000 = true;
	return view_u16(&in, &marker) && marker == J2K_SIZ && view_u16(&in, &n) &&
	       view_u16(&in, &capabilities) && take_u32(&in, &x1) && take_u32(&in, &y1) &&
	       take_u32(&in, &x0) && take_u32(&in, &y0) && x1 > x0 && y1 > y0 &&
	       set_size(out, x1 - x0, y1 - y0);
}

/* The next box of this type; those before it are passed over (T.800, I.4). */
static bool
find_box(struct view in, const char type[4], struct view *contents)
{
	struct view name, box;
	size_t n;

	while (take_u32(&in, &n) && view_take(&in, 4, &name)) {
		if (n == 0)
			n = in.n + 8; /* to the end */
		if (n < 8 || !view_take(&in, n - 8, &box))
			return false;
		if (view_equal(name, view_of(type, 4))) {
			*contents = box;
			return true;
		}
	}
	return false;
}

static bool
read_jp2(struct view in, struct photo *out)
{
	struct view header, size;
	size_t width, height;

	out->jpeg2000 = true;
	return find_box(in, "jp2h", &header) && find_box(header, "ihdr", &size) &&
	       take_u32(&size, &height) && take_u32(&size, &width) && set_size(out, width, height);
}

bool
photo_read(struct view file, struct photo *out)
{
	const struct view signature = VIEW(jp2_signature);
	uint16_t begin;

	*out = (struct photo) { .width = 0 };
	if (view_starts(file, signature))
		return read_jp2(file, out);
	if (!view_u16(&file, &begin))
		return false;
	if (begin == J2K_SOC)
		return read_codestream(file, out);
	return begin == JPEG_SOI && read_jpeg(file, out);
}
