/* SPDX-License-Identifier: Apache-2.0 */
/*
 * i2c-sim - an I2C adapter without a bus: chips are 256 bytes each (or 256 words), or answers to commands, and fail when told to.
 *
 *	insmod i2c-sim.ko chips=0x48,0x76
 *
 * Unlike the kernel's i2c-stub it is a plain adapter: I2C_RDWR, read() and write() work, an address without a chip is not acknowledged
 * with the error a real adapter would give (`nack`), and every chip has, below /sys/kernel/debug/i2c-sim/48/:
 *
 *	regs       its registers; writing here is what the world does to the chip
 *	wide       1: registers are words of two bytes, as in LM75 and INA219
 *	mask       of a register's number; what is not in it is a flag of the command (LIS3DH 0x7f)
 *	answer     "e000=1122ff": what is read after this command was written; "" forgets them all
 *	react      "1b13=0370": when something beginning with 1b13 was written, register 03 becomes 70; "" forgets them all
 *	present    0: unplugged
 *	power      written: the power was off. The registers are again what they were at the last write to `regs`
 *	fault      "ERRNO COUNT": so many transfers fail
 *	corrupt    in so many transfers a bit of the last byte read is wrong
 *	delay_ms   it holds the clock; beyond the adapter's time-out the transfer fails with ETIMEDOUT
 *	transfers, bytes   counted; bytes with those of the addresses
 *
 * Messages of one transfer to an absent chip fail as a whole. At your choice also under the GPL, version 2: the kernel lends its functions to no other licence.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/i2c.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

enum { MAX_CHIPS = 64, MEM_BYTES = 512, MAX_ANSWERS = 24, COMMAND_BYTES = 16, REPLY_BYTES = 64, LINE_BYTES = 256 };

struct answer {
	u8 command[COMMAND_BYTES], reply[REPLY_BYTES];
	size_t n_command, n_reply;
};

struct chip {
	u16 address;
	u8 mem[MEM_BYTES], at_power_on[MEM_BYTES];
	struct answer answers[MAX_ANSWERS], reactions[MAX_ANSWERS];
	size_t n_answers, n_reactions;
	const struct answer *answer; /* to the last command, NULL: the registers */
	u8 reg, mask;
	bool wide, present;
	u32 corrupt, delay_ms, fault, n_faults, transfers, bytes;
};

static ushort chips[MAX_CHIPS];
static int n_chips;
module_param_array(chips, ushort, &n_chips, 0444);
static int nack = ENXIO;
module_param(nack, int, 0644);
static uint mangling;
module_param(mangling, uint, 0444);

static struct chip *all;
static struct dentry *root;
static DEFINE_MUTEX(lock);

static struct chip *find(u16 address)
{
	int i;

	for (i = 0; i < n_chips; i++)
		if (all[i].address == address)
			return &all[i];
	return NULL;
}

static size_t first(const struct chip *c)
{
	return c->wide ? c->reg * 2 : c->reg;
}

static void react(struct chip *c, const struct answer *a, const u8 *buf, size_t n)
{
	if (n >= a->n_command && memcmp(a->command, buf, a->n_command) == 0 && a->n_reply > 0)
		memcpy(&c->mem[a->reply[0] * (c->wide ? 2 : 1)], &a->reply[1],
		       min_t(size_t, a->n_reply - 1, MEM_BYTES - a->reply[0] * (c->wide ? 2 : 1)));
}

static void take(struct chip *c, const u8 *buf, size_t n)
{
	size_t i, size = c->wide ? MEM_BYTES : MEM_BYTES / 2;

	for (i = 0; i < c->n_answers; i++)
		if (c->answers[i].n_command == n && memcmp(c->answers[i].command, buf, n) == 0) {
			c->answer = &c->answers[i];
			return;
		}
	c->answer = NULL;
	if (n > 0)
		c->reg = buf[0] & c->mask;
	for (i = 1; i < n; i++)
		c->mem[(first(c) + i - 1) % size] = buf[i];
	for (i = 0; i < c->n_reactions; i++)
		react(c, &c->reactions[i], buf, n);
}

