/* plain.c: the file as an ordinary program sees it, without the runtime: every value with its
 * stored type and all its bytes. */
#include "property.h"

#include <stdarg.h>
#include <stdlib.h>

void
plain_run(sqlite3 *plain, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *sql = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    EXPECT(sql != NULL, "out of memory");
    EXPECT(sqlite3_exec(plain, sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", sql,
           sqlite3_errmsg(plain));
    sqlite3_free(sql);
}

static struct cell
read_cell(sqlite3_stmt *statement, int place)
{
    switch (sqlite3_column_type(statement, place)) {
    case SQLITE_INTEGER: return cell_integer(sqlite3_column_int64(statement, place));
    case SQLITE_FLOAT: return cell_real(sqlite3_column_double(statement, place));
    case SQLITE_NULL: return (struct cell){.type = SQLITE_NULL};
    default: break;
    }
    const void *bytes = sqlite3_column_blob(statement, place);
    return cell_bytes(sqlite3_column_type(statement, place), bytes,
                      (size_t)sqlite3_column_bytes(statement, place));
}

static void
compare_row(const struct model *model, sqlite3_stmt *statement)
{
    struct cell *cells = calloc(model->count, sizeof *cells);
    EXPECT(cells != NULL, "out of memory");
    for (unsigned i = 0; i < model->count; i++)
        cells[i] = read_cell(statement, (int)i);
    long place = model_find(model, &model->uniques[0], cells, -1);
    EXPECT(place >= 0, "%s.%s has a row that nobody stored", model->table->database,
           model->table->name);
    for (unsigned i = 0; i < model->count; i++)
        EXPECT(cell_same(&cells[i], &model->rows[place][i]),
               "%s.%s.%s is stored differently: type %d for %d, %zu bytes for %zu",
               model->table->database, model->table->name, model->table->columns[i].name,
               cells[i].type, model->rows[place][i].type, cells[i].size,
               model->rows[place][i].size);
    model_free_cells(model, cells);
}

static sqlite3_stmt *
prepare(sqlite3 *plain, char *sql)
{
    sqlite3_stmt *statement;
    EXPECT(sqlite3_prepare_v2(plain, sql, -1, &statement, NULL) == SQLITE_OK, "%s: %s", sql,
           sqlite3_errmsg(plain));
    sqlite3_free(sql);
    return statement;
}

/* Joins a table to the one that it extends, by the foreign key that it has to it. */
static void
put_part(sqlite3_str *sql, sqlite3 *plain, const cleat_table *table, unsigned level)
{
    const char *before = " ON ";
    sqlite3_str_appendf(sql, " JOIN \"%w\" AS p%u", table->name, level);
    sqlite3_stmt *keys = prepare(plain, sqlite3_mprintf("SELECT \"from\", \"to\" FROM "
                                                        "pragma_foreign_key_list(%Q) WHERE "
                                                        "\"table\"=%Q",
                                                        table->name, table->extends->table->name));
    for (; sqlite3_step(keys) == SQLITE_ROW; before = " AND ")
        sqlite3_str_appendf(sql, "%sp%u.\"%w\"=p%u.\"%w\"", before, level - 1,
                            sqlite3_column_text(keys, 1), level, sqlite3_column_text(keys, 0));
    sqlite3_finalize(keys);
}

static bool
is_key(const struct model *model, unsigned place)
{
    for (unsigned i = 0; i < model->uniques[0].count; i++)
        if (model->uniques[0].places[i] == place)
            return true;
    return false;
}

/* A select of whole rows, or of how many a table has. */
static sqlite3_stmt *
prepare_rows(const struct model *model, sqlite3 *plain)
{
    const cleat_table *chain[CHAIN_MAX];
    unsigned count = chain_of(model->table, chain);
    sqlite3_str *sql = sqlite3_str_new(plain);
    for (unsigned i = 0; i < model->count; i++)
        sqlite3_str_appendf(sql, "%s%s\"%w\"", i == 0 ? "SELECT " : ", ",
                            is_key(model, i) ? "p0." : "", model->table->columns[i].name);
    sqlite3_str_appendf(sql, " FROM \"%w\" AS p0", chain[0]->name);
    for (unsigned i = 1; i < count; i++)
        put_part(sql, plain, chain[i], i);
    return prepare(plain, sqlite3_str_finish(sql));
}

/* Every table of a chain has its own rows and those of the ones that extend it, and no others. */
static void
compare_counts(const struct model *model, sqlite3 *plain)
{
    size_t expected = 0;
    for (unsigned i = model->family_count; i > 0 && model->family_count > 1; i--) {
        const struct model *level = &model->family[i - 1];
        expected += level->row_count;
        sqlite3_stmt *count = prepare(
            plain, sqlite3_mprintf("SELECT count(*) FROM \"%w\"", level->table->name));
        EXPECT(sqlite3_step(count) == SQLITE_ROW &&
                   sqlite3_column_int64(count, 0) == (int64_t)expected,
               "%s.%s does not have %zu rows", level->table->database, level->table->name,
               expected);
        sqlite3_finalize(count);
    }
}

void
plain_compare(const struct model *model, sqlite3 *plain)
{
    size_t count = 0;
    sqlite3_stmt *statement = prepare_rows(model, plain);
    for (; sqlite3_step(statement) == SQLITE_ROW; count++)
        compare_row(model, statement);
    EXPECT(sqlite3_finalize(statement) == SQLITE_OK, "%s", sqlite3_errmsg(plain));
    EXPECT(count == model->row_count, "%s.%s has %zu rows, not %zu", model->table->database,
           model->table->name, count, model->row_count);
    compare_counts(model, plain);
}
