/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of /proc, of IIO and of thermometers on a 1-wire bus, whatever a kernel of tomorrow writes: refused, or numbers that make sense. */
#define _GNU_SOURCE
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/host.h"
#include "drivers/iio_scan.h"
#include "drivers/w1.h"

static void check_host(const char *text)
{
	static const struct host_cpu before = { 1000, 5000 };
	struct host_cpu cpu;
	double a, b;

	if (host_parse_load(text, &a) == 0)
		assert(isfinite(a));
	if (host_parse_uptime(text, &a) == 0)
		assert(isfinite(a));
	if (host_parse_milli(text, &a) == 0)
		assert(isfinite(a));
	if (host_parse_memory(text, &a, &b) == 0)
		assert(!isinf(a) && !isinf(b));
	if (host_parse_cpu(text, &cpu) == 0) {
		a = host_cpu_percent(&before, &cpu);
		assert(isnan(a) || (a >= 0.0 && a <= 100.0));
	}
}

static void check_net(const char *text)
{
	struct host_net net = { .n = 0 };
	bool any = host_net_update(&net, text, NULL);

	assert(net.n <= HOST_MAX_INTERFACES && any == (net.n > 0));
	for (size_t i = 0; i < net.n; i++)
		assert(memchr(net.interfaces[i].name, '\0', HOST_INTERFACE_CHARS) &&
		       strcmp(net.interfaces[i].name, "lo") != 0);
	(void)host_net_update(&net, text, "eth0");
	assert(net.n <= HOST_MAX_INTERFACES);
}

static void check_row(const char *text)
{
	static const uint8_t row[8 * IIO_SCAN_MAX] = { 0xff, 0x80, 0x7f, 0x01, 0xff, 0xff, 0xff, 0xff, 0x80 };
	struct iio_element e[2] = { { .index = 7 }, { .index = 3 } };
	const char *second = strchr(text, '\t');
	size_t bytes;

	if (!second || iio_scan_parse(second + 1, &e[0]) < 0 || iio_scan_parse("be:s16/32>>4\n", &e[1]) < 0)
		return;
	assert(e[0].bits >= 1 && e[0].bits + e[0].shift <= 8 * e[0].bytes);
	bytes = iio_scan_lay_out(e, 2);
	assert(e[1].offset == 0 && e[0].offset % e[0].bytes == 0 && e[0].offset + e[0].bytes <= bytes && bytes <= 16);
	assert(isfinite(iio_scan_value(&e[0], row)));
	assert(e[0].bits > 53 || iio_scan_value(&e[0], row) == (double)iio_scan_integer(&e[0], row));
}

/* What the chip shows without a conversion, byte 6 being 0C, is never taken for a temperature. */
static void check_w1(const char *text)
{
	double x = NAN;

	if (w1_parse_slave(text, &x) < 0) {
		assert(isnan(x));
		return;
	}
	assert(isfinite(x) && strstr(text, " YES\n") && strncmp(text, "00 00 00 00 00 00 00 00 00 ", 27) != 0);
	assert(strncmp(text + 18, "0c", 2) != 0 || (x <= 125.0 && x != 85.0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(size + 1, 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	check_host(text);
	check_net(text);
	check_row(text);
	check_w1(text);
	free(text);
	return 0;
}
