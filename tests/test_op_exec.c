/* SPDX-License-Identifier: Apache-2.0 */
/* exec: results in the order of the samples, whatever the process does. The process is played by the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "base/unit.h"
#include "pipelines/op_exec.h"
#include "tests/op_rig.h"

static int take(void *ctx, const struct sample *in, int64_t *stamp)
{
	int *result = ctx;

	*stamp = in->at_us + 7;
	return *result;
}

static struct op_rig *with_host(const char *options, struct op_exec_host *host, int *result)
{
	struct op_rig *rig = rig_new("exec", options, NULL, 0);

	*result = 0;
	*host = (struct op_exec_host){ .ctx = result, .send = take };
	op_exec_set_host(rig->op.state, host);
	return rig;
}

static bool answer(struct op_rig *rig, double t_s, enum op_exec_kind kind, double y)
{
	return op_exec_answer(rig->op.state, &(struct op_exec_answer){ t_s, kind, y });
}

static void a_result_is_dated_by_the_sample_it_answers(void **state)
{
	struct op_exec_host host;
	int result;
	struct op_rig *rig = with_host("cat", &host, &result);

	(void)state;
	rig_push(rig, 0, 1763700000.123456, 5);
	rig_push(rig, 0, 1763700001.5, 6);
	EXPECT_NOTHING(rig);
	assert_true(answer(rig, 1763700000.123456, OP_EXEC_NUMBER, 50));
	assert_true(answer(rig, 1763700001.5, OP_EXEC_GAP, 1));
	assert_int_equal(rig->out[0].at_us, 1763700000123456);
	assert_int_equal(rig->out[1].at_us, 1763700001500000);
	EXPECT(rig, 50, NAN);
	rig_free(rig);
}

static void gaps_are_not_sent_and_wait_for_their_turn(void **state)
{
	struct op_exec_host host;
	int result;
	struct op_rig *rig = with_host("cat", &host, &result);

	(void)state;
	rig_push(rig, 0, 0, NAN);
	EXPECT(rig, NAN);
	rig_push(rig, 0, 1, 1);
	rig_push(rig, 0, 2, NAN);
	assert_int_equal(op_exec_n_waiting(rig->op.state), 1);
	EXPECT_NOTHING(rig);
	assert_true(answer(rig, 1, OP_EXEC_NUMBER, 9));
	EXPECT(rig, 9, NAN);
	rig_free(rig);
}

static void who_answers_a_later_one_has_nothing_for_those_before(void **state)
{
	struct op_exec_host host;
	int result;
	struct op_rig *rig = with_host("cat", &host, &result);

	(void)state;
	for (int t = 0; t < 4; t++)
		rig_push(rig, 0, t, t);
	assert_true(answer(rig, 2, OP_EXEC_NUMBER, 20));
	EXPECT(rig, NAN, NAN, 20);
	assert_false(answer(rig, 1, OP_EXEC_NUMBER, 10));
	assert_false(answer(rig, 17, OP_EXEC_NUMBER, 10));
	assert_true(answer(rig, 3, OP_EXEC_NUMBER, 30));
	EXPECT(rig, 30);
	rig_free(rig);
}

static void equal_stamps_are_answered_in_their_order(void **state)
{
	struct op_exec_host host;
	int result;
	struct op_rig *rig = with_host("cat", &host, &result);

	(void)state;
	rig_push(rig, 0, 1, 1);
	rig_push(rig, 0, 1, 2);
	assert_true(answer(rig, 1, OP_EXEC_NUMBER, 10));
	assert_true(answer(rig, 1, OP_EXEC_NUMBER, 20));
	assert_false(answer(rig, 1, OP_EXEC_NUMBER, 30));
	EXPECT(rig, 10, 20);
	rig_free(rig);
}

static void the_watermark_gives_up_what_it_has_passed(void **state)
{
	struct op_exec_host host;
	int64_t at_us, stamp;
	int result;
	struct op_rig *rig = with_host("cat", &host, &result);

	(void)state;
	assert_true(rig->class->due_us(rig->op.state) == INT64_MAX);
	for (int t = 1; t <= 3; t++)
		rig_push(rig, 0, t, t);
	assert_true(op_exec_oldest(rig->op.state, &at_us, &stamp));
	assert_int_equal(at_us, 1000000);
	assert_int_equal(stamp, 1000007);
	assert_int_equal(rig->class->due_us(rig->op.state), 1000001);
	rig_advance(rig, 1);
	EXPECT_NOTHING(rig); /* it may still be answered */
	rig_advance(rig, 2.5);
	EXPECT(rig, NAN, NAN);
	assert_false(answer(rig, 1, OP_EXEC_NUMBER, 1));
	rig_finish(rig);
	EXPECT(rig, NAN);
	assert_false(op_exec_oldest(rig->op.state, &at_us, &stamp));
	rig_free(rig);
}

