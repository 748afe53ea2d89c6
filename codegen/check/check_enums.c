/* check_enums.c: rules about enums, whose enumerators are values in C and texts in SQL. */
#include "check.h"

#include <string.h>

static void
check_column_enum(const struct column *column, struct diag *diag)
{
    if (column->type == TYPE_ENUM && column->enumeration->enumerators->len == 0)
        diag_error(diag, RULE_ENUM_EMPTY, column->type_at, "enum '%s' has no enumerators",
                   column->enumeration->name);
}

void
check_enum_empty(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_column_enum);
}

/* ---- twice in the project ---- */

static void
check_tags(const struct model *model, struct diag *diag)
{
    const struct enumeration *before = NULL;
    FOR_EACH(struct enumeration, enumeration, model->enumerations) {
        if (before != NULL && strcmp(before->name, enumeration->name) == 0) {
            diag_error(diag, RULE_ENUM_TWICE, enumeration->at, "enum '%s' is declared twice",
                       enumeration->name);
            diag_note(diag, before->at, "the other one is here");
        }
        before = enumeration;
    }
}

struct owned {
    const struct enumeration *enumeration;
    const struct enumerator *enumerator;
};

static void
take_enumerator(GHashTable *names, struct owned *owned, struct diag *diag)
{
    const struct owned *first = g_hash_table_lookup(names, owned->enumerator->name);
    if (first == NULL) {
        g_hash_table_insert(names, (char *)owned->enumerator->name, owned);
        return;
    }
    /* An enum that is declared twice has all its enumerators twice. */
    if (strcmp(first->enumeration->name, owned->enumeration->name) != 0) {
        diag_error(diag, RULE_ENUM_TWICE, owned->enumerator->at,
                   "enums '%s' and '%s' share the enumerator '%s'", first->enumeration->name,
                   owned->enumeration->name, owned->enumerator->name);
        diag_note(diag, first->enumerator->at, "the other one is here");
    }
    g_free(owned);
}

void
check_enum_twice(const struct model *model, struct diag *diag)
{
    GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    check_tags(model, diag);
    FOR_EACH(struct enumeration, enumeration, model->enumerations) {
        FOR_EACH(struct enumerator, enumerator, enumeration->enumerators) {
            struct owned *owned = g_new(struct owned, 1);
            *owned = (struct owned){enumeration, enumerator};
            take_enumerator(names, owned, diag);
        }
    }
    g_hash_table_unref(names);
}

/* ---- twice in one enum ---- */

static void
check_labels(const struct enumeration *enumeration, struct diag *diag)
{
    GHashTable *labels = g_hash_table_new(g_str_hash, g_str_equal);
    FOR_EACH(struct enumerator, enumerator, enumeration->enumerators) {
        const struct enumerator *first = g_hash_table_lookup(labels, enumerator->label);
        if (first == NULL) {
            g_hash_table_insert(labels, (char *)enumerator->label, enumerator);
            continue;
        }
        diag_error(diag, RULE_ENUM_LABEL_TWICE, enumerator->at,
                   "'%s' and '%s' would both be stored as '%s'", first->name, enumerator->name,
                   enumerator->label);
        diag_note(diag, first->at, "'%s' is here", first->name);
    }
    g_hash_table_unref(labels);
}

void
check_enum_label_twice(const struct model *model, struct diag *diag)
{
    FOR_EACH(struct enumeration, enumeration, model->enumerations)
        check_labels(enumeration, diag);
}

static void
check_values(const struct enumeration *enumeration, struct diag *diag)
{
    GHashTable *values = g_hash_table_new(g_int64_hash, g_int64_equal);
    FOR_EACH(struct enumerator, enumerator, enumeration->enumerators) {
        const struct enumerator *first = g_hash_table_lookup(values, &enumerator->value);
        if (first == NULL) {
            g_hash_table_insert(values, &enumerator->value, enumerator);
            continue;
        }
        diag_error(diag, RULE_ENUM_VALUE_TWICE, enumerator->at,
                   "'%s' and '%s' have the same value %" G_GINT64_FORMAT, first->name,
                   enumerator->name, enumerator->value);
        diag_note(diag, first->at, "'%s' is here", first->name);
    }
    g_hash_table_unref(values);
}

void
check_enum_value_twice(const struct model *model, struct diag *diag)
{
    FOR_EACH(struct enumeration, enumeration, model->enumerations)
        check_values(enumeration, diag);
}
