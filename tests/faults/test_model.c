/* test_model.c: sessions of readers and writers in a random order, beside a model of a page that
 * says what each of them must see: a unit of work sees its own writes and what was committed when
 * it began, nobody sees what was not committed, one writer at a time, and a rollback leaves
 * nothing. The seed is printed when they differ. */
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

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("seed %llu, step %ld: %s", (unsigned long long)seed, step, #condition);       \
    } while (0)

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
    cleat_status rc = cleat_row_insert(actor->session, TAGS, &tag);
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
    cleat_status rc = cleat_row_insert_many(actor->session, TAGS, tags, 3);
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
    cleat_status rc = cleat_row_exists(actor->session, TAGS, 0, values);
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
    cleat_status rc = cleat_row_list(actor->session, TAGS, &cursor);
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
    CHECK(cleat_session_commit(actor->session) == CLEAT_OK);
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
        CHECK(cleat_session_rollback(actor->session) == CLEAT_OK);
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
sessions_see_what_they_must(void **state)
{
    struct sample *sample = *state;
    long steps = faults_loops(20000, 400000);
    seed = 1 + faults_round();
    chance_state = 88172645463325252u ^ (seed * UINT64_C(0x9e3779b97f4a7c15));
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "0");
    cleat_settings_set(&sample->settings, "synchronous", "OFF");
    cleat_settings_set(&sample->settings, "log_level", "none");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    for (step = 0; step < steps; step++) {
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
    print_message("    %ld steps, %ld commits, %ld conflicts, %ld refused locks, %ld old views\n",
                  steps, commits, conflicts, refusals, old_views);
    assert_true(commits > 100 && conflicts > 100 && refusals > 100 && old_views > 100);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sessions_see_what_they_must, sample_set_up,
                                        sample_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
