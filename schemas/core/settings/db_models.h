/* core/settings/db_models.h: the history of the framework's settings: who changed what, the
 * backups taken, and the plan for taking them. The values themselves are in module_settings and,
 * per user, in the database of core.preferences. */
#include <cleat/schema.h>

#include "../types.h"

#define DATABASE_NAME "framework"

/** A copy of all settings at one moment. */
TABLE(settings_backups) {
    integer   id            PRIMARY_KEY;
    timestamp date_created  NOT_NULL INDEX DEFAULT_NOW;
    text      version       NOT_NULL LENGTH(50);  ///< of the program that wrote it
    json      settings_data NOT_NULL;
    text      description;
};

/** A change of one setting. Rows are only ever added. */
TABLE(settings_events) {
    integer      id           PRIMARY_KEY AUTOINCREMENT;
    timestamp    date_created NOT_NULL DEFAULT_NOW;
    module_name  module_id    NOT_NULL;
    setting_name setting_key  NOT_NULL;
    json         old_value;                 ///< NULL: the setting was new
    json         new_value;                 ///< NULL: the setting was removed
    text         source       LENGTH(100);  ///< who or what changed it

    INDEX_ON(module_id, date_created DESC);
};

/** When the next backup is due and how many are kept. */
TABLE(scheduled_backups) {
    integer   id               PRIMARY_KEY;
    timestamp date_created     NOT_NULL DEFAULT_NOW;
    timestamp next_backup_time NOT_NULL;
    integer   frequency_days   NOT_NULL CHECK(frequency_days > 0);
    integer   retention_count  NOT_NULL CHECK(retention_count > 0);
    boolean   enabled          NOT_NULL DEFAULT(true);
    text      last_error;

    INDEX_ON(next_backup_time) WHERE(enabled = 1);
};
