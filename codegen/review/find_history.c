/* find_history.c: what a pull request does to the histories of databases: migrations that were edited
 * or removed, lines that fork or hang in the air, statements that leave their transaction. Files are
 * read as text; that each history ends at its schema is proven when it is generated. */
#include "effect.h"
#include "find.h"

#include "common/arena.h"
#include "common/sql_scan.h"
#include "migrate/migrations.h"

#include <string.h>

/* One file of schemas/migrations/<database>/<revision>_<slug>.sql. */
struct step {
    const char *path;
    const char *database;
    const char *revision;
    GPtrArray *parents; /* const char * */
    const char *text;
};

/* ---- reading ---- */

static struct step *
read_step(const struct side *side, const char *path)
{
    const char *directory = strstr(path, "/migrations/");
    const char *database = directory == NULL ? NULL : directory + strlen("/migrations/");
    const char *name = database == NULL ? NULL : strchr(database, '/');
    if (name == NULL || !g_str_has_suffix(path, ".sql") || side_text(side, path) == NULL)
        return NULL;
    struct step *step = ARENA_NEW(struct step);
    step->path = path;
    step->database = arena_string_n(database, (gsize)(name - database));
    step->revision = arena_string_n(name + 1, strcspn(name + 1, "_."));
    step->text = side_text(side, path);
    step->parents = arena_list();
    const char *at = strstr(step->text, "-- revises:");
    if (at != NULL) {
        at += strlen("-- revises:");
        char *line = g_strndup(at, strcspn(at, "\n"));
        char **words = g_strsplit_set(line, " ,\t\r", -1);
        for (char **word = words; *word != NULL; word++)
            if (**word != '\0' && g_ascii_isxdigit(**word))
                g_ptr_array_add(step->parents, arena_string(*word));
        g_strfreev(words);
        g_free(line);
    }
    return step;
}

static GPtrArray *
read_steps(const struct side *side)
{
    GPtrArray *steps = arena_list();
    FOR_EACH(const char, path, side->files) {
        struct step *step = read_step(side, path);
        if (step != NULL)
            g_ptr_array_add(steps, step);
    }
    return steps;
}

static const struct step *
find_step(const GPtrArray *steps, const char *database, const char *revision)
{
    FOR_EACH(struct step, step, steps)
        if (strcmp(step->database, database) == 0 && strcmp(step->revision, revision) == 0)
            return step;
    return NULL;
}

static struct finding *
report(struct review *review, enum finding_id id, const struct step *step, unsigned line,
       const char *text)
{
    return review_report_at(review, id, step->database,
                            arena_printf("%s.%s", step->database, step->revision),
                            (struct place){step->path, line, 1}, "%s", text);
}

/* ---- rules ---- */

static void
find_edited(struct review *review, const GPtrArray *was)
{
    FOR_EACH(struct step, step, was) {
        const char *now = side_text(review->new_side, step->path);
        if (now == NULL)
            report(review, FINDING_MISSING_MIGRATION, step, 1,
                   arena_printf("migration '%s' is gone", step->revision))
                ->help = arena_printf(
                "bring it back: git checkout %.12s -- %s",
                review->old_side->revision == NULL ? "REVISION" : review->old_side->revision,
                step->path);
        else if (strcmp(now, step->text) != 0)
            report(review, FINDING_EDITED_MIGRATION, step, 1,
                   arena_printf("migration '%s' was agreed on and has another text now",
                                step->revision))
                ->help = "bring the old text back and write a further migration";
    }
}

static void
find_forks(struct review *review, const GPtrArray *is)
{
    FOR_EACH(struct step, step, is) {
        FOR_EACH(const char, parent, step->parents) {
            if (find_step(is, step->database, parent) == NULL)
                report(review, FINDING_NOT_A_DESCENDANT, step, 1,
                       arena_printf("migration '%s' continues from '%s', which is not there",
                                    step->revision, parent));
            FOR_EACH(struct step, other, is)
                if (strcmp(other->database, step->database) == 0 &&
                    strcmp(step->path, other->path) > 0 && step->parents->len == 1 &&
                    other->parents->len == 1 &&
                    strcmp(g_ptr_array_index(other->parents, 0), parent) == 0)
                    report(review, FINDING_TWO_HEADS, step, 1,
                           arena_printf("migrations '%s' and '%s' both continue from '%s'",
                                        step->revision, other->revision, parent))
                        ->help = "say in which order: cleat migrate merge";
        }
    }
}

