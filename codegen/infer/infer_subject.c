/* infer_subject.c: one statement enters and leaves prepared, with what SQLite and its text tell: the
 * databases and columns it touches, its tables by their aliases, what can be a row of NULLs. */
#include "infer.h"

#include "common/arena.h"

#include <string.h>

/* Databases in one session: SQLite attaches ten, and VACUUM needs a place. */
#define ATTACH_LIMIT 9

const struct annotation *
subject_annotation(const struct subject *subject, bool is_parameter, const char *name)
{
    FOR_EACH(struct annotation, annotation, subject->text->annotations)
        if (annotation->is_parameter == is_parameter && strcmp(annotation->name, name) == 0)
            return annotation;
    return NULL;
}

struct location
subject_at(const struct subject *subject, int place)
{
    const struct token *token = sql_token(&subject->tokens, place);
    if (token == NULL)
        return subject->name_at;
    return diag_part(subject->text->at, token->offset, token->length);
}

struct location
subject_range_at(const struct subject *subject, struct range range)
{
    const struct token *first = sql_token(&subject->tokens, range.from);
    const struct token *last = sql_token(&subject->tokens, range.to - 1);
    if (first == NULL || last == NULL)
        return subject->name_at;
    return diag_part(subject->text->at, first->offset, last->offset + last->length - first->offset);
}

/* ---- what a statement touches ---- */

static void
add_database(GPtrArray *databases, struct database *database)
{
    if (database != NULL && !g_ptr_array_find(databases, database, NULL))
        g_ptr_array_add(databases, database);
}

static int
compare_databases(gconstpointer left, gconstpointer right)
{
    const struct database *a = *(struct database *const *)left;
    const struct database *b = *(struct database *const *)right;
    return strcmp(a->name, b->name);
}

static bool
is_view(const struct model *model, const char *name)
{
    FOR_EACH(struct database, database, model->databases)
        FOR_EACH(struct schema_object, object, database->objects)
            if (object->is_view && g_ascii_strcasecmp(object->name, name) == 0)
                return true;
    return false;
}

/* Whether what SQLite calls the innermost trigger or view is a trigger: a statement names its views
 * and common tables, never the triggers that it sets off. */
static bool
is_trigger(const struct subject *subject, const char *name)
{
    if (name == NULL || is_view(subject->infer->model, name))
        return false;
    for (int i = 0; i < sql_count(&subject->tokens); i++)
        if (sql_has_name(&subject->tokens, i, name))
            return false;
    return true;
}

/* SQLite's authorizer: it allows everything and writes down what it is asked for. The main database
 * of the connection is empty: what seems to be there is a function such as json_each(). */
static int
note_touched(void *data, int action, const char *first, const char *second, const char *database,
             const char *inner)
{
    struct subject *subject = data;
    bool writes = action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE;
    if ((!writes && action != SQLITE_READ) || database == NULL || strcmp(database, "main") == 0 ||
        g_str_has_prefix(first, "sqlite_"))
        return SQLITE_OK;
    subject->writes = subject->writes || writes;
    add_database(subject->databases, infer_database(subject->infer->model, database));
    if (is_trigger(subject, inner))
        return SQLITE_OK;
    struct touched *touched = ARENA_NEW(struct touched);
    touched->database = arena_string(database);
    touched->table = arena_string(first);
    touched->column = arena_string(second == NULL || action == SQLITE_INSERT ? "" : second);
    touched->writes = writes;
    g_ptr_array_add(subject->touched, touched);
    return SQLITE_OK;
}

sqlite3_stmt *
subject_prepare(const struct subject *subject, const char *sql)
{
    sqlite3_stmt *prepared = NULL;
    if (sqlite3_prepare_v2(subject->connection, sql, -1, &prepared, NULL) != SQLITE_OK)
        return NULL;
    return prepared;
}

/* Prepared twice: the first use of some virtual tables looks like a write of the schema. */
static bool
prepare(struct subject *subject)
{
    sqlite3_stmt *first = subject_prepare(subject, subject->sql);
    if (first == NULL) {
        diag_error(subject->infer->diag, RULE_QUERY_SQL,
                   infer_error_place(subject->connection, subject->text), "%s",
                   sqlite3_errmsg(subject->connection));
        return false;
    }
    sqlite3_finalize(first);
    sqlite3_set_authorizer(subject->connection, note_touched, subject);
    subject->prepared = subject_prepare(subject, subject->sql);
    sqlite3_set_authorizer(subject->connection, NULL, NULL);
    g_ptr_array_sort(subject->databases, compare_databases);
    return subject->prepared != NULL;
}

