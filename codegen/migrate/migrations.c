/* migrations.c: from a directory of migrations to one checked line of them. Each file's name must be
 * the hash of what is in it, each parent must be there, and one migration is the last: a history
 * that was edited or has parted is an error that says how to mend it. */
#include "migrations.h"

#include "common/arena.h"

#include <cleat/table.h>

#include <errno.h>
#include <string.h>

/* ---- the graph ---- */

static bool
follows(const struct migration *migration, const char *revision)
{
    FOR_EACH(const char, parent, migration->parents)
        if (strcmp(parent, revision) == 0)
            return true;
    return false;
}

GPtrArray *
migration_heads(const GPtrArray *migrations)
{
    GPtrArray *heads = arena_list();
    FOR_EACH(struct migration, migration, migrations) {
        bool is_followed = false;
        FOR_EACH(struct migration, other, migrations)
            is_followed = is_followed || follows(other, migration->revision);
        if (!is_followed)
            g_ptr_array_add(heads, migration);
    }
    return heads;
}

const struct migration *
migration_head(const GPtrArray *migrations)
{
    if (migrations == NULL || migrations->len == 0)
        return NULL;
    return g_ptr_array_index(migrations, migrations->len - 1);
}

struct migration *
migration_find(const GPtrArray *migrations, const char *revision)
{
    struct migration *found = NULL;
    FOR_EACH(struct migration, migration, migrations) {
        if (strcmp(migration->revision, revision) == 0)
            return migration;
        if (*revision == '\0' || !g_str_has_prefix(migration->revision, revision))
            continue;
        if (found != NULL)
            return NULL;
        found = migration;
    }
    return found;
}

static bool
has_all_parents(const struct migration *migration, const GPtrArray *sorted)
{
    FOR_EACH(const char, parent, migration->parents) {
        bool there = false;
        FOR_EACH(struct migration, other, sorted)
            there = there || strcmp(other->revision, parent) == 0;
        if (!there)
            return false;
    }
    return true;
}

/* Each after its parents; the order of the names decides where that leaves a choice. Those whose
 * parents are not there are left out. */
GPtrArray *
migrations_sort(const GPtrArray *migrations)
{
    GPtrArray *sorted = arena_list();
    GPtrArray *left = g_ptr_array_copy((GPtrArray *)migrations, NULL, NULL);
    for (guint i = 0; i < left->len;) {
        struct migration *migration = g_ptr_array_index(left, i);
        if (!has_all_parents(migration, sorted)) {
            i++;
            continue;
        }
        g_ptr_array_add(sorted, migration);
        g_ptr_array_remove_index(left, i);
        i = 0;
    }
    g_ptr_array_unref(left);
    return sorted;
}

/* ---- rules ---- */

static void
check_edited(const GPtrArray *migrations, struct diag *diag)
{
    FOR_EACH(struct migration, migration, migrations) {
        if (strcmp(migration->revision, migration->hash) == 0)
            continue;
        diag_error(diag, RULE_EDITED_MIGRATION, migration->at,
                   "the text of migration %s was changed: its revision would be %s",
                   migration->revision, migration->hash);
        diag_note(diag, (struct location){0},
                  "a database that has run it cannot run it again: take the change back; or, while "
                  "nobody has, run: cleat migrate amend");
    }
}

static void
check_parents(const GPtrArray *migrations, struct diag *diag)
{
    FOR_EACH(struct migration, migration, migrations) {
        FOR_EACH(const char, parent, migration->parents) {
            const struct migration *found = migration_find(migrations, parent);
            if (found != NULL)
                continue;
            diag_error(diag, RULE_MISSING_MIGRATION, migration->at,
                       "migration %s revises %s, which is not there", migration->revision, parent);
            diag_note(diag, (struct location){0},
                      "bring the file back, or put this one on another: cleat migrate rebase %s",
                      migration->revision);
        }
    }
}

