/* test_settings.c: what a module declares about its settings, and what users prefer over that: keys
 * of two columns, tables without a rowid, a reference of two columns that follows its target. */
#include <core/database/db_models.cleat.h>
#include <core/preferences/db_models.cleat.h>

#include "tables.h"

static settings_user_preferences_row
new_preference(void)
{
    settings_user_preferences_row row = settings_user_preferences_defaults();
    row.module_id = new_name("core.database");
    row.setting_key = new_name("page_size");
    row.value = new_json("size");
    row.user_id = new_text("zo\xc3\xab");
    row.updated_at = new_time();
    row.changed_by = new_text("web page");
    return row;
}

UNIQUE_KEY(settings_user_preferences, module_id_and_setting_key_and_user_id, r->module_id,
           r->setting_key, r->user_id)
INDEX_KEY(settings_user_preferences, module_id, r->module_id)
INDEX_KEY(settings_user_preferences, module_id_and_setting_key, r->module_id, r->setting_key)
INDEX_KEY(settings_user_preferences, setting_key, r->setting_key)
INDEX_KEY(settings_user_preferences, user_id, r->user_id)
TABLE_CALLS(settings_user_preferences, preference, "", (r->id),
            &settings_user_preferences_by_module_id_and_setting_key_and_user_id,
            &settings_user_preferences_by_module_id,
            &settings_user_preferences_by_module_id_and_setting_key,
            &settings_user_preferences_by_setting_key, &settings_user_preferences_by_user_id)

static settings_module_defaults_row
new_default(void)
{
    settings_module_defaults_row row = settings_module_defaults_defaults();
    row.module_id = new_name("core.database");
    row.key = new_name("page_size");
    row.default_value = new_text("4096");
    row.value_type = (enum setting_type)(new_number() % 5);
    row.description = new_text("bytes of a page");
    row.env_var = new_name("APP_PAGE_SIZE");
    row.constraints = "{\"least\": 512, \"greatest\": 65536}";
    row.created_at = new_time();
    row.updated_at = new_time();
    return row;
}

INDEX_KEY(settings_module_defaults, module_id, r->module_id)
TABLE_CALLS(settings_module_defaults, default, "", (r->module_id, r->key),
            &settings_module_defaults_by_module_id)

static settings_user_overrides_row
new_override(void)
{
    settings_user_overrides_row row = settings_user_overrides_defaults();
    settings_module_defaults_row declared = stored_default();
    row.module_id = declared.module_id;
    row.key = declared.key;
    row.user_value = new_text("8192");
    row.changed_at = new_time();
    row.changed_by = new_text("root");
    return row;
}

INDEX_KEY(settings_user_overrides, module_id, r->module_id)
TABLE_CALLS(settings_user_overrides, override, "", (r->module_id, r->key),
            &settings_user_overrides_by_module_id)

static const struct table_test *const tables[] = {
    &settings_user_preferences_test,
    &settings_module_defaults_test,
    &settings_user_overrides_test,
    NULL,
};

static const struct suite suite = {"settings", tables, NULL};

/* ---- what this database promises beside ---- */

static void
a_preference_is_the_default_users_unless_it_says_so(void **state)
{
    (void)state;
    settings_user_preferences_row row = settings_user_preferences_defaults();
    assert_string_equal(row.user_id, "default");
    assert_string_equal(row.changed_by, "user");
    row.module_id = "core.database";
    row.setting_key = "page_size";
    row.value = "4096";
    works(settings_user_preferences_insert(session, &row));
    works(settings_user_preferences_exists_by_module_id_and_setting_key_and_user_id(
        session, "core.database", "page_size", "default"));
}

static void
two_users_may_prefer_different_values(void **state)
{
    (void)state;
    settings_user_preferences_row row = stored_preference();
    row.id = 0;
    gives(CLEAT_CONFLICT, settings_user_preferences_insert(session, &row));
    blames("user_preferences", "module_id, setting_key, user_id");
    row.user_id = "somebody else";
    works(settings_user_preferences_insert(session, &row));
}

