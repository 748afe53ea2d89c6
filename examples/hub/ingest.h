/* ingest.h: from the text files of a directory to rows of the catalog and bodies in content. */
#ifndef HUB_INGEST_H
#define HUB_INGEST_H

#include <cleat/cleat.h>

struct ingest_counts {
    int added;
    int changed;
    int unchanged;
    int retired; /* active before, and no longer there */
    int skipped; /* not UTF-8 text, too large, or not readable */
};

/* Brings both databases up to date with the files below a directory and adds to the counts. A
 * second call with the same files writes no document. Has said what failed when it returns a
 * failure; what was committed until then stays, and the next call goes on from there. */
cleat_status ingest_directory(cleat_registry *registry, const char *directory,
                              struct ingest_counts *counts);

#endif
