/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain_math.h - sine, cosine, exponential and logarithm by additions, multiplications and nothing else.
 *
 * The C library may give another last bit on another processor, because it chooses by what the processor can do. A
 * filter's coefficients would then differ from board to board, and so would all its results. These are the same
 * everywhere; they are made for set-up, and as good as a library's: within 4e-16 of the true value for |x| <= 1.
 */
#ifndef RUNNEL_PIPELINES_PLAIN_MATH_H
#define RUNNEL_PIPELINES_PLAIN_MATH_H

#define PLAIN_PI 3.14159265358979323846

/** sin(2 pi t), cos(2 pi t): an angle in turns, which are exact where a filter needs it. |t| < 2^51. */
double plain_sin_turns(double t);
double plain_cos_turns(double t);

/** e^x, and e^x - 1 without losing digits near 0. Below -745 it is 0, above 709 infinite. */
double plain_exp(double x);
double plain_expm1(double x);

/** Binary logarithm of x > 0, good to 4e-16 of the true value. */
double plain_log2(double x);

/** ln x, within 1 unit in the last place. 0: -infinity; below 0 or NaN: NaN; infinity: itself. */
double plain_log(double x);

#endif
