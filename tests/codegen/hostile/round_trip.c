/* round_trip.c: does a default mean the same in SQL and in C? Built with the generated sources of
 * defaults/, it creates the database from the init table's statements, inserts a row of defaults
 * into each table, and compares every column with that of the generated _defaults(). Prints what
 * differs and exits with 1 then. With an argument, the database is made by a snapshot instead. */
#include "defaults/db_models.cleat.h"
#include "init_table.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int differences;
static int comparisons;

/* The generated _defaults() only adds constants to what the runtime fills in. */
void
cleat_row_defaults(const cleat_table *table, void *ret_row)
{
    memset(ret_row, 0, table->row_size);
}

static int
is_present(const cleat_column *column, const char *row)
{
    if (column->has_offset != 0)
        return *(const bool *)(row + column->has_offset);
    if (column->kind == CLEAT_KIND_TEXT || column->kind == CLEAT_KIND_JSON)
        return *(const char *const *)(const void *)(row + column->offset) != NULL;
    if (column->kind == CLEAT_KIND_BLOB)
        return ((const cleat_blob *)(const void *)(row + column->offset))->data != NULL;
    return 1;
}

static int
same_text(sqlite3_stmt *statement, int at, const char *text, size_t size)
{
    return (size_t)sqlite3_column_bytes(statement, at) == size &&
           (size == 0 || memcmp(sqlite3_column_blob(statement, at), text, size) == 0);
}

static const char *
label_of(const cleat_table *table, const cleat_column *column, int value)
{
    for (unsigned i = 0; i < table->enum_count; i++)
        for (size_t j = 0; j < table->enums[i].type->count; j++)
            if (table->enums[i].offset == column->offset &&
                table->enums[i].type->labels[j].value == value)
                return table->enums[i].type->labels[j].text;
    return "";
}

static int
is_same(const cleat_table *table, const cleat_column *column, const char *row,
        sqlite3_stmt *statement, int at)
{
    const void *member = row + column->offset;
    const char *text = member;
    switch (column->kind) {
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP:
        return sqlite3_column_int64(statement, at) == *(const int64_t *)member;
    case CLEAT_KIND_BOOLEAN: return sqlite3_column_int(statement, at) == *(const bool *)member;
    case CLEAT_KIND_REAL: return sqlite3_column_double(statement, at) == *(const double *)member;
    case CLEAT_KIND_BLOB: {
        const cleat_blob *blob = member;
        return same_text(statement, at, blob->data, blob->size);
    }
    case CLEAT_KIND_ENUM: {
        text = label_of(table, column, *(const int *)member);
        return same_text(statement, at, text, strlen(text));
    }
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON: text = *(const char *const *)member; break;
    default: break;
    }
    return same_text(statement, at, text, strlen(text));
}

static void
compare_row(sqlite3 *db, const cleat_table *table, const void *row)
{
    char sql[256];
    sqlite3_stmt *statement = NULL;
    snprintf(sql, sizeof sql, "INSERT INTO \"%s\" DEFAULT VALUES", table->name);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        printf("%s: %s\n", sql, sqlite3_errmsg(db));
        exit(1);
    }
    snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", table->name);
    sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    sqlite3_step(statement);
    for (int i = 0; i < table->column_count; i++) {
        const cleat_column *column = &table->columns[i];
        if (column->flags & CLEAT_KEY)
            continue;
        int present = sqlite3_column_type(statement, i) != SQLITE_NULL;
        comparisons++;
        if (present == is_present(column, row) &&
            (!present || is_same(table, column, row, statement, i)))
            continue;
        differences++;
        printf("%s.%s: C and SQLite differ; SQLite has '%s'\n", table->name, column->name,
               (const char *)sqlite3_column_text(statement, i));
    }
    sqlite3_finalize(statement);
}

static sqlite3 *
open_memory(const char *snapshot)
{
    sqlite3 *db = NULL;
    const char *const *schema = app_init_table.databases[0].schema;
    sqlite3_open(":memory:", &db);
    if (snapshot != NULL) {
        char *text = calloc(1, 1 << 20);
        FILE *file = fopen(snapshot, "rb");
        if (file == NULL || text == NULL || fread(text, 1, (1 << 20) - 1, file) == 0 ||
            sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) {
            printf("%s: %s\n", snapshot, sqlite3_errmsg(db));
            exit(1);
        }
        fclose(file);
        free(text);
        return db;
    }
    for (; *schema != NULL; schema++)
        if (sqlite3_exec(db, *schema, NULL, NULL, NULL) != SQLITE_OK) {
            printf("%s: %s\n", *schema, sqlite3_errmsg(db));
            exit(1);
        }
    return db;
}

int
main(int argc, char **argv)
{
    sqlite3 *db = open_memory(argc > 1 ? argv[1] : NULL);
    defaults_others_row others = defaults_others_defaults();
    defaults_texts_row texts = defaults_texts_defaults();
    compare_row(db, &defaults_others_table, &others);
    compare_row(db, &defaults_texts_table, &texts);
    sqlite3_close(db);
    printf("%d defaults compared, %d differ\n", comparisons, differences);
    return differences == 0 && comparisons > 0 ? 0 : 1;
}
