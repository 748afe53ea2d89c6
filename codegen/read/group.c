/* group.c: modules that name the same database become one database, and names between tables
 * become pointers. What leads nowhere keeps a NULL pointer or an empty list, for the rules to
 * report. Everything is sorted by name, so that the order of files never shows. */
#include "model/stages.h"

#include "common/arena.h"
#include "interpret.h"
#include "model/extend.h"

#include <string.h>

struct group {
    struct model *model;
    GHashTable *databases; /* name -> struct database */
    GHashTable *tables;    /* "database.table" -> struct table */
};

/* ---- order ---- */

static int
compare_modules(gconstpointer left, gconstpointer right)
{
    const struct module *a = *(struct module *const *)left;
    const struct module *b = *(struct module *const *)right;
    return strcmp(a->name, b->name);
}

static int
compare_tables(gconstpointer left, gconstpointer right)
{
    const struct table *a = *(struct table *const *)left;
    const struct table *b = *(struct table *const *)right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : strcmp(a->module->name, b->module->name);
}

static int
compare_databases(gconstpointer left, gconstpointer right)
{
    const struct database *a = *(struct database *const *)left;
    const struct database *b = *(struct database *const *)right;
    return strcmp(a->name, b->name);
}

static int
compare_enumerations(gconstpointer left, gconstpointer right)
{
    const struct enumeration *a = *(struct enumeration *const *)left;
    const struct enumeration *b = *(struct enumeration *const *)right;
    int order = strcmp(a->name, b->name);
    if (order == 0)
        order = strcmp(a->at.source->path, b->at.source->path);
    if (order == 0)
        order = a->at.offset < b->at.offset ? -1 : a->at.offset > b->at.offset;
    return order;
}

static int
compare_distincts(gconstpointer left, gconstpointer right)
{
    const struct distinct *a = *(struct distinct *const *)left;
    const struct distinct *b = *(struct distinct *const *)right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : strcmp(a->at.source->path, b->at.source->path);
}

/* ---- databases ---- */

static struct database *
database_of(struct group *group, const char *name)
{
    struct database *database = g_hash_table_lookup(group->databases, name);
    if (database == NULL) {
        database = ARENA_NEW(struct database);
        database->name = name;
        database->modules = arena_list();
        database->tables = arena_list();
        database->links = arena_list();
        database->statements = arena_list();
        database->objects = arena_list();
        g_hash_table_insert(group->databases, (char *)name, database);
        g_ptr_array_add(group->model->databases, database);
    }
    return database;
}

static void
add_module(struct group *group, struct module *module)
{
    if (module->database_name == NULL)
        return;
    struct database *database = database_of(group, module->database_name);
    g_ptr_array_add(database->modules, module);
    if (database->atomic_group == NULL)
        database->atomic_group = module->atomic_group;
    FOR_EACH(struct table, table, module->tables) {
        char *key = arena_printf("%s.%s", database->name, table->name);
        table->database = database;
        g_ptr_array_add(database->tables, table);
        if (!g_hash_table_contains(group->tables, key))
            g_hash_table_insert(group->tables, key, table);
    }
}

static void
add_types(struct model *model, const struct module *module)
{
    FOR_EACH(struct enumeration, enumeration, module->enumerations)
        g_ptr_array_add(model->enumerations, enumeration);
    FOR_EACH(struct distinct, distinct, module->distincts)
        if (!g_ptr_array_find(model->distincts, distinct, NULL))
            g_ptr_array_add(model->distincts, distinct);
}

/* The same enum reached from several modules counts once. */
static void
sort_enumerations(struct model *model)
{
    GPtrArray *all = model->enumerations;
    model->enumerations = arena_list();
    g_ptr_array_sort(all, compare_enumerations);
    const struct enumeration *before = NULL;
    FOR_EACH(struct enumeration, enumeration, all) {
        if (before == NULL || compare_enumerations(&before, &enumeration) != 0)
            g_ptr_array_add(model->enumerations, enumeration);
        before = enumeration;
    }
}

/* ---- references ---- */

static void
resolve_targets(struct reference *reference)
{
    if (reference->target_names->len == 0) {
        FOR_EACH(struct column, column, reference->table->primary_key)
            g_ptr_array_add(reference->targets, column);
        return;
    }
    FOR_EACH(const char, name, reference->target_names) {
        struct column *column = column_find(reference->table, name);
        if (column == NULL) {
            g_ptr_array_set_size(reference->targets, 0);
            return;
        }
        g_ptr_array_add(reference->targets, column);
    }
}

