-- SPDX-License-Identifier: Apache-2.0
-- Tables for what `runnel-collector export --sql` writes, and the SQL that merges it. As it stands for PostgreSQL and SQLite:
--   psql -f docs/sql/schema.sql DATABASE        sqlite3 FILE <docs/sql/schema.sql
-- Times (w0) are Unix seconds, lengths (wl) seconds.

-- What the collector told: the newest version of each window of a fleet KPI.
CREATE TABLE kpis (
	change BIGINT NOT NULL, -- the cursor: export --after
	time TEXT NOT NULL, w0 BIGINT NOT NULL, wl BIGINT NOT NULL, site TEXT NOT NULL, name TEXT NOT NULL,
	value DOUBLE PRECISION, unit TEXT NOT NULL, -- value NULL: missing, which is not 0
	n BIGINT NOT NULL, expected BIGINT NOT NULL,
	devices BIGINT NOT NULL, expected_devices BIGINT NOT NULL, complete_devices BIGINT NOT NULL,
	coverage DOUBLE PRECISION, state TEXT NOT NULL, version BIGINT NOT NULL,
	spread_devices BIGINT NOT NULL, low DOUBLE PRECISION, median DOUBLE PRECISION, high DOUBLE PRECISION,
	PRIMARY KEY (site, name, wl, w0)
);
CREATE INDEX kpis_change ON kpis (change);

-- What the integers below mean: quantity = reference + quantum * integer. Rows of one definition may be merged, of two never.
CREATE TABLE metrics (
	definition TEXT PRIMARY KEY,
	name TEXT NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL,
	reference DOUBLE PRECISION NOT NULL, quantum DOUBLE PRECISION NOT NULL,
	sketch TEXT NOT NULL, width BIGINT NOT NULL -- lin: of a bucket, in quanta
);

-- One metric of one part. A part never changes; what comes late is more rows.
CREATE TABLE moments (
	id BIGINT NOT NULL, -- the cursor: export --after
	site TEXT NOT NULL, device TEXT NOT NULL, boot BIGINT NOT NULL, w0 BIGINT NOT NULL, wl BIGINT NOT NULL, part BIGINT NOT NULL,
	definition TEXT NOT NULL,
	n BIGINT NOT NULL, expected BIGINT NOT NULL, bad BIGINT NOT NULL, lost BIGINT NOT NULL, covered_ms BIGINT NOT NULL,
	s1 BIGINT NOT NULL, s2 BIGINT NOT NULL, -- sums of k and k^2
	min BIGINT, max BIGINT, first BIGINT, last BIGINT, first_ms BIGINT, last_ms BIGINT,
	tw BIGINT NOT NULL, tw_ms BIGINT NOT NULL, -- integral of k over time, and the time under it
	increase BIGINT NOT NULL, resets BIGINT NOT NULL,
	PRIMARY KEY (site, device, boot, w0, wl, part, definition)
);
CREATE INDEX moments_id ON moments (id);

-- The sketch of one metric of one part: c values in bucket idx of this sign (0: exactly zero), at resolution shift.
CREATE TABLE buckets (
	id BIGINT NOT NULL,
	site TEXT NOT NULL, device TEXT NOT NULL, boot BIGINT NOT NULL, w0 BIGINT NOT NULL, wl BIGINT NOT NULL, part BIGINT NOT NULL,
	definition TEXT NOT NULL,
	shift INTEGER NOT NULL, sign BIGINT NOT NULL, idx BIGINT NOT NULL, c BIGINT NOT NULL,
	PRIMARY KEY (site, device, boot, w0, wl, part, definition, sign, idx)
);

-- --- merging: sums, minima and maxima of integers, so the order of rows is of no consequence ---

-- Windows over all devices of a site. The same with a device more in both lists gives those of each device.
CREATE VIEW fleet AS
SELECT m.site, d.name AS metric, d.unit, d.kind, m.definition, m.wl, m.w0,
	COUNT(DISTINCT m.device) AS devices, SUM(m.n) AS n, SUM(m.expected) AS expected, SUM(m.bad) AS bad, SUM(m.lost) AS lost,
	SUM(m.covered_ms) / (1000.0 * m.wl * COUNT(DISTINCT m.device)) AS coverage,
	CASE WHEN d.kind <> 'counter' AND SUM(m.n) > 0
		THEN d.reference + d.quantum * CAST(SUM(m.s1) AS DOUBLE PRECISION) / SUM(m.n) END AS mean,
	CASE WHEN d.kind <> 'counter' AND SUM(m.n) > 1
		THEN d.quantum * SQRT(CAST(SUM(m.n) * SUM(m.s2) - SUM(m.s1) * SUM(m.s1) AS DOUBLE PRECISION)
			/ SUM(m.n) / (SUM(m.n) - 1)) END AS stddev,
	d.reference + d.quantum * MIN(m.min) AS min,
	d.reference + d.quantum * MAX(m.max) AS max,
	CASE WHEN d.kind <> 'counter' AND SUM(m.tw_ms) > 0
		THEN d.reference + d.quantum * CAST(SUM(m.tw) AS DOUBLE PRECISION) / SUM(m.tw_ms) END AS time_mean,
	CASE WHEN d.kind = 'counter' THEN d.quantum * SUM(m.increase) END AS increase
