/* answers.h: the runtime's calls of SQLite that may fail, caught by the linker (--wrap, listed in
 * CMakeLists.txt): one of them, or all from one on, is answered with a code and not made. So every
 * check of an answer is reached, also those of calls that no disk and no memory lets fail. */
#ifndef ANSWERS_H
#define ANSWERS_H

#include <stdbool.h>

/* Lets the call at `place`, from 1, be answered with `code`, and with `lasting` all after it. */
void answers_arm(long place, bool lasting, int code);

/* Ends that. Whether the place was never reached. */
bool answers_disarm(void);

/* The last place that was answered, in words; lent until the next call. */
const char *answers_describe(void);

#endif