static struct table *
find_table(const struct group *group, const char *database, const char *name)
{
    char *key = g_strdup_printf("%s.%s", database, name);
    struct table *table = g_hash_table_lookup(group->tables, key);
    g_free(key);
    return table;
}

static void
resolve(const struct group *group, struct reference *reference, const char *database)
{
    reference->table = find_table(group, database, reference->table_name);
    if (reference->table != NULL)
        resolve_targets(reference);
}

static void
add_link(struct database *from, struct database *to)
{
    if (from == to || g_ptr_array_find(from->links, to, NULL))
        return;
    g_ptr_array_add(from->links, to);
    g_ptr_array_add(to->links, from);
}

/* Whoever writes several databases of an atomic group in one transaction reaches all of them. */
static void
link_atomic_group(const struct model *model, struct database *database)
{
    FOR_EACH(struct database, other, model->databases)
        if (database->atomic_group != NULL &&
            g_strcmp0(database->atomic_group, other->atomic_group) == 0)
            add_link(database, other);
}

static void
resolve_table(struct group *group, struct table *table)
{
    FOR_EACH(struct reference, reference, table->references)
        if (reference->database == NULL)
            resolve(group, reference, table->database->name);
    FOR_EACH(struct reference, reference, table->soft_references) {
        struct database *other = g_hash_table_lookup(group->databases, reference->database);
        resolve(group, reference, reference->database);
        if (other != NULL)
            add_link(table->database, other);
    }
    if (table->extends != NULL)
        table->extends->table = find_table(group, table->database->name,
                                           table->extends->table_name);
}

/* ---- trusted schema ---- */

static bool
mentions_json(const char *sql)
{
    char *lower = g_ascii_strdown(sql == NULL ? "" : sql, -1);
    bool found = strstr(lower, "json") != NULL || strstr(lower, "->") != NULL;
    g_free(lower);
    return found;
}

static bool
columns_need_trust(const struct table *table)
{
    FOR_EACH(struct column, column, table->columns) {
        if (column->type == TYPE_JSON || mentions_json(column->generated.sql) ||
            mentions_json(column->default_value.sql))
            return true;
        FOR_EACH(struct expression, check, column->checks)
            if (mentions_json(check->sql))
                return true;
    }
    return false;
}

/* Whether an untrusted schema would stop working: its stored SQL calls JSON functions, for which
 * -> is one more name, or writes to FTS5 from triggers. Too often is harmless. */
static bool
needs_trust(const struct table *table)
{
    if (table->full_texts->len > 0 || columns_need_trust(table))
        return true;
    FOR_EACH(struct expression, check, table->checks)
        if (mentions_json(check->sql))
            return true;
    FOR_EACH(struct index, index, table->indexes) {
        if (mentions_json(index->where.sql))
            return true;
        FOR_EACH(struct key_part, part, index->parts)
            if (mentions_json(part->sql))
                return true;
    }
    return false;
}

/* ---- the stage ---- */

static void
finish_database(struct group *group, struct database *database)
{
    g_ptr_array_sort(database->modules, compare_modules);
    g_ptr_array_sort(database->tables, compare_tables);
    FOR_EACH(struct table, table, database->tables) {
        resolve_table(group, table);
        database->trusted_schema = database->trusted_schema || needs_trust(table);
    }
}

void
stage_group(struct model *model, struct diag *diag)
{
    (void)diag; /* what leads nowhere is reported by the rules */
    struct group group = {.model = model};
    group.databases = g_hash_table_new(g_str_hash, g_str_equal);
    group.tables = g_hash_table_new(g_str_hash, g_str_equal);
    FOR_EACH(struct module, module, model->modules) {
        add_module(&group, module);
        add_types(model, module);
    }
    g_ptr_array_sort(model->databases, compare_databases);
    sort_enumerations(model);
    g_ptr_array_sort(model->distincts, compare_distincts);
    FOR_EACH(struct database, database, model->databases) {
        finish_database(&group, database);
        link_atomic_group(model, database);
    }
    FOR_EACH(struct database, database, model->databases)
        g_ptr_array_sort(database->links, compare_databases);
    extend_rows(model);
    g_hash_table_unref(group.databases);
    g_hash_table_unref(group.tables);
}
