/* check_refs.c: rules about foreign keys, which SQLite enforces within a database, and about soft
 * references, which lead into another one. SQLite accepts nearly every foreign key when a table is
 * made and fails when a row is written, so all of this is found here or too late. */
#include "check.h"

#include "common/arena.h"
#include "model/names.h"

#include <string.h>

#define LINK_LIMIT 9

typedef void check_reference(const struct table *table, const struct reference *reference,
                             struct diag *diag);

/* Calls a function for every foreign key that stays in its database, as far as it is written. */
static void
each_foreign_key(const struct model *model, struct diag *diag, check_reference *check)
{
    FOR_EACH(struct database, database, model->databases)
        FOR_EACH(struct table, table, database->tables)
            FOR_EACH(struct reference, reference, table->references)
                if (reference->database == NULL)
                    check(table, reference, diag);
}

static void
each_soft_reference(const struct model *model, struct diag *diag, check_reference *check)
{
    FOR_EACH(struct database, database, model->databases)
        FOR_EACH(struct table, table, database->tables)
            FOR_EACH(struct reference, reference, table->soft_references)
                check(table, reference, diag);
}

static struct table *
find_table(const struct database *database, const char *name)
{
    FOR_EACH(struct table, table, database->tables)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

static struct database *
find_database(const struct model *model, const char *name)
{
    FOR_EACH(struct database, database, model->databases)
        if (strcmp(database->name, name) == 0)
            return database;
    return NULL;
}

static const struct column *
first_column(const struct reference *reference)
{
    return g_ptr_array_index(reference->columns, 0);
}

/* ---- the table ---- */

/* A database that has the table, when the reference's own has not. */
static const struct database *
find_elsewhere(const struct model *model, const struct table *table,
               const struct reference *reference)
{
    FOR_EACH(struct database, database, model->databases)
        if (database != table->database && find_table(database, reference->table_name) != NULL)
            return database;
    return NULL;
}

static void
offer_soft_reference(const struct reference *reference, const char *database, struct diag *diag)
{
    if (reference->columns->len > 1)
        return;
    const char *column = reference->target_names->len == 1
                             ? g_ptr_array_index(reference->target_names, 0)
                             : NULL;
    diag_note(diag, (struct location){0},
              "a reference that is not enforced: "
              "SOFT_REFERENCES(%s.%s%s%s)",
              database, reference->table_name, column == NULL ? "" : ", ",
              column == NULL ? "" : column);
}

static void
check_qualified(const struct table *table, const struct reference *reference, struct diag *diag)
{
    if (strcmp(reference->database, table->database->name) == 0) {
        diag_error(diag, RULE_FOREIGN_KEY_DATABASE, reference->table_at,
                   "a foreign key is always in its own database: write '%s' alone",
                   reference->table_name);
        return;
    }
    diag_error(diag, RULE_FOREIGN_KEY_DATABASE, reference->table_at,
               "a foreign key cannot lead from database '%s' to '%s'", table->database->name,
               reference->database);
    offer_soft_reference(reference, reference->database, diag);
}

static void
check_unqualified(const struct model *model, const struct table *table,
                  const struct reference *reference, struct diag *diag)
{
    const struct database *other = find_elsewhere(model, table, reference);
    if (other == NULL)
        return;
    diag_error(diag, RULE_FOREIGN_KEY_DATABASE, reference->table_at,
               "table '%s' is in database '%s', and a foreign key cannot leave '%s'",
               reference->table_name, other->name, table->database->name);
    diag_note(diag, find_table(other, reference->table_name)->at, "the table is here");
    offer_soft_reference(reference, other->name, diag);
}

void
check_foreign_key_database(const struct model *model, struct diag *diag)
{
    FOR_EACH(struct database, database, model->databases)
        FOR_EACH(struct table, table, database->tables)
            FOR_EACH(struct reference, reference, table->references) {
                if (reference->database != NULL)
                    check_qualified(table, reference, diag);
                else if (reference->table == NULL)
                    check_unqualified(model, table, reference, diag);
            }
}

static void
report_table(const struct database *database, const struct reference *reference, enum rule_id rule,
             struct diag *diag)
{
    GPtrArray *names = arena_list();
    FOR_EACH(struct table, table, database->tables)
        g_ptr_array_add(names, (char *)table->name);
    diag_error(diag, rule, reference->table_at, "database '%s' has no table '%s'", database->name,
               reference->table_name);
    note_nearest(diag, reference->table_name, names);
}

void
check_foreign_key_table(const struct model *model, struct diag *diag)
{
    FOR_EACH(struct database, database, model->databases)
        FOR_EACH(struct table, table, database->tables)
            FOR_EACH(struct reference, reference, table->references) {
                if (reference->database == NULL && reference->table == NULL &&
                    find_elsewhere(model, table, reference) == NULL)
                    report_table(database, reference, RULE_FOREIGN_KEY_TABLE, diag);
            }
}

/* ---- its columns ---- */

static bool
has_column(const struct table *table, const char *name)
{
    FOR_EACH(struct column, column, table->columns)
        if (strcmp(column->name, name) == 0 || strcmp(column->sql_name, name) == 0)
            return true;
    return false;
}

/* Reports the target columns that do not exist. */
static void
check_targets(const struct reference *reference, enum rule_id rule, struct diag *diag)
{
    if (reference->table == NULL)
        return;
    for (guint i = 0; i < reference->target_names->len; i++) {
        const char *name = g_ptr_array_index(reference->target_names, i);
        const struct location *at = g_ptr_array_index(reference->target_at, i);
        if (has_column(reference->table, name))
            continue;
        diag_error(diag, rule, *at, "table '%s' has no column '%s'", reference->table->name, name);
        GPtrArray *names = arena_list();
        FOR_EACH(struct column, column, reference->table->columns)
            g_ptr_array_add(names, (char *)column->name);
        note_nearest(diag, name, names);
        diag_note(diag, reference->table->at, "the table is here");
    }
}

static void
check_key_targets(const struct table *table, const struct reference *reference, struct diag *diag)
{
    (void)table;
    check_targets(reference, RULE_FOREIGN_KEY_COLUMN, diag);
}

void
check_foreign_key_column(const struct model *model, struct diag *diag)
{
    each_foreign_key(model, diag, check_key_targets);
}

static bool
has_count_wrong(const struct reference *reference)
{
    return reference->targets->len > 0 && reference->targets->len != reference->columns->len;
}

static void
check_count(const struct table *table, const struct reference *reference, struct diag *diag)
{
    (void)table;
    if (!has_count_wrong(reference))
        return;
    diag_error(diag, RULE_FOREIGN_KEY_COUNT, reference->at,
               "the foreign key has %u %s and refers to %u", reference->columns->len,
               reference->columns->len == 1 ? "column" : "columns", reference->targets->len);
    if (reference->target_names->len == 0)
        diag_note(diag, reference->table->primary_key_at, "it refers to this primary key");
}

void
check_foreign_key_count(const struct model *model, struct diag *diag)
{
    each_foreign_key(model, diag, check_count);
}

static bool
contains_all(const GPtrArray *columns, const GPtrArray *others)
{
    FOR_EACH(struct column, column, others)
        if (!g_ptr_array_find((GPtrArray *)columns, column, NULL))
            return false;
    return columns->len == others->len;
}

/* Whether an index makes exactly these columns unique for every row. */
static bool
is_unique_over(const struct index *index, const GPtrArray *columns)
{
    if (!index->unique || index->where.sql != NULL || index->parts->len != columns->len)
        return false;
    FOR_EACH(struct key_part, part, index->parts)
        if (part->column == NULL || part->collate != NULL ||
            !g_ptr_array_find((GPtrArray *)columns, part->column, NULL))
            return false;
    return true;
}

static bool
is_key(const struct table *table, const GPtrArray *columns)
{
    if (contains_all(table->primary_key, columns))
        return true;
    FOR_EACH(struct index, index, table->indexes)
        if (is_unique_over(index, columns))
            return true;
    return false;
}

static void
check_unique(const struct table *table, const struct reference *reference, struct diag *diag)
{
    (void)table;
    if (reference->targets->len == 0 || has_count_wrong(reference) ||
        is_key(reference->table, reference->targets))
        return;
    const struct column *target = g_ptr_array_index(reference->targets, 0);
    const struct location *at = g_ptr_array_index(reference->target_at, 0);
    if (reference->targets->len == 1)
        diag_error(diag, RULE_FOREIGN_KEY_UNIQUE, *at,
                   "'%s' of table '%s' is neither its primary key nor UNIQUE", target->name,
                   reference->table->name);
    else
        diag_error(diag, RULE_FOREIGN_KEY_UNIQUE, *at,
                   "the columns are neither the primary key of table '%s' nor UNIQUE_ON together",
                   reference->table->name);
    diag_note(diag, target->at, "'%s' is here", target->name);
}

void
check_foreign_key_unique(const struct model *model, struct diag *diag)
{
    each_foreign_key(model, diag, check_unique);
}

/* ---- types ---- */

static bool
compatible(const struct column *a, const struct column *b)
{
    if (a->type == TYPE_UNKNOWN || b->type == TYPE_UNKNOWN)
        return true;
    if (a->type == TYPE_ENUM && b->type == TYPE_ENUM)
        return strcmp(a->enumeration->name, b->enumeration->name) == 0;
    if ((a->type == TYPE_ULID && b->type == TYPE_UUID) ||
        (a->type == TYPE_UUID && b->type == TYPE_ULID))
        return false;
    return strcmp(sql_type(a->type), sql_type(b->type)) == 0;
}

static void
check_types(const struct reference *reference, enum rule_id rule, struct diag *diag)
{
    if (has_count_wrong(reference))
        return;
    for (guint i = 0; i < reference->targets->len; i++) {
        const struct column *column = g_ptr_array_index(reference->columns, i);
        const struct column *target = g_ptr_array_index(reference->targets, i);
        if (compatible(column, target))
            continue;
        diag_error(diag, rule, column->type_at, "'%s' is of type %s, but refers to '%s' of type %s",
                   column->name, type_name(column), target->name, type_name(target));
        diag_note(diag, target->at, "'%s' is here", target->name);
    }
}

static void
check_key_types(const struct table *table, const struct reference *reference, struct diag *diag)
{
    (void)table;
    check_types(reference, RULE_FOREIGN_KEY_TYPE, diag);
}

void
check_foreign_key_type(const struct model *model, struct diag *diag)
{
    each_foreign_key(model, diag, check_key_types);
}

/* ---- actions ---- */

/* The place of ON_DELETE or ON_UPDATE beside a reference. */
static struct location
action_at(const struct table *table, const struct reference *reference, const char *word)
{
    const struct column *column = first_column(reference);
    bool in_line = false;
    if (column->reference == reference)
        return argument_at(column, word);
    FOR_EACH(struct note, note, table->notes) {
        if (strcmp(note->word, "foreign_key_on") == 0)
            in_line = note->at.offset == reference->at.offset;
        if (in_line && strcmp(note->word, word) == 0)
            return note->argument.source != NULL ? note->argument : note->at;
    }
    return reference->at;
}

/* Reports the columns that cannot take what an action sets them to. */
static void
check_action(const struct table *table, const struct reference *reference, const char *word,
             enum rule_id rule, struct diag *diag)
{
    FOR_EACH(struct column, column, reference->columns) {
        bool has_default = column->default_value.sql != NULL || column->default_now;
        if (!column->not_null || (rule == RULE_FOREIGN_KEY_DEFAULT && has_default))
            continue;
        diag_error(diag, rule, action_at(table, reference, word),
                   rule == RULE_FOREIGN_KEY_NULL ? "'%s' does not take NULL"
                                                 : "'%s' has no default and does not take NULL",
                   column->name);
        if (column->reference != reference)
            diag_note(diag, column->at, "'%s' is here", column->name);
    }
}

static void
check_set_null(const struct table *table, const struct reference *reference, struct diag *diag)
{
    if (reference->on_delete == ACTION_SET_NULL)
        check_action(table, reference, "on_delete", RULE_FOREIGN_KEY_NULL, diag);
    if (reference->on_update == ACTION_SET_NULL)
        check_action(table, reference, "on_update", RULE_FOREIGN_KEY_NULL, diag);
}

void
check_foreign_key_null(const struct model *model, struct diag *diag)
{
    each_foreign_key(model, diag, check_set_null);
}

static void
check_set_default(const struct table *table, const struct reference *reference, struct diag *diag)
{
    if (reference->on_delete == ACTION_SET_DEFAULT)
        check_action(table, reference, "on_delete", RULE_FOREIGN_KEY_DEFAULT, diag);
    if (reference->on_update == ACTION_SET_DEFAULT)
        check_action(table, reference, "on_update", RULE_FOREIGN_KEY_DEFAULT, diag);
}

void
check_foreign_key_default(const struct model *model, struct diag *diag)
{
    each_foreign_key(model, diag, check_set_default);
}

/* ---- twice ---- */

static bool
same_key(const struct reference *a, const struct reference *b)
{
    if (strcmp(a->table_name, b->table_name) != 0 || a->columns->len != b->columns->len)
        return false;
    for (guint i = 0; i < a->columns->len; i++)
        if (g_ptr_array_index(a->columns, i) != g_ptr_array_index(b->columns, i))
            return false;
    return true;
}

static void
check_twice(const struct table *table, const struct reference *reference, struct diag *diag)
{
    FOR_EACH(struct reference, first, table->references) {
        if (first == reference)
            return;
        if (!same_key(first, reference))
            continue;
        diag_error(diag, RULE_FOREIGN_KEY_TWICE, reference->at,
                   "another foreign key leads from the same columns to table '%s'",
                   reference->table_name);
        diag_note(diag, first->at, "it is here");
        return;
    }
}

void
check_foreign_key_twice(const struct model *model, struct diag *diag)
{
    each_foreign_key(model, diag, check_twice);
}

/* ---- soft references ---- */

static void
report_database(const struct model *model, const struct reference *reference, struct diag *diag)
{
    struct location argument = argument_at(first_column(reference), "soft_references");
    GPtrArray *names = arena_list();
    FOR_EACH(struct database, database, model->databases)
        g_ptr_array_add(names, (char *)database->name);
    diag_error(diag, RULE_SOFT_REFERENCE_TARGET, diag_find_word(argument, reference->database, 0),
               "there is no database '%s'", reference->database);
    note_nearest(diag, reference->database, names);
}

static void
check_soft_columns(const struct reference *reference, struct diag *diag)
{
    check_targets(reference, RULE_SOFT_REFERENCE_TARGET, diag);
    if (reference->targets->len <= 1)
        return;
    diag_error(diag, RULE_SOFT_REFERENCE_TARGET, reference->at,
               "a soft reference leads to one column, but the primary key of '%s' has %u",
               reference->table_name, reference->targets->len);
    diag_note(diag, reference->table->primary_key_at, "the key is here");
}

void
check_soft_reference_target(const struct model *model, struct diag *diag)
{
    FOR_EACH(struct database, from, model->databases)
        FOR_EACH(struct table, table, from->tables)
            FOR_EACH(struct reference, reference, table->soft_references) {
                const struct database *other = find_database(model, reference->database);
                if (other == NULL)
                    report_database(model, reference, diag);
                else if (reference->table == NULL)
                    report_table(other, reference, RULE_SOFT_REFERENCE_TARGET, diag);
                else
                    check_soft_columns(reference, diag);
            }
}

static void
check_soft_database(const struct table *table, const struct reference *reference, struct diag *diag)
{
    if (strcmp(table->database->name, reference->database) != 0)
        return;
    diag_error(diag, RULE_SOFT_REFERENCE_SAME_DATABASE, reference->at,
               "table '%s' is in the same database, where SQLite can enforce the reference",
               reference->table_name);
    if (reference->target_names->len == 1)
        diag_note(diag, (struct location){0}, "write REFERENCES(%s, %s)", reference->table_name,
                  (const char *)g_ptr_array_index(reference->target_names, 0));
    else
        diag_note(diag, (struct location){0}, "write REFERENCES(%s)", reference->table_name);
}

void
check_soft_reference_same_database(const struct model *model, struct diag *diag)
{
    each_soft_reference(model, diag, check_soft_database);
}

static void
check_soft_types(const struct table *table, const struct reference *reference, struct diag *diag)
{
    (void)table;
    check_types(reference, RULE_SOFT_REFERENCE_TYPE, diag);
}

void
check_soft_reference_type(const struct model *model, struct diag *diag)
{
    each_soft_reference(model, diag, check_soft_types);
}

/* Notes the soft reference that joins two databases, in either direction. */
static bool
note_soft_reference(const struct database *from, const struct database *to, struct diag *diag)
{
    FOR_EACH(struct table, table, from->tables) {
        FOR_EACH(struct reference, reference, table->soft_references) {
            if (g_strcmp0(reference->database, to->name) != 0)
                continue;
            diag_note(diag, reference->at, "'%s' is joined to '%s' by %s.%s", from->name, to->name,
                      table->name, first_column(reference)->name);
            return true;
        }
    }
    return false;
}

/* Notes what needs a link: a soft reference, a query, or else the atomic group of both. */
static void
note_link(const struct database *database, const struct database *other, struct diag *diag)
{
    if (note_soft_reference(database, other, diag) || note_soft_reference(other, database, diag))
        return;
    FOR_EACH(struct module, module, database->modules) {
        FOR_EACH(struct query, query, module->queries) {
            if (query->databases == NULL || !g_ptr_array_find(query->databases, other, NULL))
                continue;
            diag_note(diag, query->at, "'%s' is joined to '%s' by query '%s'", database->name,
                      other->name, query->name);
            return;
        }
    }
    const struct module *module = g_ptr_array_index(other->modules, 0);
    if (module->atomic_group != NULL)
        diag_note(diag, module->group_at, "'%s' is joined to '%s' by the atomic group '%s'",
                  database->name, other->name, module->atomic_group);
}

void
check_attach_limit(const struct model *model, struct diag *diag)
{
    FOR_EACH(struct database, database, model->databases) {
        if (database->links->len <= LINK_LIMIT)
            continue;
        const struct module *module = g_ptr_array_index(database->modules, 0);
        diag_error(diag, RULE_ATTACH_LIMIT, module->database_at,
                   "database '%s' is joined to %u others; a session attaches %d", database->name,
                   database->links->len, LINK_LIMIT);
        FOR_EACH(struct database, other, database->links)
            note_link(database, other, diag);
    }
}
