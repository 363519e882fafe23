/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's buses without a kernel: /dev is a directory of files, and ioctl() is ours. It shows that we mean what the interface says
 * (linux/i2c-dev.h, Documentation/i2c/dev-interface), not that a kernel does it; a chip of the SMBus kind and a mux that switches at STOP are modelled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "drivers/i2c_linux.h"
#include "tests/i2c_machine.h"

/* --- the kernel --- */

static struct {
	unsigned long functions, timeout;
	int slave, fail_at, error, n_calls;
	uint8_t reg[256], at, mux; /* the chip's; channels that are open */
	char log[1000];
} k;

int ioctl(int fd, unsigned long request, ...);
/* Names of glibc for it: what programs of 32 bits with times beyond 2038 call, and what would bring the real ones into a static program. */
int ioctl_of_time64(int fd, unsigned long request, ...) __asm__("__ioctl_time64") __attribute__((alias("ioctl")));
int ioctl_of_libc(int fd, unsigned long request, ...) __asm__("__ioctl") __attribute__((alias("ioctl")));

static PRINTF_LIKE(1, 2) void note(const char *format, ...)
{
	size_t n = strlen(k.log);
	va_list args;

	va_start(args, format);
	vsnprintf(k.log + n, sizeof(k.log) - n, format, args);
	va_end(args);
}

static void to_chip(const struct i2c_msg *m)
{
	if (m->flags & I2C_M_RD) {
		for (size_t i = 0; i < m->len; i++)
			m->buf[i] = k.reg[(uint8_t)(k.at + i)];
		return;
	}
	if (m->len > 0)
		k.at = m->buf[0];
	for (size_t i = 1; i < m->len; i++)
		k.reg[(uint8_t)(k.at + i - 1)] = m->buf[i];
}

/** A mux switches at the STOP behind its byte. */
static int rdwr(struct i2c_rdwr_ioctl_data *data)
{
	int pending = -1;

	for (unsigned i = 0; i < data->nmsgs; i++) {
		struct i2c_msg *m = &data->msgs[i];
		bool stops = i + 1 == data->nmsgs || m->flags & I2C_M_STOP;

		note("%s%02x:", m->flags & I2C_M_RD ? "r" : "w", m->addr);
		for (size_t b = 0; b < m->len && !(m->flags & I2C_M_RD); b++)
			note("%02x", m->buf[b]);
		if (m->flags & I2C_M_RD)
			note("%u", m->len);
		note("%s", stops ? "P " : " ");
		if (m->addr == 0x70)
			pending = m->buf[0];
		else
			to_chip(m);
		if (stops && pending >= 0) {
			k.mux = (uint8_t)pending;
			pending = -1;
		}
	}
	return (int)data->nmsgs;
}

static int smbus(const struct i2c_smbus_ioctl_data *x)
{
	bool reads = x->read_write == I2C_SMBUS_READ;
	union i2c_smbus_data *d = x->data;

	note("%s%02x size %u reg %02x ", reads ? "r" : "w", (unsigned)k.slave, x->size, x->command);
	if (k.slave == 0x70) {
		k.mux = x->command;
		return 0;
	}
	switch (x->size) {
	case I2C_SMBUS_QUICK:
		break;
	case I2C_SMBUS_BYTE:
		if (reads)
			d->byte = k.reg[k.at];
		else
			k.at = x->command;
		break;
	case I2C_SMBUS_BYTE_DATA:
		if (reads)
			d->byte = k.reg[x->command];
		else
			k.reg[x->command] = d->byte;
		break;
	case I2C_SMBUS_WORD_DATA:
		if (reads)
			d->word = (uint16_t)(k.reg[x->command] | k.reg[x->command + 1] << 8);
		else
			memcpy(&k.reg[x->command], (uint8_t[]){ (uint8_t)d->word, (uint8_t)(d->word >> 8) }, 2);
		break;
	case I2C_SMBUS_I2C_BLOCK_BROKEN: /* what libi2c takes for reads of 32 bytes */
	case I2C_SMBUS_I2C_BLOCK_DATA:
		if (x->size == I2C_SMBUS_I2C_BLOCK_BROKEN)
			d->block[0] = 32;
		if (reads)
			memcpy(&d->block[1], &k.reg[x->command], d->block[0]);
		else
			memcpy(&k.reg[x->command], &d->block[1], d->block[0]);
		break;
	default:
		fail_msg("size %u", x->size);
	}
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	assert_true(fd > 2);
	if ((request == I2C_RDWR || request == I2C_SMBUS) && ++k.n_calls == k.fail_at) {
		errno = k.error;
		return -1;
	}
	switch (request) {
	case I2C_FUNCS:
		*(unsigned long *)arg = k.functions;
		return 0;
	case I2C_TIMEOUT:
		k.timeout = (unsigned long)arg;
		return 0;
	case I2C_SLAVE:
		k.slave = (int)(unsigned long)arg;
		return 0;
	case I2C_RDWR:
		return rdwr(arg);
	case I2C_SMBUS:
		return smbus(arg);
	default:
		errno = ENOTTY;
		return -1;
	}
}

