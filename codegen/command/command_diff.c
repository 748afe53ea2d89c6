/* command_diff.c: cleat diff reads two states of a project, lets review.c judge what changed, and
 * writes it in the form that is asked for. Neither state is built: their committed snapshots and
 * headers say what they are. */
#include "command.h"

#include "check_cache.h"
#include "common/arena.h"
#include "emit/emit.h"
#include "review/review.h"
#include "review/review_write.h"

#include <stdio.h>
#include <string.h>

static char *option_base;
static char *option_db;
static char *option_format;
static char *option_fail_on;
static char *option_today;

const GOptionEntry diff_options[] = {
    {"base", 'b', 0, G_OPTION_ARG_STRING, &option_base,
     "Compare with where this branch left REVISION (the main branch)", "REVISION"},
    {"db", 0, 0, G_OPTION_ARG_FILENAME, &option_db,
     "Compare a database file with its snapshot; NAME= says which when the file is not named so",
     "[NAME=]FILE"},
    {"format", 'f', 0, G_OPTION_ARG_STRING, &option_format,
     "text, markdown, json, github or sarif (text)", "FORMAT"},
    {"fail-on", 0, 0, G_OPTION_ARG_STRING, &option_fail_on,
     "Exit with 1 from this severity on: error, warning, note or never (error)", "SEVERITY"},
    {"today", 0, 0, G_OPTION_ARG_STRING, &option_today, "The day by which acceptances end (today)",
     "YYYY-MM-DD"},
    G_OPTION_ENTRY_NULL};

/* ---- the two states ---- */

/* A directory is one when it has the generated files, or is where they are. */
static bool
open_side(const char *what, const struct options *options, struct side **ret_side,
          GError **ret_error)
{
    if (!g_file_test(what, G_FILE_TEST_IS_DIR))
        return side_open_revision(what, options->out, options->roots, ret_side, ret_error);
    return side_open_directory(what, options->out, options->roots, ret_side, ret_error);
}

/* What git says, or NULL. */
static const char *
ask_git(const char *first, const char *second, const char *third)
{
    const char *const arguments[] = {first, second, third, NULL};
    return side_git(arguments, NULL);
}

static const char *
find_commit(const char *revision)
{
    return ask_git("rev-parse", "--verify", arena_printf("%s^{commit}", revision));
}

static bool
is_shallow(void)
{
    return g_strcmp0(ask_git("rev-parse", "--is-shallow-repository", NULL), "true") == 0;
}

/* A repository with one branch has no other to compare with: what is not committed is the change. */
static bool
is_alone(void)
{
    const char *refs = ask_git("for-each-ref", "refs/heads", "refs/remotes");
    return refs != NULL && strchr(refs, '\n') == NULL && !is_shallow() &&
           ask_git("symbolic-ref", "--quiet", "HEAD") != NULL;
}

/* Never guessed: a comparison with the wrong commit finds nothing and says that all is fine. */
static const char *
main_branch(GError **ret_error)
{
    static const char *const names[] = {"origin/HEAD", "origin/main", "origin/master", "main",
                                        "master"};
    static const char *const anything[] = {"rev-parse", "--git-dir", NULL};
    if (side_git(anything, ret_error) == NULL)
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (find_commit(names[i]) != NULL)
            return names[i];
    if (is_alone())
        return "HEAD";
    g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                "there is no origin/HEAD, origin/main, origin/master, main or master here; say "
                "which branch this one left: --base REVISION%s",
                is_shallow() ? " (this clone is shallow: git fetch --unshallow origin)" : "");
    return NULL;
}

/* The parents stand in a commit also where a shallow clone does not have them. */
static bool
is_parent_of_head(const char *commit)
{
    const char *text = ask_git("cat-file", "commit", "HEAD");
    return text != NULL && strstr(text, arena_printf("\nparent %s\n", commit)) != NULL;
}

/* Where this branch left the other one: what the other has got since is not of this change. The
 * merge commit that hosts test for a pull request has left it at the tip. */
static const char *
fork_point(const char *revision, GError **ret_error)
{
    const char *base = ask_git("merge-base", revision, "HEAD");
    const char *commit = base == NULL ? find_commit(revision) : NULL;
    if (base != NULL || !is_shallow() || (commit != NULL && is_parent_of_head(commit)))
        return base == NULL ? revision : base;
    g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                commit == NULL
                    ? "this clone is shallow and does not have '%s': git fetch origin %s"
                    : "this clone is shallow and does not have the commit where HEAD left '%s': "
                      "git fetch --unshallow origin %s",
                revision, revision);
    return NULL;
}

static const char *
base_of_branch(GError **ret_error)
{
    const char *base = option_base == NULL ? main_branch(ret_error) : option_base;
    return base == NULL ? NULL : fork_point(base, ret_error);
}

static const char *
short_name(const struct side *side)
{
    return side->revision == NULL ? side->label
                                  : arena_printf("%s", arena_string_n(side->revision, 12));
}

static bool
open_both(int argc, char **argv, const struct options *options, struct review *review,
          GError **ret_error)
{
    const char *was = argc > 1 ? argv[1] : base_of_branch(ret_error);
    const char *is = argc > 2 ? argv[2] : ".";
    struct side *old_side = NULL, *new_side = NULL;
    if (was == NULL || !open_side(was, options, &old_side, ret_error) ||
        !open_side(is, options, &new_side, ret_error))
        return false;
    if (old_side->snapshots->len == 0 && new_side->snapshots->len == 0) {
        g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                    "neither %s nor %s has a snapshot in %s/sql", old_side->label, new_side->label,
                    options->out);
        return false;
    }
    review->old_side = old_side;
    review->new_side = new_side;
    review->comparisons = compare_projects(old_side->snapshots, new_side->snapshots);
    review->title = arena_printf("from %s to %s", argc > 1 ? old_side->label : short_name(old_side),
                                 new_side->label);
    return true;
}

