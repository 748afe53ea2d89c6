/* test_compare.c: which changes stand between two schemas: none between two spellings of one, and
 * exactly the right ones otherwise. */
#include "common/arena.h"
#include "snapshot/compare.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct snapshot *
read_text(const char *database, const char *sql)
{
    struct snapshot *snapshot = NULL;
    GError *error = NULL;
    if (!snapshot_read_text(database, "x.sql", sql, &snapshot, &error))
        fail_msg("%s in %s", error->message, sql);
    return snapshot;
}

static void
append_changes(GString *text, const GPtrArray *changes)
{
    FOR_EACH(struct change, change, changes) {
        g_string_append_printf(text, "%s%s %s", text->len == 0 ? "" : "; ",
                               change_kind_name(change->kind), change_object(change));
        if (change->label != NULL)
            g_string_append_printf(text, " %s", change->label);
    }
}

/* A pair of schemas and the changes between them, as text. */
struct step {
    const char *was;
    const char *is;
    const char *changes;
};

static void
expect_steps(const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        GString *text = g_string_new(NULL);
        append_changes(
            text,
            compare_snapshots(read_text("d", steps[i].was), read_text("d", steps[i].is))->changes);
        if (strcmp(text->str, steps[i].changes) != 0)
            fail_msg("from %s\nto %s\nexpected %s\nfound    %s", steps[i].was, steps[i].is,
                     steps[i].changes, text->str);
        g_string_free(text, TRUE);
    }
}

static void
spellings_of_one_schema_have_no_change_between_them(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"CREATE TABLE t (a INTEGER, b TEXT);", "create table \"T\"(`A` integer,[b] text /* x */);",
         ""},
        {"CREATE TABLE t (a TEXT CHECK (length(a) <= 3) UNIQUE NOT NULL);",
         "CREATE TABLE t (a TEXT NOT NULL, UNIQUE (a), CONSTRAINT x CHECK ((length(\"a\") <= 3)));",
         ""},
        {"CREATE TABLE t (id INTEGER PRIMARY KEY, p INTEGER REFERENCES t);",
         "CREATE TABLE t (id INTEGER, p INTEGER, FOREIGN KEY (p) REFERENCES \"t\" (\"id\") ON "
         "DELETE NO ACTION, PRIMARY KEY (id));",
         ""},
        {"CREATE TABLE t (a INTEGER DEFAULT 1, b DEFAULT NULL, c DEFAULT 'x', d DEFAULT TRUE);",
         "CREATE TABLE t (a INTEGER DEFAULT (1), b, c DEFAULT \"x\", d DEFAULT 1);", ""},
        {"CREATE TABLE t (a TEXT CHECK (a = 'x' OR a = 'y'));",
         "CREATE TABLE t (a TEXT CHECK (\"a\" IN ('x', 'y')));", ""},
        {"CREATE TABLE t (a, b); CREATE INDEX i ON t (a, b DESC) WHERE a <> 1;",
         "CREATE TABLE t (a, b); CREATE INDEX \"i\" ON \"t\" (\"a\" ASC, b COLLATE binary DESC) "
         "WHERE (a != 1);",
         ""},
        {"CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t;",
         "CREATE TABLE t (a); CREATE VIEW v AS\n  select \"a\" -- the a\n  from t;", ""},
        {"CREATE TABLE t (a TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;",
         "CREATE TABLE t (a TEXT NOT NULL, PRIMARY KEY (a)) WITHOUT ROWID, STRICT;", ""},
        {"CREATE TABLE t (id INTEGER PRIMARY KEY, a); CREATE VIRTUAL TABLE f USING fts5(a, "
         "content='t', content_rowid='id');",
         "CREATE TABLE t (id INTEGER PRIMARY KEY, a); CREATE VIRTUAL TABLE f USING FTS5 (\"a\", "
         "content = t, content_rowid=id);",
         ""},
        {"CREATE TABLE t (key TEXT CHECK (key > '')); CREATE INDEX i ON t (key);",
         "CREATE TABLE t (\"key\" TEXT CHECK (\"key\" > '')); CREATE INDEX i ON t (\"key\");", ""},
    };
    expect_steps(steps, sizeof steps / sizeof *steps);
}

