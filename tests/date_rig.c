/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/date_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pipelines/wire.h"

struct rig_part date_rig_true_minute(uint32_t i, bool has_told)
{
	struct rig_part p = fleet_rig_minute("a", i + 1 + (has_told && i >= DATE_RIG_UNKNOWN), i);

	p.boot = DATE_RIG_LIFE;
	return p;
}

struct rig_part date_rig_unknown_minute(uint32_t i)
{
	struct rig_part p = date_rig_true_minute(i, true);

	p.w0 -= DATE_RIG_OFF_S;
	p.wm = p.w0 + 60;
	p.flags = PARTIAL_UNSYNCED;
	return p;
}

struct partial date_rig_told(int64_t off_us)
{
	return (struct partial){ .version = 1,
				 .site = "delft",
				 .device = "a",
				 .boot = DATE_RIG_LIFE,
				 .seq = DATE_RIG_UNKNOWN + 1,
				 .wl = 3600,
				 .part = PARTIAL_MERGED + DATE_RIG_UNKNOWN + 1,
				 .flags = PARTIAL_UNSYNCED,
				 .clock = { DATE_RIG_LIFE, 1, DATE_RIG_UNKNOWN, off_us } };
}

enum fleet_verdict date_rig_tell(struct archive_rig *r, const struct partial *p)
{
	struct rig_message m = { .device = "a" };
	int n = wire_encode(p, NULL, m.data, sizeof(m.data));

	assert_true(n > 0);
	m.bytes = (size_t)n;
	return fleet_rig_deliver(&r->fleet, &m);
}

void date_rig_introduce(struct archive_rig *r)
{
	fleet_rig_birth(&r->fleet, "a", DATE_RIG_LIFE, &rig_contract, false);
	fleet_rig_birth(&r->fleet, "b", 1, &rig_contract, false);
}

void date_rig_send_b(struct archive_rig *r, uint32_t i)
{
	struct rig_part p = fleet_rig_minute("b", i + 1, i);

	(void)!fleet_rig_send(&r->fleet, &p);
}

void date_rig_begin(struct archive_rig *r)
{
	*r = (struct archive_rig){ 0 };
	archive_rig_make(r);
	archive_rig_begin(r);
	date_rig_introduce(r);
	archive_rig_tick(r);
}

void date_rig_end(struct archive_rig *r)
{
	archive_rig_end(r);
	archive_rig_remove(r);
}

void date_rig_tick(struct archive_rig *r, int n)
{
	for (int i = 0; i < n; i++)
		archive_rig_tick(r);
}
