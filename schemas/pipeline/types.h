/* pipeline/types.h: the domain types that the modules of the pipeline share, so that a limit is
 * written once. Included after <cleat/schema.h> and before DATABASE_NAME; it describes no table of
 * its own. */
#ifndef SCHEMAS_PIPELINE_TYPES_H
#define SCHEMAS_PIPELINE_TYPES_H

#include <cleat/schema.h>

typedef text sha256 LENGTH(64);           /* in hex */
typedef text name_text LENGTH(255);       /* names people give */
typedef text version_text LENGTH(128);    /* names and versions of tools and models */
typedef text uri_text LENGTH(2048);       /* where something large is stored */
typedef text long_text LENGTH(64 * 1024); /* what is longer is stored under a URI */
typedef text error_text LENGTH(4096);
typedef json small_json LENGTH(8192);     /* metadata, statistics; sorted keys, no spaces */

#endif