static bool
is_unsafe(const struct sql *sql, int at)
{
    static const char *const words[] = {"commit", "rollback", "attach", "detach", "vacuum"};
    bool begins = at == 0 || sql_is(sql, at - 1, ";");
    for (gsize i = 0; begins && i < G_N_ELEMENTS(words); i++)
        if (sql_is(sql, at, words[i]))
            return true;
    if (begins && sql_is(sql, at, "pragma"))
        return sql_is(sql, at + 1, "foreign_keys") || sql_is(sql, at + 1, "writable_schema");
    return sql_is(sql, at, "select") && sql_is(sql, at + 1, "*");
}

static void
find_unsafe(struct review *review, const struct step *step)
{
    struct sql sql = sql_new(step->text);
    unsigned line = 1, counted = 0;
    for (int at = 0; at < sql_count(&sql); at++) {
        if (!is_unsafe(&sql, at))
            continue;
        for (; counted < sql_token(&sql, at)->offset; counted++)
            line += step->text[counted] == '\n';
        report(review, FINDING_UNSAFE_STATEMENT, step, line,
               arena_printf("%s %s in a migration", sql_name(&sql, at),
                            sql_token(&sql, at + 1) == NULL ? "" : sql_name(&sql, at + 1)));
    }
    sql_free(&sql);
}

static bool
has_changes(const struct review *review, const char *database)
{
    FOR_EACH(struct comparison, comparison, review->comparisons)
        if (comparison->new_snapshot != NULL && comparison->old_snapshot != NULL &&
            strcmp(comparison->new_snapshot->database, database) == 0)
            return comparison->changes->len > 0;
    return false;
}

/* Only changes that ALTER TABLE does on this table, and yet a new table is filled from it. */
static void
find_avoidable(struct review *review, const struct step *step)
{
    FOR_EACH(struct comparison, comparison, review->comparisons) {
        if (comparison->new_snapshot == NULL ||
            strcmp(comparison->new_snapshot->database, step->database) != 0)
            continue;
        FOR_EACH(struct table_pair, pair, comparison->tables) {
            if (pair->old_table == NULL || pair->new_table == NULL || pair->changes->len == 0 ||
                effect_of_table(pair).kind >= EFFECT_REBUILD)
                continue;
            struct sql sql = sql_new(step->text);
            for (int at = 0; at < sql_count(&sql); at++)
                if (sql_is(&sql, at, "drop") && sql_is(&sql, at + 1, "table") &&
                    sql_is_name(&sql, at + 2) && sql_has_name(&sql, at + 2, pair->old_table->name))
                    report(review, FINDING_REBUILD_AVOIDABLE, step, 1,
                           arena_printf(
                               "table '%s' is copied for what ALTER TABLE does without a copy",
                               pair->old_table->name));
            sql_free(&sql);
        }
    }
}

/* As those read it that run it. One of another form has the line or has not: cleat check says more. */
static bool
has_way_back(const struct step *step)
{
    struct source source = {.path = step->path, .text = step->text, .length = strlen(step->text)};
    struct diag *diag = diag_new();
    const struct migration *migration = migration_parse(&source, diag);
    bool has = migration == NULL ? strstr(step->text, "\n-- down") != NULL
                                 : migration->down != NULL;
    diag_free(diag);
    return has;
}

static void
find_new_steps(struct review *review, const GPtrArray *was, const GPtrArray *is)
{
    FOR_EACH(struct step, step, is) {
        if (find_step(was, step->database, step->revision) != NULL)
            continue;
        find_unsafe(review, step);
        find_avoidable(review, step);
        if (!has_way_back(step))
            report(review, FINDING_IRREVERSIBLE, step, 1,
                   arena_printf("migration '%s' has no way back", step->revision));
    }
}

/* A database that has a history must get a new step with every change. */
static void
find_missing(struct review *review, const GPtrArray *was, const GPtrArray *is)
{
    FOR_EACH(struct snapshot, snapshot, review->new_side->snapshots) {
        bool has_history = false, has_new = false;
        FOR_EACH(struct step, step, is) {
            if (strcmp(step->database, snapshot->database) != 0)
                continue;
            has_history = true;
            has_new = has_new || find_step(was, step->database, step->revision) == NULL;
        }
        if (has_history && !has_new && has_changes(review, snapshot->database))
            review_report_at(review, FINDING_MIGRATION_MISSING, snapshot->database,
                             snapshot->database, (struct place){snapshot->path, 1, 1},
                             "the schema of '%s' changed and no migration takes a file there",
                             snapshot->database)
                ->help = "cleat migrate new -m \"what changes\"";
    }
}

void
review_find_history(struct review *review)
{
    if (review->old_side == NULL || review->new_side == NULL || review->live_path != NULL)
        return;
    GPtrArray *was = read_steps(review->old_side);
    GPtrArray *is = read_steps(review->new_side);
    find_edited(review, was);
    find_forks(review, is);
    find_new_steps(review, was, is);
    find_missing(review, was, is);
}
