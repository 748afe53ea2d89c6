/* sample.c: the descriptors of the sample library, in the form of generated code, and the
 * fixtures of the tests. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "sample.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

/* ---- library.authors ---- */

static const cleat_column library_authors_columns[] = {
    CLEAT_COLUMN(library_authors_row, id, "id", CLEAT_KIND_ULID, CLEAT_KEY | CLEAT_ASSIGNED),
    CLEAT_COLUMN(library_authors_row, name, "name", CLEAT_KIND_TEXT, 0),
    CLEAT_COLUMN_HAS(library_authors_row, name_length, "name_length", CLEAT_KIND_INTEGER,
                     CLEAT_GENERATED),
};

static const uint16_t library_authors_key_id[] = {
    offsetof(library_authors_row, id),
};

static const cleat_key library_authors_keys[] = {
    CLEAT_KEY_ROW(library_authors_key_id, NULL),
};

const cleat_table library_authors_table = {
    .database = "library",
    .name = "authors",
    .columns = library_authors_columns,
    .keys = library_authors_keys,
    .column_count = CLEAT_COUNT(library_authors_columns),
    .key_count = CLEAT_COUNT(library_authors_keys),
    .row_size = sizeof(library_authors_row),
    .owned_offset = offsetof(library_authors_row, owned),
};

/* ---- library.books ---- */

static const cleat_label library_book_state_labels[] = {
    {BOOK_NEW, "new"},
    {BOOK_READ, "read"},
    {BOOK_LOST, "lost"},
};

const cleat_enum library_book_state = {
    "book_state",
    library_book_state_labels,
    CLEAT_COUNT(library_book_state_labels),
};

static const cleat_label library_genre_labels[] = {
    {GENRE_NOVEL, "novel"},
    {GENRE_ESSAY, "essay"},
};

const cleat_enum library_genre = {
    "genre",
    library_genre_labels,
    CLEAT_COUNT(library_genre_labels),
};

static const cleat_column library_books_columns[] = {
    CLEAT_COLUMN(library_books_row, id, "id", CLEAT_KIND_INTEGER, CLEAT_KEY | CLEAT_ASSIGNED),
    CLEAT_COLUMN(library_books_row, isbn, "isbn", CLEAT_KIND_TEXT, 0),
    CLEAT_COLUMN(library_books_row, title, "title", CLEAT_KIND_TEXT, 0),
    CLEAT_COLUMN(library_books_row, state, "state", CLEAT_KIND_ENUM, 0),
    CLEAT_COLUMN_HAS(library_books_row, genre, "genre", CLEAT_KIND_ENUM, 0),
    CLEAT_COLUMN_HAS(library_books_row, pages, "pages", CLEAT_KIND_INTEGER, 0),
    CLEAT_COLUMN_HAS(library_books_row, rating, "rating", CLEAT_KIND_REAL, 0),
    CLEAT_COLUMN(library_books_row, in_print, "in_print", CLEAT_KIND_BOOLEAN, 0),
    CLEAT_COLUMN(library_books_row, cover, "cover", CLEAT_KIND_BLOB, CLEAT_NULLABLE),
    CLEAT_COLUMN(library_books_row, metadata, "metadata", CLEAT_KIND_JSON, 0),
    CLEAT_COLUMN_HAS(library_books_row, author_id, "author_id", CLEAT_KIND_ULID, 0),
    CLEAT_COLUMN(library_books_row, added_at, "added_at", CLEAT_KIND_TIMESTAMP, CLEAT_DEFAULT_NOW),
    CLEAT_COLUMN_HAS(library_books_row, changed_at, "changed_at", CLEAT_KIND_DATETIME,
                     CLEAT_UPDATE_NOW),
};

static const uint16_t library_books_key_id[] = {
    offsetof(library_books_row, id),
};

static const uint16_t library_books_key_isbn[] = {
    offsetof(library_books_row, isbn),
};

static const uint16_t library_books_key_state[] = {
    offsetof(library_books_row, state),
};

static const uint16_t library_books_key_author_id[] = {
    offsetof(library_books_row, author_id),
};

static const cleat_key library_books_keys[] = {
    CLEAT_KEY_ROW(library_books_key_id, NULL),
    CLEAT_KEY_ROW(library_books_key_isbn, NULL),
    CLEAT_KEY_ROW(library_books_key_state, "\"title\" DESC"),
    CLEAT_KEY_ROW(library_books_key_author_id, "\"title\""),
};

static const cleat_enum_column library_books_enums[] = {
    CLEAT_ENUM_COLUMN(library_books_row, state, &library_book_state),
    CLEAT_ENUM_COLUMN(library_books_row, genre, &library_genre),
};

