/* revisions.c: the descriptors of the shop, as generated code would have them. */
#include "revisions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BOOKS_1 "CREATE TABLE books (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL) STRICT"
#define BOOKS_3                                                                                    \
    "CREATE TABLE books (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL CHECK (isbn <> ''),"           \
    " pages INTEGER) STRICT"
#define REVIEWS                                                                                    \
    "CREATE TABLE reviews (id INTEGER PRIMARY KEY,"                                                \
    " book_id INTEGER NOT NULL REFERENCES books (id)) STRICT"
#define BOOKS_INDEX "CREATE UNIQUE INDEX books_isbn_key ON books (isbn)"

static const cleat_change first_up[] = {{NULL, BOOKS_1}};
static const cleat_change second_up[] = {{NULL, REVIEWS},
                                         {NULL, "INSERT INTO reviews SELECT id, id FROM books"}};
const cleat_change revision_3_changes[] = {
    {NULL,
     "CREATE TABLE books_new (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL CHECK (isbn <> ''),"
     " pages INTEGER) STRICT"},
    {NULL, "INSERT INTO books_new (id, isbn) SELECT id, isbn FROM books"},
    {NULL, "DROP TABLE books"},
    {NULL, "ALTER TABLE books_new RENAME TO books"},
    {NULL, BOOKS_INDEX},
};

static const cleat_migration migrations[] = {
    CLEAT_MIGRATION_ONE_WAY("100000000001", "", "a00000000001", "books", first_up),
    CLEAT_MIGRATION_ONE_WAY("100000000002", "100000000001", "a00000000002", "reviews", second_up),
    CLEAT_MIGRATION_ONE_WAY("100000000003", "100000000002", "a00000000003", "pages",
                            revision_3_changes),
};

static const char *const schema_1[] = {BOOKS_1, NULL};
static const char *const schema_3[] = {BOOKS_3, REVIEWS, BOOKS_INDEX, NULL};
static const char *const none[] = {NULL};
static const cleat_table *const no_tables[] = {NULL};

static const cleat_database shop_1[] = {{
    .name = "shop",
    .revision = "a00000000001",
    .modules = none,
    .tables = no_tables,
    .schema = schema_1,
    .links = none,
    .migrations = migrations,
    .migration_count = 1,
}};
static const cleat_database shop_3[] = {{
    .name = "shop",
    .revision = "a00000000003",
    .modules = none,
    .tables = no_tables,
    .schema = schema_3,
    .links = none,
    .migrations = migrations,
    .migration_count = 3,
}};
const cleat_init_table revision_1 = {
    .abi = CLEAT_GENERATED_ABI, .name = "shop", .databases = shop_1, .database_count = 1};
const cleat_init_table revision_3 = {
    .abi = CLEAT_GENERATED_ABI, .name = "shop", .databases = shop_3, .database_count = 1};

const size_t revision_3_change_count = CLEAT_COUNT(revision_3_changes);

void
revisions_make_old(struct sample *sample)
{
    sample->table = &revision_1;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    sample_run(sample_path(sample, "shop.db"),
               "PRAGMA synchronous=EXTRA;"
               "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
               " INSERT INTO books SELECT i, 'isbn ' || i FROM n");
    sample->table = &revision_3;
}

const char revisions_sql[] =
    "SELECT CASE (SELECT group_concat(name || ' ' || (sql LIKE '%pages%')) FROM"
    " (SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
    "  AND name <> 'cleat_migrations' ORDER BY name))"
    " WHEN 'books 0' THEN 1 WHEN 'books 0,reviews 0' THEN 2"
    " WHEN 'books 1,books_isbn_key 0,reviews 0' THEN 3 ELSE 0 END";
