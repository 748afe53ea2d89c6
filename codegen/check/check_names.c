/* check_names.c: rules about names: their form, and that no two things have the same one in SQL or
 * in C. */
#include "check.h"

#include "common/arena.h"
#include "model/extend.h"
#include "model/keys.h"
#include "model/names.h"

#include <string.h>

#define NAME_LIMIT 63

/* ---- form ---- */

static bool
is_plain(const char *name)
{
    return g_ascii_islower(*name) && strlen(name) <= NAME_LIMIT &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

static void
check_plain(const char *what, const char *name, struct location at, struct diag *diag)
{
    if (is_plain(name))
        return;
    if (strlen(name) > NAME_LIMIT)
        diag_error(diag, RULE_NAME_FORM, at, "the name of %s '%s' has more than 63 characters",
                   what, name);
    else
        diag_error(diag, RULE_NAME_FORM, at,
                   "the name of %s '%s' is not of the form [a-z][a-z0-9_]*", what, name);
}

/* A name in an existing file may be nearly anything. */
static const char *
sql_name_problem(const char *name)
{
    if (*name == '\0')
        return "is empty";
    if (strlen(name) > NAME_LIMIT)
        return "has more than 63 bytes";
    for (; *name != '\0'; name++)
        if (*name == '"' || g_ascii_iscntrl(*name))
            return "has a double quote or a control character";
    return NULL;
}

static void
check_column_form(const struct column *column, struct diag *diag)
{
    if (column->type == TYPE_UNKNOWN)
        return; /* it may be no column at all but a misspelt line */
    check_plain("column", column->name, column->at, diag);
    const char *problem = sql_name_problem(column->sql_name);
    if (problem != NULL && column_note(column, "named") != NULL)
        diag_error(diag, RULE_NAME_FORM, argument_at(column, "named"),
                   "the name of column '%s' in SQL %s", column->name, problem);
}

static void
check_table_form(const struct table *table, struct diag *diag)
{
    check_plain("table", table->name, table->at, diag);
    FOR_EACH(struct column, column, table->columns)
        check_column_form(column, diag);
    FOR_EACH(struct index, index, table->indexes)
        if (index->named_at.source != NULL)
            check_plain("index", index->name, index->named_at, diag);
    FOR_EACH(struct full_text, full_text, table->full_texts)
        check_plain("full-text index", full_text->name, full_text->name_at, diag);
}

static void
check_ascii(const char *name, struct location at, struct diag *diag)
{
    for (const char *c = name; *c != '\0'; c++) {
        if (!g_ascii_isalnum(*c) && *c != '_') {
            diag_error(diag, RULE_NAME_FORM, at,
                       "the name '%s' has other characters than letters, digits and _", name);
            return;
        }
    }
}

static void
check_distinct_form(const struct distinct *distinct, struct diag *diag)
{
    check_ascii(distinct->name, distinct->at, diag);
    if (strcmp(name_member(distinct->name), distinct->name) != 0)
        diag_error(diag, RULE_NAME_FORM, distinct->at,
                   "'%s' is a word of C or C++ and cannot name a type there", distinct->name);
}

void
check_name_form(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_table_form);
    FOR_EACH(struct enumeration, enumeration, model->enumerations) {
        check_ascii(enumeration->name, enumeration->at, diag);
        FOR_EACH(struct enumerator, enumerator, enumeration->enumerators)
            check_ascii(enumerator->name, enumerator->at, diag);
    }
    FOR_EACH(struct distinct, distinct, model->distincts)
        check_distinct_form(distinct, diag);
}

/* ---- reserved ---- */

static bool
has_prefix(const char *name, const char *prefix)
{
    return g_ascii_strncasecmp(name, prefix, strlen(prefix)) == 0;
}

static void
check_reserved(const char *name, struct location at, struct diag *diag)
{
    if (has_prefix(name, "sqlite_") || has_prefix(name, "cleat_"))
        diag_error(diag, RULE_NAME_RESERVED, at,
                   "'%s' is reserved: it starts with sqlite_ or cleat_", name);
}

