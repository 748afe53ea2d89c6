/* test_model.c: sessions of readers and writers in a random order, beside a model of a page that
 * says what each of them must see: a unit of work sees its own writes and what was committed when
 * it began, nobody sees what was not committed, one writer at a time, and a rollback leaves
 * nothing. The seed is printed when they differ. Sessions that break one of these on purpose are
 * found out by the same model. */
#include "faults.h"
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TAGS (&library_tags_table)

enum { SESSIONS = 6, KEYS = 24 };

static uint64_t chance_state;

static int
chance(int below)
{
    chance_state ^= chance_state << 13; /* xorshift */
    chance_state ^= chance_state >> 7;
    chance_state ^= chance_state << 17;
    return (int)(chance_state % (uint64_t)below);
}

/* What rows there are, by number. */
struct content {
    bool has[KEYS];
};

/* A session and what it must see. Its view begins with its first call: SQLite takes no snapshot
 * before, except for a writer, who holds the lock. */
struct actor {
    cleat_session *session;
    bool writes;
    bool begun; /* it has a view */
    struct content view;
};

static struct content committed;
static struct actor actors[SESSIONS];
static const struct actor *writer; /* who holds the lock */
static uint64_t seed;
static long step;
static long commits, conflicts, refusals, old_views; /* what came to pass */
static char difference[200];                         /* the first one, "" for none */

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition) && difference[0] == '\0')                                                 \
            snprintf(difference, sizeof difference, "seed %llu, step %ld: %s",                     \
                     (unsigned long long)seed, step, #condition);                                  \
    } while (0)

/* ---- what is broken on purpose ---- */

static enum {
    NOTHING,
    COMMITS,    /* one of eight says that it is done, and is undone */
    ROLLBACKS,  /* they commit */
    VIEWS,      /* a reader's goes along with what others commit */
    ISOLATION,  /* a reader sees what a writer has not committed */
    WRITES,     /* one of eight says that it is done, and is not */
    ATOMIC_SETS /* a set that fails leaves its first row */
} broken;

/* Whether this time the broken thing happens. */
static bool
breaks(int what, int one_in)
{
    return (int)broken == what && chance(one_in) == 0;
}

static cleat_status
commit_session(cleat_session *session)
{
    return breaks(COMMITS, 8) ? cleat_session_rollback(session) : cleat_session_commit(session);
}

static cleat_status
roll_back_session(cleat_session *session)
{
    return breaks(ROLLBACKS, 1) ? cleat_session_commit(session) : cleat_session_rollback(session);
}

/* The session that an actor's reads come from. */
static cleat_session *
session_to_read(const struct actor *actor)
{
    if (!actor->writes && breaks(VIEWS, 1))
        cleat_session_commit(actor->session);
    if (!actor->writes && writer != NULL && breaks(ISOLATION, 1))
        return writer->session;
    return actor->session;
}

static cleat_status
insert_row(cleat_session *session, library_tags_row *tag)
{
    return breaks(WRITES, 8) ? CLEAT_OK : cleat_row_insert(session, TAGS, tag);
}

static cleat_status
insert_rows(cleat_session *session, library_tags_row tags[3])
{
    if (breaks(ATOMIC_SETS, 1))
        cleat_row_insert(session, TAGS, &tags[0]);
    return cleat_row_insert_many(session, TAGS, tags, 3);
}

/* ---- what a unit does ---- */

static void
begin_view(struct actor *actor)
{
    if (actor->begun)
        return;
    actor->begun = true;
    actor->view = committed;
}

/* A writer's next unit takes the lock, or finds it taken. */
static bool
may_begin(struct actor *actor, cleat_status rc)
{
    if (!actor->writes || actor->begun)
        return true;
    if (writer != NULL && writer != actor) {
        CHECK(rc == CLEAT_BUSY);
        refusals++;
        return false;
    }
    writer = actor;
    begin_view(actor);
    return true;
}

