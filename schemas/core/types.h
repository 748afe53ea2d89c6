/* core/types.h: what the core modules share: the names under which modules and settings are known
 * and the kinds of value a setting can have. Included after <cleat/schema.h> and before
 * DATABASE_NAME; it describes no table of its own. */
#ifndef SCHEMAS_CORE_TYPES_H
#define SCHEMAS_CORE_TYPES_H

#include <cleat/schema.h>

typedef text module_name LENGTH(100); /* "core.database" */
typedef text setting_name LENGTH(255);

/** What the text of a setting's value means. */
enum setting_type {
    SETTING_TYPE_STRING,
    SETTING_TYPE_INTEGER,
    SETTING_TYPE_FLOAT,
    SETTING_TYPE_BOOLEAN,
    SETTING_TYPE_JSON
};

#endif
