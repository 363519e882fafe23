/* SPDX-License-Identifier: Apache-2.0 */
/*
 * i2c_linux.c - transfers by /dev/i2c-N. The only file that knows the kernel's I2C interface and libi2c.
 *
 * An adapter that can send what it is given (I2C_FUNC_I2C) gets write and read as one I2C_RDWR. One that only knows SMBus, as those of PCs and
 * the kernel's i2c-stub, gets the SMBus transfer with the same bytes on the wire, if there is one: up to 32 bytes from a register.
 *
 * A bus that is held blocks the program, so the adapter's time-out, a second as the kernel has it, becomes 50 ms. It belongs to the adapter,
 * not to us; other programs get it as well.
 *
 * A mux (TCA9548A) switches with the STOP after its byte, not before: a repeated start would reach the channel that was open. So it is
 * three transfers: open the channel, talk, close all channels; or one I2C_RDWR with STOPs inside, which nobody can break into, where the
 * adapter can do that (I2C_FUNC_PROTOCOL_MANGLING, i2c-gpio). Channels are closed even when the talk failed, so that what is on the bus
 * itself, or behind another mux, never meets a second chip of its address. Between the three another program on the same bus can still come
 * in: where there is one, let the kernel drive the mux (dtoverlay=i2c-mux), which makes a bus of each channel. When it does, the
 * address of the mux is taken, and opening it here fails with -EBUSY.
 *
 * Proven by: tests/test_i2c_linux.c on a model of the interface; on Linux 6.1 with i2c-stub, with an adapter of tests/hil that fails in chosen
 * ways, and with the controller and a mux of an emulated board (ast2600). No hardware yet.
 */
#include "drivers/i2c_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <i2c/smbus.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "drivers/i2c_bus.h"

enum { TIMEOUT_10MS = 5 };

static const char *root_of(const struct i2c *i2c)
{
	return i2c->backend ? i2c->backend : "";
}

/* --- open --- */

static int check_owner(const struct i2c *i2c, int number, unsigned address, struct sensor_error *err)
{
	char owner[I2C_NAME_BYTES];

	if (!i2c_bus_owner(root_of(i2c), number, address, owner))
		return 0;
	snprintf(err->text, sizeof(err->text),
		 "the kernel's driver %.40s has 0x%02x on i2c-%d; unbind it, or read its files in /sys", owner, address,
		 number);
	return -EBUSY;
}

static int open_node(struct i2c *i2c, int number, struct sensor_error *err)
{
	char path[I2C_PATH_BYTES];
	int fd;

	if (snprintf(path, sizeof(path), "%s/dev/i2c-%d", root_of(i2c), number) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		i2c->fd = fd;
		return 0;
	}
	if (errno == EACCES || errno == EPERM) {
		snprintf(err->text, sizeof(err->text), "may not open /dev/i2c-%d: the user must be in the group i2c",
			 number);
		return -EACCES;
	}
	fd = -errno;
	snprintf(err->text, sizeof(err->text), "cannot open /dev/i2c-%d: %s", number, strerror(-fd));
	return fd;
}

static int linux_open(struct i2c *i2c, struct sensor_error *err)
{
	struct i2c_mux mux;
	int r, number = i2c_bus_find(root_of(i2c), i2c->bus, &mux, err);

	if (number < 0)
		return number;
	/* Behind a mux that we drive the kernel knows no chips: its list is about the bus itself. */
	r = check_owner(i2c, number, mux.address ? mux.address : (unsigned)i2c->address, err);
	if (r == 0)
		r = open_node(i2c, number, err);
	if (r < 0)
		return r;
	if (ioctl(i2c->fd, I2C_FUNCS, &i2c->functions) < 0) {
		r = -errno;
		snprintf(err->text, sizeof(err->text), "/dev/i2c-%d is no I2C bus: %s", number, strerror(-r));
		close(i2c->fd);
		return r;
	}
	(void)ioctl(i2c->fd, I2C_TIMEOUT, TIMEOUT_10MS); /* some adapters have a time of their own */
	i2c->mux_address = mux.address;
	i2c->mux_channel = mux.channel;
	return 0;
}

static void linux_close(struct i2c *i2c)
{
	close(i2c->fd);
}

/* --- adapters that send what they are given --- */

static int send_messages(const struct i2c *i2c, struct i2c_msg *messages, unsigned n)
{
	struct i2c_rdwr_ioctl_data data = { .msgs = messages, .nmsgs = n };
	int r = ioctl(i2c->fd, I2C_RDWR, &data);

	if (r < 0)
		return -errno;
	return r == (int)n ? 0 : -EIO;
}

/** Write, read, or both; without any bytes it is an empty write, to see who is there. @return number of messages */
static unsigned put_messages(struct i2c_msg m[2], const struct i2c *i2c, const uint8_t *out, size_t n_out, uint8_t *in,
			     size_t n_in)
{
	unsigned n = 0;

	if (n_out > 0 || n_in == 0)
		m[n++] = (struct i2c_msg){ .addr = (uint16_t)i2c->address,
					   .len = (uint16_t)n_out,
					   .buf = (uint8_t *)out };
	if (n_in > 0)
		m[n++] = (struct i2c_msg){
			.addr = (uint16_t)i2c->address, .flags = I2C_M_RD, .len = (uint16_t)n_in, .buf = in
		};
	return n;
}