static void
open_actor(struct sample *sample, struct actor *actor)
{
    actor->writes = chance(3) == 0;
    actor->begun = false;
    cleat_status rc = cleat_session_open(sample->registry, chance(2) == 0 ? NULL : "library",
                                         actor->writes ? CLEAT_WRITE : CLEAT_READ, &actor->session);
    if (!may_begin(actor, rc)) {
        actor->session = NULL;
        return;
    }
    CHECK(rc == CLEAT_OK);
}

static void
insert(struct actor *actor, int key)
{
    library_tags_row tag = {.book_id = key, .tag = "x"};
    if (!actor->writes && !actor->begun)
        return; /* what is refused may or may not begin a view */
    cleat_status rc = insert_row(actor->session, &tag);
    if (!actor->writes) {
        CHECK(rc == CLEAT_READONLY);
        return;
    }
    if (!may_begin(actor, rc))
        return;
    CHECK(rc == (actor->view.has[key] ? CLEAT_CONFLICT : CLEAT_OK));
    conflicts += rc == CLEAT_CONFLICT;
    actor->view.has[key] = true;
}

static void
insert_set(struct actor *actor, int key)
{
    library_tags_row tags[3];
    bool taken = false;
    for (int i = 0; i < 3; i++) {
        tags[i] = (library_tags_row){.book_id = (key + i * 5) % KEYS, .tag = "x"};
        taken |= actor->begun && actor->view.has[tags[i].book_id];
    }
    if (!actor->writes || !actor->begun)
        return;
    cleat_status rc = insert_rows(actor->session, tags);
    CHECK(rc == (taken ? CLEAT_CONFLICT : CLEAT_OK));
    for (int i = 0; !taken && i < 3; i++)
        actor->view.has[tags[i].book_id] = true;
}

static void
delete_row(struct actor *actor, int key)
{
    cleat_value values[] = {cleat_value_integer(key), cleat_value_text("x")};
    if (!actor->writes && !actor->begun)
        return;
    cleat_status rc = cleat_row_delete(actor->session, TAGS, 0, values);
    if (!actor->writes) {
        CHECK(rc == CLEAT_READONLY);
        return;
    }
    if (!may_begin(actor, rc))
        return;
    CHECK(rc == (actor->view.has[key] ? CLEAT_OK : CLEAT_NOT_FOUND));
    actor->view.has[key] = false;
}

static void
look(struct actor *actor, int key)
{
    cleat_value values[] = {cleat_value_integer(key), cleat_value_text("x")};
    cleat_status rc = cleat_row_exists(session_to_read(actor), TAGS, 0, values);
    if (!may_begin(actor, rc))
        return;
    begin_view(actor);
    CHECK(rc == (actor->view.has[key] ? CLEAT_OK : CLEAT_NOT_FOUND));
}

static void
list(struct actor *actor)
{
    cleat_cursor cursor = {0};
    library_tags_row tag;
    struct content found = {{false}};
    cleat_status rc = cleat_row_list(session_to_read(actor), TAGS, &cursor);
    if (!may_begin(actor, rc))
        return;
    begin_view(actor);
    while ((rc = cleat_row_next(&cursor, TAGS, &tag)) == CLEAT_ROW)
        found.has[tag.book_id] = true;
    CHECK(rc == CLEAT_DONE);
    CHECK(memcmp(&found, &actor->view, sizeof found) == 0);
    old_views += memcmp(&found, &committed, sizeof found) != 0 && !actor->writes;
}

/* ---- how a unit ends ---- */

static void
commit(struct actor *actor)
{
    CHECK(commit_session(actor->session) == CLEAT_OK);
    if (actor->writes && actor->begun) {
        commits += memcmp(&committed, &actor->view, sizeof committed) != 0;
        committed = actor->view;
    }
    if (writer == actor)
        writer = NULL;
    actor->begun = false;
}

static void
end_without(struct actor *actor, bool closes)
{
    if (closes) {
        cleat_session_close(actor->session);
        actor->session = NULL;
    } else {
        CHECK(roll_back_session(actor->session) == CLEAT_OK);
    }
    if (writer == actor)
        writer = NULL;
    actor->begun = false;
}

