/* chance.c: random numbers that a seed repeats (splitmix64), and how a test fails. */
#include "property.h"

#include <stdarg.h>
#include <stdlib.h>

static uint64_t state;

void
chance_start(uint64_t seed)
{
    state = seed;
}

uint64_t
chance_bits(void)
{
    state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t mixed = (state ^ (state >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ (mixed >> 31);
}

size_t
chance_below(size_t count)
{
    return (size_t)(chance_bits() % count);
}

bool
chance_one_in(size_t count)
{
    return chance_below(count) == 0;
}

void
fail_at(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    fprintf(stderr, "%s:%d: ", file, line);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}