static void give(struct chip *c, u8 *buf, size_t n)
{
	size_t i, size = c->wide ? MEM_BYTES : MEM_BYTES / 2;

	for (i = 0; i < n; i++)
		if (c->answer)
			buf[i] = i < c->answer->n_reply ? c->answer->reply[i] : 0xff;
		else
			buf[i] = c->mem[(first(c) + i) % size];
	if (n > 0 && c->corrupt > 0) {
		buf[n - 1] ^= 0x10;
		c->corrupt--;
	}
}

/* The clock is held with the bus, so nobody else gets on it meanwhile. */
static int hold(struct i2c_adapter *adapter, const struct chip *c)
{
	u32 limit_ms = jiffies_to_msecs(adapter->timeout);

	if (c->delay_ms > 0)
		msleep(min(c->delay_ms, limit_ms));
	return c->delay_ms > limit_ms ? -ETIMEDOUT : 0;
}

static int begin(struct i2c_adapter *adapter, u16 address)
{
	struct chip *c = find(address);
	int r;

	if (!c || !c->present)
		return -nack;
	c->transfers++;
	if (c->n_faults > 0) {
		c->n_faults--;
		return -(int)c->fault;
	}
	r = hold(adapter, c);
	return r;
}

static int transfer(struct i2c_adapter *adapter, struct i2c_msg *m, int n)
{
	int i, r = 0;

	mutex_lock(&lock);
	for (i = 0; i < n && r == 0; i++) {
		struct chip *c;

		if (i == 0 || m[i].addr != m[i - 1].addr)
			r = begin(adapter, m[i].addr);
		if (r < 0)
			break;
		c = find(m[i].addr);
		c->bytes += m[i].len + 1;
		if (m[i].flags & I2C_M_RD)
			give(c, m[i].buf, m[i].len);
		else
			take(c, m[i].buf, m[i].len);
	}
	mutex_unlock(&lock);
	return r < 0 ? r : n;
}

static u32 functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL | (mangling ? I2C_FUNC_PROTOCOL_MANGLING : 0);
}

static const struct i2c_algorithm algorithm = { .master_xfer = transfer, .functionality = functionality };
static struct i2c_adapter adapter = { .owner = THIS_MODULE, .name = "i2c-sim", .algo = &algorithm };

/* --- files --- */

static ssize_t regs_read(struct file *f, char __user *to, size_t n, loff_t *at)
{
	struct chip *c = f->private_data;

	return simple_read_from_buffer(to, n, at, c->mem, sizeof(c->mem));
}

static ssize_t regs_write(struct file *f, const char __user *from, size_t n, loff_t *at)
{
	struct chip *c = f->private_data;
	ssize_t r;

	mutex_lock(&lock);
	r = simple_write_to_buffer(c->mem, sizeof(c->mem), at, from, n);
	memcpy(c->at_power_on, c->mem, sizeof(c->mem));
	mutex_unlock(&lock);
	return r;
}

static ssize_t power_write(struct file *f, const char __user *from, size_t n, loff_t *at)
{
	struct chip *c = f->private_data;

	mutex_lock(&lock);
	memcpy(c->mem, c->at_power_on, sizeof(c->mem));
	c->answer = NULL;
	c->reg = 0;
	mutex_unlock(&lock);
	return n;
}

static ssize_t fault_write(struct file *f, const char __user *from, size_t n, loff_t *at)
{
	struct chip *c = f->private_data;
	char line[32] = "";
	u32 fault, count;

	if (n >= sizeof(line) || copy_from_user(line, from, n))
		return -EINVAL;
	if (sscanf(line, "%u %u", &fault, &count) != 2 || fault > 4095)
		return -EINVAL;
	mutex_lock(&lock);
	c->fault = fault;
	c->n_faults = count;
	mutex_unlock(&lock);
	return n;
}

/* @return bytes, or -EINVAL */
static int take_hex(const char *text, size_t digits, u8 *out, size_t max)
{
	if (digits % 2 || digits / 2 > max || hex2bin(out, text, digits / 2) < 0)
		return -EINVAL;
	return digits / 2;
}

