/* core/preferences/db_models.h: what modules declare as their settings and what users have set,
 * in a file of its own. The modules themselves are in another database, so references to them are
 * soft ones. */
#include <cleat/schema.h>

#include "../types.h"

#define DATABASE_NAME "settings"

/** A value that a user prefers over the module's own. */
TABLE(user_preferences) {
    integer      id          PRIMARY_KEY AUTOINCREMENT;
    module_name  module_id   NOT_NULL SOFT_REFERENCES(framework.modules, module_id);
    setting_name setting_key NOT_NULL INDEX;
    json         value       NOT_NULL;
    text         user_id     NOT_NULL DEFAULT("default") LENGTH(100) INDEX;
    timestamp    updated_at  NOT_NULL DEFAULT_NOW UPDATE_NOW;
    text         changed_by  NOT_NULL DEFAULT("user") LENGTH(100);

    UNIQUE_ON(module_id, setting_key, user_id);
};

/** What a module declares about one of its settings. */
TABLE(module_defaults) {
    module_name       module_id     NOT_NULL SOFT_REFERENCES(framework.modules, module_id);
    setting_name      key           NOT_NULL;
    text              default_value NOT_NULL;     ///< written as value_type says
    enum setting_type value_type    NOT_NULL;
    text              description;
    text              env_var       LENGTH(128);  ///< the environment variable that overrides it
    json              constraints;                ///< least, greatest, allowed values
    timestamp         created_at    NOT_NULL DEFAULT_NOW;
    timestamp         updated_at    NOT_NULL DEFAULT_NOW UPDATE_NOW;

    PRIMARY_KEY_ON(module_id, key);
    WITHOUT_ROWID;
};

/** A user's value for a declared setting. It goes when the declaration goes, and follows when a
 * module renames its setting. */
TABLE(user_overrides) {
    module_name  module_id  NOT_NULL;
    setting_name key        NOT_NULL;
    text         user_value NOT_NULL;
    timestamp    changed_at NOT_NULL DEFAULT_NOW UPDATE_NOW;
    text         changed_by LENGTH(100);

    PRIMARY_KEY_ON(module_id, key);
    FOREIGN_KEY_ON((module_id, key), module_defaults(module_id, key))
        ON_DELETE(CASCADE) ON_UPDATE(CASCADE);
    WITHOUT_ROWID;
};