const cleat_table library_books_table = {
    .database = "library",
    .name = "books",
    .columns = library_books_columns,
    .keys = library_books_keys,
    .enums = library_books_enums,
    .column_count = CLEAT_COUNT(library_books_columns),
    .key_count = CLEAT_COUNT(library_books_keys),
    .enum_count = CLEAT_COUNT(library_books_enums),
    .row_size = sizeof(library_books_row),
    .owned_offset = offsetof(library_books_row, owned),
};

static const char *const books_fts_columns[] = {"title", NULL};
const cleat_full_text library_books_fts = {&library_books_table, "books_fts", "id",
                                           books_fts_columns};

/* ---- library.loans ---- */

static const cleat_column library_loans_columns[] = {
    CLEAT_COLUMN_HAS(library_loans_row, returned_at, "returned_at", CLEAT_KIND_TIMESTAMP, 0),
    CLEAT_COLUMN(library_loans_row, book_id, "book_id", CLEAT_KIND_INTEGER, CLEAT_KEY),
    CLEAT_COLUMN(library_loans_row, reader, "reader", CLEAT_KIND_TEXT, CLEAT_KEY),
    CLEAT_COLUMN(library_loans_row, note, "note", CLEAT_KIND_TEXT, CLEAT_NULLABLE),
};

static const uint16_t library_loans_key_book_id_and_reader[] = {
    offsetof(library_loans_row, book_id),
    offsetof(library_loans_row, reader),
};

static const uint16_t library_loans_key_reader[] = {
    offsetof(library_loans_row, reader),
};

static const uint16_t library_loans_key_note[] = {
    offsetof(library_loans_row, note),
};

static const cleat_key library_loans_keys[] = {
    CLEAT_KEY_ROW(library_loans_key_book_id_and_reader, NULL),
    CLEAT_KEY_ROW(library_loans_key_reader, NULL),
    CLEAT_KEY_ROW(library_loans_key_note, NULL),
};

const cleat_table library_loans_table = {
    .database = "library",
    .name = "loans",
    .columns = library_loans_columns,
    .keys = library_loans_keys,
    .column_count = CLEAT_COUNT(library_loans_columns),
    .key_count = CLEAT_COUNT(library_loans_keys),
    .row_size = sizeof(library_loans_row),
    .owned_offset = offsetof(library_loans_row, owned),
};

/* ---- library.tags ---- */

static const cleat_column library_tags_columns[] = {
    CLEAT_COLUMN(library_tags_row, book_id, "book_id", CLEAT_KIND_INTEGER, CLEAT_KEY),
    CLEAT_COLUMN(library_tags_row, tag, "tag", CLEAT_KIND_TEXT, CLEAT_KEY),
};

static const uint16_t library_tags_key_book_id_and_tag[] = {
    offsetof(library_tags_row, book_id),
    offsetof(library_tags_row, tag),
};

static const cleat_key library_tags_keys[] = {
    CLEAT_KEY_ROW(library_tags_key_book_id_and_tag, NULL),
};

const cleat_table library_tags_table = {
    .database = "library",
    .name = "tags",
    .columns = library_tags_columns,
    .keys = library_tags_keys,
    .column_count = CLEAT_COUNT(library_tags_columns),
    .key_count = CLEAT_COUNT(library_tags_keys),
    .row_size = sizeof(library_tags_row),
    .owned_offset = offsetof(library_tags_row, owned),
};

/* ---- archive.notes ---- */

static const cleat_column archive_notes_columns[] = {
    CLEAT_COLUMN(archive_notes_row, id, "id", CLEAT_KIND_UUID, CLEAT_KEY | CLEAT_ASSIGNED),
    CLEAT_COLUMN(archive_notes_row, slug, "slug", CLEAT_KIND_TEXT, 0),
    CLEAT_COLUMN_HAS(archive_notes_row, amount, "amount", CLEAT_KIND_INTEGER, 0),
    CLEAT_COLUMN(archive_notes_row, body, "body", CLEAT_KIND_TEXT, CLEAT_NULLABLE),
};

static const uint16_t archive_notes_key_id[] = {
    offsetof(archive_notes_row, id),
};

static const uint16_t archive_notes_key_slug[] = {
    offsetof(archive_notes_row, slug),
};

static const cleat_key archive_notes_keys[] = {
    CLEAT_KEY_ROW(archive_notes_key_id, NULL),
    CLEAT_KEY_ROW(archive_notes_key_slug, NULL),
};

const cleat_table archive_notes_table = {
    .database = "archive",
    .name = "notes",
    .columns = archive_notes_columns,
    .keys = archive_notes_keys,
    .column_count = CLEAT_COUNT(archive_notes_columns),
    .key_count = CLEAT_COUNT(archive_notes_keys),
    .row_size = sizeof(archive_notes_row),
    .owned_offset = offsetof(archive_notes_row, owned),
};

/* ---- the init table ---- */

