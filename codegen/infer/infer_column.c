/* infer_column.c: the columns of a result. A column of a table has its type; NOT NULL it is only
 * when nothing in the statement can make it NULL. A few functions have types that are certain, and
 * what they take is found by preparing the statement with the argument in place of the call.
 * Everything else needs a line `-- column name type [not null]`. */
#include "infer.h"

#include "check/check.h"
#include "common/arena.h"
#include "read/queries.h"

#include <string.h>

static bool infer_expression(const struct subject *subject, int column, struct range place,
                             struct range range, struct inferred *ret_type);

/* ---- columns of tables ---- */

static bool
full_text_type(const struct model *model, const char *database_name, const char *index,
               const char *name, struct inferred *ret_type)
{
    const struct database *database = infer_database(model, database_name);
    if (database == NULL)
        return false;
    FOR_EACH(struct table, table, database->tables)
        FOR_EACH(struct full_text, full_text, table->full_texts)
            FOR_EACH(struct column, column, full_text->columns)
                if (g_ascii_strcasecmp(full_text->name, index) == 0 &&
                    g_ascii_strcasecmp(column->sql_name, name) == 0) {
                    *ret_type = infer_type(column, false);
                    return true;
                }
    return false;
}

/* Whether a table's own NOT NULL still holds in the result. */
static bool
keeps_not_null(const struct subject *subject, const char *database, const char *table)
{
    const struct shape *shape = &subject->shape;
    if (shape->has_compound || shape->has_doubt || shape->is_aggregate || subject->all_null)
        return false;
    char *name = g_strdup_printf("%s.%s", database, table);
    bool keeps = !g_hash_table_contains(subject->null_tables, name);
    g_free(name);
    return keeps;
}

/* The column of a table that a result column is, by SQLite's word. The rowid of a table without an
 * integer key has no column. */
static bool
origin_type(const struct subject *subject, sqlite3_stmt *prepared, int column,
            struct inferred *ret_type)
{
    const char *database = sqlite3_column_database_name(prepared, column);
    const char *table_name = sqlite3_column_table_name(prepared, column);
    const char *name = sqlite3_column_origin_name(prepared, column);
    const struct model *model = subject->infer->model;
    if (database == NULL || table_name == NULL || name == NULL)
        return false;
    const struct table *table = infer_table(model, database, table_name);
    if (table == NULL)
        return full_text_type(model, database, table_name, name, ret_type);
    const struct column *found = infer_column(table, name);
    if (found == NULL && strcmp(name, "rowid") != 0)
        return false;
    bool keeps = keeps_not_null(subject, database, table_name);
    if (found == NULL)
        *ret_type = infer_plain(TYPE_INTEGER, keeps);
    else
        *ret_type = infer_type(found, keeps);
    return true;
}

/* Whether an outer join of the statement can put NULL in place of a view's row: then it does so with
 * the rows of the tables that the view reads. What the view itself has of that, its row knows. */
static bool
gives_null_rows(const struct subject *subject, const struct table *view)
{
    if (!subject->own.has_outer_join)
        return false;
    GPtrArray *tables = subject_tables_of_view(subject, view);
    bool gives = subject->all_null || tables->len == 0;
    FOR_EACH(char, name, tables)
        gives = gives || g_hash_table_contains(subject->null_tables, name);
    return gives;
}

static bool
view_column_type(const struct subject *subject, const struct column *column,
                 struct inferred *ret_type)
{
    bool keeps = !subject->own.has_doubt && !subject->shape.is_aggregate &&
                 !gives_null_rows(subject, column->table);
    *ret_type = infer_type(column, keeps);
    return true;
}