static void
tables_and_options(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"CREATE TABLE a (x);", "CREATE TABLE b (x);", "table-dropped d.a; table-added d.b"},
        {"CREATE TABLE a (x);", "-- cleat: was a\nCREATE TABLE b (x, y);",
         "table-renamed d.b; column-added d.b.y"},
        {"CREATE TABLE b (x);", "-- cleat: was a\nCREATE TABLE b (x);", ""},
        {"CREATE TABLE a (x); CREATE TABLE b (x);", "-- cleat: was a\nCREATE TABLE b (x);",
         "table-dropped d.a"},
        {"CREATE TABLE a (x TEXT);", "CREATE TABLE a (x TEXT) STRICT;", "strict d.a"},
        {"CREATE TABLE a (x TEXT PRIMARY KEY NOT NULL);",
         "CREATE TABLE a (x TEXT PRIMARY KEY) WITHOUT ROWID;", "without-rowid d.a"},
        {"CREATE TABLE a (x INTEGER PRIMARY KEY NOT NULL);",
         "CREATE TABLE a (x INTEGER PRIMARY KEY) WITHOUT ROWID;", "without-rowid d.a"},
        {"CREATE TABLE a (x INTEGER PRIMARY KEY);",
         "CREATE TABLE a (x INTEGER PRIMARY KEY AUTOINCREMENT);", "autoincrement d.a"},
        {"CREATE TABLE a (x INT PRIMARY KEY NOT NULL, y NOT NULL);",
         "CREATE TABLE a (x INT NOT NULL, y NOT NULL, PRIMARY KEY (x, y));", "primary-key d.a"},
        {"CREATE TABLE a (x, y, PRIMARY KEY (x, y));", "CREATE TABLE a (x, y, PRIMARY KEY (y, x));",
         "primary-key d.a"},
        {"CREATE TABLE a (x UNIQUE);", "CREATE TABLE a (x UNIQUE ON CONFLICT REPLACE);",
         "conflict-clause d.a"},
    };
    expect_steps(steps, sizeof steps / sizeof *steps);
}

static void
columns(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"CREATE TABLE t (a);", "CREATE TABLE t (a, b TEXT CHECK (length(b) <= 3));",
         "column-added d.t.b"},
        {"CREATE TABLE t (a, b TEXT CHECK (length(b) <= 3));", "CREATE TABLE t (a);",
         "column-dropped d.t.b"},
        {"CREATE TABLE t (a, b);", "CREATE TABLE t (a, c);",
         "column-added d.t.c; column-dropped d.t.b"},
        {"CREATE TABLE t (a, b CHECK (b > a)); CREATE INDEX i ON t (b) WHERE b > 1; CREATE VIEW v "
         "AS SELECT b FROM t;",
         "-- cleat: renamed c from b\nCREATE TABLE t (a, \"c\" CHECK (\"c\" > a)); CREATE INDEX i "
         "ON t (\"c\") WHERE \"c\" > 1; CREATE VIEW v AS SELECT \"c\" FROM t;",
         "column-renamed d.t.c"},
        {"-- cleat: renamed c from b\nCREATE TABLE t (a, c);",
         "-- cleat: renamed c from b\nCREATE TABLE t (a, c);", ""},
        {"CREATE TABLE t (a, b);",
         "-- cleat: renamed a from b\n-- cleat: renamed b from a\nCREATE TABLE t (a, b);",
         "column-renamed d.t.a; column-renamed d.t.b; column-order d.t"},
        {"-- cleat: renamed a from b\n-- cleat: renamed b from a\nCREATE TABLE t (a, b);",
         "-- cleat: renamed a from b\n-- cleat: renamed b from a\nCREATE TABLE t (a, b);", ""},
        {"CREATE TABLE t (a, b);",
         "-- cleat: renamed c from b\n-- cleat: renamed b from a\nCREATE TABLE t (b, c);",
         "column-renamed d.t.b; column-renamed d.t.c"},
        {"CREATE TABLE t (note);", "-- cleat: renamed Note from note\nCREATE TABLE t (Note);",
         "column-renamed d.t.Note"},
        {"CREATE TABLE t (note);", "CREATE TABLE t (Note);", ""},
        {"CREATE TABLE t (a TEXT);", "CREATE TABLE t (a INTEGER);", "column-type d.t.a"},
        {"CREATE TABLE t (a VARCHAR(3));", "CREATE TABLE t (a varchar( 3 ));", ""},
        {"CREATE TABLE t (a);", "CREATE TABLE t (a NOT NULL DEFAULT 1);",
         "column-null d.t.a; column-default d.t.a"},
        {"CREATE TABLE t (a TEXT);", "CREATE TABLE t (a TEXT COLLATE NOCASE);",
         "column-collation d.t.a"},
        {"CREATE TABLE t (a TEXT UNIQUE); CREATE INDEX i ON t (a);",
         "CREATE TABLE t (a TEXT COLLATE NOCASE UNIQUE); CREATE INDEX i ON t (a);",
         "column-collation d.t.a"},
        {"CREATE TABLE t (a TEXT); CREATE INDEX i ON t (a);",
         "CREATE TABLE t (a TEXT); CREATE INDEX i ON t (a COLLATE NOCASE);", "index-changed d.t.i"},
        {"CREATE TABLE t (a, b AS (a + 1));", "CREATE TABLE t (a, b AS (a + 2));",
         "column-generated d.t.b"},
        {"CREATE TABLE t (a, b AS (a));", "CREATE TABLE t (a, b AS (a) STORED);",
         "column-generated d.t.b"},
        {"CREATE TABLE t (a, b, c);", "CREATE TABLE t (c, a, b);", "column-order d.t"},
        {"CREATE TABLE t (a, b);", "CREATE TABLE t (a, x, b);", "column-added d.t.x"},
    };
    expect_steps(steps, sizeof steps / sizeof *steps);
}