FROM moments m JOIN metrics d ON d.definition = m.definition
GROUP BY m.site, d.name, d.unit, d.kind, d.reference, d.quantum, m.definition, m.wl, m.w0;

-- The resolution all sketches of a window can be merged at: the coarsest of them, halved until at most 160 buckets of a sign are left.
CREATE VIEW fleet_resolution AS
WITH RECURSIVE step(s) AS (SELECT 0 UNION ALL SELECT s + 1 FROM step WHERE s < 24),
coarsest AS (
	SELECT site, definition, wl, w0, MAX(shift) AS shift FROM buckets GROUP BY site, definition, wl, w0
), span AS (
	SELECT b.site, b.definition, b.wl, b.w0, b.sign, c.shift,
		MIN(b.idx >> (c.shift - b.shift)) AS lo, MAX(b.idx >> (c.shift - b.shift)) AS hi
	FROM buckets b JOIN coarsest c ON c.site = b.site AND c.definition = b.definition AND c.wl = b.wl AND c.w0 = b.w0
	GROUP BY b.site, b.definition, b.wl, b.w0, b.sign, c.shift
), enough AS (
	SELECT site, definition, wl, w0, sign, shift + MIN(s) AS shift
	FROM span JOIN step ON (hi >> s) - (lo >> s) < 160 GROUP BY site, definition, wl, w0, sign, shift
)
SELECT site, definition, wl, w0, MAX(shift) AS shift FROM enough GROUP BY site, definition, wl, w0;

-- Which quantiles fleet_quantiles has; insert what you want.
CREATE TABLE wanted_quantiles (p DOUBLE PRECISION PRIMARY KEY);
INSERT INTO wanted_quantiles VALUES (0.5), (0.9), (0.95), (0.99);

CREATE VIEW fleet_quantiles AS
WITH merged AS (
	SELECT b.site, b.definition, b.wl, b.w0, r.shift, b.sign, b.idx >> (r.shift - b.shift) AS i, SUM(b.c) AS c
	FROM buckets b JOIN fleet_resolution r ON r.site = b.site AND r.definition = b.definition AND r.wl = b.wl AND r.w0 = b.w0
	GROUP BY b.site, b.definition, b.wl, b.w0, r.shift, b.sign, b.idx >> (r.shift - b.shift)
), counted AS (
	SELECT site, definition, wl, w0, shift, sign, i, c,
		SUM(c) OVER (PARTITION BY site, definition, wl, w0 ORDER BY sign, sign * i) AS upto,
		SUM(c) OVER (PARTITION BY site, definition, wl, w0) AS n
	FROM merged
), chosen AS (
	SELECT q.p, c.site, c.definition, c.wl, c.w0, c.sign, c.i, d.name, d.unit, d.sketch, d.reference, d.quantum, d.width * (1 << c.shift) AS width,
		CASE WHEN d.sketch = 'exp2' THEN CAST(c.i * (1 << c.shift) AS DOUBLE PRECISION) / 32 END AS lo,
		CASE WHEN d.sketch = 'exp2' THEN CAST((c.i + 1) * (1 << c.shift) AS DOUBLE PRECISION) / 32 END AS hi
	FROM counted c JOIN wanted_quantiles q ON c.upto >= q.p * c.n AND c.upto - c.c < q.p * c.n
		JOIN metrics d ON d.definition = c.definition
), valued AS (
	SELECT p, site, definition, wl, w0, name, unit,
		CASE WHEN sketch = 'lin' THEN reference + quantum * (i * width + (width - 1) / 2.0)
			ELSE sign * 2 / (1 / POWER(2, lo) + 1 / POWER(2, hi)) END AS x
	FROM chosen
)
SELECT v.site, v.name AS metric, v.unit, v.definition, v.wl, v.w0, v.p,
	CASE WHEN v.x < f.min THEN f.min WHEN v.x > f.max THEN f.max ELSE v.x END AS value
FROM valued v JOIN fleet f ON f.site = v.site AND f.definition = v.definition AND f.wl = v.wl AND f.w0 = v.w0;
