/* SPDX-License-Identifier: MIT */
/* Decimal numbers in a text, read from its start. */
#pragma once

#include <stdint.h>

/* Takes the digits at *at, and leaves it behind them. Returns the number, or -EINVAL if there is no
 * digit or the number is above max. */
int64_t number_take(const char **at, int64_t max);

/* The same for a whole string from min on; -EINVAL also when something follows the digits. */
int64_t number_parse(const char *string, int64_t min, int64_t max);

/* As strtol(3) takes one: blanks and a sign may come before it, and where there is no digit it is 0 and
 * *at stays. What is too long becomes the nearest of -NUMBER_FAR and NUMBER_FAR. */
int64_t number_take_signed(const char **at);
#define NUMBER_FAR INT64_C(1000000000000)

/* The value of a hexadecimal digit, or -EINVAL. */
int number_hex_digit(char c);
