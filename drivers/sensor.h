/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor.h - what every driver is: channels, options and three steps. A driver never sleeps, logs, retries,
 * allocates or reads a clock: trigger() starts a conversion and says when it is ready, collect() fetches it.
 * The agent owns time, retry, recovery and logging, once for all drivers.
 *
 * Errors are negative errno: -ENODEV wrong or absent device, -EREMOTEIO / -ENXIO no acknowledge, -ETIMEDOUT, -EIO,
 * -EBADMSG checksum, -EINVAL configuration. On error all outputs are untouched.
 */
#ifndef RUNNEL_DRIVERS_SENSOR_H
#define RUNNEL_DRIVERS_SENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/opt.h"

/** How the values of a channel behave, which decides what may be computed from them. */
enum channel_kind {
	CHANNEL_GAUGE,	 /* a measured quantity */
	CHANNEL_STATE,	 /* 0 or 1 */
	CHANNEL_COUNTER, /* only grows, may restart from 0 */
};

struct channel {
	const char *name;
	const char *unit; /* UCUM code of base/unit.h */
	enum channel_kind kind;
	double min, max; /* range of values a working device gives; both 0: unknown */
	const char *help;
};

enum { SENSOR_MAX_CHANNELS = 64, SENSOR_ERROR_BYTES = 160 };

/** How a device samples by itself, into a buffer of its own. */
struct burst_plan {
	int64_t period_us; /* nominal time between rows */
	size_t capacity;   /* rows the buffer holds */
};

/** What one fetch can hold: rows times channels. */
enum { SENSOR_BURST_VALUES = 512 };

/** The rows in the buffer of a device, oldest first. The newest is less than one period old. */
struct burst {
	size_t n_rows;			    /* 0: none yet */
	bool is_overrun;		    /* rows before the first of these were lost; or, without any, all were */
	double values[SENSOR_BURST_VALUES]; /* row by row, one per channel */
};

/** Why a step failed, in the user's terms, when errno alone does not say it. */
struct sensor_error {
	char text[SENSOR_ERROR_BYTES];
};

/** A value with a time of its own, from a driver that is told when something happens. */
struct sensor_event {
	int64_t at_us; /* CLOCK_MONOTONIC, which the kernel stamps with; never falls from one event to the next */
	double value;
	uint32_t channel;
	uint32_t lost; /* events that must have been lost just before this one, at least */
};

/**
 * For drivers of what happens by itself: edges of a line. The agent waits for the descriptor, fetches events, and still reads by
 * trigger() and collect() at `every`, having fetched all events before: what has no events is so known to be alive.
 * Valid between a probe that succeeded and close().
 */
struct sensor_watch {
	/** Readable when there are events. Stays the driver's. */
	int (*fd)(const void *state);

	/**
	 * What happened up to now, oldest first; does not wait. @kernel_us: CLOCK_MONOTONIC now; @max: 8 or more.
	 * @return  how many: call again; 0: no more, and readings speak for up to now; or negative errno
	 */
	int (*fetch)(void *state, int64_t kernel_us, struct sensor_event out[], size_t max);

	/** CLOCK_MONOTONIC at which fetch() is to be called again even if the descriptor stays silent; INT64_MAX: never. */
	int64_t (*wake_us)(const void *state);

	/** Events lost that no event of fetch() told of: those before the values of the last collect(). Begins again at 0. */
	uint32_t (*take_lost)(void *state);
};

struct i2c_identity;

struct sensor_driver {
	const char *name;		     /* "bme280" */
	const char *help;		     /* one line */
	const struct i2c_identity *identity; /* of a chip on an I2C bus, for `runnel scan`; NULL: it is none */
	struct opt_table options;	     /* set in the state by opt_apply(); offsets are of the state */
	const struct channel *channels;
	size_t n_channels;
	size_t state_size; /* all-zero before the options are applied */