static void what_does_not_fit_is_lost_and_counted(void **state)
{
	struct op_exec_host host;
	int result;
	struct op_rig *rig = with_host("command=cat queue=2", &host, &result);

	(void)state;
	rig_push(rig, 0, 1, 1);
	rig_push(rig, 0, 2, 2);
	rig_push_lost(rig, 0, 3, 3, 4);
	result = -EAGAIN;
	assert_true(answer(rig, 1, OP_EXEC_NUMBER, 10));
	rig_push(rig, 0, 4, 4);
	assert_int_equal(rig->out[0].lost, 5);
	EXPECT(rig, 10);
	assert_true(answer(rig, 2, OP_EXEC_NUMBER, 20));
	assert_int_equal(rig->out[0].lost, 1);
	EXPECT(rig, 20);
	rig_free(rig);
}

static void without_a_process_every_result_is_a_gap(void **state)
{
	struct op_exec_host host;
	int result;
	struct op_rig *rig = with_host("cat", &host, &result);

	(void)state;
	result = -ESRCH;
	rig_push(rig, 0, 1, 1);
	op_exec_set_host(rig->op.state, NULL);
	rig_push(rig, 0, 2, 1);
	EXPECT(rig, NAN, NAN);
	rig_free(rig);
}

static void no_result_hands_its_losses_on(void **state)
{
	struct op_exec_host host;
	int result;
	struct op_rig *rig = with_host("cat", &host, &result);

	(void)state;
	rig_push_lost(rig, 0, 1, 1, 3);
	rig_push_lost(rig, 0, 2, 1, 2);
	assert_true(answer(rig, 1, OP_EXEC_NOTHING, NAN));
	EXPECT_NOTHING(rig);
	assert_true(answer(rig, 2, OP_EXEC_NUMBER, 1));
	assert_int_equal(rig->out[0].lost, 5);
	EXPECT(rig, 1);
	rig_free(rig);
}

static void the_end_of_a_process_gives_up_all(void **state)
{
	struct op_exec_host host;
	int result;
	struct op_rig *rig = with_host("command=cat state=yes", &host, &result);

	(void)state;
	for (int t = 0; t < 3; t++)
		rig_push(rig, 0, t, t);
	assert_true(answer(rig, 0, OP_EXEC_NUMBER, 0.25));
	op_exec_give_up(rig->op.state);
	EXPECT(rig, 1, NAN, NAN);
	assert_int_equal(rig->output.kind, SERIES_STATE);
	rig_free(rig);
}

static void it_needs_a_program_and_trust(void **state)
{
	struct op_rig *rig = rig_new("exec", "/usr/bin/python3", NULL, 0);
	const char *const *argv = op_exec_command(rig->op.state);

	(void)state;
	assert_string_equal(argv[0], "/usr/bin/python3");
	assert_null(argv[1]);
	assert_true(rig->class->needs_local_trust(rig->op.state));
	rig_free(rig);
	assert_int_equal(rig_option_errors("exec", ""), 1);
	assert_string_equal(rig_refusal("exec", "command=", NULL, 0), "command must name a program");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_result_is_dated_by_the_sample_it_answers),
		cmocka_unit_test(gaps_are_not_sent_and_wait_for_their_turn),
		cmocka_unit_test(who_answers_a_later_one_has_nothing_for_those_before),
		cmocka_unit_test(equal_stamps_are_answered_in_their_order),
		cmocka_unit_test(the_watermark_gives_up_what_it_has_passed),
		cmocka_unit_test(what_does_not_fit_is_lost_and_counted),
		cmocka_unit_test(without_a_process_every_result_is_a_gap),
		cmocka_unit_test(no_result_hands_its_losses_on),
		cmocka_unit_test(the_end_of_a_process_gives_up_all),
		cmocka_unit_test(it_needs_a_program_and_trust),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