static void
check_table_reserved(const struct table *table, struct diag *diag)
{
    check_reserved(table->name, table->at, diag);
    if (strcmp(table->name, "main") == 0 || strcmp(table->name, "temp") == 0)
        diag_error(diag, RULE_NAME_RESERVED, table->at, "'%s' is SQLite's name for a database",
                   table->name);
    FOR_EACH(struct column, column, table->columns) {
        check_reserved(column->sql_name, column->at, diag);
        if (g_ascii_strcasecmp(column->sql_name, "rowid") == 0)
            diag_error(diag, RULE_NAME_RESERVED, column->at,
                       "'rowid' is SQLite's name for the number of a row");
    }
    FOR_EACH(struct index, index, table->indexes)
        if (index->named_at.source != NULL)
            check_reserved(index->name, index->named_at, diag);
    FOR_EACH(struct full_text, full_text, table->full_texts)
        check_reserved(full_text->name, full_text->name_at, diag);
}

void
check_name_reserved(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_table_reserved);
}

/* ---- the same name in one table ---- */

static char *
lower_case(const char *name)
{
    char *lower = g_ascii_strdown(name, -1);
    char *copy = arena_string(lower);
    g_free(lower);
    return copy;
}

static void
check_table_columns(const struct table *table, struct diag *diag)
{
    GHashTable *names = g_hash_table_new(g_str_hash, g_str_equal);
    FOR_EACH(struct column, column, table->columns) {
        char *key = lower_case(column->sql_name);
        const struct column *first = g_hash_table_lookup(names, key);
        if (first == NULL || column->type == TYPE_UNKNOWN) {
            g_hash_table_insert(names, key, column);
            continue;
        }
        diag_error(diag, RULE_COLUMN_TWICE, column->at, "table '%s' has a column '%s' already",
                   table->name, column->sql_name);
        diag_note(diag, first->at, "the first one is here");
    }
    g_hash_table_unref(names);
}

void
check_column_twice(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_table_columns);
}

static void
take_member(GHashTable *members, const char *member, struct column *column, struct diag *diag)
{
    const struct column *first = g_hash_table_lookup(members, member);
    if (first == NULL) {
        g_hash_table_insert(members, (char *)member, column);
    } else if (strcmp(first->name, column->name) != 0) {
        diag_error(diag, RULE_MEMBER_TWICE, column->at,
                   "'%s' and '%s' both need the member '%s' of the row", first->name, column->name,
                   member);
        diag_note(diag, first->at, "'%s' is here", first->name);
    }
}

static void
check_table_members(const struct table *table, struct diag *diag)
{
    GHashTable *members = g_hash_table_new(g_str_hash, g_str_equal);
    FOR_EACH(struct column, column, table_row(table)) {
        take_member(members, column->member, column, diag);
        if (name_has_flag(column))
            take_member(members, arena_printf("has_%s", column->member), column, diag);
    }
    g_hash_table_unref(members);
}

void
check_member_twice(const struct model *model, struct diag *diag)
{
    each_table(model, diag, check_table_members);
}

/* ---- the same name in one database ---- */

void
check_table_twice(const struct model *model, struct diag *diag)
{
    FOR_EACH(struct database, database, model->databases) {
        const struct table *before = NULL;
        FOR_EACH(struct table, table, database->tables) {
            if (before != NULL && strcmp(before->name, table->name) == 0) {
                diag_error(diag, RULE_TABLE_TWICE, table->at,
                           "table '%s' of database '%s' is declared twice", table->name,
                           database->name);
                diag_note(diag, before->at, "module '%s' declares it here", before->module->name);
            }
            before = table;
        }
    }
}

struct object {
    const char *what;
    const struct table *table;
    struct location at;
    bool can_be_named;
};

static void
take_object(GHashTable *objects, const char *name, struct object object, struct diag *diag)
{
    char *key = lower_case(name);
    const struct object *first = g_hash_table_lookup(objects, key);
    if (first == NULL) {
        struct object *copy = ARENA_NEW(struct object);
        *copy = object;
        g_hash_table_insert(objects, key, copy);
        return;
    }
    /* A table that is declared twice has all its indexes twice. */
    if (first->table != object.table && strcmp(first->table->name, object.table->name) == 0)
        return;
    diag_error(diag, RULE_OBJECT_TWICE, object.at, "%s needs the name '%s', which is taken",
               object.what, name);
    diag_note(diag, first->at, "%s has it", first->what);
    if (object.can_be_named)
        diag_note(diag, (struct location){0},
                  "name it otherwise in a line of its own: "
                  "INDEX_ON(…) NAMED(\"name\")");
}