static const char *const no_names[] = {NULL};

static const char *const archive_modules[] = {"archive", NULL};
static const char *const journal_modules[] = {"journal", NULL};
static const char *const library_modules[] = {"core.books", "core.loans", NULL};

static const cleat_table *const archive_tables[] = {&archive_notes_table, NULL};
static const cleat_table *const journal_tables[] = {NULL};
static const cleat_table *const library_tables[] = {
    &library_authors_table, &library_books_table, &library_loans_table, &library_tags_table, NULL,
};

const char *const archive_schema[] = {
    "CREATE TABLE \"notes\" (\n"
    "    \"id\" TEXT NOT NULL PRIMARY KEY,\n"
    "    \"slug\" TEXT NOT NULL UNIQUE,\n"
    "    \"amount\" INTEGER,\n"
    "    \"body\" TEXT\n"
    ")",
    NULL,
};

const char *const library_schema[] = {
    "CREATE TABLE \"authors\" (\n"
    "    \"id\" TEXT NOT NULL PRIMARY KEY,\n"
    "    \"name\" TEXT NOT NULL,\n"
    "    \"name_length\" INTEGER GENERATED ALWAYS AS (length(\"name\")) VIRTUAL\n"
    ") STRICT",
    "CREATE TABLE \"books\" (\n"
    "    \"id\" INTEGER NOT NULL PRIMARY KEY,\n"
    "    \"isbn\" TEXT NOT NULL UNIQUE,\n"
    "    \"title\" TEXT NOT NULL CHECK (length(\"title\") <= 100),\n"
    "    \"state\" TEXT NOT NULL DEFAULT 'new'\n"
    "        CHECK (\"state\" = 'new' OR \"state\" = 'read' OR \"state\" = 'lost'),\n"
    "    \"genre\" TEXT,\n"
    "    \"pages\" INTEGER CHECK (\"pages\" > 0),\n"
    "    \"rating\" REAL,\n"
    "    \"in_print\" INTEGER NOT NULL DEFAULT 1,\n"
    "    \"cover\" BLOB,\n"
    "    \"metadata\" TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(\"metadata\")),\n"
    "    \"author_id\" TEXT REFERENCES \"authors\" (\"id\"),\n"
    "    \"added_at\" INTEGER NOT NULL,\n"
    "    \"changed_at\" TEXT\n"
    ") STRICT",
    "CREATE TABLE \"loans\" (\n"
    "    \"returned_at\" INTEGER,\n"
    "    \"book_id\" INTEGER NOT NULL REFERENCES \"books\" (\"id\") ON DELETE CASCADE,\n"
    "    \"reader\" TEXT NOT NULL,\n"
    "    \"note\" TEXT,\n"
    "    PRIMARY KEY (\"book_id\", \"reader\")\n"
    ") STRICT, WITHOUT ROWID",
    "CREATE TABLE \"tags\" (\n"
    "    \"book_id\" INTEGER NOT NULL,\n"
    "    \"tag\" TEXT NOT NULL,\n"
    "    PRIMARY KEY (\"book_id\", \"tag\")\n"
    ") STRICT, WITHOUT ROWID",
    "CREATE INDEX \"books_state\" ON \"books\" (\"state\", \"title\" DESC)",
    "CREATE VIRTUAL TABLE \"books_fts\" USING fts5(\"title\", content='books',"
    " content_rowid='id')",
    "CREATE TRIGGER \"books_fts_insert\" AFTER INSERT ON \"books\" BEGIN\n"
    "    INSERT INTO \"books_fts\"(rowid, \"title\") VALUES (new.\"id\", new.\"title\");\n"
    "END",
    "CREATE TRIGGER \"books_fts_delete\" AFTER DELETE ON \"books\" BEGIN\n"
    "    INSERT INTO \"books_fts\"(\"books_fts\", rowid, \"title\")"
    " VALUES ('delete', old.\"id\", old.\"title\");\n"
    "END",
    "CREATE TRIGGER \"books_fts_update\" AFTER UPDATE ON \"books\" BEGIN\n"
    "    INSERT INTO \"books_fts\"(\"books_fts\", rowid, \"title\")"
    " VALUES ('delete', old.\"id\", old.\"title\");\n"
    "    INSERT INTO \"books_fts\"(rowid, \"title\") VALUES (new.\"id\", new.\"title\");\n"
    "END",
    NULL,
};

static const char *const library_links[] = {"archive", NULL};

static const cleat_database sample_databases[] = {
    {
        .name = "library",
        .revision = "3f21c4d9a07b",
        .modules = library_modules,
        .tables = library_tables,
        .schema = library_schema,
        .links = library_links,
        .flags = CLEAT_TRUSTED_SCHEMA,
    },
    {
        .name = "archive",
        .revision = "a1b2c3d4e5f6",
        .modules = archive_modules,
        .tables = archive_tables,
        .schema = archive_schema,
        .links = no_names,
    },
    {
        .name = "journal",
        .revision = "000000000000",
        .modules = journal_modules,
        .tables = journal_tables,
        .schema = no_names,
        .links = no_names,
    },
};