/* ---- tables must be named with their database ---- */

/* A token that names a table without its database: after FROM and the like, or the first that
 * could. */
static int
bare_table_token(const struct subject *subject, const char *table)
{
    static const char *const before[] = {"from", "join", "into", "update", ",", NULL};
    const struct sql *sql = &subject->tokens;
    int found = -1;
    for (int i = sql_count(sql) - 1; i >= 0; i--) {
        if (!sql_has_name(sql, i, table) || sql_is(sql, i - 1, ".") || sql_is(sql, i + 1, "."))
            continue;
        for (int j = 0; before[j] != NULL; j++)
            if (sql_is(sql, i - 1, before[j]))
                return i;
        found = i;
    }
    return found;
}

static int
note_temporary(void *data, int action, const char *first, const char *second, const char *database,
               const char *inner)
{
    const char **found = data;
    (void)action;
    (void)second;
    (void)inner;
    if (database != NULL && strcmp(database, "temp") == 0 && !g_str_has_prefix(first, "sqlite_"))
        *found = arena_string(first);
    return SQLITE_OK;
}

/* A name without its database finds a temporary table first: with one of the same name beside each
 * table, SQLite tells which names in the statement are bare. */
static bool
check_qualified(struct subject *subject)
{
    const char *found = NULL;
    sqlite3_exec(subject->connection, "SAVEPOINT qualified", NULL, NULL, NULL);
    FOR_EACH(struct touched, touched, subject->touched) {
        char *sql = g_strdup_printf(
            "CREATE TEMP TABLE IF NOT EXISTS \"%s\" AS "
            "SELECT * FROM \"%s\".\"%s\" WHERE 0",
            touched->table, touched->database, touched->table);
        sqlite3_exec(subject->connection, sql, NULL, NULL, NULL);
        g_free(sql);
    }
    sqlite3_set_authorizer(subject->connection, note_temporary, &found);
    sqlite3_stmt *again = subject_prepare(subject, subject->sql);
    sqlite3_set_authorizer(subject->connection, NULL, NULL);
    if (again == NULL && found == NULL)
        FOR_EACH(struct touched, touched, subject->touched)
            if (found == NULL && bare_table_token(subject, touched->table) >= 0)
                found = touched->table;
    sqlite3_finalize(again);
    sqlite3_exec(subject->connection, "ROLLBACK TO qualified; RELEASE qualified", NULL, NULL, NULL);
    if (found == NULL)
        return true;
    diag_error(subject->infer->diag, RULE_QUERY_QUALIFIER,
               subject_at(subject, bare_table_token(subject, found)),
               "a query names tables with their database: %s.%s", subject->database->name, found);
    return false;
}

/* ---- aliases ---- */

static bool
is_keyword_after_table(const struct sql *sql, int place)
{
    static const char *const words[] = {
        "where",  "on",        "join",  "left",   "right",     "full",    "inner", "cross",
        "outer",  "natural",   "group", "order",  "limit",     "set",     "using", "values",
        "select", "default",   "union", "except", "intersect", "indexed", "not",   "window",
        "having", "returning", "and",   "or",     "is",        "in",      "as",    NULL};
    for (int i = 0; words[i] != NULL; i++)
        if (sql_is(sql, place, words[i]))
            return true;
    return false;
}

static void
find_aliases(struct subject *subject)
{
    const struct sql *sql = &subject->tokens;
    const struct model *model = subject->infer->model;
    for (int i = 0; i + 2 < sql_count(sql); i++) {
        if (!sql_is_name(sql, i) || !sql_is(sql, i + 1, ".") || !sql_is_name(sql, i + 2) ||
            sql_is(sql, i - 1, ".") || sql_is(sql, i + 3, "."))
            continue;
        if (infer_database(model, sql_name(sql, i)) == NULL)
            continue;
        int name = i + 2;
        if (sql_is(sql, i + 3, "as"))
            name = i + 4;
        else if (sql_is_name(sql, i + 3) && !is_keyword_after_table(sql, i + 3))
            name = i + 3;
        struct alias *alias = ARENA_NEW(struct alias);
        alias->database = sql_name(sql, i);
        alias->name = sql_name(sql, name);
        alias->table = infer_table(model, alias->database, sql_name(sql, i + 2));
        g_ptr_array_add(subject->aliases, alias);
    }
}

