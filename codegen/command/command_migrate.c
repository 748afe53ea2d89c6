/* command_migrate.c: cleat migrate: writes migrations, and runs them on files without the program.
 * The first word says which; what it needs is in the table at the end. */
#include "command.h"

#include "common/arena.h"
#include "migrate/migrate_file.h"
#include "migrate/migrate_move.h"
#include "migrate/migrate_write.h"
#include "migrate/migrations.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *option_message;
static char **option_databases;
static char **option_backfills;
static char **option_drops;
static char **option_moved;
static char **option_labels;
static char *option_to;
static gboolean option_dry_run;
static gboolean option_backup;

const GOptionEntry migrate_options[] = {
    {"message", 'm', 0, G_OPTION_ARG_STRING, &option_message, "new, amend, merge: what it is for",
     "TEXT"},
    {"database", 'd', 0, G_OPTION_ARG_STRING_ARRAY, &option_databases,
     "new, amend, merge, rebase: only this database; may be repeated", "NAME"},
    {"backfill", 0, 0, G_OPTION_ARG_STRING_ARRAY, &option_backfills,
     "new, amend: what rows that are there get in a column", "'TABLE.COLUMN: SQL'"},
    {"drop", 0, 0, G_OPTION_ARG_STRING_ARRAY, &option_drops,
     "new, amend: a table goes with its rows, and why", "'TABLE: WHY'"},
    {"moved", 0, 0, G_OPTION_ARG_STRING_ARRAY, &option_moved,
     "new, amend: another database has the table now", "'TABLE: DATABASE'"},
    {"rename-label", 0, 0, G_OPTION_ARG_STRING_ARRAY, &option_labels,
     "new, amend: a label of an enum has another name", "'TABLE.COLUMN: OLD = NEW'"},
    {"to", 0, 0, G_OPTION_ARG_STRING, &option_to, "up, down, stamp: the last migration",
     "REVISION"},
    {"dry-run", 0, 0, G_OPTION_ARG_NONE, &option_dry_run,
     "up, down, stamp: say what would happen to this file, and undo it", NULL},
    {"backup", 0, 0, G_OPTION_ARG_NONE, &option_backup, "up, down: copy the file first", NULL},
    G_OPTION_ENTRY_NULL};

/* ---- what the command line says ---- */

/* "table.column: sql", or "table: why" for a table alone. */
static bool
read_pairs(char **texts, bool has_column, GPtrArray *pairs)
{
    for (; texts != NULL && *texts != NULL; texts++) {
        struct backfill *pair = ARENA_NEW(struct backfill);
        char *text = arena_string(*texts);
        char *colon = strchr(text, ':');
        char *dot = has_column ? strchr(text, '.') : NULL;
        if (colon == NULL || (has_column && (dot == NULL || dot > colon))) {
            fprintf(stderr, "cleat: '%s' is not of the form '%s'\n", *texts,
                    has_column ? "table.column: SQL" : "table: why");
            return false;
        }
        *colon = '\0';
        pair->sql = g_strstrip(colon + 1);
        if (dot != NULL) {
            *dot = '\0';
            pair->column = dot + 1;
        }
        pair->table = text;
        g_ptr_array_add(pairs, pair);
    }
    return true;
}

static bool
read_labels(GPtrArray *labels)
{
    for (char **text = option_labels; text != NULL && *text != NULL; text++) {
        struct label_rename *rename = label_rename_parse(*text);
        if (rename == NULL) {
            fprintf(stderr, "cleat: '%s' is not of the form 'table.column: old = new'\n", *text);
            return false;
        }
        g_ptr_array_add(labels, rename);
    }
    return true;
}

static bool
is_wanted(const char *database)
{
    if (option_databases == NULL)
        return true;
    for (char **name = option_databases; *name != NULL; name++)
        if (strcmp(*name, database) == 0)
            return true;
    return false;
}

static bool
has_table(const struct database *database, const char *name)
{
    FOR_EACH(struct table, table, database->tables)
        if (g_ascii_strcasecmp(table->name, name) == 0)
            return true;
    return false;
}

/* All that the command line says. */
static bool
read_draft(struct draft *draft)
{
    *draft = (struct draft){.message = option_message,
                            .backfills = arena_list(),
                            .dropped = arena_list(),
                            .moved = arena_list(),
                            .labels = arena_list()};
    return read_pairs(option_backfills, true, draft->backfills) &&
           read_pairs(option_drops, false, draft->dropped) &&
           read_pairs(option_moved, false, draft->moved) && read_labels(draft->labels);
}

