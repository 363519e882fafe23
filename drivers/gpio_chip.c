/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/gpio_chip.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/gpio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { MAX_CHIPS = 64, MAX_LINE = 4095 };

static int describe(const char *path, struct gpio_chip *out)
{
	struct gpiochip_info info = { .lines = 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC), r = 0;

	*out = (struct gpio_chip){ .n_lines = 0 };
	snprintf(out->path, sizeof(out->path), "%s", path);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, GPIO_GET_CHIPINFO_IOCTL, &info) < 0)
		r = -errno;
	close(fd);
	if (r < 0)
		return r;
	snprintf(out->name, sizeof(out->name), "%.*s", (int)sizeof(info.name), info.name);
	snprintf(out->label, sizeof(out->label), "%.*s", (int)sizeof(info.label), info.label);
	out->n_lines = info.lines;
	return 0;
}

int gpio_chip_at(size_t i, struct gpio_chip *out)
{
	glob_t found;
	int r = -ENOENT;

	if (glob("/dev/gpiochip*", 0, NULL, &found) != 0)
		return -ENOENT;
	if (i < found.gl_pathc && i < MAX_CHIPS)
		r = describe(found.gl_pathv[i], out);
	globfree(&found);
	return r == -ENOENT && i < found.gl_pathc ? -ENODEV : r;
}

static int count_label(const char *label)
{
	struct gpio_chip chip;
	int n = 0, r;

	for (size_t i = 0; (r = gpio_chip_at(i, &chip)) != -ENOENT; i++)
		n += r == 0 && strcmp(chip.label, label) == 0;
	return n;
}

/* How well a chip fits; 0: not. */
static int rank(const struct gpio *g, const struct gpio_chip *chip)
{
	if (g->label[0] && strcmp(chip->label, g->label) != 0)
		return 0;
	if (strcmp(g->chip, chip->path) == 0 || strcmp(g->chip, chip->name) == 0)
		return 3;
	if (strcmp(g->chip, chip->label) == 0)
		return 2;
	return g->label[0] && !g->has_twin ? 1 : 0;
}

static int not_found(const struct gpio *g, int error, size_t n_chips, struct sensor_error *err)
{
	if (error == -EACCES)
		snprintf(err->text, sizeof(err->text),
			 "no permission for the GPIO chips in /dev: the user must be in the group gpio");
	else if (error < 0)
		snprintf(err->text, sizeof(err->text), "GPIO chip '%s': %s", g->chip, strerror(-error));
	else if (n_chips == 0)
		snprintf(err->text, sizeof(err->text), "there are no GPIO chips (/dev/gpiochip*) here");
	else
		snprintf(err->text, sizeof(err->text), "there is no GPIO chip '%s'%s; `gpiodetect` lists them", g->chip,
			 g->label[0] ? " any more" : "");
	return error < 0 ? error : -ENODEV;
}

int gpio_chip_find(struct gpio *g, struct gpio_chip *out, struct sensor_error *err)
{
	struct gpio_chip chip, best = { .n_lines = 0 };
	int best_rank = 0, n_best = 0, error = 0, r;
	size_t i = 0;

	for (; (r = gpio_chip_at(i, &chip)) != -ENOENT; i++) {
		int fits = r == 0 ? rank(g, &chip) : 0;

		if (r < 0 && r != -ENODEV) /* it may be the one, or about to go */
			error = r;
		if (fits == 0 || fits < best_rank)
			continue;
		n_best = fits == best_rank ? n_best + 1 : 1;
		best_rank = fits;
		best = chip;
	}
	if (best_rank == 0)
		return not_found(g, error, i, err);
	if (n_best > 1) {
		snprintf(err->text, sizeof(err->text), "%d GPIO chips have the label '%s': give the name of one",
			 n_best, best.label);
		return -EINVAL;
	}
	if (!g->label[0])
		g->has_twin = count_label(best.label) > 1;
	memcpy(g->label, best.label, sizeof(g->label));
	*out = best;
	return 0;
}

int gpio_line_number(const struct gpio *g)
{
	int n = 0;

	if (!g->line[0])
		return -1;
	for (const char *p = g->line; *p; p++) {
		if (*p < '0' || *p > '9' || n > MAX_LINE)
			return -1;
		n = 10 * n + (*p - '0');
	}
	return n;
}

/* Who has the line; "" when the kernel does not say. By name: the first line of that name. */
static void find_consumer(const struct gpio *g, const struct gpio_chip *chip, char out[GPIO_LABEL_BYTES])
{
	int number = gpio_line_number(g), fd = open(chip->path, O_RDONLY | O_CLOEXEC);

	out[0] = '\0';
	for (uint32_t i = 0; fd >= 0 && i < chip->n_lines; i++) {
		struct gpioline_info info = { .line_offset = i };

		if ((number >= 0 && (int)i != number) || ioctl(fd, GPIO_GET_LINEINFO_IOCTL, &info) < 0)
			continue;
		if (number < 0 && strncmp(info.name, g->line, sizeof(info.name)) != 0)
			continue;
		snprintf(out, GPIO_LABEL_BYTES, "%.*s", (int)sizeof(info.consumer) - 1, info.consumer);
		break;
	}
	if (fd >= 0)
		close(fd);
}

int gpio_line_error(const struct gpio *g, const struct gpio_chip *chip, int error, struct sensor_error *err)
{
	const char *why = strerror(-error);
	char consumer[GPIO_LABEL_BYTES], in_use[80];

	find_consumer(g, chip, consumer);
	snprintf(in_use, sizeof(in_use), "in use by %s",
		 consumer[0] ? consumer : "another program or the kernel; see `gpioinfo`");
	if (error == -ENODEV || error == -ENOENT)
		why = "there is no such line";
	else if (error == -EBUSY)
		why = in_use;
	else if (error == -ENXIO)
		why = "the line cannot give interrupts";
	else if (error == -EACCES || error == -EPERM)
		why = "no permission: the user must be in the group gpio";
	else if (error == -EINVAL || error == -EOPNOTSUPP)
		why = "the chip refuses these settings (bias, debounce), or the line is an output";
	snprintf(err->text, sizeof(err->text), "line %s of %s (%s): %s", g->line, chip->name, chip->label, why);
	return error;
}
