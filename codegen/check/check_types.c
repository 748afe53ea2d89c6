/* check_types.c: rules about what a column's words demand of its type and of each other. The rules
 * about defaults are in check_defaults.c. */
#include "check.h"

#include <string.h>

/* ---- the current time ---- */

static void
check_column_now(const struct column *column, struct diag *diag)
{
    static const char *const words[] = {"default_now", "update_now"};
    if (column->type == TYPE_TIMESTAMP || column->type == TYPE_DATETIME ||
        column->type == TYPE_UNKNOWN)
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
        if (column_note(column, words[i]) != NULL)
            diag_error(diag, RULE_NOW_TYPE, word_at(column, words[i]),
                       "'%s' is of type %s; only timestamp and datetime hold the current time",
                       column->name, type_name(column));
}

void
check_now_type(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_column_now);
}

static void
check_column_now_key(const struct column *column, struct diag *diag)
{
    if (!column->primary_key || !column->update_now)
        return;
    diag_error(diag, RULE_NOW_KEY, word_at(column, "update_now"),
               "'%s' is part of the primary key and cannot change at every update", column->name);
}

void
check_now_key(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_column_now_key);
}

/* ---- words for texts ---- */

static void
check_column_length(const struct column *column, struct diag *diag)
{
    bool fits = column->type == TYPE_TEXT || column->type == TYPE_JSON ||
                column->type == TYPE_BLOB || column->type == TYPE_UNKNOWN;
    if (column->max_length > 0 && !fits)
        diag_error(diag, RULE_LENGTH_TYPE, word_at(column, "length"),
                   "'%s' is of type %s; LENGTH is for text, json and blob", column->name,
                   type_name(column));
}

void
check_length_type(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_column_length);
}

static void
check_column_collate(const struct column *column, struct diag *diag)
{
    bool fits = column->type == TYPE_TEXT || column->type == TYPE_ULID ||
                column->type == TYPE_UUID || column->type == TYPE_UNKNOWN;
    if (column->collate != NULL && !fits)
        diag_error(diag, RULE_COLLATE_TYPE, word_at(column, "collate"),
                   "'%s' is of type %s; COLLATE is for text, ulid and uuid", column->name,
                   type_name(column));
}

void
check_collate_type(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_column_collate);
}

/* ---- generated columns ---- */

static void
check_column_generated(const struct column *column, struct diag *diag)
{
    static const char *const words[] = {"default", "default_now", "update_now", "autoincrement"};
    if (column->generated.sql == NULL)
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
        const struct note *note = column_note(column, words[i]);
        if (note == NULL)
            continue;
        diag_error(diag, RULE_GENERATED_CONFLICT, note->at,
                   "'%s' is generated and is never given another value", column->name);
        diag_note(diag, word_at(column, "generated"), "it is generated here");
    }
    if (column->primary_key)
        diag_error(diag, RULE_GENERATED_CONFLICT, word_at(column, "generated"),
                   "'%s' is part of the primary key and cannot be generated", column->name);
}

void
check_generated_conflict(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_column_generated);
}