/* In a view tables have no database. */
static void
find_view_aliases(struct subject *subject)
{
    static const char *const before[] = {"from", "join", ",", NULL};
    const struct sql *sql = &subject->tokens;
    for (int i = 0; i + 1 < sql_count(sql); i++) {
        bool after = false;
        for (int j = 0; before[j] != NULL; j++)
            after = after || sql_is(sql, i, before[j]);
        if (!after || !sql_is_name(sql, i + 1))
            continue;
        const struct table *table = infer_table(subject->infer->model, subject->database->name,
                                                sql_name(sql, i + 1));
        if (table == NULL)
            continue;
        int name = i + 1;
        if (sql_is(sql, i + 2, "as"))
            name = i + 3;
        else if (sql_is_name(sql, i + 2) && !is_keyword_after_table(sql, i + 2))
            name = i + 2;
        struct alias *alias = ARENA_NEW(struct alias);
        *alias = (struct alias){sql_name(sql, name), subject->database->name, table};
        g_ptr_array_add(subject->aliases, alias);
    }
}

/* ---- outer joins, by SQLite's own program ---- */

/* The table that a root page belongs to, "database.table"; NULL when it is none. */
static char *
table_of_root(const struct subject *subject, int database, int root)
{
    char *found = NULL;
    sqlite3_stmt *list = subject_prepare(subject, "PRAGMA database_list");
    while (sqlite3_step(list) == SQLITE_ROW) {
        if (sqlite3_column_int(list, 0) != database)
            continue;
        const char *name = (const char *)sqlite3_column_text(list, 1);
        char *sql = g_strdup_printf("SELECT tbl_name FROM \"%s\".sqlite_schema WHERE rootpage=%d",
                                    name, root);
        sqlite3_stmt *schema = subject_prepare(subject, sql);
        if (schema != NULL && sqlite3_step(schema) == SQLITE_ROW)
            found = g_strdup_printf("%s.%s", name, (const char *)sqlite3_column_text(schema, 0));
        sqlite3_finalize(schema);
        g_free(sql);
    }
    sqlite3_finalize(list);
    return found;
}

/* OP_NullRow makes a cursor read NULL: its table is on the optional side of a join. */
static void
find_null_rows(struct subject *subject)
{
    GHashTable *cursors = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    char *sql = g_strconcat("EXPLAIN ", subject->sql, NULL);
    sqlite3_stmt *program = subject_prepare(subject, sql);
    GArray *nulls = g_array_new(FALSE, FALSE, sizeof(int));
    while (program != NULL && sqlite3_step(program) == SQLITE_ROW) {
        const char *code = (const char *)sqlite3_column_text(program, 1);
        int cursor = sqlite3_column_int(program, 2);
        if (strcmp(code, "OpenRead") == 0 || strcmp(code, "OpenWrite") == 0 ||
            strcmp(code, "ReopenIdx") == 0)
            g_hash_table_insert(cursors, GINT_TO_POINTER(cursor),
                                table_of_root(subject, sqlite3_column_int(program, 4),
                                              sqlite3_column_int(program, 3)));
        else if (strcmp(code, "NullRow") == 0)
            g_array_append_val(nulls, cursor);
    }
    for (guint i = 0; i < nulls->len; i++) {
        char *table = g_hash_table_lookup(cursors, GINT_TO_POINTER(g_array_index(nulls, int, i)));
        if (table != NULL)
            g_hash_table_add(subject->null_tables, g_strdup(table));
        else
            subject->all_null = true;
    }
    g_array_unref(nulls);
    sqlite3_finalize(program);
    g_free(sql);
    g_hash_table_unref(cursors);
}

/* A view feeds the result as a subquery in FROM does. */
static void
add_view_shape(struct subject *subject, const struct schema_object *view)
{
    char *text = g_strconcat("SELECT * FROM (", object_body(view->sql), ")", NULL);
    struct sql sql = sql_new(text);
    struct shape shape = shape_new(&sql);
    subject->shape.has_compound = subject->shape.has_compound || shape.has_compound;
    subject->shape.has_doubt = subject->shape.has_doubt || shape.has_doubt;
    subject->shape.has_outer_join = subject->shape.has_outer_join || shape.has_outer_join;
    shape_free(&shape);
    sql_free(&sql);
    g_free(text);
}