static void
checks_labels_and_lengths(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"CREATE TABLE t (a CHECK (a = 'x'));", "CREATE TABLE t (a CHECK (a = 'y' OR a = 'x'));",
         "label-added d.t.a y"},
        {"CREATE TABLE t (a CHECK (a = 'x' OR a = 'y'));",
         "CREATE TABLE t (a CHECK (a = 'x' OR a = 'z'));",
         "label-added d.t.a z; label-removed d.t.a y"},
        {"CREATE TABLE t (a CHECK (a = 'x' OR a = 'y'));",
         "CREATE TABLE t (a CHECK (a = 'y' OR a = 'x'));", ""},
        {"CREATE TABLE t (a CHECK (a = 'x'));", "CREATE TABLE t (a);", "check-dropped d.t.a"},
        {"CREATE TABLE t (a CHECK (length(a) <= 3));", "CREATE TABLE t (a CHECK (length(a) <= 4));",
         "length d.t.a"},
        {"CREATE TABLE t (a);", "CREATE TABLE t (a CHECK (length(a) <= 4));", "length d.t.a"},
        {"CREATE TABLE t (a, b);", "CREATE TABLE t (a, b, CHECK (a < b));", "check-added d.t"},
        {"CREATE TABLE t (a CHECK (a > 0) CHECK (a > 0));", "CREATE TABLE t (a CHECK (a > 0));",
         "check-dropped d.t.a"},
        {"CREATE TABLE t (a CHECK (a > 0));", "CREATE TABLE t (a CHECK (a > 1));",
         "check-dropped d.t.a; check-added d.t.a"},
    };
    expect_steps(steps, sizeof steps / sizeof *steps);
}