static ssize_t take_line(const char __user *from, size_t n, struct answer rows[], size_t *n_rows)
{
	char line[LINE_BYTES] = "", *equals;
	struct answer a = { 0 };
	int n_command, n_reply;
	size_t i;

	if (n >= sizeof(line) || copy_from_user(line, from, n))
		return -EINVAL;
	line[strcspn(line, "\n")] = '\0';
	if (!line[0]) {
		*n_rows = 0;
		return n;
	}
	equals = strchr(line, '=');
	if (!equals)
		return -EINVAL;
	n_command = take_hex(line, equals - line, a.command, COMMAND_BYTES);
	n_reply = take_hex(equals + 1, strlen(equals + 1), a.reply, REPLY_BYTES);
	if (n_command < 0 || n_reply < 0)
		return -EINVAL;
	a.n_command = n_command;
	a.n_reply = n_reply;
	for (i = 0; i < *n_rows; i++)
		if (rows[i].n_command == a.n_command && memcmp(rows[i].command, a.command, a.n_command) == 0)
			break;
	if (i == MAX_ANSWERS)
		return -ENOSPC;
	rows[i] = a;
	*n_rows = max(*n_rows, i + 1);
	return n;
}

static ssize_t answer_write(struct file *f, const char __user *from, size_t n, loff_t *at)
{
	struct chip *c = f->private_data;
	ssize_t r;

	mutex_lock(&lock);
	c->answer = NULL;
	r = take_line(from, n, c->answers, &c->n_answers);
	mutex_unlock(&lock);
	return r;
}

static ssize_t react_write(struct file *f, const char __user *from, size_t n, loff_t *at)
{
	struct chip *c = f->private_data;
	ssize_t r;

	mutex_lock(&lock);
	r = take_line(from, n, c->reactions, &c->n_reactions);
	mutex_unlock(&lock);
	return r;
}

#define FILE_OPERATIONS(name, reader, writer)                                                                        \
	static const struct file_operations name = {                                                                 \
		.owner = THIS_MODULE, .open = simple_open, .read = reader, .write = writer, .llseek = default_llseek \
	}
FILE_OPERATIONS(regs_files, regs_read, regs_write);
FILE_OPERATIONS(power_files, NULL, power_write);
FILE_OPERATIONS(fault_files, NULL, fault_write);
FILE_OPERATIONS(answer_files, NULL, answer_write);
FILE_OPERATIONS(react_files, NULL, react_write);

static void add_files(struct chip *c)
{
	char name[8];
	struct dentry *dir;

	snprintf(name, sizeof(name), "%02x", c->address);
	dir = debugfs_create_dir(name, root);
	debugfs_create_file("regs", 0600, dir, c, &regs_files);
	debugfs_create_file("power", 0200, dir, c, &power_files);
	debugfs_create_file("fault", 0200, dir, c, &fault_files);
	debugfs_create_file("answer", 0200, dir, c, &answer_files);
	debugfs_create_file("react", 0200, dir, c, &react_files);
	debugfs_create_bool("wide", 0600, dir, &c->wide);
	debugfs_create_bool("present", 0600, dir, &c->present);
	debugfs_create_u8("mask", 0600, dir, &c->mask);
	debugfs_create_u32("corrupt", 0600, dir, &c->corrupt);
	debugfs_create_u32("delay_ms", 0600, dir, &c->delay_ms);
	debugfs_create_u32("transfers", 0600, dir, &c->transfers);
	debugfs_create_u32("bytes", 0600, dir, &c->bytes);
}

static int __init i2c_sim_init(void)
{
	int i, r;

	all = kcalloc(MAX_CHIPS, sizeof(all[0]), GFP_KERNEL);
	if (!all)
		return -ENOMEM;
	root = debugfs_create_dir("i2c-sim", NULL);
	for (i = 0; i < n_chips; i++) {
		all[i].address = chips[i];
		all[i].present = true;
		all[i].mask = 0xff;
		add_files(&all[i]);
	}
	r = i2c_add_adapter(&adapter);
	if (r < 0) {
		debugfs_remove(root);
		kfree(all);
	}
	return r;
}

static void __exit i2c_sim_exit(void)
{
	i2c_del_adapter(&adapter);
	debugfs_remove(root);
	kfree(all);
}

module_init(i2c_sim_init);
module_exit(i2c_sim_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("I2C adapter for tests");
