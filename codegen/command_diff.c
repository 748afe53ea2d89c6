/* command_diff.c: cleat diff reads two states of a project, lets review.c judge what changed, and
 * writes it in the form that is asked for. Neither state is built: their committed snapshots and
 * headers say what they are. */
#include "command.h"

#include "arena.h"
#include "review_write.h"

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

static const char *
main_branch(void)
{
    static const char *const names[] = {"origin/HEAD", "origin/main", "origin/master", "main",
                                        "master"};
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *const arguments[] = {"rev-parse", "--verify", "--quiet",
                                         arena_printf("%s^{commit}", names[i]), NULL};
        if (side_git(arguments) != NULL)
            return names[i];
    }
    return "HEAD";
}

/* Where this branch left the other one: what the other has got since is not of this change. */
static const char *
fork_point(const char *revision)
{
    const char *const arguments[] = {"merge-base", revision, "HEAD", NULL};
    const char *base = side_git(arguments);
    return base == NULL ? revision : base;
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
    const char *base = option_base == NULL ? main_branch() : option_base;
    const char *was = argc > 1 ? argv[1] : fork_point(base);
    const char *is = argc > 2 ? argv[2] : ".";
    struct side *old_side = NULL, *new_side = NULL;
    if (!open_side(was, options, &old_side, ret_error) ||
        !open_side(is, options, &new_side, ret_error))
        return false;
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
    review->comparisons = arena_list();
    g_ptr_array_add(review->comparisons, compare_snapshots(live, wanted));
    review->title = arena_printf("from %s to %s", path, wanted->path);
    return true;
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
    review_run(&review, today());
    GString *out = g_string_new(NULL);
    format->write(&review, out);
    fwrite(out->str, 1, out->len, stdout);
    g_string_free(out, TRUE);
    return review_worst(&review) >= least ? EXIT_FINDINGS : EXIT_FINE;
}
