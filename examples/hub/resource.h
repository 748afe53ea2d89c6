/* resource.h: how files are named in the catalog. */
#ifndef HUB_RESOURCE_H
#define HUB_RESOURCE_H

#include <stdbool.h>

enum { RESOURCE_URI_SIZE = 513 }; /* the catalog takes 512 characters */

/* Writes the file: URI of an absolute path. Returns false when it would be too long. */
bool resource_uri(const char *path, char ret_uri[RESOURCE_URI_SIZE]);

#endif