/* A computed column of a view has the type that the view has for it. */
static bool
view_type(const struct subject *subject, const char *name, struct inferred *ret_type)
{
    const struct column *found = NULL;
    FOR_EACH(struct touched, touched, subject->touched) {
        const struct database *database = infer_database(subject->infer->model, touched->database);
        if (database == NULL)
            continue;
        FOR_EACH(struct schema_object, object, database->objects) {
            if (object->row == NULL || g_ascii_strcasecmp(object->name, touched->table) != 0)
                continue;
            const struct column *column = infer_column(object->row, name);
            if (column != NULL && found != NULL && found != column)
                return false;
            found = column != NULL ? column : found;
        }
    }
    return found != NULL && !subject->own.has_compound &&
           view_column_type(subject, found, ret_type);
}

/* Of a view with a compound SQLite describes the first part only; which column is meant it knows
 * all the same. */
static bool
resolved_type(const struct subject *subject, struct range range, struct inferred *ret_type)
{
    const struct column *column = NULL;
    if (!infer_resolve(subject, range, &column) || column == NULL)
        return false;
    const struct table *table = column->table;
    FOR_EACH(struct schema_object, object, table->database->objects)
        if (object->row == table)
            return view_column_type(subject, column, ret_type);
    *ret_type = infer_type(column, keeps_not_null(subject, table->database->name, table->name));
    return true;
}

/* ---- expressions ---- */

/* The statement with the tokens of `range` where those of `place` are. */
static sqlite3_stmt *
prepare_with(const struct subject *subject, struct range place, struct range range)
{
    const struct sql *sql = &subject->tokens;
    const struct token *from = sql_token(sql, place.from);
    const struct token *to = sql_token(sql, place.to - 1);
    const struct token *first = sql_token(sql, range.from);
    const struct token *last = sql_token(sql, range.to - 1);
    char *text = g_strdup_printf("%.*s %.*s %s", (int)from->offset, sql->text,
                                 (int)(last->offset + last->length - first->offset),
                                 sql->text + first->offset, sql->text + to->offset + to->length);
    sqlite3_stmt *prepared = subject_prepare(subject, text);
    g_free(text);
    return prepared;
}

static bool
column_type(const struct subject *subject, int column, struct range place, struct range range,
            struct inferred *ret_type)
{
    sqlite3_stmt *prepared = prepare_with(subject, place, range);
    bool found = prepared != NULL && column < sqlite3_column_count(prepared) &&
                 origin_type(subject, prepared, column, ret_type);
    sqlite3_finalize(prepared);
    return found || view_type(subject, sql_name(&subject->tokens, range.to - 1), ret_type);
}

/* name, t.name or database.t.name */
static bool
is_column(const struct sql *sql, struct range range)
{
    int length = range.to - range.from;
    if (length != 1 && length != 3 && length != 5)
        return false;
    for (int i = 0; i < length; i++)
        if (i % 2 == 0 ? !sql_is_name(sql, range.from + i) : !sql_is(sql, range.from + i, "."))
            return false;
    return !sql_is(sql, range.from, "null");
}

static bool
literal_type(const struct sql *sql, int place, struct inferred *ret_type)
{
    const struct token *token = sql_token(sql, place);
    const char *text = sql->text + token->offset;
    enum column_type type;
    if (token->kind == TOKEN_STRING)
        type = *text == '\'' ? TYPE_TEXT : TYPE_BLOB;
    else if (token->kind == TOKEN_NUMBER)
        type = g_ascii_strncasecmp(text, "0x", 2) != 0 && strcspn(text, ".eE") < token->length
                   ? TYPE_REAL
                   : TYPE_INTEGER;
    else
        return false;
    *ret_type = infer_plain(type, true);
    return true;
}

enum result {
    RESULT_INTEGER,   /* never NULL */
    RESULT_REAL,      /* never NULL */
    RESULT_TEXT,      /* never NULL */
    RESULT_NULL_REAL, /* NULL of nothing */
    RESULT_NULL_TEXT,
    RESULT_LENGTH,  /* an integer, NULL when an argument is */
    RESULT_WORDS,   /* a text, NULL when an argument is */
    RESULT_ROUND,   /* a real, NULL when the first argument is */
    RESULT_SAME,    /* the type of the first argument, NULL of nothing */
    RESULT_FIRST,   /* the type of the first argument, NULL when it is */
    RESULT_SUM,     /* integer or real, NULL of nothing */
    RESULT_COALESCE /* the type of the first argument that has one */
};

