/* interpret.c: what was written becomes what is meant. Modules enter with text and notes; they
 * leave with a database name, labels for their enumerators, and every typed member of tables and
 * columns set. A part that cannot be read is reported and left out, and the rest goes on, so that
 * one run shows every error. */
#include "model/stages.h"

#include "common/arena.h"
#include "interpret.h"

#include <string.h>

#define NAME_LIMIT 63

/* ---- DATABASE_NAME ---- */

/* The name of a macro that is not defined stays as it is. */
static bool
is_missing(const char *text)
{
    return strcmp(text, "DATABASE_NAME") == 0;
}

static struct location
start_of(const struct module *module)
{
    if (module->database_at.source != NULL)
        return module->database_at;
    return (struct location){module->source, 1, 1, 0, 1};
}

/* The place of the value after DATABASE_NAME, to the end of its line or a comment. */
static struct location
value_at(const struct module *module)
{
    struct location at = start_of(module);
    const char *start = at.source->text + at.offset + at.length;
    const char *limit = at.source->text + at.source->length;
    while (start < limit && (*start == ' ' || *start == '\t'))
        start++;
    const char *end = start;
    for (; end < limit && *end != '\n' && *end != '\r'; end++)
        if (end[0] == '/' && end + 1 < limit && (end[1] == '/' || end[1] == '*'))
            break;
    while (end > start && g_ascii_isspace(end[-1]))
        end--;
    if (end == start || at.length < strlen("DATABASE_NAME"))
        return at;
    return diag_part(at, (unsigned)(start - at.source->text) - at.offset, (unsigned)(end - start));
}

static const char *
name_problem(const char *name)
{
    static const char *const reserved[] = {"main", "temp", "cleat"};
    for (gsize i = 0; i < G_N_ELEMENTS(reserved); i++)
        if (strcmp(name, reserved[i]) == 0)
            return "is reserved";
    if (g_str_has_prefix(name, "sqlite_") || g_str_has_prefix(name, "cleat_"))
        return "starts with a reserved word";
    if (strlen(name) > NAME_LIMIT)
        return "has more than 63 characters";
    if (!g_ascii_islower(*name))
        return "does not start with a lower case letter";
    if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] != '\0')
        return "has other characters than a to z, 0 to 9 and _";
    return NULL;
}

static void
read_database_name(struct module *module, struct diag *diag)
{
    const char *name = NULL, *problem = NULL;
    struct location at = start_of(module);
    if (module->database_text == NULL)
        return; /* parse did not come to the end of the file, and has said why */
    if (is_missing(module->database_text)) {
        diag_error(diag, RULE_DATABASE_NAME_MISSING, at, "the module names no database");
        diag_note(diag, (struct location){0},
                  "after #include <cleat/schema.h> write: #define DATABASE_NAME \"name\"");
        return;
    }
    if (!literal_decode(module->database_text, &name, &problem)) {
        diag_error(diag, RULE_DATABASE_NAME_LITERAL, value_at(module), "DATABASE_NAME %s", problem);
        if (is_identifier(module->database_text))
            diag_note(diag, (struct location){0}, "write: #define DATABASE_NAME \"%s\"",
                      module->database_text);
        return;
    }
    problem = name_problem(name);
    if (problem != NULL)
        diag_error(diag, RULE_DATABASE_NAME_FORM, value_at(module), "the database name '%s' %s",
                   name, problem);
    else
        module->database_name = name;
}

static void
read_atomic_group(struct module *module, struct diag *diag)
{
    const char *name = NULL, *problem = NULL;
    if (module->group_text == NULL || strcmp(module->group_text, "DATABASE_ATOMIC_GROUP") == 0)
        return;
    if (literal_decode(module->group_text, &name, &problem))
        problem = name_problem(name);
    if (problem != NULL)
        diag_error(diag, RULE_ATOMIC_GROUP_FORM, module->group_at, "DATABASE_ATOMIC_GROUP %s",
                   problem);
    else
        module->atomic_group = name;
}

/* The name is part of every table, as it stood above it. */
static void
check_table_name(const struct module *module, const struct table *table, struct diag *diag)
{
    const char *name = NULL, *problem = NULL;
    if (module->database_name == NULL)
        return;
    if (is_missing(table->database_text)) {
        diag_error(diag, RULE_DATABASE_NAME_MISSING, table->at,
                   "DATABASE_NAME is not defined above table '%s'", table->name);
        diag_note(diag, module->database_at, "it is defined here");
    } else if (!literal_decode(table->database_text, &name, &problem) ||
               strcmp(name, module->database_name) != 0) {
        diag_error(diag, RULE_DATABASE_NAME_DIFFERS, table->at,
                   "table '%s' stands under DATABASE_NAME %s, its module under \"%s\"", table->name,
                   table->database_text, module->database_name);
    }
}

/* ---- labels ---- */

/* The length of what all names have in common, up to and with an underscore, such that nothing is
 * left empty. A single name keeps what follows its last underscore. */
static gsize
common_prefix(const GPtrArray *enumerators)
{
    const struct enumerator *first = g_ptr_array_index(enumerators, 0);
    gsize length = strlen(first->name);
    FOR_EACH(struct enumerator, enumerator, enumerators) {
        gsize same = 0;
        while (same < length && enumerator->name[same] == first->name[same])
            same++;
        length = same;
    }
    for (; length > 0; length--) {
        bool leaves_all = first->name[length - 1] == '_';
        FOR_EACH(struct enumerator, enumerator, enumerators)
            leaves_all = leaves_all && enumerator->name[length] != '\0';
        if (leaves_all)
            return length;
    }
    return 0;
}

static void
label_enumerators(struct enumeration *enumeration)
{
    if (enumeration->enumerators->len == 0)
        return;
    gsize prefix = common_prefix(enumeration->enumerators);
    FOR_EACH(struct enumerator, enumerator, enumeration->enumerators) {
        char *lower = g_ascii_strdown(enumerator->name + prefix, -1);
        enumerator->label = arena_string(lower);
        g_free(lower);
    }
}

/* ---- the stage ---- */

/* clang leaves a struct that it refuses without a name. */
static void
remove_nameless(GPtrArray *tables)
{
    for (guint i = tables->len; i > 0; i--) {
        const struct table *table = g_ptr_array_index(tables, i - 1);
        if (*table->name == '\0')
            g_ptr_array_remove_index(tables, i - 1);
    }
}

static void
read_module(struct module *module, struct diag *diag)
{
    read_database_name(module, diag);
    read_atomic_group(module, diag);
    remove_nameless(module->tables);
    FOR_EACH(struct enumeration, enumeration, module->enumerations)
        label_enumerators(enumeration);
    FOR_EACH(struct table, table, module->tables) {
        check_table_name(module, table, diag);
        columns_read(table, diag);
        lines_read(table, diag);
    }
}

void
stage_interpret(struct model *model, struct diag *diag)
{
    FOR_EACH(struct module, module, model->modules)
        read_module(module, diag);
}
