/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fault_vfs.h"

#include <assert.h>
#include <sqlite3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/prng.h"

const char fault_vfs_name[] = "fault";

/* A write since the last sync: what was there before. */
struct undo {
	struct undo *next;
	sqlite3_int64 offset, size_before;
	int bytes, bytes_before;
	unsigned char before[];
};

struct file {
	sqlite3_file base;
	struct file *next;
	struct undo *undo; /* newest first */
	sqlite3_file *real;
};

static struct {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	struct file *files;
	struct fault_plan plan;
	unsigned long n;
	bool is_registered;
} world;

static struct file *file_of(sqlite3_file *f)
{
	return (struct file *)f;
}

static void forget(struct file *f)
{
	while (f->undo) {
		struct undo *u = f->undo;

		f->undo = u->next;
		free(u);
	}
}

static void take_back(struct file *f)
{
	uint64_t random = world.plan.seed * 2654435761u + 1;

	for (struct undo *u = f->undo; u; u = u->next) {
		if (prng_u64(&random) & 1 && u != f->undo)
			continue; /* this one had reached the disk */
		if (u->bytes_before > 0)
			f->real->pMethods->xWrite(f->real, u->before, u->bytes_before, u->offset);
		if (u->bytes_before < u->bytes)
			f->real->pMethods->xTruncate(f->real, u->size_before);
	}
}

static void end_power(void)
{
	for (struct file *f = world.files; f; f = f->next)
		take_back(f);
	_exit(FAULT_EXIT);
}

/* @return what the operation at hand is to answer, SQLITE_OK: as usual */
static int turn(void)
{
	unsigned long n = ++world.n;

	if (n < world.plan.at || (world.plan.count > 0 && n >= world.plan.at + world.plan.count))
		return SQLITE_OK;
	switch (world.plan.fault) {
	case FAULT_FULL:
		return SQLITE_FULL;
	case FAULT_IO:
		return SQLITE_IOERR;
	case FAULT_POWER:
		end_power();
		break;
	case FAULT_KILL:
		_exit(FAULT_EXIT);
	default:
		break;
	}
	return SQLITE_OK;
}

static int vfs_close(sqlite3_file *f)
{
	struct file **at = &world.files;
	int rc;

	while (*at && *at != file_of(f))
		at = &(*at)->next;
	if (*at)
		*at = file_of(f)->next;
	forget(file_of(f));
	rc = file_of(f)->real->pMethods->xClose(file_of(f)->real);
	free(file_of(f)->real);
	return rc;
}

static int vfs_read(sqlite3_file *f, void *to, int bytes, sqlite3_int64 offset)
{
	if (world.plan.fault == FAULT_READ_IO && ++world.n >= world.plan.at &&
	    (world.plan.count == 0 || world.n < world.plan.at + world.plan.count))
		return SQLITE_IOERR_READ;
	return file_of(f)->real->pMethods->xRead(file_of(f)->real, to, bytes, offset);
}

static void remember(struct file *f, int bytes, sqlite3_int64 offset)
{
	struct undo *u = calloc(1, sizeof(*u) + (size_t)bytes);

	assert(u);
	u->offset = offset;
	u->bytes = bytes;
	f->real->pMethods->xFileSize(f->real, &u->size_before);
	if (u->size_before > offset)
		u->bytes_before = u->size_before - offset < bytes ? (int)(u->size_before - offset) : bytes;
	if (u->bytes_before > 0)
		f->real->pMethods->xRead(f->real, u->before, u->bytes_before, offset);
	u->next = f->undo;
	f->undo = u;
}

static int vfs_write(sqlite3_file *f, const void *from, int bytes, sqlite3_int64 offset)
{
	struct file *file = file_of(f);
	bool is_last = world.plan.fault == FAULT_POWER && world.n + 1 == world.plan.at;
	int rc;

	if (is_last) { /* torn: the first half reaches the disk */
		file->real->pMethods->xWrite(file->real, from, bytes / 2, offset);
		(void)turn();
	}
	rc = turn();
	if (rc != SQLITE_OK)
		return rc;
	remember(file, bytes, offset);
	return file->real->pMethods->xWrite(file->real, from, bytes, offset);
}

