/* SPDX-License-Identifier: Apache-2.0 */
/* spectral_centroid against tones whose middle is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info vibration = { .kind = SERIES_GAUGE, .period_us = 1000 };

/* Steps of 1000 / 256 Hz. Amplitudes 1 and 2: powers 1 to 4, so the middle is four fifths of the way from 125 to 375 Hz. */
static void the_middle_of_two_tones_is_nearer_to_the_stronger(void **state)
{
	struct op_rig *rig = rig_new("spectral_centroid", "size=256", &vibration, 1);

	(void)state;
	for (int i = 0; i < 256; i++)
		rig_push(rig, 0, i * 1e-3, 1e3 + sin(2 * M_PI * 0.125 * i) + 2 * sin(2 * M_PI * 0.375 * i));
	assert_int_equal(rig->n_out, 1);
	assert_true(fabs(rig->out[0].value - 325) < 1e-6);
	assert_string_equal(rig->output.unit->code, "Hz");
	rig_free(rig);
}

static void a_constant_has_none(void **state)
{
	struct op_rig *rig = rig_new("spectral_centroid", "size=16", &vibration, 1);

	(void)state;
	for (int i = 0; i < 16; i++)
		rig_push(rig, 0, i * 1e-3, -7.3);
	EXPECT(rig, NAN);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_middle_of_two_tones_is_nearer_to_the_stronger),
		cmocka_unit_test(a_constant_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
