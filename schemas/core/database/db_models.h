/* core/database/db_models.h: the registry of modules, with what each of them keeps in the shared
 * database: its settings and its log. The framework database is filled by four modules; this one
 * owns the table the others speak of. */
#include <cleat/schema.h>

#include "../types.h"

#define DATABASE_NAME "framework"

/** A module that the framework has found, whether it is switched on or not. */
TABLE(modules) {
    integer     id         PRIMARY_KEY;
    module_name module_id  NOT_NULL UNIQUE;       ///< the dotted name, "core.database"
    text        name       NOT_NULL LENGTH(255);  ///< for people
    text        version    LENGTH(50);
    text        description;
    boolean     enabled    NOT_NULL DEFAULT(true);
    timestamp   created_at NOT_NULL DEFAULT_NOW;
    timestamp   updated_at NOT_NULL DEFAULT_NOW UPDATE_NOW;
};

/** A setting of one module. Removing a module that still has settings is refused. */
TABLE(module_settings) {
    integer           id         PRIMARY_KEY;
    integer           module_id  NOT_NULL REFERENCES(modules, id) ON_DELETE(NO_ACTION);
    setting_name      key        NOT_NULL;
    text              value;  ///< written as value_type says
    enum setting_type value_type NOT_NULL;
    text              description;
    timestamp         created_at NOT_NULL DEFAULT_NOW;
    timestamp         updated_at NOT_NULL DEFAULT_NOW UPDATE_NOW;

    UNIQUE_ON(module_id, key);
};

/** A line that a module logged. */
TABLE(module_logs) {
    integer   id         PRIMARY_KEY AUTOINCREMENT;
    integer   module_id  NOT_NULL REFERENCES(modules, id) ON_DELETE(NO_ACTION);
    text      level      NOT_NULL LENGTH(20);
    text      message    NOT_NULL;
    json      details;
    timestamp created_at NOT_NULL DEFAULT_NOW;

    INDEX_ON(module_id, created_at DESC);
};