static void
check_heads(const GPtrArray *migrations, struct diag *diag)
{
    const GPtrArray *heads = migration_heads(migrations);
    if (heads->len < 2)
        return;
    const struct migration *one = g_ptr_array_index(heads, 0);
    const struct migration *other = g_ptr_array_index(heads, 1);
    diag_error(diag, RULE_TWO_HEADS, other->at, "the history has two ends: %s and %s",
               one->revision, other->revision);
    diag_note(diag, one->at, "the other one is here");
    diag_note(diag, (struct location){0},
              "when only one of them has run anywhere, put the other after it: cleat migrate "
              "rebase %s; else join them: cleat migrate merge",
              other->revision);
}

/* ---- files ---- */

static int
compare_strings(gconstpointer left, gconstpointer right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool
list_files(const char *directory, GPtrArray *names, GError **ret_error)
{
    GError *error = NULL;
    GDir *dir = g_dir_open(directory, 0, &error);
    if (dir == NULL) {
        bool absent = g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
        if (absent)
            g_error_free(error);
        else
            g_propagate_error(ret_error, error);
        return absent;
    }
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;)
        if (g_str_has_suffix(name, ".sql") && *name != '.')
            g_ptr_array_add(names, arena_string(name));
    g_dir_close(dir);
    g_ptr_array_sort(names, compare_strings);
    return true;
}

/* Line ends are the version control's. */
static const char *
without_returns(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++)
        if (*from != '\r')
            *to++ = *from;
    *to = '\0';
    return text;
}

bool
migrations_read_files(const char *directory, const char *database, struct diag *diag,
                      GPtrArray **ret_migrations, GError **ret_error)
{
    GPtrArray *names = arena_list(), *migrations = arena_list();
    const char *below = arena_printf("%s/%s", directory, database);
    if (!list_files(below, names, ret_error))
        return false;
    FOR_EACH(const char, name, names) {
        char *text = NULL;
        gsize length = 0;
        struct source *source = ARENA_NEW(struct source);
        source->path = arena_printf("%s/%s", below, name);
        if (!g_file_get_contents(source->path, &text, &length, ret_error))
            return false;
        source->text = without_returns(arena_string_n(text, length));
        source->length = strlen(source->text);
        g_free(text);
        struct migration *migration = migration_parse(source, diag);
        if (migration != NULL)
            g_ptr_array_add(migrations, migration);
    }
    *ret_migrations = migrations;
    return true;
}

bool
migrations_read(const char *directory, const char *database, struct diag *diag,
                GPtrArray **ret_migrations, GError **ret_error)
{
    GPtrArray *migrations = NULL;
    if (!migrations_read_files(directory, database, diag, &migrations, ret_error))
        return false;
    check_edited(migrations, diag);
    check_parents(migrations, diag);
    check_heads(migrations, diag);
    *ret_migrations = migrations_sort(migrations);
    return true;
}

/* ---- as the runtime takes them ---- */

static cleat_change *
compile_changes(const GPtrArray *changes)
{
    cleat_change *compiled = arena_alloc((changes->len + 1) * sizeof *compiled);
    for (guint i = 0; i < changes->len; i++) {
        const struct migration_sql *change = g_ptr_array_index(changes, i);
        compiled[i] = (cleat_change){change->must, change->sql};
    }
    return compiled;
}

struct cleat_database *
migrations_compile(const char *database, const GPtrArray *migrations, const char *revision)
{
    struct cleat_database *compiled = ARENA_NEW(struct cleat_database);
    cleat_migration *list = arena_alloc((migrations->len + 1) * sizeof *list);
    for (guint i = 0; i < migrations->len; i++) {
        const struct migration *migration = g_ptr_array_index(migrations, i);
        list[i].revision = migration->revision;
        list[i].parents = migration->parents_text;
        list[i].schema = migration->schema;
        list[i].message = migration->message;
        list[i].up = compile_changes(migration->up);
        list[i].up_count = (uint16_t)migration->up->len;
        if (migration->down != NULL) {
            list[i].down = compile_changes(migration->down);
            list[i].down_count = (uint16_t)migration->down->len;
        }
    }
    compiled->name = database;
    compiled->revision = revision;
    compiled->migrations = list;
    compiled->migration_count = migrations->len;
    return compiled;
}
