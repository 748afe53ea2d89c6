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

void
plain_compare(const struct model *model, sqlite3 *plain)
{
    sqlite3_str *sql = sqlite3_str_new(plain);
    sqlite3_stmt *statement;
    size_t count = 0;
    for (unsigned i = 0; i < model->count; i++)
        sqlite3_str_appendf(sql, "%s\"%w\"", i == 0 ? "SELECT " : ", ",
                            model->table->columns[i].name);
    sqlite3_str_appendf(sql, " FROM \"%w\"", model->table->name);
    char *text = sqlite3_str_finish(sql);
    EXPECT(sqlite3_prepare_v2(plain, text, -1, &statement, NULL) == SQLITE_OK, "%s: %s", text,
           sqlite3_errmsg(plain));
    sqlite3_free(text);
    for (; sqlite3_step(statement) == SQLITE_ROW; count++)
        compare_row(model, statement);
    EXPECT(sqlite3_finalize(statement) == SQLITE_OK, "%s", sqlite3_errmsg(plain));
    EXPECT(count == model->row_count, "%s.%s has %zu rows, not %zu", model->table->database,
           model->table->name, count, model->row_count);
}