static void
take_full_text(GHashTable *objects, const struct full_text *full_text, struct diag *diag)
{
    static const char *const suffixes[] = {"",        "_data",   "_idx",    "_content", "_docsize",
                                           "_config", "_insert", "_delete", "_update"};
    struct object object = {"the full-text index", full_text->table, full_text->name_at, false};
    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++)
        take_object(objects, arena_printf("%s%s", full_text->name, suffixes[i]), object, diag);
}

void
check_object_twice(const struct model *model, struct diag *diag)
{
    FOR_EACH(struct database, database, model->databases) {
        GHashTable *objects = g_hash_table_new(g_str_hash, g_str_equal);
        FOR_EACH(struct table, table, database->tables)
            take_object(objects, table->name, (struct object){"the table", table, table->at, false},
                        diag);
        FOR_EACH(struct table, table, database->tables) {
            FOR_EACH(struct index, index, table->indexes)
                take_object(
                    objects, index->name,
                    (struct object){"the index", table, index->at, index->named_at.source == NULL},
                    diag);
            FOR_EACH(struct full_text, full_text, table->full_texts)
                take_full_text(objects, full_text, diag);
        }
        g_hash_table_unref(objects);
    }
}

/* ---- the same name in C ---- */

struct owner {
    const struct table *table; /* NULL for an enum */
    const char *text;
    struct location at;
    const struct owner *collided; /* with whom, so that it is said once */
};

struct symbols {
    GHashTable *owners; /* symbol -> struct owner */
    struct owner *owner;
    struct diag *diag;
};

/* What other rules report: two enums, or one table declared twice. */
static bool
is_reported_elsewhere(const struct owner *a, const struct owner *b)
{
    if (a->table == NULL || b->table == NULL)
        return a->table == b->table;
    return a->table->database == b->table->database && strcmp(a->table->name, b->table->name) == 0;
}

static void
take_symbol(void *data, const char *symbol)
{
    struct symbols *symbols = data;
    struct owner *owner = symbols->owner;
    const struct owner *first = g_hash_table_lookup(symbols->owners, symbol);
    if (first == NULL) {
        g_hash_table_insert(symbols->owners, (char *)symbol, owner);
        return;
    }
    if (first == owner || owner->collided == first || is_reported_elsewhere(first, owner))
        return;
    owner->collided = first;
    diag_error(symbols->diag, RULE_SYMBOL_COLLISION, owner->at, "%s and %s would both be '%s' in C",
               first->text, owner->text, symbol);
    diag_note(symbols->diag, first->at, "%s is here", first->text);
}

static struct owner *
new_owner(const struct table *table, const char *text, struct location at)
{
    struct owner *owner = ARENA_NEW(struct owner);
    *owner = (struct owner){table, text, at, NULL};
    return owner;
}

static void
check_init_table(const struct model *model, struct symbols *symbols)
{
    char *symbol = g_strdup_printf("%s_init_table", model->name);
    const struct owner *owner = g_hash_table_lookup(symbols->owners, symbol);
    if (owner != NULL)
        diag_error(symbols->diag, RULE_SYMBOL_COLLISION, owner->at,
                   "%s and the init table would both be '%s' in C", owner->text, symbol);
    g_free(symbol);
}

void
check_symbol_collision(const struct model *model, struct diag *diag)
{
    struct symbols symbols = {.diag = diag};
    symbols.owners = g_hash_table_new(g_str_hash, g_str_equal);
    FOR_EACH(struct enumeration, enumeration, model->enumerations) {
        const char *text = arena_printf("enum '%s'", enumeration->name);
        symbols.owner = new_owner(NULL, text, enumeration->at);
        enumeration_symbols(enumeration, take_symbol, &symbols);
    }
    FOR_EACH(struct distinct, distinct, model->distincts) {
        const char *text = arena_printf("type '%s'", distinct->name);
        symbols.owner = new_owner(NULL, text, distinct->at);
        take_symbol(&symbols, distinct->name);
    }
    FOR_EACH(struct database, database, model->databases) {
        FOR_EACH(struct table, table, database->tables) {
            const char *text = arena_printf("table '%s.%s'", database->name, table->name);
            symbols.owner = new_owner(table, text, table->at);
            table_symbols(table, take_symbol, &symbols);
        }
    }
    check_init_table(model, &symbols);
    g_hash_table_unref(symbols.owners);
}