static const struct {
    const char *name;
    enum result result;
} functions[] = {
    {"count", RESULT_INTEGER},
    {"row_number", RESULT_INTEGER},
    {"rank", RESULT_INTEGER},
    {"dense_rank", RESULT_INTEGER},
    {"random", RESULT_INTEGER},
    {"total", RESULT_REAL},
    {"typeof", RESULT_TEXT},
    {"hex", RESULT_TEXT},
    {"quote", RESULT_TEXT},
    {"avg", RESULT_NULL_REAL},
    {"bm25", RESULT_NULL_REAL},
    {"snippet", RESULT_NULL_TEXT},
    {"highlight", RESULT_NULL_TEXT},
    {"group_concat", RESULT_NULL_TEXT},
    {"length", RESULT_LENGTH},
    {"instr", RESULT_LENGTH},
    {"lower", RESULT_WORDS},
    {"upper", RESULT_WORDS},
    {"trim", RESULT_WORDS},
    {"ltrim", RESULT_WORDS},
    {"rtrim", RESULT_WORDS},
    {"substr", RESULT_WORDS},
    {"replace", RESULT_WORDS},
    {"round", RESULT_ROUND},
    {"min", RESULT_SAME},
    {"max", RESULT_SAME},
    {"nullif", RESULT_SAME},
    {"abs", RESULT_FIRST},
    {"sum", RESULT_SUM},
    {"coalesce", RESULT_COALESCE},
    {"ifnull", RESULT_COALESCE},
};

/* Infers every argument that can be. *ret_first is the first of them, *ret_all says whether all
 * are known and none is NULL, *ret_any whether one never is. */
static bool
infer_arguments(const struct subject *subject, int column, struct range place,
                const GArray *arguments, struct inferred *ret_first, bool *ret_all, bool *ret_any)
{
    bool found = false;
    *ret_all = arguments->len > 0;
    *ret_any = false;
    for (guint i = 0; i < arguments->len; i++) {
        struct inferred type = infer_plain(TYPE_UNKNOWN, false);
        bool known = infer_expression(subject, column, place,
                                      g_array_index(arguments, struct range, i), &type);
        *ret_all = *ret_all && known && type.not_null;
        *ret_any = *ret_any || (known && type.not_null);
        if (known && !found)
            *ret_first = type;
        found = found || known;
        if (i == 0 && !known)
            ret_first->not_null = false;
    }
    return found;
}

static bool
function_type(enum result result, struct inferred first, bool found, bool all, bool any,
              struct inferred *ret_type)
{
    struct inferred type = infer_plain(TYPE_INTEGER, true);
    switch (result) {
    case RESULT_INTEGER: break;
    case RESULT_REAL: type.type = TYPE_REAL; break;
    case RESULT_TEXT: type.type = TYPE_TEXT; break;
    case RESULT_NULL_REAL: type = infer_plain(TYPE_REAL, false); break;
    case RESULT_NULL_TEXT: type = infer_plain(TYPE_TEXT, false); break;
    case RESULT_LENGTH: type.not_null = all; break;
    case RESULT_WORDS: type = infer_plain(TYPE_TEXT, all); break;
    case RESULT_ROUND: type = infer_plain(TYPE_REAL, all); break;
    case RESULT_SAME:
        type = first;
        type.not_null = false;
        break;
    case RESULT_FIRST: type = first; break;
    case RESULT_SUM:
        type = infer_plain(first.type == TYPE_REAL ? TYPE_REAL : TYPE_INTEGER, false);
        found = found && (first.type == TYPE_REAL || first.type == TYPE_INTEGER ||
                          first.type == TYPE_BOOLEAN);
        break;
    case RESULT_COALESCE:
        type = first;
        type.not_null = any;
        break;
    }
    *ret_type = type;
    return found || result <= RESULT_WORDS;
}

