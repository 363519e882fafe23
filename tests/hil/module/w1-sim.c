/* SPDX-License-Identifier: Apache-2.0 */
/*
 * w1-sim - a 1-wire bus with one DS18B20, for the kernel's own w1_therm: parameter `raw` is its temperature in 1/16 degree Celsius,
 * `present` 0 unplugs it, `corrupt` 1 breaks its CRC; all in /sys/module/w1_sim/parameters/, at any time. What it answers is the
 * scratchpad of the chip, 9 bytes with a CRC; time passes as w1_therm waits, not as a chip would need.
 * At your choice also under the GPL, version 2: the kernel lends its functions to no other licence.
 */
#include <linux/module.h>
#include <linux/w1.h>

enum { SCRATCHPAD = 9, FAMILY = 0x28, READ_SCRATCHPAD = 0xBE, MATCH_ROM = 0x55, SKIP_ROM = 0xCC, ROM_BYTES = 8 };

static int raw = 0x191; /* +25.0625, the datasheet's example */
module_param(raw, int, 0644);
static bool present = true;
module_param(present, bool, 0644);
static bool corrupt;
module_param(corrupt, bool, 0644);

static u8 command;
static unsigned at, skip;

/* Dallas: x^8 + x^5 + x^4 + 1, least significant bit first. */
static u8 crc(const u8 *data, size_t n)
{
	u8 c = 0;
	size_t i;
	int bit;

	for (i = 0; i < n; i++)
		for (c ^= data[i], bit = 0; bit < 8; bit++)
			c = c & 1 ? c >> 1 ^ 0x8C : c >> 1;
	return c;
}

static u8 sim_read_byte(void *ctx)
{
	u8 pad[SCRATCHPAD] = { raw, raw >> 8, 0x4B, 0x46, 0x7F, 0xFF, 0x0C, 0x10 };

	if (!present || command != READ_SCRATCHPAD)
		return 0xFF;
	pad[8] = crc(pad, 8) ^ (corrupt ? 1 : 0);
	return at < SCRATCHPAD ? pad[at++] : 0xFF;
}

static u8 sim_read_block(void *ctx, u8 *buf, int n)
{
	int i;

	for (i = 0; i < n; i++)
		buf[i] = sim_read_byte(ctx);
	return n;
}

static void sim_write_byte(void *ctx, u8 byte)
{
	if (skip > 0) {
		skip--;
		return;
	}
	if (byte == MATCH_ROM) {
		skip = ROM_BYTES;
	} else if (byte != SKIP_ROM) {
		command = byte;
		at = 0;
	}
}

static void sim_write_block(void *ctx, const u8 *buf, int n)
{
	int i;

	for (i = 0; i < n; i++)
		sim_write_byte(ctx, buf[i]);
}

static u8 sim_touch_bit(void *ctx, u8 bit)
{
	return 1;
}

static u8 sim_reset(void *ctx)
{
	command = 0;
	skip = 0;
	return present ? 0 : 1;
}

static void sim_search(void *ctx, struct w1_master *master, u8 type, w1_slave_found_callback found)
{
	u8 rom[ROM_BYTES] = { FAMILY, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06 };
	u64 id = 0;
	int i;

	rom[7] = crc(rom, 7);
	for (i = ROM_BYTES; i-- > 0;)
		id = id << 8 | rom[i];
	if (present)
		found(master, id);
}

static struct w1_bus_master bus = {
	.read_byte = sim_read_byte,
	.write_byte = sim_write_byte,
	.read_block = sim_read_block,
	.write_block = sim_write_block,
	.touch_bit = sim_touch_bit,
	.reset_bus = sim_reset,
	.search = sim_search,
};

static int __init w1_sim_init(void)
{
	return w1_add_master_device(&bus);
}

static void __exit w1_sim_exit(void)
{
	w1_remove_master_device(&bus);
}

module_init(w1_sim_init);
module_exit(w1_sim_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("1-wire bus for tests");
