/* check_cache.h: what `cleat check` found fine before, and need not look at again. */
#ifndef CLEAT_CHECK_CACHE_H
#define CLEAT_CHECK_CACHE_H

#include "model/stages.h"

/* Whether a check with the same tool, options and contents of all files has found nothing. Reads
 * every file that could change the answer, and does not run libclang. */
bool check_cache_is_fine(const struct options *options);

/* Remembers that a check found nothing. That it cannot be written is no failure. */
void check_cache_store(const struct options *options, const struct model *model);

#endif