/* Behind name(arguments) FILTER (…) OVER …, by the first parenthesis. */
static int
call_end(const struct sql *sql, int open)
{
    int end = sql_close(sql, open) + 1;
    if (sql_is(sql, end, "filter"))
        end = sql_close(sql, end + 1) + 1;
    if (sql_is(sql, end, "over"))
        end = sql_is(sql, end + 1, "(") ? sql_close(sql, end + 1) + 1 : end + 2;
    return end;
}

static bool
call_type(const struct subject *subject, int column, struct range place, struct range range,
          struct inferred *ret_type)
{
    const struct sql *sql = &subject->tokens;
    if (call_end(sql, range.from + 1) != range.to)
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(functions); i++) {
        if (!sql_is(sql, range.from, functions[i].name))
            continue;
        struct inferred first = infer_plain(TYPE_UNKNOWN, false);
        bool all = false, any = false;
        GArray *arguments = shape_arguments(sql, range.from + 1);
        bool found = infer_arguments(subject, column, place, arguments, &first, &all, &any);
        g_array_unref(arguments);
        return function_type(functions[i].result, first, found, all, any, ret_type);
    }
    return false;
}

/* CAST(x AS INTEGER) */
static bool
cast_type(const struct subject *subject, int column, struct range place, struct range range,
          struct inferred *ret_type)
{
    static const struct {
        const char *word;
        enum column_type type;
    } types[] = {
        {"integer", TYPE_INTEGER}, {"real", TYPE_REAL}, {"text", TYPE_TEXT}, {"blob", TYPE_BLOB}};
    const struct sql *sql = &subject->tokens;
    if (!sql_is(sql, range.to - 3, "as"))
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
        struct inferred inner = infer_plain(TYPE_UNKNOWN, false);
        struct range inside = {range.from + 2, range.to - 3};
        if (!sql_is(sql, range.to - 2, types[i].word))
            continue;
        bool known = infer_expression(subject, column, place, inside, &inner);
        *ret_type = infer_plain(types[i].type, known && inner.not_null);
        return true;
    }
    return false;
}

/* (SELECT x FROM …): NULL when there is no row, but a count without groups always has one. */
static bool
scalar_type(const struct subject *subject, int column, struct range range,
            struct inferred *ret_type)
{
    static const char *const breaks[] = {"group", "having", "limit",
                                         "union", "except", "intersect"};
    const struct sql *sql = &subject->tokens;
    struct range inside = {range.from + 1, range.to - 1};
    GArray *items = shape_items(sql, inside.from, inside.to);
    bool found = false, plain = true;
    for (gsize i = 0; i < G_N_ELEMENTS(breaks); i++)
        plain = plain && !shape_has(sql, inside, breaks[i]);
    if (items->len == 1) {
        const struct item *item = &g_array_index(items, struct item, 0);
        bool counts = (sql_is(sql, item->expression.from, "count") ||
                       sql_is(sql, item->expression.from, "total")) &&
                      sql_close(sql, item->expression.from + 1) + 1 == item->expression.to;
        found = infer_expression(subject, column, item->all, item->expression, ret_type);
        ret_type->not_null = found && counts && plain;
    }
    g_array_unref(items);
    return found;
}

/* x IS NULL, x IS NOT NULL, of a column or a call. */
static bool
is_null_test(const struct sql *sql, struct range range)
{
    int end = range.to - 1;
    if (!sql_is(sql, end, "null"))
        return false;
    end -= sql_is(sql, end - 1, "not") ? 2 : 1;
    if (!sql_is(sql, end, "is"))
        return false;
    struct range tested = {range.from, end};
    return is_column(sql, tested) ||
           (sql_is_name(sql, range.from) && sql_is(sql, range.from + 1, "(") &&
            sql_close(sql, range.from + 1) == end - 1);
}

