/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bmx280.c - the part that BMP280 and BME280 share.
 *
 * The formulas are Bosch's in double (s.8.1), but t_fine keeps its fraction: the integer of the reference code is there to fit a
 * 32-bit variable, and costs up to 0.0002 degC.
 */
#include "drivers/bmx280.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/bytes.h"

const char *const bmx280_oversampling[] = { "off", "x1", "x2", "x4", "x8", "x16", NULL };
const char *const bmx280_oversampling_on[] = { "x1", "x2", "x4", "x8", "x16", NULL };
const char *const bmx280_filter[] = { "off", "2", "4", "8", "16", NULL };

int bmx280_samples(int code)
{
	return code > 0 ? 1 << (code - 1) : 0;
}

uint32_t bmx280_adc(const uint8_t raw[3])
{
	return bytes_be24(raw) >> 4;
}

void bmx280_unpack_trim(struct bmx280_trim *trim, const uint8_t raw[BMX280_TRIM_BYTES])
{
	*trim = (struct bmx280_trim){
		.t1 = bytes_le16(raw),
		.t2 = bytes_le16s(raw + 2),
		.t3 = bytes_le16s(raw + 4),
		.p1 = bytes_le16(raw + 6),
		.p2 = bytes_le16s(raw + 8),
		.p3 = bytes_le16s(raw + 10),
		.p4 = bytes_le16s(raw + 12),
		.p5 = bytes_le16s(raw + 14),
		.p6 = bytes_le16s(raw + 16),
		.p7 = bytes_le16s(raw + 18),
		.p8 = bytes_le16s(raw + 20),
		.p9 = bytes_le16s(raw + 22),
	};
}

double bmx280_t_fine(const struct bmx280_trim *trim, uint32_t adc)
{
	double x = adc / 16384.0 - trim->t1 / 1024.0;

	return x * trim->t2 + x * x / 64.0 * trim->t3;
}

double bmx280_pressure_hpa(const struct bmx280_trim *trim, uint32_t adc, double t_fine)
{
	double x = t_fine / 2.0 - 64000.0;
	double offset = (x * x * trim->p6 / 32768.0 + x * trim->p5 * 2.0) / 4.0 + trim->p4 * 65536.0;
	double gain = (1.0 + (trim->p3 * x * x / 524288.0 + trim->p2 * x) / 524288.0 / 32768.0) * trim->p1;
	double p;

	if (gain <= 0.0)
		return NAN;
	p = (1048576.0 - adc - offset / 4096.0) * 6250.0 / gain;
	p += (trim->p9 * p * p / 2147483648.0 + p * trim->p8 / 32768.0 + trim->p7) / 16.0;
	return p / 100.0;
}

int bmx280_begin(struct i2c *i2c, uint8_t chip_id, struct bmx280_trim *trim, struct sensor_error *err)
{
	uint8_t status, raw[BMX280_TRIM_BYTES];
	int r = i2c_open(i2c, err);

	if (r < 0)
		return r;
	r = i2c_check_id(i2c, BMX280_REG_ID, chip_id, err);
	if (r < 0)
		return r;
	r = i2c_read_reg(i2c, BMX280_REG_STATUS, &status, 1);
	if (r < 0)
		return r;
	if (status & BMX280_STATUS_COPYING_TRIM) {
		snprintf(err->text, sizeof(err->text), "the chip is still starting");
		return -EBUSY;
	}
	r = i2c_read_reg(i2c, BMX280_REG_TRIM, raw, sizeof(raw));
	if (r < 0)
		return r;
	bmx280_unpack_trim(trim, raw);
	return 0;
}