	/**
	 * For drivers whose channels depend on their options (csv): list them. Called once when the config is read; may read
	 * files. NULL: @channels is the list. Names live as long as the state.
	 * @return  number of channels (<= SENSOR_MAX_CHANNELS), or negative errno with @err filled
	 */
	int (*describe)(void *state, struct arena *a, const struct channel **out, struct sensor_error *err);

	/** Its options name files of the board, which a pushed config may not do by itself. */
	bool needs_local_trust;

	/** The data decide when there is a sample; `every` only says how soon to ask again. */
	bool is_self_paced;

	/** Find and set up the device; called again after faults. @now_us: Unix microseconds. */
	int (*probe)(void *state, int64_t now_us, struct sensor_error *err);

	/**
	 * Start one conversion. @return microseconds until collect() has values, or negative errno. In 64 bits, because what is
	 * self-paced may have to wait for hours, and 31 bits end after 35 minutes.
	 */
	int64_t (*trigger)(void *state, int64_t now_us);

	/**
	 * Fetch the values, one per channel, NaN for a channel that has none now.
	 * @return  0, -EAGAIN: not ready, ask again soon, SENSOR_END: nothing will ever come again, or negative errno
	 */
	int (*collect)(void *state, int64_t now_us, double out[]);

	/** NULL: nothing happens between readings. */
	const struct sensor_watch *watch;

	/**
	 * For devices with a buffer. Do they fill it, with these options? Told by the options alone, when the config is read. If so,
	 * probe() starts the sampling with an empty buffer, the agent calls collect_burst() twice in the time that fills it, and
	 * dates the rows; trigger() and collect() still give single readings to whoever only wants to look. Both NULL: no buffer.
	 */
	bool (*plan_burst)(const void *state, struct burst_plan *out);

	/** Fetch all there is. @return 0 or negative errno */
	int (*collect_burst)(void *state, int64_t now_us, struct burst *out);

	/** Release descriptors. Safe after a failed probe and when called twice. NULL: nothing to release. */
	void (*close)(void *state);
};

/** The documented positive answer of collect(): the recording is over. */
enum { SENSOR_END = 1 };

/*
 * THE table of drivers, sorted by name. To add one: a file drivers/NAME.c that defines
 * `const struct sensor_driver NAME_driver`, one line here, one test.
 */
#define SENSOR_DRIVERS(X) \
	X(ads1015)        \
	X(ads1115)        \
	X(adxl345)        \
	X(aht20)          \
	X(bh1750)         \
	X(bme280)         \
	X(bme680)         \
	X(bmp180)         \
	X(bmp280)         \
	X(bmp388)         \
	X(ccs811)         \
	X(csv)            \
	X(ds3231)         \
	X(ens160)         \
	X(gpio_counter)   \
	X(gpio_duty)      \
	X(gpio_frequency) \
	X(gpio_input)     \
	X(hc_sr04)        \
	X(hdc1080)        \
	X(host)           \
	X(htu21d)         \
	X(hwmon)          \
	X(i2c_register)   \
	X(iio)            \
	X(ina219)         \
	X(ina226)         \
	X(ina260)         \
	X(lis3dh)         \
	X(lm75)           \
	X(mcp23017)       \
	X(mcp9808)        \
	X(mlx90614)       \
	X(mpu6050)        \
	X(pcf8574)        \
	X(scd30)          \
	X(scd4x)          \
	X(sgp40)          \
	X(sht3x)          \
	X(sht4x)          \
	X(shtc3)          \
	X(sim)            \
	X(tmp102)         \
	X(tmp117)         \
	X(tsl2591)        \
	X(veml7700)       \
	X(vl53l0x)        \
	X(w1)

/** By name, or NULL. */
const struct sensor_driver *sensor_driver_find(const char *name);

/** Row @i of the table, NULL past the end. */
const struct sensor_driver *sensor_driver_at(size_t i);

#endif
