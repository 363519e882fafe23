/* SPDX-License-Identifier: Apache-2.0 */
/*
 * op_words.c - what operators are called in ESPHome, Home Assistant, Telegraf, Flux, eKuiper, SQL, SciPy and pandas, and what does the
 * same here. These words stay suggestions: a config has one name for one thing.
 */
#include <string.h>

#include "base/check.h"
#include "pipelines/op.h"

static const struct op_word words[] = {
	{ "multiply", "scale" },
	{ "calibrate_linear", "calibrate" },
	{ "calibrate_polynomial", "calibrate: {method: polynomial}" },
	{ "round_to_multiple_of", "round: {step: ...}" },
	{ "to_ntc_temperature", "ntc" },
	{ "abs", "absolute" },
	{ "not", "invert" },
	{ "lambda", "expression' or 'lua" },
	{ "starlark", "lua" },
	{ "starlark_processor", "lua" },

	{ "filter_out", "range" },
	{ "between", "range" },
	{ "outlier", "hampel" },
	{ "medfilt", "median" },
	{ "skip_initial", "skip" },
	{ "dedup", "dedupe" },
	{ "deduplicate", "dedupe" },
	{ "distinct", "dedupe" },
	{ "fillna", "hold_last' or 'interpolate" },
	{ "ffill", "hold_last" },
	{ "fill", "hold_last' or 'interpolate" },

	{ "sliding_window_moving_average", "moving_average" },
	{ "time_simple_moving_average", "moving_average" },
	{ "timed_moving_average", "moving_average" },
	{ "rolling", "sliding_window" },
	{ "exponential_moving_average", "exponential" },
	{ "ema", "exponential" },
	{ "ewm", "exponential" },
	{ "ewma", "exponential" },
	{ "lowpass", "biquad: {type: low_pass, ...}' or 'exponential" },
	{ "low_pass", "biquad: {type: low_pass, ...}' or 'exponential" },
	{ "high_pass", "biquad: {type: high_pass, ...}" },
	{ "highpass", "biquad: {type: high_pass, ...}" },
	{ "band_pass", "biquad: {type: band_pass, ...}" },
	{ "bandpass", "biquad: {type: band_pass, ...}" },
	{ "notch", "biquad: {type: notch, ...}" },
	{ "butterworth", "biquad" },
	{ "savgol_filter", "savitzky_golay" },
	{ "holt_winters", "holt" },

	{ "diff", "delta" },
	{ "difference", "delta' or, of two inputs, 'combine: difference" },
	{ "non_negative_derivative", "counter_rate" },
	{ "non_negative_difference", "counter_rate' or 'delta" },
	{ "rate", "counter_rate" },
	{ "irate", "counter_rate" },
	{ "cumulative_sum", "integral" },
	{ "throttle_average", "throttle: {keep: mean, ...}" },
	{ "delayed_on", "debounce" },
	{ "delayed_off", "debounce" },
	{ "delayed_on_off", "debounce" },
	{ "settle", "debounce" },
	{ "state_duration", "time_in_state" },
	{ "timeout", "missing" },

	{ "min", "sliding_window: {value: min, ...}" },
	{ "max", "sliding_window: {value: max, ...}" },
	{ "minmax", "sliding_window: {value: range, ...}" },
	{ "mean", "moving_average" },
	{ "average", "moving_average" },
	{ "sum", "sliding_window: {value: sum, ...}' or, of several inputs, 'combine: sum" },
	{ "stddev", "sliding_window: {value: stddev, ...}" },
	{ "rms", "sliding_window: {value: rms, ...}" },
	{ "kurtosis", "sliding_window: {value: kurtosis, ...}" },
	{ "slope", "sliding_window: {value: slope, ...}" },
	{ "quantile", "sliding_window: {value: quantile, ...}" },
	{ "percentile", "sliding_window: {value: quantile, ...}" },
	{ "entropy", "sliding_window: {value: entropy, ...}" },
	{ "resample", "tumbling_window" },
	{ "aggregate_window", "tumbling_window" },
	{ "tumble", "tumbling_window" },
	{ "hop", "hopping_window" },

	{ "fft", "spectral_peak' or 'band_power" },
	{ "welch", "band_power" },
	{ "hilbert", "envelope" },

	{ "hysteresis", "threshold" },
	{ "deadman", "missing" },
	{ "merge", "combine" },
	{ "join", "combine' or 'expression" },
	{ "formula", "expression" },
	{ "python", "exec" },
};

const char *op_word_meaning(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(words[i].word, word))
			return words[i].meaning;
	return NULL;
}

const struct op_word *op_word_at(size_t i)
{
	return i < ARRAY_LEN(words) ? &words[i] : NULL;
}