static void
act(struct sample *sample, struct actor *actor)
{
    int key = chance(KEYS);
    if (actor->session == NULL) {
        open_actor(sample, actor);
        return;
    }
    switch (chance(12)) {
    case 0:
    case 1: commit(actor); break;
    case 2: end_without(actor, chance(2) == 0); break;
    case 3:
    case 4:
    case 5: insert(actor, key); break;
    case 6:
    case 7: delete_row(actor, key); break;
    case 8: insert_set(actor, key); break;
    case 9: list(actor); break;
    default: look(actor, key); break;
    }
}

/* What another program sees. */
static void
check_file(struct sample *sample)
{
    int64_t count = 0;
    for (int i = 0; i < KEYS; i++)
        count += committed.has[i];
    CHECK(sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM tags") == count);
}

static void
begin(struct sample *sample)
{
    memset(&committed, 0, sizeof committed);
    memset(actors, 0, sizeof actors);
    writer = NULL;
    difference[0] = '\0';
    commits = conflicts = refusals = old_views = 0;
    seed = 1 + faults_round();
    chance_state = 88172645463325252u ^ (seed * UINT64_C(0x9e3779b97f4a7c15));
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "0");
    cleat_settings_set(&sample->settings, "synchronous", "OFF");
    cleat_settings_set(&sample->settings, "log_level", "none");
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

/* Goes on until something differs. */
static void
run(struct sample *sample, long steps)
{
    begin(sample);
    for (step = 0; step < steps && difference[0] == '\0'; step++) {
        act(sample, &actors[chance(SESSIONS)]);
        if (step % 500 == 0)
            check_file(sample);
        if (step % 5000 == 4999) { /* a registry that closes ends all units */
            sample_close(sample);
            memset(actors, 0, sizeof actors);
            writer = NULL;
            assert_int_equal(sample_open(sample), CLEAT_OK);
        }
    }
    check_file(sample);
}

static void
sessions_see_what_they_must(void **state)
{
    long steps = faults_loops(20000, 400000);
    broken = NOTHING;
    run(*state, steps);
    if (difference[0] != '\0')
        fail_msg("%s", difference);
    print_message("    %ld steps, %ld commits, %ld conflicts, %ld refused locks, %ld old views\n",
                  steps, commits, conflicts, refusals, old_views);
    assert_true(commits > 100 && conflicts > 100 && refusals > 100 && old_views > 100);
}

/* ---- controls ---- */

static void
expect_found_out(struct sample *sample, int what)
{
    broken = what;
    run(sample, 2000);
    if (difference[0] == '\0')
        fail_msg("not found out in %ld steps", step);
    print_message("    at step %ld\n", step);
}

static void
a_commit_that_is_lost_is_found_out(void **state)
{
    expect_found_out(*state, COMMITS);
}

static void
a_rollback_that_leaves_something_is_found_out(void **state)
{
    expect_found_out(*state, ROLLBACKS);
}

static void
a_view_that_moves_is_found_out(void **state)
{
    expect_found_out(*state, VIEWS);
}

static void
a_look_at_what_is_not_committed_is_found_out(void **state)
{
    expect_found_out(*state, ISOLATION);
}

static void
a_write_that_is_lost_is_found_out(void **state)
{
    expect_found_out(*state, WRITES);
}

static void
a_set_that_is_half_written_is_found_out(void **state)
{
    expect_found_out(*state, ATOMIC_SETS);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(sessions_see_what_they_must),
        TEST(a_commit_that_is_lost_is_found_out),
        TEST(a_rollback_that_leaves_something_is_found_out),
        TEST(a_view_that_moves_is_found_out),
        TEST(a_look_at_what_is_not_committed_is_found_out),
        TEST(a_write_that_is_lost_is_found_out),
        TEST(a_set_that_is_half_written_is_found_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
