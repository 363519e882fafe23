/* SPDX-License-Identifier: Apache-2.0 */
/* gpio_line.c - by the kernel's own calls: that of Linux 5.10, and where it is not, the first one. */
#include "drivers/gpio_line.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int describe_v1(int fd, uint32_t number, struct gpio_line *out)
{
	struct gpioline_info info = { .line_offset = number };

	if (ioctl(fd, GPIO_GET_LINEINFO_IOCTL, &info) < 0)
		return -errno;
	snprintf(out->name, sizeof(out->name), "%.*s", (int)sizeof(info.name), info.name);
	snprintf(out->consumer, sizeof(out->consumer), "%.*s", (int)sizeof(info.consumer), info.consumer);
	out->is_used = info.flags & GPIOLINE_FLAG_KERNEL;
	return 0;
}

static int describe(int fd, uint32_t number, struct gpio_line *out)
{
	struct gpio_v2_line_info info = { .offset = number };

	if (ioctl(fd, GPIO_V2_GET_LINEINFO_IOCTL, &info) < 0)
		return errno == ENODEV ? -ENODEV : describe_v1(fd, number, out);
	snprintf(out->name, sizeof(out->name), "%.*s", (int)sizeof(info.name), info.name);
	snprintf(out->consumer, sizeof(out->consumer), "%.*s", (int)sizeof(info.consumer), info.consumer);
	out->is_used = info.flags & GPIO_V2_LINE_FLAG_USED;
	return 0;
}

int gpio_line_list(const struct gpio_chip *chip, struct gpio_line out[], uint32_t n)
{
	int fd = open(chip->path, O_RDONLY | O_CLOEXEC);
	uint32_t i = 0;

	if (fd < 0)
		return -errno;
	while (i < n && describe(fd, i, &out[i]) == 0)
		i++;
	close(fd);
	return (int)i;
}
