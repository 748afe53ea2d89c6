/* infer_fuzz.c: an inferred NOT NULL or type is believed only after trials. The tables that a
 * statement touches are filled with a few rows of few values, so that joins meet and miss, with
 * NULL wherever the schema allows it, half of the time with empty texts and negative numbers among
 * them, which functions such as nullif() and sqrt() turn into NULL; then the statement runs and every value is compared with what
 * was inferred or said. Half of the trials ignore CHECKs, because many a check refuses values that
 * are made up; what people have said themselves is not held against those. The same statement
 * always has the same trials. */
#include "infer.h"

#include "check/check.h"
#include "common/arena.h"
#include "model/names.h"

#include <string.h>

enum { TRIALS = 48, ROWS = 4, STEPS = 2000000 };

struct fuzz {
    const struct subject *subject;
    const GPtrArray *parameters;
    const struct table *row;
    bool one;
    bool ignores_checks;
    bool extreme; /* empty texts, negative numbers */
    guint32 state;
    GHashTable *reported;
};

static unsigned
chance(struct fuzz *fuzz, unsigned limit)
{
    fuzz->state ^= fuzz->state << 13;
    fuzz->state ^= fuzz->state >> 17;
    fuzz->state ^= fuzz->state << 5;
    return fuzz->state % limit;
}

/* ---- values ---- */

/* One of three values that a column of the type can have. */
static void
bind_value(struct fuzz *fuzz, sqlite3_stmt *statement, int parameter, const struct column *column)
{
    char text[40] = "";
    unsigned value = chance(fuzz, 3);
    int number = fuzz->extreme && value == 2 ? -1 : (int)value;
    switch (column->type) {
    case TYPE_REAL: sqlite3_bind_double(statement, parameter, number); return;
    case TYPE_INTEGER:
    case TYPE_TIMESTAMP: sqlite3_bind_int(statement, parameter, number); return;
    case TYPE_BOOLEAN: sqlite3_bind_int(statement, parameter, (int)value % 2); return;
    case TYPE_BLOB:
        sqlite3_bind_blob(statement, parameter, "abc", (int)value, SQLITE_STATIC);
        return;
    case TYPE_JSON:
        sqlite3_bind_text(statement, parameter, value == 0 ? "{}" : "[1]", -1, SQLITE_STATIC);
        return;
    case TYPE_ENUM: {
        const GPtrArray *all = column->enumeration->enumerators;
        const struct enumerator *one = g_ptr_array_index(all, chance(fuzz, all->len));
        sqlite3_bind_text(statement, parameter, one->label, -1, SQLITE_STATIC);
        return;
    }
    case TYPE_DATETIME:
        g_snprintf(text, sizeof text, "2026-01-0%uT00:00:00.000Z", value + 1);
        break;
    case TYPE_ULID: g_snprintf(text, sizeof text, "0123456789ABCDEFGHJKMNPQR%u", value); break;
    case TYPE_UUID:
        g_snprintf(text, sizeof text, "01234567-89ab-7def-8123-456789abcde%u", value);
        break;
    default:
        if (!fuzz->extreme || value > 0)
            g_snprintf(text, sizeof text, "a%u", value);
        break;
    }
    sqlite3_bind_text(statement, parameter, text, -1, SQLITE_TRANSIENT);
}

/* ---- rows ---- */

