/* check_text.c: rules about full-text indexes and about what a schema says of its own past. */
#include "check.h"

#include <string.h>

/* ---- full text ---- */

typedef void check_full_text(const struct full_text *full_text, struct diag *diag);

static void
each_full_text(const struct model *model, struct diag *diag, check_full_text *check)
{
    FOR_EACH(struct module, module, model->modules)
        FOR_EACH(struct table, table, module->tables)
            FOR_EACH(struct full_text, full_text, table->full_texts)
                check(full_text, diag);
}

static void
check_types(const struct full_text *full_text, struct diag *diag)
{
    for (guint i = 0; i < full_text->columns->len; i++) {
        const struct column *column = g_ptr_array_index(full_text->columns, i);
        const struct location *at = g_ptr_array_index(full_text->column_at, i);
        if (column->type == TYPE_TEXT || column->type == TYPE_UNKNOWN)
            continue;
        diag_error(diag, RULE_FULL_TEXT_TYPE, *at,
                   "'%s' is of type %s; a full-text index is over text", column->name,
                   type_name(column));
        diag_note(diag, column->at, "'%s' is here", column->name);
    }
}

void
check_full_text_type(const struct model *model, struct diag *diag)
{
    each_full_text(model, diag, check_types);
}

static void
check_names(const struct full_text *full_text, struct diag *diag)
{
    for (guint i = 0; i < full_text->columns->len; i++) {
        const struct column *column = g_ptr_array_index(full_text->columns, i);
        const struct location *at = g_ptr_array_index(full_text->column_at, i);
        if (g_ascii_strcasecmp(column->sql_name, "rank") == 0 ||
            g_ascii_strcasecmp(column->sql_name, "rowid") == 0 ||
            g_ascii_strcasecmp(column->sql_name, full_text->name) == 0)
            diag_error(diag, RULE_FULL_TEXT_NAME, *at,
                       "FTS5 has a column '%s' of its own in the index '%s'", column->sql_name,
                       full_text->name);
    }
}

void
check_full_text_name(const struct model *model, struct diag *diag)
{
    each_full_text(model, diag, check_names);
}

static void
check_rowid(const struct full_text *full_text, struct diag *diag)
{
    const struct table *table = full_text->table;
    if (!table->without_rowid)
        return;
    diag_error(diag, RULE_FULL_TEXT_ROWID, full_text->at,
               "a full-text index needs rowids, and table '%s' has none", table->name);
    diag_note(diag, table->without_rowid_at, "WITHOUT_ROWID is here");
}

void
check_full_text_rowid(const struct model *model, struct diag *diag)
{
    each_full_text(model, diag, check_rowid);
}

/* ---- the past ---- */

static const struct column *
find_column(const struct table *table, const char *name)
{
    FOR_EACH(struct column, column, table->columns)
        if (g_ascii_strcasecmp(column->sql_name, name) == 0)
            return column;
    return NULL;
}

static const struct column *
find_renamed_from(const struct table *table, const char *name)
{
    FOR_EACH(struct column, column, table->columns)
        if (column->renamed_from != NULL && strcmp(column->renamed_from, name) == 0)
            return column;
    return NULL;
}

static void
check_dropped(const struct table *table, struct diag *diag)
{
    FOR_EACH(struct dropped, dropped, table->dropped) {
        const struct column *column = find_column(table, dropped->column);
        const struct column *renamed = find_renamed_from(table, dropped->column);
        if (column != NULL) {
            diag_error(diag, RULE_DROPPED_EXISTS, dropped->at,
                       "'%s' is said to be dropped, but the table has it", dropped->column);
            diag_note(diag, column->at, "'%s' is here", dropped->column);
        } else if (renamed != NULL) {
            diag_error(diag, RULE_DROPPED_EXISTS, dropped->at,
                       "'%s' is said to be dropped, but also to be renamed", dropped->column);
            diag_note(diag, argument_at(renamed, "renamed_from"), "it is renamed here");
        }
    }
}

void
check_dropped_exists(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_dropped);
}

static void
check_renamed_column(const struct column *column, struct diag *diag)
{
    if (column->renamed_from == NULL)
        return;
    struct location at = argument_at(column, "renamed_from");
    const struct column *same = find_column(column->table, column->renamed_from);
    const struct column *first = find_renamed_from(column->table, column->renamed_from);
    /* two columns may take each other's names */
    if (same != NULL && same->renamed_from == NULL) {
        diag_error(diag, RULE_RENAMED_EXISTS, at, "table '%s' still has a column '%s'",
                   column->table->name, column->renamed_from);
        diag_note(diag, same->at, "it is here");
    } else if (first != column) {
        diag_error(diag, RULE_RENAMED_EXISTS, at, "'%s' is said to be renamed from '%s' too",
                   first->name, column->renamed_from);
        diag_note(diag, argument_at(first, "renamed_from"), "it says so here");
    }
}

/* The place of the old name in TABLE_WAS. */
static struct location
was_at(const struct table *table)
{
    FOR_EACH(struct note, note, table->notes)
        if (strcmp(note->word, "table_was") == 0)
            return note->argument.source != NULL ? note->argument : note->at;
    return table->at;
}

static void
check_renamed_table(const struct database *database, const struct table *table, struct diag *diag)
{
    FOR_EACH(struct table, other, database->tables) {
        bool same = strcmp(other->name, table->was) == 0 && other->was == NULL;
        /* Of two that claim a name the later one is reported. */
        bool claims = other->was != NULL && strcmp(other->was, table->was) == 0 &&
                      strcmp(other->name, table->name) < 0;
        if (!same && !claims)
            continue;
        if (same)
            diag_error(diag, RULE_RENAMED_EXISTS, was_at(table),
                       "database '%s' still has a table '%s'", database->name, table->was);
        else
            diag_error(diag, RULE_RENAMED_EXISTS, was_at(table), "table '%s' was '%s' too",
                       other->name, table->was);
        diag_note(diag, same ? other->at : was_at(other), "it is here");
        return;
    }
}

void
check_renamed_exists(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_renamed_column);
    FOR_EACH(struct database, database, model->databases)
        FOR_EACH(struct table, table, database->tables)
            if (table->was != NULL)
                check_renamed_table(database, table, diag);
}