const cleat_init_table sample_init_table = {
    .abi = CLEAT_GENERATED_ABI,
    .name = "sample",
    .default_database = "library",
    .databases = sample_databases,
    .database_count = CLEAT_COUNT(sample_databases),
};

/* ---- fixtures ---- */

static void
remember_line(void *data, cleat_log_level level, const char *line)
{
    struct sample *sample = data;
    (void)level;
    if (sample->line_count < SAMPLE_LINES)
        snprintf(sample->lines[sample->line_count++], sizeof sample->lines[0], "%s", line);
}

int
sample_set_up(void **state)
{
    struct sample *sample = calloc(1, sizeof *sample);
    if (sample == NULL)
        return -1;
    const char *temporary = getenv("TMPDIR");
    snprintf(sample->directory, sizeof sample->directory, "%.100s/cleat-test-XXXXXX",
             temporary == NULL ? "/tmp" : temporary);
    if (mkdtemp(sample->directory) == NULL)
        return -1;
    cleat_settings_init(&sample->settings, NULL);
    cleat_settings_set(&sample->settings, "directory", sample->directory);
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "200");
    sample->table = &sample_init_table;
    cleat_settings_log(&sample->settings, remember_line, sample);
    *state = sample;
    return 0;
}

int
sample_set_up_open(void **state)
{
    int rc = sample_set_up(state);
    return rc != 0 ? rc : sample_open(*state);
}

static void
remove_directory(const char *path)
{
    DIR *directory = opendir(path);
    for (struct dirent *entry = NULL; directory != NULL && (entry = readdir(directory)) != NULL;) {
        char child[512];
        struct stat found;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
        if (lstat(child, &found) == 0 && S_ISDIR(found.st_mode))
            remove_directory(child);
        else
            unlink(child);
    }
    if (directory != NULL)
        closedir(directory);
    rmdir(path);
}

int
sample_tear_down(void **state)
{
    struct sample *sample = *state;
    sample_close(sample);
    chmod(sample->directory, 0700);
    remove_directory(sample->directory);
    free(sample);
    return 0;
}

cleat_status
sample_open(struct sample *sample)
{
    sample->line_count = 0;
    return cleat_registry_open(sample->table, &sample->settings, &sample->registry);
}

void
sample_close(struct sample *sample)
{
    cleat_registry_close(sample->registry);
    sample->registry = NULL;
}

const char *
sample_path(struct sample *sample, const char *name)
{
    static char paths[4][256];
    static unsigned place;
    char *path = paths[place++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", sample->directory, name);
    return path;
}

bool
sample_logged(const struct sample *sample, const char *text)
{
    for (size_t i = 0; i < sample->line_count; i++)
        if (strstr(sample->lines[i], text) != NULL)
            return true;
    return false;
}

void
sample_run(const char *path, const char *sql)
{
    sqlite3 *handle;
    char *text = NULL;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    if (sqlite3_exec(handle, sql, NULL, NULL, &text) != SQLITE_OK)
        fail_msg("%s: %s", sql, text);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

void
sample_ask_each(const char *path, const char *const *sql, size_t count, int64_t *answers)
{
    sqlite3 *handle;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    sqlite3_busy_timeout(handle, 2000);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(sqlite3_prepare_v2(handle, sql[i], -1, &statement, NULL), SQLITE_OK);
        bool found = sqlite3_step(statement) == SQLITE_ROW;
        answers[i] = found ? sqlite3_column_int64(statement, 0) : -1;
        sqlite3_finalize(statement);
    }
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

int64_t
sample_ask(const char *path, const char *sql)
{
    int64_t answer;
    sample_ask_each(path, &sql, 1, &answer);
    return answer;
}

cleat_session *
sample_session(struct sample *sample, const char *database, unsigned mode)
{
    cleat_session *session = NULL;
    cleat_status rc = cleat_session_open(sample->registry, database, mode, &session);
    if (rc != CLEAT_OK)
        fail_msg("%s", cleat_registry_error(sample->registry)->text);
    return session;
}

library_books_row
sample_book(const char *isbn, const char *title)
{
    library_books_row book;
    cleat_row_defaults(&library_books_table, &book);
    book.isbn = isbn;
    book.title = title;
    book.in_print = true;
    book.metadata = "{}";
    return book;
}

char *
sample_read(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    assert_non_null(bytes);
    *ret_size = fread(bytes, 1, (size_t)size, file);
    fclose(file);
    return bytes;
}

void
sample_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    if (size > 0)
        assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}