static void
insert_row(struct fuzz *fuzz, const struct table *table)
{
    GString *names = g_string_new(NULL);
    GString *values = g_string_new(NULL);
    int count = 0;
    FOR_EACH(struct column, column, table->columns) {
        if (column->generated.sql != NULL)
            continue;
        g_string_append_printf(names, "%s%s", count == 0 ? "" : ", ",
                               sql_quote_name(column->sql_name));
        g_string_append_printf(values, "%s?%d", count == 0 ? "" : ", ", count + 1);
        count++;
    }
    char *sql = g_strdup_printf("INSERT OR IGNORE INTO \"%s\".\"%s\" (%s) VALUES (%s)",
                                table->database->name, table->name, names->str, values->str);
    sqlite3_stmt *insert = subject_prepare(fuzz->subject, sql);
    count = 0;
    FOR_EACH(struct column, column, table->columns) {
        if (column->generated.sql != NULL || insert == NULL)
            continue;
        count++;
        if (column->not_null || chance(fuzz, 3) > 0)
            bind_value(fuzz, insert, count, column);
    }
    sqlite3_step(insert);
    sqlite3_finalize(insert);
    g_free(sql);
    g_string_free(names, TRUE);
    g_string_free(values, TRUE);
}

/* Fills the tables that the statement touches; views are filled through theirs. */
static void
fill(struct fuzz *fuzz)
{
    GPtrArray *done = g_ptr_array_new();
    const struct model *model = fuzz->subject->infer->model;
    FOR_EACH(struct touched, touched, fuzz->subject->touched) {
        const struct table *table = infer_table(model, touched->database, touched->table);
        if (table == NULL || table->primary_key->len == 0 || g_ptr_array_find(done, table, NULL))
            continue;
        g_ptr_array_add(done, (gpointer)table);
        for (unsigned rows = chance(fuzz, ROWS + 1); rows > 0; rows--)
            insert_row(fuzz, table);
    }
    g_ptr_array_unref(done);
}

/* ---- judging ---- */

/* What a value is that a column of its storage class cannot hold in C; NULL when it can. */
static const char *
misfit(const struct column *column, sqlite3_stmt *statement, int place)
{
    const char *text = (const char *)sqlite3_column_text(statement, place);
    int length = sqlite3_column_bytes(statement, place);
    switch (column->type) {
    case TYPE_BOOLEAN:
        return strcmp(text, "0") == 0 || strcmp(text, "1") == 0 ? NULL : "neither 0 nor 1";
    case TYPE_ENUM:
        FOR_EACH(struct enumerator, one, column->enumeration->enumerators)
            if (strcmp(one->label, text) == 0)
                return NULL;
        return "no label of the enum";
    case TYPE_DATETIME: return length <= 24 ? NULL : "no datetime";
    case TYPE_ULID: return length <= 26 ? NULL : "no ULID";
    case TYPE_UUID: return length <= 36 ? NULL : "no UUID";
    default: return NULL;
    }
}

/* What a value is that is not of the column's type; NULL when it is. */
static const char *
contradiction(const struct column *column, sqlite3_stmt *statement, int place)
{
    static const char *const classes[] = {"?", "INTEGER", "REAL", "TEXT", "BLOB"};
    int type = sqlite3_column_type(statement, place), expected = SQLITE_TEXT;
    if (column->type == TYPE_INTEGER || column->type == TYPE_BOOLEAN ||
        column->type == TYPE_TIMESTAMP)
        expected = SQLITE_INTEGER;
    else if (column->type == TYPE_REAL)
        expected = type == SQLITE_INTEGER ? SQLITE_INTEGER : SQLITE_FLOAT;
    else if (column->type == TYPE_BLOB)
        expected = SQLITE_BLOB;
    return type == expected ? misfit(column, statement, place) : classes[MIN(type, 4)];
}

/* A type as a message names it: where that of SQL says too little, the schema's. */
static const char *
type_words(const struct column *column)
{
    switch (column->type) {
    case TYPE_BOOLEAN: return "boolean";
    case TYPE_ENUM: return column->enumeration->name;
    case TYPE_DATETIME: return "datetime";
    case TYPE_ULID: return "ulid";
    case TYPE_UUID: return "uuid";
    default: return sql_type(column->type);
    }
}