/* What is about this database; drops are of tables it no longer has. */
static struct draft
draft_of(const struct database *database, const struct draft *said)
{
    struct draft draft = *said;
    draft.backfills = arena_list();
    draft.labels = arena_list();
    FOR_EACH(struct backfill, backfill, said->backfills)
        if (has_table(database, backfill->table))
            g_ptr_array_add(draft.backfills, backfill);
    FOR_EACH(struct label_rename, rename, said->labels)
        if (has_table(database, rename->table))
            g_ptr_array_add(draft.labels, rename);
    return draft;
}

/* ---- files of migrations ---- */

static int
write_migration(const struct options *options, const struct database *database,
                const struct migration *migration, const char *name)
{
    char *directory = g_build_filename(options->migrations, database->name, NULL);
    char *path = g_build_filename(directory, name, NULL);
    GError *error = NULL;
    int status = EXIT_FINE;
    if (g_mkdir_with_parents(directory, 0777) != 0) {
        fprintf(stderr, "cleat: cannot create %s: %s\n", directory, g_strerror(errno));
        status = EXIT_ENVIRONMENT;
    } else if (!g_file_set_contents(path, migration->source->text, -1, &error)) {
        status = environment_failed(error);
    } else {
        printf("%s\n", path);
        if (migration->down == NULL && migration->parents->len > 0)
            fprintf(stderr, "cleat: %s: %s has no way back\n", database->name, migration->revision);
    }
    g_free(path);
    g_free(directory);
    return status;
}

static bool
print_faults(struct diag *diag)
{
    bool any = diag_error_count(diag) > 0;
    diag_print(diag, stderr, has_colour());
    diag_free(diag);
    return any;
}

/* ---- new ---- */

static int
new_of(const struct options *options, const struct database *database, const struct draft *said,
       bool *ret_any)
{
    const struct migration *head = migration_head(database->migrations);
    const char *name = NULL;
    if ((head == NULL && database->statements->len == 0) ||
        (head != NULL && strcmp(head->schema, database->revision) == 0))
        return EXIT_FINE;
    *ret_any = true;
    struct draft draft = draft_of(database, said);
    draft.parents_text = head == NULL ? "" : head->revision;
    const struct migration *migration = migration_write(database, database->migrations, &draft,
                                                        &name);
    if (migration == NULL)
        return EXIT_FINDINGS;
    return write_migration(options, database, migration, name);
}

static int
finish_new(const struct options *options, const struct model *model)
{
    struct draft said;
    int status = EXIT_FINE;
    bool any = false;
    if (!read_draft(&said))
        return EXIT_USAGE;
    FOR_EACH(struct database, database, model->databases) {
        int one = is_wanted(database->name) ? new_of(options, database, &said, &any) : EXIT_FINE;
        status = MAX(status, one);
    }
    if (!any)
        fprintf(stderr, "cleat: every database is where its last migration leads\n");
    return status;
}

static int
command_new(int argc, char **argv)
{
    (void)argv;
    struct options options = read_options();
    if (argc != 0)
        return EXIT_USAGE;
    if (option_message == NULL || *g_strstrip(option_message) == '\0' ||
        strchr(option_message, '\n') != NULL) {
        fprintf(stderr, "cleat: say on one line what the migration is for: -m \"...\"\n");
        return EXIT_USAGE;
    }
    return run(&options, finish_new);
}

/* ---- amend, rebase, merge ---- */

/* The histories as they are, with their faults: these commands mend them. */
static bool
read_as_it_is(const struct database *database, GPtrArray **ret_migrations, int *ret_status)
{
    struct options options = read_options();
    GError *error = NULL;
    struct diag *diag = diag_new();
    if (!migrations_read_files(options.migrations, database->name, diag, ret_migrations, &error)) {
        *ret_status = environment_failed(error);
        diag_free(diag);
        return false;
    }
    if (!print_faults(diag))
        return true;
    *ret_status = EXIT_FINDINGS;
    return false;
}

/* What a draft takes from migrations that it replaces. */
static void
take_over(struct draft *draft, const struct migration *migration)
{
    const char *dash = draft->message == NULL ? NULL : "; ";
    if (option_message == NULL)
        draft->message = dash == NULL ? migration->message
                                      : arena_printf("%s; %s", draft->message, migration->message);
    FOR_EACH(struct backfill, backfill, migration->backfills)
        g_ptr_array_add(draft->backfills, backfill);
    FOR_EACH(struct backfill, dropped, migration->dropped)
        g_ptr_array_add(draft->dropped, dropped);
    FOR_EACH(struct backfill, moved, migration->moved)
        g_ptr_array_add(draft->moved, moved);
    FOR_EACH(struct label_rename, rename, migration->labels)
        g_ptr_array_add(draft->labels, rename);
    const char *const hands[] = {migration->before_hand, migration->after_hand,
                                 migration->down_hand};
    const char **kept[] = {&draft->before_hand, &draft->after_hand, &draft->down_hand};
    for (gsize i = 0; i < G_N_ELEMENTS(hands); i++)
        if (hands[i] != NULL)
            *kept[i] = *kept[i] == NULL ? hands[i] : arena_printf("%s%s", *kept[i], hands[i]);
}

