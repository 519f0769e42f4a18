/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The eID application: data groups that are written, and questions about some that are not read. */
#include <errno.h>
#include <stdio.h>

#include "cards/npa/npa.h"
#include "codec/tlv.h"

/* --- UPDATE BINARY -------------------------------------------------------------------------- */

/* Bytes that there is room for; what came with the card may be longer. */
static size_t
reserved(const struct iso *c, const struct file *ef)
{
	const size_t n = ef->parent == npa_esign_df(c->state) ? NPA_CERTIFICATE_RESERVED
							      : NPA_RESERVED;

	return ef->contents.n > n ? ef->contents.n : n;
}

/* What is there, as far as it is in front or behind, with v at off. */
static sw_t
overwrite(struct iso *c, struct file *ef, size_t off, struct view v)
{
	const struct view old = buf_view(&ef->contents);
	struct buf next = BUF(reserved(c, ef));
	sw_t sw = iso_hooks(c)->check_access(&c->x.who, ef, ACL_UPDATE);

	if (sw != SW_OK)
		return sw;
	if (off > old.n)
		return SW_WRONG_OFFSET;
	buf_put_view(&next, view_slice(old, 0, off));
	buf_put_view(&next, v);
	if (off + v.n < old.n)
		buf_put_view(&next, view_slice(old, off + v.n, old.n));
	sw = next.failed ? SW_NO_MEMORY : file_set_contents(&c->state->fs, ef, buf_view(&next));
	buf_free(&next);
	return sw;
}

sw_t
npa_update_binary(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const bool by_sfi = cmd->p1 & 0x80;
	struct file *ef;
	sw_t sw;

	(void)rsp;
	if (by_sfi && (cmd->p1 & 0x60 || !(cmd->p1 & 0x1f)))
		return SW_WRONG_P1P2;
	sw = iso_ef_by_sfi(c, by_sfi ? cmd->p1 & 0x1f : 0, &ef);
	return sw == SW_OK ? overwrite(c, ef, by_sfi ? cmd->p2 : apdu_p1p2(cmd), cmd->data) : sw;
}

sw_t
npa_update_binary_odd(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	struct iso_offset_data in;
	struct file *ef;
	sw_t sw = iso_ef_by_p1p2(c, cmd, &ef);

	(void)rsp;
	if (sw != SW_OK)
		return sw;
	if (!iso_offset_data(cmd->data, &in) || in.n_offsets != 1 || !in.has_data)
		return SW_WRONG_DATA;
	return overwrite(c, ef, in.offset[0], in.data);
}

/* --- auxiliary data ------------------------------------------------------------------------------ */

#define DG_EXPIRY 3
#define DG_BIRTH 8
#define DG_COMMUNITY 18

/* What is in the innermost object of a data group. */
static struct view
innermost(const struct iso *c, unsigned n)
{
	const struct file *ef = npa_data_group(c->state, n);
	struct view v = ef ? buf_view(&ef->contents) : view_of(NULL, 0);
	struct tlv t;

	while (tlv_next(&v, &t)) {
		v = t.value;
		if (!tlv_constructed(t.tag))
			break;
	}
	return v;
}

/* YYYYMMDD; what a shorter one does not say is as late as it can be. 0: no date. */
static size_t
latest(struct view date)
{
	static const uint8_t end[] = { '1', '2', '3', '1' };
	char digits[9] = "";
	size_t i, n = 0;

	if (date.n != 4 && date.n != 6 && date.n != 8)
		return 0;
	for (i = 0; i < 8; i++)
		digits[i] = (char)(i < date.n ? date.p[i] : end[i - 4]);
	for (i = 0; i < 8; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return 0;
		n = 10 * n + (size_t)(digits[i] - '0');
	}
	return n;
}

/* Born on that day or before it: old enough. */
static bool
age_is_right(const struct iso *c, struct view given)
{
	const size_t born = latest(innermost(c, DG_BIRTH)), day = given.n == 8 ? latest(given) : 0;

	return born > 0 && day > 0 && born <= day;
}

/* Valid on that day. */
static bool
still_valid(const struct iso *c, struct view given)
{
	const size_t expiry = latest(innermost(c, DG_EXPIRY)),
		     day = given.n == 8 ? latest(given) : 0;

	return expiry > 0 && day > 0 && expiry >= day;
}

/* From this community, or a part of it. */
static bool
lives_there(const struct iso *c, struct view given)
{
	return given.n > 0 && view_starts(innermost(c, DG_COMMUNITY), given);
}

/* id-AuxiliaryData (TR-03110-3, A.6.5); right 0: any terminal's */
static const uint8_t auxiliary[] = { 0x04, 0x00, 0x7f, 0x00, 0x07, 0x03, 0x01, 0x04 };
static const struct question {
	uint8_t number;
	uint64_t right;
	bool (*is_true)(const struct iso *c, struct view given);
} questions[] = {
	{ 1, CHAT_AT_AGE, age_is_right },
	{ 2, 0, still_valid },
	{ 3, CHAT_AT_COMMUNITY, lives_there },
};

static const struct question *
question_of(struct view oid)
{
	const size_t n = sizeof(auxiliary);
	const struct question *q = questions;

	if (oid.n != n + 1 || !view_starts(oid, view_of(auxiliary, n)))
		return NULL;
	while (q < questions + sizeof(questions) / sizeof(*questions)) {
		if (q->number == oid.p[n])
			return q;
		q++;
	}
	return NULL;
}

/* What terminal authentication has signed for this OID: 73{06, 53}. */
static bool
find_given(const struct iso *c, struct view oid, struct view *value)
{
	struct view in = eac_auxiliary(c), name;
	struct tlv t;

	if (!tlv_next(&in, &t))
		return false;
	in = t.value;
	while (tlv_next(&in, &t)) {
		if (t.tag == 0x73 && tlv_find(t.value, 0x06, &name) && view_equal(name, oid))
			return tlv_find(t.value, 0x53, value);
	}
	return false;
}

sw_t
npa_verify_auxiliary(struct iso *c, const struct apdu *cmd, struct buf *rsp)
{
	const struct question *q;
	struct view oid, given;

	(void)rsp;
	if (apdu_p1p2(cmd) != 0x8000)
		return SW_WRONG_P1P2;
	if (!tlv_valid(cmd->data) || !tlv_find(cmd->data, 0x06, &oid))
		return SW_WRONG_DATA;
	if (!eac_status(c)->ta || !eac_status(c)->ca)
		return SW_SECURITY_STATUS;
	q = question_of(oid);
	if (!q)
		return SW_REFERENCE_NOT_FOUND;
	if (q->right && !eac_has_right(c, CVC_AT, q->right))
		return SW_SECURITY_STATUS;
	if (!find_given(c, oid, &given))
		return SW_REFERENCE_NOT_FOUND;
	return q->is_true(c, given) ? SW_OK : SW_WARNING_CHANGED;
}