static int vfs_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	int rc = turn();

	return rc == SQLITE_OK ? file_of(f)->real->pMethods->xTruncate(file_of(f)->real, size) : rc;
}

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool is_closed;
	unsigned n_waiting;
} gate = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0 };

void fault_vfs_gate(bool closed)
{
	pthread_mutex_lock(&gate.mutex);
	gate.is_closed = closed;
	pthread_cond_broadcast(&gate.changed);
	pthread_mutex_unlock(&gate.mutex);
}

void fault_vfs_wait_for_sync(void)
{
	pthread_mutex_lock(&gate.mutex);
	while (gate.n_waiting == 0)
		pthread_cond_wait(&gate.changed, &gate.mutex);
	pthread_mutex_unlock(&gate.mutex);
}

static void pass_gate(void)
{
	pthread_mutex_lock(&gate.mutex);
	gate.n_waiting++;
	pthread_cond_broadcast(&gate.changed);
	while (gate.is_closed)
		pthread_cond_wait(&gate.changed, &gate.mutex);
	gate.n_waiting--;
	pthread_mutex_unlock(&gate.mutex);
}

static int vfs_sync(sqlite3_file *f, int flags)
{
	int rc = turn();

	if (rc != SQLITE_OK)
		return rc;
	pass_gate();
	forget(file_of(f));
	return file_of(f)->real->pMethods->xSync(file_of(f)->real, flags);
}

static int vfs_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return file_of(f)->real->pMethods->xFileSize(file_of(f)->real, size);
}

static int vfs_lock(sqlite3_file *f, int level)
{
	return file_of(f)->real->pMethods->xLock(file_of(f)->real, level);
}

static int vfs_unlock(sqlite3_file *f, int level)
{
	return file_of(f)->real->pMethods->xUnlock(file_of(f)->real, level);
}

static int vfs_is_reserved(sqlite3_file *f, int *out)
{
	return file_of(f)->real->pMethods->xCheckReservedLock(file_of(f)->real, out);
}

static int vfs_control(sqlite3_file *f, int op, void *arg)
{
	return file_of(f)->real->pMethods->xFileControl(file_of(f)->real, op, arg);
}

static int vfs_sector_size(sqlite3_file *f)
{
	return file_of(f)->real->pMethods->xSectorSize(file_of(f)->real);
}

/* Nothing is promised: a disk that tears. */
static int vfs_device(sqlite3_file *f)
{
	(void)f;
	return 0;
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = vfs_close,
	.xRead = vfs_read,
	.xWrite = vfs_write,
	.xTruncate = vfs_truncate,
	.xSync = vfs_sync,
	.xFileSize = vfs_size,
	.xLock = vfs_lock,
	.xUnlock = vfs_unlock,
	.xCheckReservedLock = vfs_is_reserved,
	.xFileControl = vfs_control,
	.xSectorSize = vfs_sector_size,
	.xDeviceCharacteristics = vfs_device,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *out, int flags, int *out_flags)
{
	struct file *f = file_of(out);
	int rc;

	(void)vfs;
	*f = (struct file){ .real = calloc(1, (size_t)world.real->szOsFile) };
	assert(f->real);
	rc = world.real->xOpen(world.real, name, f->real, flags, out_flags);
	if (rc != SQLITE_OK) {
		free(f->real);
		return rc;
	}
	f->base.pMethods = &methods;
	f->next = world.files;
	world.files = f;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
	int rc = turn();

	(void)vfs;
	return rc == SQLITE_OK ? world.real->xDelete(world.real, name, sync_dir) : rc;
}

void fault_vfs_plan(const struct fault_plan *plan)
{
	world.plan = *plan;
	world.n = 0;
	if (world.is_registered)
		return;
	world.real = sqlite3_vfs_find(NULL);
	world.vfs = *world.real;
	world.vfs.szOsFile = (int)sizeof(struct file);
	world.vfs.zName = fault_vfs_name;
	world.vfs.xOpen = vfs_open;
	world.vfs.xDelete = vfs_delete;
	world.vfs.pNext = NULL;
	sqlite3_vfs_register(&world.vfs, 0);
	world.is_registered = true;
}

unsigned long fault_vfs_count(void)
{
	return world.n;
}