/* ---- a live file ---- */

static const char *
database_of(const char *path)
{
    char *name = g_path_get_basename(path);
    char *dot = strchr(name, '.');
    if (dot != NULL)
        *dot = '\0';
    const char *database = arena_string(name);
    g_free(name);
    return database;
}

static bool
open_live(const struct options *options, struct review *review, GError **ret_error)
{
    const char *equals = strchr(option_db, '=');
    const char *path = equals == NULL ? option_db : equals + 1;
    const char *database = equals == NULL ? database_of(path)
                                          : arena_string_n(option_db, (gsize)(equals - option_db));
    struct side *side = NULL;
    struct snapshot *live = NULL, *wanted = NULL;
    if (!side_open_directory(".", options->out, options->roots, &side, ret_error))
        return false;
    FOR_EACH(struct snapshot, snapshot, side->snapshots)
        if (strcmp(snapshot->database, database) == 0)
            wanted = snapshot;
    if (wanted == NULL) {
        g_set_error(ret_error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                    "%s/sql has no snapshot of database '%s'; name it: --db NAME=%s", options->out,
                    database, path);
        return false;
    }
    if (!snapshot_read_file(database, path, &live, ret_error))
        return false;
    review->new_side = side;
    review->live_path = path;
    review->migrations = options->migrations;
    review->comparisons = arena_list();
    g_ptr_array_add(review->comparisons, compare_snapshots(live, wanted));
    review->title = arena_printf("from %s to %s", path, wanted->path);
    return true;
}

/* ---- the schemas of the working tree ---- */

static void
report_stale(struct review *review, const struct options *options, const char *database,
             const char *what)
{
    const char *path = arena_printf("%s/sql/%s.sql", options->out, database);
    review_report_at(review, FINDING_SNAPSHOT_STALE, database, database, (struct place){path, 1, 1},
                     "%s", what)
        ->help = "cleat generate";
}

static void
compare_with_model(struct review *review, const struct options *options, const struct model *model)
{
    FOR_EACH(struct database, database, model->databases) {
        const char *path = arena_printf("%s/sql/%s.sql", options->out, database->name);
        GString *wanted = g_string_new(NULL);
        emit_sql(database, wanted);
        if (g_strcmp0(side_text(review->new_side, path), wanted->str) != 0)
            report_stale(review, options, database->name,
                         arena_printf("the snapshot of '%s' is not what its schema says now",
                                      database->name));
        g_string_free(wanted, TRUE);
    }
    FOR_EACH(struct snapshot, snapshot, review->new_side->snapshots)
        if (!has_database(model, snapshot->database))
            report_stale(
                review, options, snapshot->database,
                arena_printf("no schema declares '%s' any more, and its snapshot is still here",
                             snapshot->database));
}

/* What was forgotten to generate would not be reviewed. Errors of the schemas are not of this
 * command: the snapshots are compared whatever they say. */
static void
find_stale(struct review *review, const struct options *options)
{
    if (review->new_side->modules->len == 0 || check_cache_is_fine(options))
        return;
    struct options quick = *options;
    struct diag *diag = diag_new();
    struct model *model = new_model(options);
    GError *error = NULL;
    quick.migrations = NULL;
    if (load_model(&quick, model, diag, &error) && diag_error_count(diag) == 0)
        compare_with_model(review, options, model);
    else
        fprintf(stderr,
                "cleat: the schemas have errors, and may say something else than the "
                "snapshots that are compared: cleat check\n");
    g_clear_error(&error);
    diag_free(diag);
}

/* ---- the command ---- */

static const char *
today(void)
{
    GDateTime *now = g_date_time_new_now_utc();
    char *text = g_date_time_format(now, "%Y-%m-%d");
    const char *copy = arena_string(option_today == NULL ? text : option_today);
    g_free(text);
    g_date_time_unref(now);
    return copy;
}

int
command_diff(int argc, char **argv)
{
    struct options options = read_options();
    struct review review = {.findings = arena_list(), .api = arena_list()};
    const struct review_format *format = review_find_format(option_format == NULL ? "text"
                                                                                  : option_format);
    int least = review_least_failure(option_fail_on == NULL ? "error" : option_fail_on);
    GError *error = NULL;
    if (argc > 3 || format == NULL || least < 0 || (option_db != NULL && argc > 1) ||
        (option_base != NULL && argc > 1))
        return EXIT_USAGE;
    if (option_db != NULL ? !open_live(&options, &review, &error)
                          : !open_both(argc, argv, &options, &review, &error))
        return environment_failed(error);
    if (option_db == NULL && review.new_side->directory != NULL &&
        strcmp(review.new_side->directory, ".") == 0)
        find_stale(&review, &options);
    review_run(&review, today());
    GString *out = g_string_new(NULL);
    format->write(&review, out);
    fwrite(out->str, 1, out->len, stdout);
    g_string_free(out, TRUE);
    return review_worst(&review) >= least ? EXIT_FINDINGS : EXIT_FINE;
}