/* Writes one migration in the place of others, whose files go when it is there. */
static int
replace(const struct options *options, const struct database *database, const GPtrArray *replaced,
        const GPtrArray *others)
{
    struct draft draft;
    if (!read_draft(&draft))
        return EXIT_USAGE;
    FOR_EACH(struct migration, migration, replaced)
        take_over(&draft, migration);
    const struct migration *head = migration_head(others);
    const char *name = NULL;
    draft.parents_text = head == NULL ? "" : head->revision;
    const struct migration *written = migration_write(database, others, &draft, &name);
    if (written == NULL)
        return EXIT_FINDINGS;
    int status = write_migration(options, database, written, name);
    FOR_EACH(struct migration, migration, replaced) {
        char *base = g_path_get_basename(migration->source->path);
        if (status == EXIT_FINE && strcmp(base, name) != 0)
            g_unlink(migration->source->path);
        g_free(base);
    }
    return status;
}

static bool
is_in(const GPtrArray *migrations, const struct migration *migration)
{
    return g_ptr_array_find((GPtrArray *)migrations, migration, NULL);
}

/* A migration, and all that come after it; the others are in order, and have one end. */
static GPtrArray *
split_branch(const GPtrArray *migrations, struct migration *first, GPtrArray **ret_others)
{
    GPtrArray *branch = arena_list(), *others = arena_list();
    g_ptr_array_add(branch, first);
    for (guint before = 0; before != branch->len;) {
        before = branch->len;
        FOR_EACH(struct migration, migration, migrations)
            FOR_EACH(const char, parent, migration->parents)
                if (!is_in(branch, migration) && migration_find(branch, parent) != NULL)
                    g_ptr_array_add(branch, migration);
    }
    FOR_EACH(struct migration, migration, migrations)
        if (!is_in(branch, migration))
            g_ptr_array_add(others, migration);
    *ret_others = migrations_sort(others);
    return branch;
}

static int
check_others(const struct database *database, const GPtrArray *others)
{
    if (migration_heads(others)->len <= 1)
        return EXIT_FINE;
    fprintf(stderr, "cleat: %s: what is left has two ends; name one of them\n", database->name);
    return EXIT_FINDINGS;
}

/* What a mending command does with one history. */
typedef int mend(const struct options *options, const struct database *database,
                 GPtrArray *migrations, const char *revision, bool *ret_any);

static int
amend(const struct options *options, const struct database *database, GPtrArray *migrations,
      const char *revision, bool *ret_any)
{
    const GPtrArray *heads = migration_heads(migrations);
    GPtrArray *others = NULL;
    (void)revision;
    if (heads->len == 0)
        return EXIT_FINE;
    if (heads->len > 1) {
        fprintf(stderr, "cleat: %s: the history has two ends: cleat explain two-heads\n",
                database->name);
        return EXIT_FINDINGS;
    }
    const struct migration *head = g_ptr_array_index(heads, 0);
    bool stale = strcmp(head->revision, head->hash) != 0 ||
                 strcmp(head->schema, database->revision) != 0;
    if (!stale && option_databases == NULL)
        return EXIT_FINE;
    *ret_any = true;
    const GPtrArray *branch = split_branch(migrations, (struct migration *)head, &others);
    return replace(options, database, branch, others);
}

static int
rebase(const struct options *options, const struct database *database, GPtrArray *migrations,
       const char *revision, bool *ret_any)
{
    struct migration *first = migration_find(migrations, revision);
    GPtrArray *others = NULL;
    if (first == NULL)
        return EXIT_FINE;
    *ret_any = true;
    const GPtrArray *branch = split_branch(migrations, first, &others);
    int status = check_others(database, others);
    return status == EXIT_FINE ? replace(options, database, branch, others) : status;
}

