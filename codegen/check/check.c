/* check.c: runs every rule over the whole model. Nothing stops it: all rules run and report all
 * that they find. Here is also what the rules share; they live in check_*.c, one function each. */
#include "check.h"

#include "model/stages.h"

#include <string.h>

void
each_table(const struct model *model, struct diag *diag, check_table *check)
{
    FOR_EACH(struct module, module, model->modules)
        FOR_EACH(struct table, table, module->tables)
            check(table, diag);
}

void
each_column(const struct model *model, struct diag *diag, check_column *check)
{
    FOR_EACH(struct module, module, model->modules)
        FOR_EACH(struct table, table, module->tables)
            FOR_EACH(struct column, column, table->columns)
                check(column, diag);
}

const struct note *
column_note(const struct column *column, const char *word)
{
    const struct note *found = NULL;
    FOR_EACH(struct note, note, column->notes)
        if (strcmp(note->word, word) == 0)
            found = note;
    return found;
}

struct location
word_at(const struct column *column, const char *word)
{
    const struct note *note = column_note(column, word);
    return note == NULL ? column->at : note->at;
}

struct location
argument_at(const struct column *column, const char *word)
{
    const struct note *note = column_note(column, word);
    if (note == NULL)
        return column->at;
    return note->argument.source != NULL ? note->argument : note->at;
}

const char *
type_name(const struct column *column)
{
    static const char *const names[] = {"?",    "integer",   "boolean",  "real", "text", "json",
                                        "blob", "timestamp", "datetime", "ulid", "uuid", "enum"};
    if (column->distinct != NULL)
        return column->distinct->name;
    return column->type == TYPE_ENUM ? column->type_name : names[column->type];
}

void
note_nearest(struct diag *diag, const char *word, GPtrArray *words)
{
    g_ptr_array_add(words, NULL);
    const char *nearest = diag_nearest(word, (const char *const *)words->pdata);
    if (nearest != NULL)
        diag_note(diag, (struct location){0}, "did you mean '%s'?", nearest);
}

static bool
has_targets(const struct table *table)
{
    FOR_EACH(struct reference, reference, table->references)
        if (reference->table == NULL || reference->targets->len != reference->columns->len)
            return false;
    return true;
}

static bool
has_enumerators(const struct table *table)
{
    FOR_EACH(struct column, column, table->columns)
        if (column->type == TYPE_ENUM && column->enumeration->enumerators->len == 0)
            return false;
    return true;
}

/* An error elsewhere must not keep SQLite from judging this table: one run shows all errors. */
static void
mark_sound(struct table *table, const struct diag *diag)
{
    table->sound = table->database != NULL && has_targets(table) && has_enumerators(table) &&
                   !diag_has_error_in(diag, table->at.source, table->at.offset, table->end);
}

void
stage_check(const struct model *model, struct diag *diag)
{
    for (gsize i = 0; i < RULE_COUNT; i++)
        if (rules[i].severity == SEVERITY_ERROR && rules[i].check != NULL)
            rules[i].check(model, diag);
    FOR_EACH(struct module, module, model->modules)
        FOR_EACH(struct table, table, module->tables)
            mark_sound(table, diag);
}
