/* SPDX-License-Identifier: Apache-2.0 */
/* One row for each operator at least, one more for each of its ways of working. Sorted by name. */
#include "tests/op_subjects.h"

#include <math.h>

#include "base/check.h"
#include "base/unit.h"

const struct op_subject op_subjects[] = {
	{ "absolute", .options = "" },
	{ "absolute_humidity", .options = "", .nature = TAKES_POSITIVE, .units = { "Cel", "%" } },
	{ "band_power", .options = "size=16", .nature = SPARSE | FILLS },
	{ "band_power", .options = "size=16 low=0.1 high=0.2 value=share", .nature = SPARSE | FILLS },
	{ "biquad", .options = "type=low_pass frequency=0.1 order=5", .nature = FADES },
	{ "biquad", .options = "type=high_pass frequency=0.1", .nature = FADES },
	{ "biquad", .options = "type=band_pass frequency=0.1 q=1", .nature = FADES },
	{ "biquad", .options = "type=notch frequency=0.2 q=2", .nature = FADES },
	{ "calibrate", .options = "[[-9,-8],[2,3],[9,7]]" },
	{ "calibrate", .options = "points=[[-9,-8],[2,3],[9,7]] method=piecewise beyond=clamp" },
	{ "calibrate", .options = "coefficients=[1,2,0.5]" },
	{ "change_point", .options = "20", .nature = WARMS_UP | ROUNDS },
	{ "change_point", .options = "window=10 output=score", .nature = WARMS_UP | ROUNDS },
	{ "clamp", .options = "min=-4 max=5" },
	{ "combine", .options = "mean" },
	{ "combine", .options = "difference" },
	{ "combine", .options = "ratio" },
	{ "combine", .options = "median" },
	{ "convert", .options = "K" },
	{ "convert", .options = "[degF]" },
	{ "correlate", .options = "20", .nature = WARMS_UP | ROUNDS },
	{ "correlate", .options = "window=20 lag=3", .nature = WARMS_UP | ROUNDS },
	{ "count_window", .options = "10", .nature = SPARSE },
	{ "count_window", .options = "size=10 value=kurtosis", .nature = SPARSE },
	{ "count_window", .options = "size=20 step=5 value=median", .nature = SPARSE },
	{ "counter_rate", .options = "", .nature = WARMS_UP | TAKES_COUNTERS | TAKES_POSITIVE },
	{ "counter_rate", .options = "modulus=65536 per=1m", .nature = WARMS_UP | TAKES_COUNTERS | TAKES_POSITIVE },
	{ "cusum", .options = "target=0 sigma=3", .nature = REMEMBERS },
	{ "cusum", .options = "learn=50 output=down", .nature = WARMS_UP | REMEMBERS },
	{ "deadband", .options = "3", .nature = SPARSE | FILLS },
	{ "deadband", .options = "percent=50 every=5s", .nature = SPARSE | FILLS },
	{ "debounce", .options = "3s", .nature = TAKES_STATES },
	{ "decimate", .options = "factor=2", .nature = SPARSE },
	{ "decimate", .options = "factor=4 filter=butterworth", .nature = SPARSE | FADES },
	{ "dedupe", .options = "", .nature = SPARSE | FILLS },
	{ "dedupe", .options = "same=stamp", .nature = SPARSE | FILLS },
	{ "delta", .options = "", .nature = WARMS_UP },
	{ "derivative", .options = "1m", .nature = WARMS_UP },
	{ "dew_point", .options = "", .nature = TAKES_POSITIVE, .units = { "%", "Cel" } },
	{ "edge_count", .options = "both", .nature = TAKES_STATES | REMEMBERS },
	{ "envelope", .options = "low=0.1 high=0.3", .nature = FADES },
	{ "ewma_chart", .options = "target=0 sigma=3 output=ewma", .nature = REMEMBERS },
	{ "ewma_chart", .options = "learn=50", .nature = WARMS_UP | REMEMBERS },
	{ "exec", .options = "/bin/cat" },
	{ "exec", .options = "command=/bin/cat state=yes queue=1" },
	{ "exponential", .options = "0.2", .nature = FADES },
	{ "exponential", .options = "time_constant=10s", .nature = FADES },
	{ "expression", .options = "expression=a/(1+a*a) unit=1" },
	{ "expression", .options = "expression=a>0 state=yes" },
	{ "goertzel", .options = "frequency=0.1 size=20", .nature = SPARSE | FILLS },
	{ "hampel", .options = "7" },
	{ "hampel", .options = "size=8 sigmas=90 replace=gap" },
	{ "heartbeat", .options = "every=5s for=20s", .nature = SPARSE },
	{ "heat_index", .options = "", .nature = TAKES_POSITIVE, .units = { "Cel", "%" } },
	{ "hold_last", .options = "3", .nature = FILLS },
	{ "hold_last", .options = "5s", .nature = FILLS },
	{ "holt", .options = "level=0.3 trend=0.1", .nature = FADES },
	{ "holt", .options = "level=0.5 trend=0.2 ahead=5s", .nature = FADES },
	{ "hopping_window", .options = "length=20s hop=5s", .nature = SPARSE },
	{ "hopping_window", .options = "length=20s hop=10s value=stddev", .nature = SPARSE | ROUNDS },
	{ "integral", .options = "", .nature = REMEMBERS },
	{ "integral", .options = "method=held only=positive", .nature = REMEMBERS },
	{ "interpolate", .options = "3", .nature = FILLS | SPARSE },
	{ "interpolate", .options = "5s", .nature = FILLS | SPARSE },
	{ "invert", .options = "", .nature = TAKES_STATES },
	{ "kalman", .options = "noise=2 drift=0.5", .nature = FADES },
	{ "log", .options = "2", .nature = TAKES_POSITIVE },
	{ "log", .options = "e", .nature = TAKES_POSITIVE },
	{ "loop_4_20ma", .options = "low=0 high=10 unit=bar fault_low=-1 fault_high=1000", .nature = TAKES_POSITIVE,
	  .units = { "mA" } },
	{ "lua", .options = "function\ton_sample(x)return(x*x-1)end" },
	{ "lua", .options = "code=k=0;function\ton_sample(x)k=0.5*k+x;return(k)end state=no", .nature = REMEMBERS },
	{ "lua", .options = "code=function\ton_sample(x)return(x>0)and(1)or(0)end state=yes" },
	{ "map", .options = "pairs=[[0,5],[1,7]]", .nature = TAKES_STATES },
	{ "median", .options = "5" },
	{ "median", .options = "8" },
	{ "missing", .options = "5s", .nature = SPARSE | FILLS },
	{ "moving_average", .options = "7" },
	{ "moving_average", .options = "10s" },
	{ "moving_average", .options = "window=90s max_samples=5" },
	{ "ntc", .options = "3950", .nature = TAKES_POSITIVE, .units = { "kOhm" } },
	{ "offset", .options = "-1.5" },
	{ "page_hinkley", .options = "limit=20 delta=1", .nature = REMEMBERS },
	{ "quorum", .options = "" },
	{ "quorum", .options = "1", .nature = TAKES_STATES },
	{ "range", .options = "min=-1e9 max=1e9" },
	{ "round", .options = "1" },
	{ "round", .options = "step=0.25 mode=down" },
	{ "run_length", .options = "2" },
	{ "savitzky_golay", .options = "size=7", .nature = WARMS_UP },
	{ "savitzky_golay", .options = "size=9 order=3 at=middle", .nature = WARMS_UP | SPARSE },
	{ "scale", .options = "factor=1.8 offset=32" },
	{ "sea_level_pressure", .options = "500", .units = { "hPa" } },
	{ "select", .options = "", .nature = TAKES_STATES | TAKES_POSITIVE },
	{ "session_window", .options = "gap=3s max=10s", .nature = SPARSE },
	{ "skip", .options = "5", .nature = WARMS_UP },
	{ "skip", .options = "10s", .nature = WARMS_UP },
	{ "slew_limit", .options = "2", .nature = REMEMBERS },
	{ "slew_limit", .options = "rate=40 beyond=gap" },
	{ "sliding_window", .options = "10s" },
	{ "sliding_window", .options = "length=10s value=n" },
	{ "sliding_window", .options = "length=10s value=duration" },
	{ "sliding_window", .options = "length=10 value=min" },
	{ "sliding_window", .options = "length=10s value=range" },
	{ "sliding_window", .options = "length=10 value=stddev", .nature = WARMS_UP | ROUNDS },
	{ "sliding_window", .options = "length=10 value=kurtosis", .nature = WARMS_UP | ROUNDS },
	{ "sliding_window", .options = "length=10 value=skewness", .nature = WARMS_UP | ROUNDS },
	{ "sliding_window", .options = "length=10s value=crest", .nature = ROUNDS },
	{ "sliding_window", .options = "length=10s value=rms", .nature = ROUNDS },
	{ "sliding_window", .options = "length=10 value=quantile p=0.9" },
	{ "sliding_window", .options = "length=10 value=zero_crossings" },
	{ "sliding_window", .options = "length=10 value=entropy low=-10 high=10" },
	{ "sliding_window", .options = "length=10s value=slope", .nature = WARMS_UP | ROUNDS },
	{ "sliding_window", .options = "length=10 value=r2", .nature = WARMS_UP | ROUNDS },
	{ "spectral_centroid", .options = "size=16 overlap=0.75", .nature = SPARSE | FILLS },
	{ "spectral_peak", .options = "size=16", .nature = SPARSE | FILLS },
	{ "spectral_peak", .options = "size=32 overlap=0.75 value=amplitude", .nature = SPARSE | FILLS },
	{ "state_window", .options = "above=0", .nature = SPARSE },
	{ "state_window", .options = "below=2 value=duration", .nature = SPARSE },
	{ "stuck", .options = "10s" },
	{ "stuck", .options = "for=1m tolerance=0.01 give=gap" },
	{ "threshold", .options = "above=5 clear=-5" },
	{ "threshold", .options = "below=-2 for=3s clear_for=4s" },
	{ "threshold", .options = "above=0 count=3 of=5" },
	{ "throttle", .options = "4s", .nature = SPARSE | FILLS },
	{ "throttle", .options = "every=4s keep=last", .nature = SPARSE | FILLS },
	{ "throttle", .options = "every=4s keep=mean", .nature = SPARSE | FILLS },
	{ "time_in_state", .options = "", .nature = TAKES_STATES },
	{ "time_in_state", .options = "state=any total=yes", .nature = TAKES_STATES | REMEMBERS },
	{ "tumbling_window", .options = "10s", .nature = SPARSE },
	{ "tumbling_window", .options = "length=10s value=stddev", .nature = SPARSE },
	{ "tumbling_window", .options = "length=10s value=max", .nature = SPARSE },
	{ "tumbling_window", .options = "length=20s value=median", .nature = SPARSE },
	{ "tumbling_window", .options = "length=20s value=entropy low=-10 high=10 bins=8", .nature = SPARSE },
	{ "tumbling_window", .options = "length=20s value=slope", .nature = SPARSE },
	{ "weighted_average", .options = "weights=3" },
	{ "zscore", .options = "window=30", .nature = WARMS_UP | ROUNDS },
	{ "zscore", .options = "window=30s limit=2", .nature = WARMS_UP | ROUNDS },
	{ "zscore", .options = "alpha=0.05", .nature = WARMS_UP | REMEMBERS },
};

const size_t n_op_subjects = ARRAY_LEN(op_subjects);

static enum series_kind input_kind(const struct op_subject *s)
{
	if (s->nature & TAKES_STATES)
		return SERIES_STATE;
	return s->nature & TAKES_COUNTERS ? SERIES_COUNTER : SERIES_GAUGE;
}

struct op_rig *op_subject_start(const struct op_subject *s)
{
	struct series_info inputs[OP_MAX_INPUTS];

	for (size_t i = 0; i < ARRAY_LEN(inputs); i++) {
		const char *unit = i < ARRAY_LEN(s->units) ? s->units[i] : NULL;

		inputs[i] = rig_gauge;
		inputs[i].kind = input_kind(s);
		if (s->nature & TAKES_STATES)
			inputs[i].unit = unit_find("1");
		if (unit)
			inputs[i].unit = unit_find(unit);
	}
	return rig_new(s->name, s->options, inputs, op_find(s->name)->min_inputs);
}

double op_subject_value(const struct op_subject *s, double value)
{
	if (!isfinite(value))
		return value;
	if (s->nature & TAKES_POSITIVE)
		value = fabs(value);
	return s->nature & TAKES_STATES ? value > 0.0 : value;
}