static int
merge(const struct options *options, const struct database *database, GPtrArray *migrations,
      const char *revision, bool *ret_any)
{
    const char *name = NULL;
    (void)revision;
    if (migration_heads(migrations)->len < 2)
        return EXIT_FINE;
    *ret_any = true;
    const char *message = option_message == NULL ? "Two branches come together." : option_message;
    const struct migration *joined = migration_join(database, migrations_sort(migrations), message,
                                                    &name);
    return joined == NULL ? EXIT_FINDINGS : write_migration(options, database, joined, name);
}

static mend *mending;
static const char *mended_revision;

static int
finish_mend(const struct options *options, const struct model *model)
{
    int status = EXIT_FINE;
    bool any = false;
    FOR_EACH(struct database, database, model->databases) {
        GPtrArray *migrations = NULL;
        int one = EXIT_FINE;
        struct options own = *options;
        own.migrations = read_options().migrations;
        if (!is_wanted(database->name))
            continue;
        if (read_as_it_is(database, &migrations, &one))
            one = mending(&own, database, migrations, mended_revision, &any);
        status = MAX(status, one);
    }
    if (!any && status == EXIT_FINE) {
        fprintf(stderr, "cleat: there is nothing to do\n");
        return mended_revision == NULL ? EXIT_FINE : EXIT_FINDINGS;
    }
    return status;
}

/* The model alone: the history has the fault that is to be mended. */
static int
run_mend(mend *what, const char *revision)
{
    struct options options = read_options();
    options.migrations = NULL;
    mending = what;
    mended_revision = revision;
    return run(&options, finish_mend);
}

static int
command_amend(int argc, char **argv)
{
    (void)argv;
    return argc != 0 ? EXIT_USAGE : run_mend(amend, NULL);
}

static int
command_rebase(int argc, char **argv)
{
    return argc != 1 ? EXIT_USAGE : run_mend(rebase, argv[0]);
}

static int
command_merge(int argc, char **argv)
{
    (void)argv;
    return argc != 0 ? EXIT_USAGE : run_mend(merge, NULL);
}

/* ---- files of databases ---- */

static int
run_on_file(enum migrate_action action, int argc, char **argv)
{
    struct options options = read_options();
    if (argc != 2)
        return EXIT_USAGE;
    struct diag *diag = diag_new();
    GError *error = NULL;
    struct file_request request = {
        .action = action,
        .database = argv[0],
        .path = argv[1],
        .to = option_to,
        .dry_run = option_dry_run,
        .backup = option_backup,
    };
    bool fine = migrations_read(options.migrations, argv[0], diag, &request.migrations, &error);
    if (!fine) {
        diag_free(diag);
        return environment_failed(error);
    }
    if (print_faults(diag))
        return EXIT_FINDINGS;
    if (request.migrations->len == 0) {
        fprintf(stderr, "cleat: there are no migrations in %s/%s\n", options.migrations, argv[0]);
        return EXIT_ENVIRONMENT;
    }
    return migrate_file(&request);
}

static int
command_status(int argc, char **argv)
{
    return run_on_file(MIGRATE_STATUS, argc, argv);
}

static int
command_up(int argc, char **argv)
{
    return run_on_file(MIGRATE_UP, argc, argv);
}

static int
command_down(int argc, char **argv)
{
    return run_on_file(MIGRATE_DOWN, argc, argv);
}

static int
command_verify(int argc, char **argv)
{
    return run_on_file(MIGRATE_VERIFY, argc, argv);
}

static int
command_stamp(int argc, char **argv)
{
    return run_on_file(MIGRATE_STAMP, argc, argv);
}

static int
command_move(int argc, char **argv)
{
    return argc != 3 ? EXIT_USAGE : migrate_move(argv[0], argv[1], argv[2]);
}

/* ---- the first word ---- */

int
command_migrate(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } actions[] = {{"new", command_new},     {"amend", command_amend},   {"rebase", command_rebase},
                   {"merge", command_merge}, {"status", command_status}, {"up", command_up},
                   {"down", command_down},   {"verify", command_verify}, {"stamp", command_stamp},
                   {"move", command_move}};
    const char *names[G_N_ELEMENTS(actions) + 1] = {NULL};
    if (argc < 2)
        return EXIT_USAGE;
    for (gsize i = 0; i < G_N_ELEMENTS(actions); i++) {
        names[i] = actions[i].name;
        if (strcmp(actions[i].name, argv[1]) == 0)
            return actions[i].run(argc - 2, argv + 2);
    }
    const char *nearest = diag_nearest(argv[1], names);
    fprintf(stderr, "cleat: there is no 'migrate %s'", argv[1]);
    fprintf(stderr, nearest == NULL ? "\n" : "; did you mean '%s'?\n", nearest);
    return EXIT_USAGE;
}
