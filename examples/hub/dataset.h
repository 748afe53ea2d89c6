/* dataset.h: directories as datasets, listed in the hub's catalog. */
#ifndef HUB_DATASET_H
#define HUB_DATASET_H

#include <cleat/cleat.h>

/* Notes that a directory is being read: as a dataset, new or known, that the hub's catalog lists.
 * The URI is that of the directory. */
cleat_status dataset_put(cleat_session *catalog, const char *directory, const char *uri,
                         int64_t *ret_id);

#endif