static void
judge(struct fuzz *fuzz, int place)
{
    const struct subject *subject = fuzz->subject;
    const struct column *column = g_ptr_array_index(fuzz->row->columns, (guint)place);
    const struct annotation *annotation = subject_annotation(subject, false, column->name);
    bool is_null = sqlite3_column_type(subject->prepared, place) == SQLITE_NULL;
    const char *wrong = is_null ? NULL : contradiction(column, subject->prepared, place);
    if ((annotation != NULL && fuzz->ignores_checks) ||
        g_hash_table_contains(fuzz->reported, column) || (is_null && !column->not_null) ||
        (!is_null && wrong == NULL))
        return;
    g_hash_table_add(fuzz->reported, (gpointer)column);
    struct location at = annotation != NULL ? annotation->at : subject->name_at;
    if (is_null)
        diag_error(subject->infer->diag, RULE_QUERY_NULL, at,
                   "column '%s' is %s not null, but was NULL in a trial", column->name,
                   annotation != NULL ? "said to be" : "thought to be");
    else
        diag_error(subject->infer->diag, RULE_QUERY_COLUMN_TYPE, at,
                   "column '%s' is %s %s, but was %s in a trial", column->name,
                   annotation != NULL ? "said to be" : "thought to be", type_words(column), wrong);
}

static void
report_second(struct fuzz *fuzz)
{
    if (!g_hash_table_add(fuzz->reported, fuzz))
        return;
    diag_error(fuzz->subject->infer->diag, RULE_QUERY_ONE, fuzz->subject->name_at,
               "query '%s' is :one, but can give more than one row", fuzz->subject->name);
    diag_note(fuzz->subject->infer->diag, (struct location){0},
              "look rows up by a unique key, write LIMIT 1, or make it :many");
}

static void
run(struct fuzz *fuzz)
{
    sqlite3_stmt *prepared = fuzz->subject->prepared;
    int place = 0;
    FOR_EACH(struct parameter, parameter, fuzz->parameters) {
        place++;
        if (parameter->column->not_null || chance(fuzz, 3) > 0)
            bind_value(fuzz, prepared, place, parameter->column);
        else
            sqlite3_bind_null(prepared, place);
    }
    for (int rows = 0; rows < 200 && sqlite3_step(prepared) == SQLITE_ROW; rows++) {
        for (int i = 0; i < sqlite3_column_count(prepared); i++)
            judge(fuzz, i);
        if (rows > 0 && fuzz->one)
            report_second(fuzz);
    }
    sqlite3_reset(prepared);
}

/* A recursion without an end must not be one for the tool. */
static int
give_up(void *data)
{
    (void)data;
    return 1;
}

void
infer_fuzz(const struct subject *subject, const GPtrArray *parameters, const struct table *row,
           bool one)
{
    struct fuzz fuzz = {.subject = subject,
                        .parameters = parameters,
                        .row = row,
                        .one = one,
                        .state = g_str_hash(subject->sql) | 1,
                        .reported = g_hash_table_new(NULL, NULL)};
    sqlite3 *connection = subject->connection;
    sqlite3_exec(connection, "PRAGMA foreign_keys=OFF", NULL, NULL, NULL);
    sqlite3_progress_handler(connection, STEPS, give_up, NULL);
    for (int trial = 0; trial < TRIALS; trial++) {
        fuzz.ignores_checks = trial % 2 == 1;
        fuzz.extreme = trial % 4 >= 2;
        sqlite3_exec(connection,
                     fuzz.ignores_checks ? "PRAGMA ignore_check_constraints=ON; BEGIN" : "BEGIN",
                     NULL, NULL, NULL);
        fill(&fuzz);
        run(&fuzz);
        sqlite3_exec(connection, "ROLLBACK; PRAGMA ignore_check_constraints=OFF", NULL, NULL, NULL);
    }
    sqlite3_progress_handler(connection, 0, NULL, NULL);
    sqlite3_exec(connection, "PRAGMA foreign_keys=ON", NULL, NULL, NULL);
    g_hash_table_unref(fuzz.reported);
}
