/* SPDX-License-Identifier: Apache-2.0 */
/* Columns of a store that is damaged: how far a device is, and who stood out of a KPI. What is read back can be written and worked with. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "collector/archive_private.h"

static void check_progress(const uint8_t *in, size_t bytes)
{
	static uint8_t out[ARCHIVE_PROGRESS_BYTES], again[ARCHIVE_PROGRESS_BYTES];
	struct contract_store none = { 0 };
	struct device *d = device_new("d", 0), *e = device_new("e", 0);
	size_t n;

	(void)archive_unpack_progress(d, in, bytes);
	assert(d->n_boots <= DEVICE_MAX_BOOTS);
	for (size_t i = 1; i < d->n_boots; i++)
		assert(d->boots[i - 1]->boot < d->boots[i]->boot);
	n = archive_pack_progress(d, out);
	assert(archive_unpack_progress(e, out, n));
	assert(archive_pack_progress(e, again) == n && memcmp(out, again, n) == 0);
	(void)device_is_complete(d, 60, 120);
	(void)device_n_missing(d);
	progress_range(device_boot(d, UINT32_MAX), 3, 5, 60);
	progress_message(device_boot(d, UINT32_MAX), 1, 30);
	device_free(d, &none);
	device_free(e, &none);
}

static void check_worst(const uint8_t *data, size_t bytes)
{
	static struct fleet_kpi k;
	char *text = calloc(bytes + 1, 1);

	if (!text)
		return;
	memcpy(text, data, bytes);
	fleet_kpi_parse_worst(&k, text);
	assert(k.spread.n_worst <= FLEET_KPI_N_WORST);
	for (size_t i = 0; i < k.spread.n_worst; i++)
		assert(k.spread.worst[i].device[0] && isfinite(k.spread.worst[i].value));
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_progress(data, size);
	check_worst(data, size);
	return 0;
}