/* `place` is the item of the select list that the expression is in. */
static bool
infer_expression(const struct subject *subject, int column, struct range place, struct range range,
                 struct inferred *ret_type)
{
    const struct sql *sql = &subject->tokens;
    int length = range.to - range.from;
    int start = sql_is(sql, range.from, "not") ? range.from + 1 : range.from;
    if (length <= 0)
        return false;
    if (is_column(sql, range))
        return column_type(subject, column, place, range, ret_type);
    if (length == 1)
        return literal_type(sql, range.from, ret_type);
    if (is_null_test(sql, range) || (sql_is(sql, start, "exists") && sql_is(sql, start + 1, "(") &&
                                     sql_close(sql, start + 1) + 1 == range.to)) {
        *ret_type = infer_plain(TYPE_BOOLEAN, true);
        return true;
    }
    if (sql_is(sql, range.from, "(") && sql_close(sql, range.from) + 1 == range.to) {
        if (sql_is(sql, range.from + 1, "select"))
            return scalar_type(subject, column, range, ret_type);
        return infer_expression(subject, column, place,
                                (struct range){range.from + 1, range.to - 1}, ret_type);
    }
    if (!sql_is_name(sql, range.from) || !sql_is(sql, range.from + 1, "("))
        return false;
    if (sql_is(sql, range.from, "cast"))
        return cast_type(subject, column, place, range, ret_type);
    return call_type(subject, column, place, range, ret_type);
}

/* ---- one column ---- */

static struct location
item_place(const struct subject *subject, int column)
{
    const struct shape *shape = &subject->shape;
    const struct item *item = shape_item(shape, column, sqlite3_column_count(subject->prepared));
    for (guint i = 0; item == NULL && i < shape->items->len; i++)
        if (g_array_index(shape->items, struct item, i).is_star)
            item = &g_array_index(shape->items, struct item, i);
    return item == NULL ? subject->name_at : subject_range_at(subject, item->all);
}

/* What SQLite and the text say; false when they do not. */
static bool
known_type(const struct subject *subject, int column, struct inferred *ret_type)
{
    int columns = sqlite3_column_count(subject->prepared);
    const struct item *item = shape_item(&subject->shape, column, columns);
    const struct sql *sql = &subject->tokens;
    if (subject->own.has_compound)
        return false;
    if (subject->shape.has_compound)
        return item != NULL && !item->is_star && is_column(sql, item->expression) &&
               resolved_type(subject, item->expression, ret_type);
    if (item != NULL && !item->is_star && !is_column(sql, item->expression))
        return infer_expression(subject, column, item->all, item->expression, ret_type);
    if (origin_type(subject, subject->prepared, column, ret_type)) {
        bool star = item == NULL && subject->shape.items->len > 0;
        ret_type->not_null = ret_type->not_null && (item != NULL || star);
        return true;
    }
    return view_type(subject, sqlite3_column_name(subject->prepared, column), ret_type);
}

/* What is written above must not contradict what is stored. */
static void
check_annotation(const struct subject *subject, const struct annotation *annotation, int column)
{
    static const char *const classes[] = {
        [TYPE_UNKNOWN] = "",  [TYPE_INTEGER] = "INTEGER",   [TYPE_BOOLEAN] = "INTEGER",
        [TYPE_REAL] = "REAL", [TYPE_TEXT] = "TEXT",         [TYPE_JSON] = "TEXT",
        [TYPE_BLOB] = "BLOB", [TYPE_TIMESTAMP] = "INTEGER", [TYPE_DATETIME] = "TEXT",
        [TYPE_ULID] = "TEXT", [TYPE_UUID] = "TEXT",         [TYPE_ENUM] = "TEXT"};
    struct inferred stored;
    if (!origin_type(subject, subject->prepared, column, &stored) || subject->shape.has_compound ||
        strcmp(classes[stored.type], classes[annotation->type]) == 0)
        return;
    diag_error(subject->infer->diag, RULE_QUERY_COLUMN_TYPE, annotation->at,
               "column '%s' is said to be %s, but it is %s in the table", annotation->name,
               classes[annotation->type], classes[stored.type]);
}

