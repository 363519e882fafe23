/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan.h - what is connected to this machine, for `runnel scan`. What is found goes into one plain tree, from which the report for people,
 * the JSON and the config are made.
 */
#ifndef RUNNEL_AGENT_SCAN_H
#define RUNNEL_AGENT_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/dynbuf.h"
#include "base/json.h"
#include "drivers/gpio_line.h"
#include "drivers/i2c.h"
#include "drivers/i2c_adapter.h"
#include "drivers/sysfs_find.h"

enum { SCAN_FIRST_ADDRESS = 0x08, SCAN_LAST_ADDRESS = 0x77, SCAN_MAX_DRIVERS = 12, SCAN_WHY_BYTES = 240 };

enum scan_chip_kind {
	SCAN_KNOWN,	/* one driver, proven by what the chip says */
	SCAN_AMBIGUOUS, /* something answers; @drivers may read it, or none knows the address */
	SCAN_OWNED,	/* by a driver of the kernel: not touched */
	SCAN_MUX,	/* it keeps what is written: a TCA9548A or the like */
};

struct scan_chip {
	uint8_t address;
	enum scan_chip_kind kind;
	char owner[I2C_NAME_BYTES];
	size_t n_drivers;
	const struct sensor_driver *drivers[SCAN_MAX_DRIVERS];
};

struct scan_bus {
	struct i2c_bus bus;
	const char *name; /* for `bus:` of a config: "i2c-1", "i2c-1/0x70.3" */
	struct i2c_adapter adapter;
	bool is_scanned;
	int error;		  /* of the whole bus, with @why; 0 also when it was left alone on purpose */
	char why[SCAN_WHY_BYTES]; /* it was not scanned, or not to the end; "" else */
	size_t n_chips;
	struct scan_chip *chips; /* ascending */
};

struct scan_gpio {
	char name[GPIO_LABEL_BYTES], label[GPIO_LABEL_BYTES];
	bool has_own_label; /* no other chip has it */
	uint32_t n_lines;
	struct gpio_line *lines; /* of @n_known */
	uint32_t n_known;	 /* fewer than @n_lines when the chip went away */
	int error;
	char why[SCAN_WHY_BYTES]; /* it could not be read; "" else */
};

/** A device of hwmon or IIO, or a thermometer on 1-wire. */
struct scan_device {
	const struct sensor_driver *driver;
	const char *device; /* option of the driver; letters, digits and "-_.:@+" */
	const char *name;   /* of the chip; "" unknown */
	const char *place;  /* what it sits on, or its directory */
	const struct channel *channels;
	size_t n_channels; /* 0: none that is known, or no thermometer */
};

/** What the scan needs of the world. */
struct scan_world {
	const char *root;	       /* stands before /dev and /sys; "" but for tests */
	const char *bus;	       /* this bus alone, whatever it is; NULL: all that are safe */
	const struct i2c_ops *i2c_ops; /* NULL: the kernel's */
	void *i2c_backend;	       /* of other ops */
	void (*sleep_us)(int64_t us);
};

struct scan {
	struct arena arena;
	const struct scan_world *world;
	size_t n_buses, n_gpios, n_devices;
	struct scan_bus *buses;
	struct scan_gpio *gpios;
	struct scan_device *devices;	  /* hwmon, then IIO, then 1-wire */
	const char *i2c_hint, *gpio_hint; /* why there is none, and what to do, in lines; NULL: there are */
};

/** All of it. Buses that are held or closed to us are told of and passed over. @out: scan_free() */
void scan_run(struct scan *out, const struct scan_world *world);
void scan_free(struct scan *s);

/** Something there could not be looked at: no permission, a held bus. */
bool scan_is_incomplete(const struct scan *s);

/** What others called something may hold anything: in place, all but printable ASCII becomes '?'. @return @text */
const char *scan_clean(char *text);

/** Who may open a device file, and what to do. @subsystem: of udev, "i2c-dev" or "gpio" */
void scan_explain_permission(const char *path, const char *subsystem, char why[SCAN_WHY_BYTES]);

/* Parts. */
void scan_i2c(struct scan *s);
void scan_gpio(struct scan *s);
void scan_sysfs(struct scan *s);

/** Say in @bus what is at each address. @is_taken: addresses to leave alone, by number. */
void scan_bus_run(struct scan_bus *bus, const struct scan_world *world, const bool is_taken[128], struct arena *a);

/**
 * What is at an address that answers. @i2c is open and at that address. @is_reader: it acknowledged a read with nothing asked, so
 * it is no idle chip of commands. @return 0, or -ETIMEDOUT: the bus is held; @chip is filled with what it still may be
 */
NODISCARD int scan_identify(struct i2c *i2c, const struct scan_world *world, bool is_reader, struct scan_chip *chip);

/** Can a chip be told for certain here that may not acknowledge a read with nothing asked? */
bool scan_may_be_silent(uint8_t address);

/** The report for people; @prefix begins each line. */
void scan_report(const struct scan *s, struct dynbuf *out, const char *prefix);
void scan_json(const struct scan *s, struct dynbuf *out, const char *config);

/** The config. */
void scan_config(const struct scan *s, struct dynbuf *out);

#endif