static int reset_kernel(void **state)
{
	(void)state;
	memset(&k, 0, sizeof(k));
	k.functions = I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
	return 0;
}

static struct i2c opened(const char *bus)
{
	struct i2c i2c = { .bus = bus, .address = 0x76, .backend = i2c_machine_root() };
	struct sensor_error err = { "" };
	int r = i2c_open(&i2c, &err);

	if (r < 0)
		fail_msg("%s: %s", bus, err.text);
	return i2c;
}

/* --- tests --- */

static void a_transfer_is_one_message_each_way_and_a_repeated_start(void **state)
{
	struct i2c i2c = opened("i2c-1");
	uint8_t in[3] = { 0 };
	(void)state;

	assert_int_equal(k.timeout, 5); /* of 10 ms */
	assert_int_equal(i2c_write_reg(&i2c, 0xF4, 0x25), 0);
	assert_int_equal(k.reg[0xF4], 0x25);
	memcpy(&k.reg[0x88], "\x11\x22\x33", 3);
	assert_int_equal(i2c_read_reg(&i2c, 0x88, in, 3), 0);
	assert_memory_equal(in, "\x11\x22\x33", 3);
	assert_int_equal(i2c_read(&i2c, in, 1), 0);
	assert_int_equal(i2c_write(&i2c, NULL, 0), 0);
	assert_string_equal(k.log, "w76:f425P w76:88 r76:3P r76:1P w76:P ");
	i2c_close(&i2c);
}

static void errors_of_the_kernel_are_passed_on(void **state)
{
	static const int errors[] = { ENXIO, EREMOTEIO, ETIMEDOUT, EIO };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		for (int smbus_only = 0; smbus_only < 2; smbus_only++) {
			uint8_t in[2] = { 7, 7 };
			struct i2c i2c;

			reset_kernel(NULL);
			k.functions = smbus_only ? I2C_FUNC_SMBUS_EMUL : I2C_FUNC_I2C;
			i2c = opened("i2c-1");
			k.fail_at = 1;
			k.error = errors[i];
			assert_int_equal(i2c_read_reg(&i2c, 0x10, in, 2), -errors[i]);
			assert_memory_equal(in, "\7\7", 2);
			assert_int_equal(i2c.stats.n_errors, 1);
			i2c_close(&i2c);
		}
}

static void an_smbus_adapter_does_what_it_can(void **state)
{
	struct i2c i2c;
	uint8_t in[33] = { 0 }, out[34] = { 0x20 };
	(void)state;

	k.functions = I2C_FUNC_SMBUS_EMUL & ~(unsigned long)I2C_FUNC_I2C;
	k.functions |= I2C_FUNC_SMBUS_I2C_BLOCK | I2C_FUNC_SMBUS_QUICK;
	i2c = opened("i2c-1");
	assert_int_equal(i2c_write_reg(&i2c, 0x10, 0xAB), 0);
	assert_int_equal(i2c_write_reg16be(&i2c, 0x11, 0xCDEF), 0);
	assert_memory_equal(&k.reg[0x10], "\xAB\xCD\xEF", 3); /* as on the wire, whatever SMBus calls a word */
	assert_int_equal(i2c_read_reg(&i2c, 0x10, in, 1), 0);
	assert_int_equal(in[0], 0xAB);
	assert_int_equal(i2c_read_reg(&i2c, 0x11, in, 2), 0);
	assert_memory_equal(in, "\xCD\xEF", 2);
	assert_int_equal(i2c_read_reg(&i2c, 0x10, in, 3), 0);
	assert_memory_equal(in, "\xAB\xCD\xEF", 3);
	assert_int_equal(i2c_write(&i2c, (uint8_t[]){ 0x30, 1, 2, 3, 4 }, 5), 0);
	assert_memory_equal(&k.reg[0x30], "\1\2\3\4", 4);
	assert_int_equal(i2c_write(&i2c, (uint8_t[]){ 0x31 }, 1), 0);
	assert_int_equal(i2c_read(&i2c, in, 1), 0);
	assert_int_equal(in[0], 2);
	assert_int_equal(i2c_write(&i2c, NULL, 0), 0);
	assert_int_equal(i2c_read_reg(&i2c, 0x00, in, 32), 0);
	assert_int_equal(i2c_write(&i2c, out, 33), 0);

	assert_int_equal(i2c_read_reg(&i2c, 0x00, in, 33), -EOPNOTSUPP);
	assert_int_equal(i2c_write(&i2c, out, 34), -EOPNOTSUPP);
	assert_int_equal(i2c_read(&i2c, in, 2), -EOPNOTSUPP);
	assert_int_equal(i2c_transfer(&i2c, out, 2, in, 1), -EOPNOTSUPP);
	i2c_close(&i2c);
}

