/* SPDX-License-Identifier: Apache-2.0 */
/* bme680_formulas.c - the formulas of bme680.h, s.3.3, as Bosch's API has them in floating point. */
#include <math.h>

#include "base/bytes.h"
#include "drivers/bme680.h"

void bme680_unpack_trim(struct bme680_trim *t, const uint8_t heater[5], const uint8_t first[23],
			const uint8_t second[14])
{
	*t = (struct bme680_trim){
		.heater_value = (int8_t)heater[0],
		.heater_range = heater[2] >> 4 & 3,
		.range_error = (int8_t)bytes_sign_extend(heater[4] >> 4, 4),
		.t2 = bytes_le16s(first),
		.t3 = (int8_t)first[2],
		.p1 = bytes_le16(first + 4),
		.p2 = bytes_le16s(first + 6),
		.p3 = (int8_t)first[8],
		.p4 = bytes_le16s(first + 10),
		.p5 = bytes_le16s(first + 12),
		.p7 = (int8_t)first[14],
		.p6 = (int8_t)first[15],
		.p8 = bytes_le16s(first + 18),
		.p9 = bytes_le16s(first + 20),
		.p10 = first[22],
		.h2 = (uint16_t)(second[0] << 4 | second[1] >> 4),
		.h1 = (uint16_t)(second[2] << 4 | (second[1] & 0x0F)),
		.h3 = (int8_t)second[3],
		.h4 = (int8_t)second[4],
		.h5 = (int8_t)second[5],
		.h6 = second[6],
		.h7 = (int8_t)second[7],
		.t1 = bytes_le16(second + 8),
		.gh2 = bytes_le16s(second + 10),
		.gh1 = (int8_t)second[12],
		.gh3 = (int8_t)second[13],
	};
}

double bme680_t_fine(const struct bme680_trim *t, uint32_t adc)
{
	double x = adc / 16384.0 - t->t1 / 1024.0;

	return x * t->t2 + x * x / 64.0 * t->t3 * 16.0;
}

double bme680_pressure_hpa(const struct bme680_trim *t, uint32_t adc, double t_fine)
{
	double x = t_fine / 2.0 - 64000.0;
	double offset = (x * x * t->p6 / 131072.0 + x * t->p5 * 2.0) / 4.0 + t->p4 * 65536.0;
	double gain = (1.0 + (t->p3 * x * x / 16384.0 + t->p2 * x) / 524288.0 / 32768.0) * t->p1;
	double p;

	if (gain <= 0.0)
		return NAN;
	p = (1048576.0 - adc - offset / 4096.0) * 6250.0 / gain;
	p += (t->p9 * p * p / 2147483648.0 + p * t->p8 / 32768.0 +
	      p / 256.0 * (p / 256.0) * (p / 256.0) * t->p10 / 131072.0 + t->p7 * 128.0) /
	     16.0;
	return p / 100.0;
}

double bme680_humidity_percent(const struct bme680_trim *t, uint16_t adc, double celsius)
{
	double h = adc - (t->h1 * 16.0 + t->h3 / 2.0 * celsius);

	h *= t->h2 / 262144.0 * (1.0 + t->h4 / 16384.0 * celsius + t->h5 / 1048576.0 * celsius * celsius);
	h += (t->h6 / 16384.0 + t->h7 / 2097152.0 * celsius) * h * h;
	return h > 100.0 ? 100.0 : h < 0.0 ? 0.0 : h;
}

double bme680_gas_kohm(const struct bme680_trim *t, unsigned adc, unsigned range)
{
	static const double first[16] = { 0, 0, 0, 0, 0, -1, 0, -0.8, 0, 0, -0.2, -0.5, 0, -1, 0, 0 };
	static const double second[16] = { 0, 0, 0, 0, 0.1, 0.7, 0, -0.8, -0.1, 0, 0, 0, 0, 0, 0, 0 };
	double x = (1340.0 + 5.0 * t->range_error) * (1.0 + first[range] / 100.0);
	double ratio = (adc - 512.0) / x + 1.0;

	return 8000.0 / ((1.0 + second[range] / 100.0) * (1U << range) * ratio);
}

double bme688_gas_kohm(unsigned adc, unsigned range)
{
	return 1000.0 * (262144U >> range) / (4096.0 + 3.0 * (adc - 512.0));
}

uint8_t bme680_heater_code(const struct bme680_trim *t, double celsius, double air_celsius)
{
	double at_zero = t->gh1 / 16.0 + 49.0, slope = t->gh2 / 32768.0 * 0.0005 + 0.00235;
	double ohm = at_zero * (1.0 + slope * celsius) + t->gh3 / 1024.0 * air_celsius;
	double code = 3.4 * (ohm * (4.0 / (4.0 + t->heater_range)) / (1.0 + t->heater_value * 0.002) - 25.0);

	return (uint8_t)(code >= 255.0 ? 255.0 : code >= 0.0 ? code : 0.0);
}
