/* check_distinct.c: rules about distinct types, which C keeps apart although SQL stores them alike. */
#include "check.h"

#include <string.h>

/* ---- twice in the project ---- */

void
check_distinct_twice(const struct model *model, struct diag *diag)
{
    const struct distinct *before = NULL;
    FOR_EACH(struct distinct, distinct, model->distincts) {
        if (before != NULL && strcmp(before->name, distinct->name) == 0) {
            diag_error(diag, RULE_DISTINCT_TWICE, distinct->at,
                       "the distinct type '%s' is declared twice", distinct->name);
            diag_note(diag, before->at, "the other one is here");
        }
        before = distinct;
    }
    FOR_EACH(struct enumeration, enumeration, model->enumerations)
        FOR_EACH(struct distinct, type, model->distincts)
            if (strcmp(enumeration->name, type->name) == 0) {
                diag_error(diag, RULE_DISTINCT_TWICE, type->at,
                           "the distinct type '%s' is named like an enum", type->name);
                diag_note(diag, enumeration->at, "the enum is here");
            }
}

/* ---- references ---- */

static const char *
distinct_name(const struct column *column)
{
    return column->distinct == NULL ? NULL : column->distinct->name;
}

/* Two declarations of one name are another rule's. */
static void
check_pair(const struct column *column, const struct column *target, struct diag *diag)
{
    const char *type = distinct_name(column), *wanted = distinct_name(target);
    if (column->type != target->type || g_strcmp0(type, wanted) == 0)
        return;
    if (wanted == NULL)
        diag_error(diag, RULE_DISTINCT_REFERENCE, column->type_at,
                   "'%s' is of the distinct type %s, but refers to '%s', which is of none",
                   column->name, type, target->name);
    else
        diag_error(diag, RULE_DISTINCT_REFERENCE, column->type_at,
                   "'%s' refers to '%s', so it has to be of the distinct type %s too", column->name,
                   target->name, wanted);
    diag_note(diag, target->at, "'%s' is here", target->name);
}

static void
check_references(const GPtrArray *references, struct diag *diag)
{
    FOR_EACH(struct reference, reference, references) {
        if (reference->targets->len != reference->columns->len)
            continue;
        for (guint i = 0; i < reference->targets->len; i++)
            check_pair(g_ptr_array_index(reference->columns, i),
                       g_ptr_array_index(reference->targets, i), diag);
    }
}

static void
check_table_references(const struct table *table, struct diag *diag)
{
    check_references(table->references, diag);
    check_references(table->soft_references, diag);
}

void
check_distinct_reference(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_table_references);
}
