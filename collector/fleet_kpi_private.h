/* SPDX-License-Identifier: Apache-2.0 */
/* fleet_kpi_private.h - between fleet_kpi.c and fleet_kpi_compute.c. */
#ifndef RUNNEL_COLLECTOR_FLEET_KPI_PRIVATE_H
#define RUNNEL_COLLECTOR_FLEET_KPI_PRIVATE_H

#include "collector/fleet_kpi.h"

/** A device has a KPI in its current contract. Good until contracts change: then is_recast is set. */
struct casting {
	struct device *device;
	const struct kpi_plan *plan;
};

/** A KPI by name, for the life of the site. */
struct kpi_name {
	char *name;
	const struct casting *group; /* the chosen definition: n_devices castings; NULL: no device has it now */
	size_t n_devices, n_definitions;
	bool is_disagreement_logged;
	struct fleet_kpi newest; /* the newest window told; newest.name NULL: none */
};

struct kpi_row {
	struct kpi_name *name;
	uint64_t w0;
	uint32_t wl;
	bool is_dirty, is_unsaved;
	struct fleet_kpi told; /* as it was told last; version 0: not yet */
};

struct site_kpis {
	struct casting *castings; /* sorted by name, definition, device */
	size_t n_castings;
	struct sorted names; /* struct kpi_name * */
	struct sorted rows;  /* struct kpi_row * */
};

struct kpi_name *fleet_kpi_name_at(const struct site_kpis *k, size_t i);

/** Made if new; NULL: no room. */
struct kpi_name *fleet_kpi_name_of(struct site *s, const char *name);

/** Births or contracts changed: choose again. All rows are dirty then. */
void fleet_kpi_recast(struct fleet *f, struct site *s);

/** A quick look: no expected device can still send something. The row has a group. */
bool fleet_kpi_may_be_complete(const struct kpi_row *row);

/** Its deadline has passed. */
bool fleet_kpi_is_overdue(const struct fleet *f, const struct kpi_row *row);

/** All of @out but its version. The row has a group. */
void fleet_kpi_compute(struct fleet *f, const struct site *s, const struct kpi_row *row, struct fleet_kpi *out);

#endif
