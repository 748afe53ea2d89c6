/* review.c: comparisons enter, findings leave: every rule looks at every change, then come the stages
 * that look at whole states; what is accepted is marked, and the worst stands first. */
#include "review.h"

#include "common/arena.h"
#include "find.h"
#include "migrate/migrations.h"

#include <string.h>

/* Looks at one change, and reports when its rule is about it. NULL: found in another way. */
typedef void find_change(struct review *review, const struct change *change);

static find_change *const finders[FINDING_COUNT] = {
#define FINDING(id, name, class, severity, find, explanation) find,
#include "findings.def"
#undef FINDING
};

static void
find_changes(struct review *review)
{
    FOR_EACH(struct comparison, comparison, review->comparisons)
        FOR_EACH(struct change, change, comparison->changes)
            for (int i = 0; i < FINDING_COUNT; i++)
                if (finders[i] != NULL)
                    finders[i](review, change);
}

static void
find_newer_files(struct review *review)
{
    FOR_EACH(struct comparison, comparison, review->comparisons)
        if (comparison->changes->len > 0 && comparison->old_snapshot != NULL &&
            comparison->new_snapshot != NULL)
            review_report_at(review, FINDING_NEWER_FILE, comparison->new_snapshot->database,
                             comparison->new_snapshot->database,
                             (struct place){comparison->new_snapshot->path, 1, 1},
                             "the old program refuses an upgraded file of '%s'",
                             comparison->new_snapshot->database);
}

/* One that has not the form of a migration says nothing here; cleat check says what is wrong. */
static void
read_new_migrations(struct review *review)
{
    struct diag *diag = diag_new();
    review->new_migrations = arena_list();
    for (guint i = 0; review->new_side != NULL && i < review->new_side->files->len; i++) {
        const char *path = g_ptr_array_index(review->new_side->files, i);
        if (!review_is_new_migration(review, NULL, path))
            continue;
        struct source *source = ARENA_NEW(struct source);
        source->path = path;
        source->text = side_text(review->new_side, path);
        source->length = strlen(source->text);
        struct migration *migration = migration_parse(source, diag);
        if (migration != NULL)
            g_ptr_array_add(review->new_migrations, migration);
    }
    diag_free(diag);
}

void
review_run(struct review *review, const char *today)
{
    read_new_migrations(review);
    find_changes(review);
    find_newer_files(review);
    review_find_broken(review);
    review_find_api(review);
    review_find_history(review);
    review_find_advice(review);
    review_find_drift(review);
    review_count_rows(review);
    review_accept(review, today);
    review_sort(review);
}
