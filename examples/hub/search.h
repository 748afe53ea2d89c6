/* search.h: full-text search over the documents of the catalog. */
#ifndef HUB_SEARCH_H
#define HUB_SEARCH_H

#include <cleat/cleat.h>

/* Prints the documents that have all of the words, at most `count`, best first, each with the line
 * that has most of them. Has said what failed when it returns a failure. */
cleat_status search(cleat_registry *registry, const char *words, int count);

#endif