static void
both_columns_make_the_key(void **state)
{
    (void)state;
    settings_module_defaults_row one = stored_default();
    settings_module_defaults_row other = one;
    other.key = new_name("cache_size");
    works(settings_module_defaults_insert(session, &other));
    int64_t count;
    works(settings_module_defaults_count_by_module_id(session, one.module_id, &count));
    assert_int_equal(count, 2);
    works(settings_module_defaults_delete(session, one.module_id, one.key));
    works(settings_module_defaults_exists(session, other.module_id, other.key));
    gives(CLEAT_NOT_FOUND, settings_module_defaults_exists(session, one.module_id, one.key));
}

static void
an_override_needs_both_columns_of_its_declaration(void **state)
{
    (void)state;
    settings_user_overrides_row row = new_override();
    row.key = "no such setting";
    gives(CLEAT_FOREIGN_KEY, settings_user_overrides_insert(session, &row));
    blames("user_overrides", NULL);
}

static void
an_override_goes_with_its_declaration(void **state)
{
    (void)state;
    settings_user_overrides_row row = stored_override();
    works(settings_module_defaults_delete(session, row.module_id, row.key));
    gives(CLEAT_NOT_FOUND, settings_user_overrides_exists(session, row.module_id, row.key));
}

static void
an_override_follows_a_declaration_that_is_renamed(void **state)
{
    (void)state;
    settings_user_overrides_row row = stored_override();
    settings_user_overrides_row moved = settings_user_overrides_defaults();
    works(cleat_session_execute(session, "UPDATE settings.module_defaults SET key = 'renamed'"));
    works(settings_user_overrides_get(session, row.module_id, "renamed", &moved));
    assert_string_equal(moved.user_value, row.user_value);
    gives(CLEAT_NOT_FOUND, settings_user_overrides_exists(session, row.module_id, row.key));
    settings_user_overrides_clear(&moved);
}

/* A key column without a rowid is never NULL, not even in SQLite. */
static void
half_a_key_is_none(void **state)
{
    (void)state;
    settings_module_defaults_row row = new_default();
    row.key = NULL;
    gives(CLEAT_NOT_NULL, settings_module_defaults_insert(session, &row));
    blames("module_defaults", "key");
}

static void
tables_without_rowid_have_none(void **state)
{
    (void)state;
    const char *sql =
        "SELECT group_concat(name) FROM (SELECT name FROM pragma_table_list "
        "WHERE wr = 1 AND strict = 1 ORDER BY name)";
    assert_string_equal(ask_file("settings", sql), "module_defaults,user_overrides");
}

/* The modules are in another file, which every session here has attached. */
static void
preferences_join_the_modules_of_the_framework(void **state)
{
    (void)state;
    framework_modules_row module = framework_modules_defaults();
    settings_user_preferences_row row = new_preference();
    module.module_id = row.module_id;
    module.name = "Database";
    works(framework_modules_insert(session, &module));
    works(cleat_session_commit(session));
    works(settings_user_preferences_insert(session, &row));
    assert_string_equal(ask_session("SELECT m.name FROM settings.user_preferences AS p "
                                    "JOIN framework.modules AS m USING (module_id)"),
                        "Database");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISES_OF_EVERY_TABLE(suite),
        PROMISE(a_preference_is_the_default_users_unless_it_says_so, suite),
        PROMISE(two_users_may_prefer_different_values, suite),
        PROMISE(both_columns_make_the_key, suite),
        PROMISE(an_override_needs_both_columns_of_its_declaration, suite),
        PROMISE(an_override_goes_with_its_declaration, suite),
        PROMISE(an_override_follows_a_declaration_that_is_renamed, suite),
        PROMISE(half_a_key_is_none, suite),
        PROMISE(tables_without_rowid_have_none, suite),
        PROMISE(preferences_join_the_modules_of_the_framework, suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
