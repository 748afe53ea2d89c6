/* resource.h: rows of catalog.resources, which everything with a URI has. */
#ifndef HUB_RESOURCE_H
#define HUB_RESOURCE_H

#include <catalog/db_models.cleat.h>

enum { RESOURCE_URI_SIZE = 513 }; /* the catalog takes 512 characters */

/* Writes the file: URI of an absolute path. Returns false when it would be too long. */
bool resource_uri(const char *path, char ret_uri[RESOURCE_URI_SIZE]);

/* Writes a resource by its URI. Its id and the time of its creation become those of the row that
 * was there already, or of the new one. */
cleat_status resource_put(cleat_session *catalog, catalog_resources_row *resource);

#endif
