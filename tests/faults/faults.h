/* faults.h: how long the tests of faults go on. In CI a sample of a few seconds; behind
 * `./build.sh soak`, which sets CLEAT_SOAK to the number of its round, all of it, with other
 * chances in every round. */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* The round of a soak, 0 in CI. */
static inline uint64_t
faults_round(void)
{
    const char *round = getenv("CLEAT_SOAK");
    return round == NULL ? 0 : strtoull(round, NULL, 10);
}

static inline int
faults_loops(int in_ci, int in_soak)
{
    return faults_round() == 0 ? in_ci : in_soak;
}

/* One place in so many of those where the runtime itself can fail: each in a soak, and each when
 * CLEAT_EVERY is set, as `./build.sh coverage` does. */
static inline int
faults_stride(int in_ci)
{
    return faults_round() == 0 && getenv("CLEAT_EVERY") == NULL ? in_ci : 1;
}

/* Whether the same is done again right after the failure at `place`. In a soak after one of eight,
 * others in each round: being right takes most of its time, and what one of the failures breaks
 * shows at the eighth too. */
static inline bool
faults_again(long place)
{
    uint64_t round = faults_round();
    return round == 0 || ((uint64_t)place + round) % 8 == 0;
}

#endif