/* DesignWare's: the kernel would let it try, and it waits for its time-out. */
static void an_adapter_that_cannot_send_an_address_alone_is_not_made_to(void **state)
{
	struct i2c i2c;
	(void)state;

	k.functions = (I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL) & ~(unsigned long)I2C_FUNC_SMBUS_QUICK;
	i2c = opened("i2c-1");
	k.fail_at = 1;
	k.error = ETIMEDOUT;
	assert_int_equal(i2c_write(&i2c, NULL, 0), -EOPNOTSUPP);
	i2c_close(&i2c);
}

static void an_smbus_adapter_is_not_asked_for_what_it_has_not(void **state)
{
	struct i2c i2c;
	uint8_t in[2];
	(void)state;

	k.functions = I2C_FUNC_SMBUS_BYTE_DATA;
	i2c = opened("i2c-1");
	assert_int_equal(i2c_read_reg(&i2c, 0, in, 1), 0);
	assert_int_equal(i2c_read_reg(&i2c, 0, in, 2), -EOPNOTSUPP);
	assert_int_equal(i2c_read(&i2c, in, 1), -EOPNOTSUPP);
	assert_int_equal(i2c_write(&i2c, in, 1), -EOPNOTSUPP);
	assert_int_equal(i2c_write(&i2c, NULL, 0), -EOPNOTSUPP);
	assert_int_equal(k.n_calls, 1);
	i2c_close(&i2c);
}

/* Three transfers, because the channel opens at a STOP; and it is closed behind each, also when the chip failed. */
static void a_channel_of_a_mux_is_open_for_a_transfer_only(void **state)
{
	struct i2c i2c = opened("i2c-1/0x70.3");
	uint8_t in[1];
	(void)state;

	k.reg[0x10] = 0x5A;
	assert_int_equal(i2c_read_reg(&i2c, 0x10, in, 1), 0);
	assert_int_equal(in[0], 0x5A);
	assert_string_equal(k.log, "w70:08P w76:10 r76:1P w70:00P ");
	assert_int_equal(k.mux, 0);

	for (int fail_at = 1; fail_at <= 3; fail_at++) {
		k.log[0] = '\0';
		k.n_calls = 0;
		k.fail_at = fail_at;
		k.error = EREMOTEIO;
		assert_int_equal(i2c_read_reg(&i2c, 0x10, in, 1), -EREMOTEIO);
		if (fail_at < 3)
			assert_int_equal(k.mux, 0);
	}
	assert_int_equal(k.mux, 0x08); /* the mux itself did not answer: said, and closed with the next transfer */
	assert_int_equal(i2c_read_reg(&i2c, 0x10, in, 1), 0);
	assert_int_equal(k.mux, 0);
	i2c_close(&i2c);
}

static void a_channel_is_opened_within_one_transfer_where_stops_can_be_sent(void **state)
{
	struct i2c i2c;
	uint8_t in[1];
	(void)state;

	k.functions |= I2C_FUNC_PROTOCOL_MANGLING;
	i2c = opened("i2c-1/0x70.0");
	assert_int_equal(i2c_read_reg(&i2c, 0x10, in, 1), 0);
	assert_string_equal(k.log, "w70:01P w76:10 r76:1P w70:00P ");
	assert_int_equal(k.n_calls, 1);
	k.log[0] = '\0';
	k.n_calls = 0;
	k.fail_at = 1;
	k.error = EREMOTEIO;
	assert_int_equal(i2c_write_reg(&i2c, 0x10, 1), -EREMOTEIO);
	assert_string_equal(k.log, "w70:00P ");
	i2c_close(&i2c);
}

static void a_mux_works_on_an_smbus_adapter_too(void **state)
{
	struct i2c i2c;
	uint8_t in[1];
	(void)state;

	k.functions = I2C_FUNC_SMBUS_BYTE | I2C_FUNC_SMBUS_BYTE_DATA;
	i2c = opened("i2c-1/0x70.2");
	assert_int_equal(i2c_read_reg(&i2c, 0x10, in, 1), 0);
	assert_string_equal(k.log, "w70 size 1 reg 04 r76 size 2 reg 10 w70 size 1 reg 00 ");
	assert_int_equal(k.mux, 0);
	i2c_close(&i2c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_transfer_is_one_message_each_way_and_a_repeated_start, reset_kernel),
		cmocka_unit_test_setup(errors_of_the_kernel_are_passed_on, reset_kernel),
		cmocka_unit_test_setup(an_smbus_adapter_does_what_it_can, reset_kernel),
		cmocka_unit_test_setup(an_smbus_adapter_is_not_asked_for_what_it_has_not, reset_kernel),
		cmocka_unit_test_setup(an_adapter_that_cannot_send_an_address_alone_is_not_made_to, reset_kernel),
		cmocka_unit_test_setup(a_channel_of_a_mux_is_open_for_a_transfer_only, reset_kernel),
		cmocka_unit_test_setup(a_channel_is_opened_within_one_transfer_where_stops_can_be_sent, reset_kernel),
		cmocka_unit_test_setup(a_mux_works_on_an_smbus_adapter_too, reset_kernel),
	};

	return cmocka_run_group_tests(tests, i2c_machine_make, i2c_machine_remove);
}