static void
indexes_and_keys(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"CREATE TABLE t (a, b);", "CREATE TABLE t (a, b); CREATE INDEX i ON t (a);",
         "index-added d.t.i"},
        {"CREATE TABLE t (a, b); CREATE INDEX i ON t (a);",
         "CREATE TABLE t (a, b); CREATE INDEX i ON t (a DESC);", "index-changed d.t.i"},
        {"CREATE TABLE t (a, b); CREATE INDEX i ON t (a);",
         "CREATE TABLE t (a, b); CREATE UNIQUE INDEX i ON t (a);", "index-changed d.t.i"},
        {"CREATE TABLE t (a, b); CREATE INDEX i ON t (a) WHERE b = 1;",
         "CREATE TABLE t (a, b); CREATE INDEX i ON t (a) WHERE b = 2;", "index-changed d.t.i"},
        {"CREATE TABLE t (a, b); CREATE INDEX i ON t (a + 1);",
         "CREATE TABLE t (a, b); CREATE INDEX i ON t (a + 2);", "index-changed d.t.i"},
        {"CREATE TABLE t (a, b); CREATE INDEX i ON t (a);",
         "CREATE TABLE t (a, b); CREATE INDEX j ON t (a);", "index-renamed d.t.j"},
        {"CREATE TABLE t (a, b);", "CREATE TABLE t (a, b, UNIQUE (a, b));",
         "unique-added d.t.(a,b)"},
        {"CREATE TABLE p (x PRIMARY KEY); CREATE TABLE t (a);",
         "CREATE TABLE p (x PRIMARY KEY); CREATE TABLE t (a REFERENCES p);",
         "foreign-key-added d.t.(a)"},
        {"CREATE TABLE t (a PRIMARY KEY, b REFERENCES t);",
         "CREATE TABLE t (a PRIMARY KEY, b REFERENCES t ON DELETE CASCADE);",
         "foreign-key-action d.t.(b)"},
        {"CREATE TABLE t (a PRIMARY KEY, b REFERENCES t DEFERRABLE INITIALLY DEFERRED);",
         "CREATE TABLE t (a PRIMARY KEY, b REFERENCES t);", "foreign-key-action d.t.(b)"},
        {"CREATE TABLE p (k PRIMARY KEY); CREATE TABLE t (a REFERENCES p (k));",
         "-- cleat: was p\n-- cleat: renamed q from k\nCREATE TABLE r (q PRIMARY KEY); CREATE TABLE "
         "t (a REFERENCES r (q));",
         "table-renamed d.r; column-renamed d.r.q"},
    };
    expect_steps(steps, sizeof steps / sizeof *steps);
}

static void
virtual_tables_views_and_triggers(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {"CREATE VIRTUAL TABLE f USING fts5(a);", "CREATE VIRTUAL TABLE f USING fts5(a, b);",
         "virtual-changed d.f"},
        {"CREATE TABLE t (a);", "CREATE TABLE t (a); CREATE VIRTUAL TABLE f USING fts5(a);",
         "virtual-added d.f"},
        {"CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t;",
         "CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t WHERE a > 1;", "view-changed d.v"},
        {"CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t;", "CREATE TABLE t (a);",
         "view-dropped d.v"},
        {"CREATE TABLE t (a);",
         "CREATE TABLE t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;",
         "trigger-added d.t.g"},
        {"CREATE TABLE t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;",
         "CREATE TABLE t (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 2; END;",
         "trigger-changed d.t.g"},
    };
    expect_steps(steps, sizeof steps / sizeof *steps);
}

static GPtrArray *
project(const char *first, const char *second)
{
    GPtrArray *snapshots = arena_list();
    if (first != NULL)
        g_ptr_array_add(snapshots, read_text("one", first));
    if (second != NULL)
        g_ptr_array_add(snapshots, read_text("two", second));
    return snapshots;
}

static void
expect_project(const GPtrArray *was, const GPtrArray *is, const char *changes)
{
    GString *text = g_string_new(NULL);
    GPtrArray *comparisons = compare_projects(was, is);
    FOR_EACH(struct comparison, comparison, comparisons)
        append_changes(text, comparison->changes);
    assert_string_equal(text->str, changes);
    g_string_free(text, TRUE);
}

static void
tables_move_and_databases_are_renamed(void **state)
{
    (void)state;
    expect_project(project("CREATE TABLE a (x); CREATE TABLE b (y);", "CREATE TABLE c (z);"),
                   project("CREATE TABLE b (y);", "CREATE TABLE a (x); CREATE TABLE c (z);"),
                   "table-moved two.a");
    expect_project(project("CREATE TABLE a (x);", NULL), project(NULL, "CREATE TABLE a (x);"),
                   "database-renamed two");
    expect_project(project("CREATE TABLE a (x);", NULL),
                   project("CREATE TABLE a (x);", "CREATE TABLE b (x);"),
                   "database-added two; table-added two.b");
    expect_project(project("CREATE TABLE a (x);", "CREATE TABLE b (x);"),
                   project("CREATE TABLE a (x);", NULL),
                   "database-dropped two; table-dropped two.b");
}

static int
free_arena(void **state)
{
    (void)state;
    arena_free_all();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_of_one_schema_have_no_change_between_them),
        cmocka_unit_test(tables_and_options),
        cmocka_unit_test(columns),
        cmocka_unit_test(checks_labels_and_lengths),
        cmocka_unit_test(indexes_and_keys),
        cmocka_unit_test(virtual_tables_views_and_triggers),
        cmocka_unit_test(tables_move_and_databases_are_renamed),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