/* What a user would likely write for a type that is not known; NULL when nothing tells. */
static const char *
likely_type(const struct subject *subject, int column)
{
    static const char *const words[] = {
        [TYPE_INTEGER] = "integer",     [TYPE_BOOLEAN] = "boolean",
        [TYPE_REAL] = "real",           [TYPE_TEXT] = "text",
        [TYPE_JSON] = "json",           [TYPE_BLOB] = "blob",
        [TYPE_TIMESTAMP] = "timestamp", [TYPE_DATETIME] = "datetime",
        [TYPE_ULID] = "ulid",           [TYPE_UUID] = "uuid"};
    const struct item *item = shape_item(&subject->shape, column,
                                         sqlite3_column_count(subject->prepared));
    struct inferred first;
    if (origin_type(subject, subject->prepared, column, &first)) {
        if (first.distinct != NULL)
            return first.distinct->name;
        return first.enumeration != NULL ? first.enumeration->name : words[first.type];
    }
    return item == NULL || item->is_star ? NULL : infer_suggest(&subject->tokens, item->expression);
}

static void
report_unknown(const struct subject *subject, int column, const char *name)
{
    diag_error(subject->infer->diag, RULE_QUERY_COLUMN_TYPE, item_place(subject, column),
               "the type of column '%s' is not known%s", name,
               subject->shape.has_compound ? ": of a compound SQLite describes the first part only"
                                           : "");
    const char *type = likely_type(subject, column);
    if (type != NULL)
        diag_note(subject->infer->diag, (struct location){0},
                  "say it above the statement, such as '-- column %s %s', with 'not null' after it "
                  "where it holds",
                  name, type);
    else
        diag_note(subject->infer->diag, (struct location){0},
                  "say it above the statement: '-- column %s TYPE', with 'not null' after it where "
                  "it holds; the types are " INFER_TYPE_WORDS,
                  name);
}

/* The name of a column in C; NULL after an error. */
static const char *
column_name(const struct subject *subject, int column, const struct table *row)
{
    const char *name = sqlite3_column_name(subject->prepared, column);
    if (!is_lower_name(name)) {
        diag_error(subject->infer->diag, RULE_QUERY_COLUMN_NAME, item_place(subject, column),
                   "the column needs a name in lower case: write AS name after it");
        return NULL;
    }
    FOR_EACH(struct column, other, row->columns)
        if (strcmp(other->name, name) == 0) {
            diag_error(subject->infer->diag, RULE_QUERY_COLUMN_TWICE, item_place(subject, column),
                       "two columns of the result are named '%s'", name);
            diag_note(subject->infer->diag, (struct location){0},
                      "list the columns, and give one another name with AS");
            return NULL;
        }
    return arena_string(name);
}

void
infer_columns(struct subject *subject, struct table *row)
{
    for (int i = 0; i < sqlite3_column_count(subject->prepared); i++) {
        const char *name = column_name(subject, i, row);
        if (name == NULL)
            continue;
        struct inferred type = infer_plain(TYPE_UNKNOWN, false);
        const struct annotation *annotation = subject_annotation(subject, false, name);
        if (annotation != NULL) {
            type = (struct inferred){annotation->type, annotation->enumeration,
                                     annotation->says_null && !annotation->nullable,
                                     annotation->distinct};
            check_annotation(subject, annotation, i);
        } else if (!known_type(subject, i, &type)) {
            report_unknown(subject, i, name);
            continue;
        }
        infer_add_column(row, name, type);
    }
}