static void
add_view_shapes(struct subject *subject)
{
    FOR_EACH(struct touched, touched, subject->touched) {
        const struct database *database = infer_database(subject->infer->model, touched->database);
        if (database == NULL)
            continue;
        FOR_EACH(struct schema_object, object, database->objects)
            if (object->is_view && g_ascii_strcasecmp(object->name, touched->table) == 0)
                add_view_shape(subject, object);
    }
}

static int
note_table(void *data, int action, const char *first, const char *second, const char *database,
           const char *inner)
{
    (void)second;
    if (action == SQLITE_READ && database != NULL && inner != NULL)
        g_ptr_array_add(data, arena_printf("%s.%s", database, first));
    return SQLITE_OK;
}

GPtrArray *
subject_tables_of_view(const struct subject *subject, const struct table *view)
{
    GPtrArray *tables = arena_list();
    char *sql = g_strdup_printf("SELECT * FROM \"%s\".\"%s\"", view->database->name, view->name);
    sqlite3_set_authorizer(subject->connection, note_table, tables);
    sqlite3_finalize(subject_prepare(subject, sql));
    sqlite3_set_authorizer(subject->connection, NULL, NULL);
    g_free(sql);
    return tables;
}

/* ---- the subject ---- */

const char *
object_body(const char *sql)
{
    struct sql tokens = sql_new(sql);
    const struct token *token = sql_token(&tokens, 4); /* after CREATE VIEW name AS */
    const char *body = token == NULL ? sql + strlen(sql) : sql + token->offset;
    sql_free(&tokens);
    return body;
}

/* The databases that the text names, and its own. */
static GPtrArray *
named_databases(const struct subject *subject)
{
    GPtrArray *databases = arena_list();
    add_database(databases, subject->database);
    for (int i = 0; i < sql_count(&subject->tokens); i++)
        if (sql_is_name(&subject->tokens, i) && sql_is(&subject->tokens, i + 1, "."))
            add_database(databases,
                         infer_database(subject->infer->model, sql_name(&subject->tokens, i)));
    g_ptr_array_sort(databases, compare_databases);
    return databases;
}

static bool
connect(struct subject *subject)
{
    GPtrArray *databases = named_databases(subject);
    if (databases->len > ATTACH_LIMIT) {
        diag_error(subject->infer->diag, RULE_ATTACH_LIMIT, subject->name_at,
                   "%s '%s' names %u databases; a session reaches %d", subject->what, subject->name,
                   databases->len, ATTACH_LIMIT);
        return false;
    }
    subject->connection = infer_connection(subject->infer, databases);
    return true;
}

bool
subject_open(struct subject *subject)
{
    subject->tokens = sql_new(subject->sql);
    subject->shape = subject->own = shape_new(&subject->tokens);
    subject->touched = arena_list();
    subject->aliases = arena_list();
    subject->databases = arena_list();
    subject->null_tables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!connect(subject) || !prepare(subject))
        return false;
    if (subject->is_view)
        find_view_aliases(subject);
    else if (check_qualified(subject))
        find_aliases(subject);
    else
        return false;
    find_null_rows(subject);
    add_view_shapes(subject);
    /* Lists in IN have such rows too, and they mean nothing. */
    subject->all_null = subject->all_null && subject->shape.has_outer_join;
    return true;
}

void
subject_close(struct subject *subject)
{
    sqlite3_finalize(subject->prepared);
    g_hash_table_unref(subject->null_tables);
    shape_free(&subject->shape);
    sql_free(&subject->tokens);
}

/* What is said of a parameter or column that does not exist is a mistake. */
void
subject_check_annotations(const struct subject *subject, const GPtrArray *parameters,
                          const struct table *row)
{
    FOR_EACH(struct annotation, annotation, subject->text->annotations) {
        bool found = false;
        if (annotation->is_parameter) {
            FOR_EACH(struct parameter, parameter, parameters)
                found = found || strcmp(parameter->column->name, annotation->name) == 0;
        } else {
            found = infer_column(row, annotation->name) != NULL;
        }
        if (!found)
            diag_error(subject->infer->diag, RULE_QUERY_ANNOTATION, annotation->at,
                       "%s '%s' has no %s '%s'", subject->what, subject->name,
                       annotation->is_parameter ? "parameter" : "column", annotation->name);
    }
}