static int transfer_mangled(const struct i2c *i2c, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	uint8_t select = (uint8_t)(1 << i2c->mux_channel), none = 0;
	struct i2c_msg m[4] = { { .addr = i2c->mux_address, .flags = I2C_M_STOP, .len = 1, .buf = &select } };
	unsigned n = 1 + put_messages(&m[1], i2c, out, n_out, in, n_in);

	m[n - 1].flags |= I2C_M_STOP;
	m[n++] = (struct i2c_msg){ .addr = i2c->mux_address, .len = 1, .buf = &none };
	return send_messages(i2c, m, n);
}

static int transfer_plain(const struct i2c *i2c, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	struct i2c_msg m[2];
	unsigned n = put_messages(m, i2c, out, n_out, in, n_in);

	return send_messages(i2c, m, n);
}

/* --- adapters of SMBus --- */

static bool can(const struct i2c *i2c, unsigned long function)
{
	return (i2c->functions & function) == function;
}

static int smbus_write(const struct i2c *i2c, const uint8_t *out, size_t n)
{
	if (n == 0 && can(i2c, I2C_FUNC_SMBUS_QUICK))
		return i2c_smbus_write_quick(i2c->fd, I2C_SMBUS_WRITE);
	if (n == 1 && can(i2c, I2C_FUNC_SMBUS_WRITE_BYTE))
		return i2c_smbus_write_byte(i2c->fd, out[0]);
	if (n == 2 && can(i2c, I2C_FUNC_SMBUS_WRITE_BYTE_DATA))
		return i2c_smbus_write_byte_data(i2c->fd, out[0], out[1]);
	if (n == 3 && can(i2c, I2C_FUNC_SMBUS_WRITE_WORD_DATA))
		return i2c_smbus_write_word_data(i2c->fd, out[0], (uint16_t)(out[2] << 8 | out[1]));
	if (n >= 2 && n <= 1 + I2C_SMBUS_BLOCK_MAX && can(i2c, I2C_FUNC_SMBUS_WRITE_I2C_BLOCK))
		return i2c_smbus_write_i2c_block_data(i2c->fd, out[0], (uint8_t)(n - 1), out + 1);
	return -EOPNOTSUPP;
}

/** @value: of a byte or, when @n is 2, a word, whose low byte comes first on the wire; negative: an error. */
static int take_value(int value, uint8_t *in, size_t n)
{
	for (size_t i = 0; value >= 0 && i < n; i++)
		in[i] = (uint8_t)(value >> (8 * i));
	return value < 0 ? value : 0;
}

static int smbus_read(const struct i2c *i2c, uint8_t reg, uint8_t *in, size_t n)
{
	int r;

	if (n == 1 && can(i2c, I2C_FUNC_SMBUS_READ_BYTE_DATA))
		return take_value(i2c_smbus_read_byte_data(i2c->fd, reg), in, n);
	if (n == 2 && can(i2c, I2C_FUNC_SMBUS_READ_WORD_DATA))
		return take_value(i2c_smbus_read_word_data(i2c->fd, reg), in, n);
	if (n > I2C_SMBUS_BLOCK_MAX || !can(i2c, I2C_FUNC_SMBUS_READ_I2C_BLOCK))
		return -EOPNOTSUPP;
	r = i2c_smbus_read_i2c_block_data(i2c->fd, reg, (uint8_t)n, in);
	return r < 0 || r == (int)n ? r : -EIO;
}

static int transfer_smbus(const struct i2c *i2c, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	if (ioctl(i2c->fd, I2C_SLAVE, (unsigned long)i2c->address) < 0)
		return -errno;
	if (n_in == 0)
		return smbus_write(i2c, out, n_out);
	if (n_out == 1)
		return smbus_read(i2c, out[0], in, n_in);
	if (n_out == 0 && n_in == 1 && can(i2c, I2C_FUNC_SMBUS_READ_BYTE))
		return take_value(i2c_smbus_read_byte(i2c->fd), in, 1);
	return -EOPNOTSUPP;
}

/* --- both --- */

static int transfer_direct(const struct i2c *i2c, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	int r;

	if (n_out == 0 && n_in == 0 && !can(i2c, I2C_FUNC_SMBUS_QUICK)) /* DesignWare's cannot, and tries for long */
		return -EOPNOTSUPP;
	r = can(i2c, I2C_FUNC_I2C) ? transfer_plain(i2c, out, n_out, in, n_in)
				   : transfer_smbus(i2c, out, n_out, in, n_in);
	return r < 0 ? r : 0;
}

static int set_mux(const struct i2c *i2c, uint8_t channels)
{
	struct i2c mux = { .address = i2c->mux_address, .fd = i2c->fd, .functions = i2c->functions };

	return transfer_direct(&mux, &channels, 1, NULL, 0);
}

static int transfer_behind_mux(const struct i2c *i2c, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	int r, closed;

	r = set_mux(i2c, (uint8_t)(1 << i2c->mux_channel));
	if (r == 0)
		r = transfer_direct(i2c, out, n_out, in, n_in);
	closed = set_mux(i2c, 0);
	return r < 0 ? r : closed;
}

static int linux_transfer(struct i2c *i2c, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	int r;

	if (!i2c->mux_address)
		return transfer_direct(i2c, out, n_out, in, n_in);
	if (!can(i2c, I2C_FUNC_I2C | I2C_FUNC_PROTOCOL_MANGLING))
		return transfer_behind_mux(i2c, out, n_out, in, n_in);
	r = transfer_mangled(i2c, out, n_out, in, n_in);
	if (r < 0)
		(void)set_mux(i2c, 0); /* whatever it was that failed, the last message was not sent */
	return r;
}

const struct i2c_ops i2c_linux_ops = { .open = linux_open, .transfer = linux_transfer, .close = linux_close };
