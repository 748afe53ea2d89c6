/* infer.c: what queries and views take, give and need. SQLite prepares each in memory, with every
 * database it names attached under its name; the authorizer says what is read and written, the
 * metadata where columns come from, the plan which tables are read whole. What SQLite does not know
 * the statement's author has to say: nothing is guessed. Queries and views leave with parameters,
 * rows and databases; databases leave with the links that their queries need. */
#include "infer.h"

#include "check/check.h"
#include "common/arena.h"
#include "model/keys.h"
#include "model/names.h"
#include "model/stages.h"

#include <string.h>

/* ---- the text ---- */

static bool
is_array(const struct sql *sql, int place)
{
    return sql_token(sql, place)->kind == TOKEN_PARAMETER && sql_is(sql, place + 1, "...");
}

/* Reports parameters that are not :name, and arrays that are not the whole of an IN. */
static bool
check_parameter_forms(struct infer *infer, const struct query *query, const struct sql *sql)
{
    bool fine = true;
    for (int i = 0; i < sql_count(sql); i++) {
        const struct token *token = sql_token(sql, i);
        if (token->kind != TOKEN_PARAMETER)
            continue;
        struct location at = diag_part(query->text.at, token->offset, token->length);
        const char *name = query->text.sql + token->offset + 1;
        if (name[-1] != ':' || !(g_ascii_islower(*name) || *name == '_')) {
            diag_error(infer->diag, RULE_QUERY_PARAMETER, at,
                       "a parameter is a colon and a name in lower case, as in :since");
            fine = false;
        } else if (is_array(sql, i) && !(sql_is(sql, i - 1, "(") && sql_is(sql, i - 2, "in") &&
                                         sql_is(sql, i + 2, ")"))) {
            diag_error(infer->diag, RULE_QUERY_PARAMETER, at,
                       "an array stands in IN (...) alone: IN (%.*s...)", (int)token->length,
                       name - 1);
            fine = false;
        }
    }
    return fine;
}

/* The text with each array as one value, every other byte in its place. */
static const char *
scalar_text(const struct query *query, const struct sql *sql)
{
    char *text = arena_string(query->text.sql);
    for (int i = 0; i + 1 < sql_count(sql); i++)
        if (is_array(sql, i))
            memset(text + sql_token(sql, i + 1)->offset, ' ', 3);
    return text;
}

/* The text for the runtime: arrays are tables, comments are gone. */
static const char *
runtime_text(const struct query *query, const struct sql *sql)
{
    GString *text = g_string_new(NULL);
    unsigned at = 0;
    for (int i = 0; i < sql_count(sql); i++) {
        const struct token *token = sql_token(sql, i);
        if (!is_array(sql, i))
            continue;
        g_string_append_len(text, query->text.sql + at, (gssize)(token->offset - at));
        g_string_append_printf(text, "SELECT value FROM cleat_array(%.*s)", (int)token->length,
                               query->text.sql + token->offset);
        at = sql_token(sql, i + 1)->offset + 3;
    }
    g_string_append(text, query->text.sql + at);
    const char *clean = sql_without_comments(text->str, text->len);
    g_string_free(text, TRUE);
    return clean;
}

/* ---- the kind ---- */

static bool
check_verb(struct infer *infer, const struct query *query, const struct sql *sql)
{
    static const char *const verbs[] = {"select",  "values", "insert",
                                        "replace", "update", "delete"};
    int verb = sql_is(sql, 0, "with") ? shape_verb(sql) : 0;
    for (gsize i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (sql_is(sql, verb, verbs[i]))
            return true;
    const struct token *token = sql_token(sql, 0);
    diag_error(infer->diag, RULE_QUERY_KIND, diag_part(query->text.at, 0, token->length),
               "a query is SELECT, INSERT, UPDATE or DELETE; %s",
               sql_is(sql, 0, "create") ? "views and triggers go to db_objects.sql"
                                        : "the session does the rest");
    return false;
}

static bool
check_kind(const struct subject *subject, const struct query *query)
{
    bool rows = sqlite3_column_count(subject->prepared) > 0;
    bool wants_rows = query->kind == QUERY_ONE || query->kind == QUERY_MANY;
    const char *problem = NULL;
    if (wants_rows && !rows)
        problem = "gives no rows: it is :exec or :execrows, or lacks RETURNING";
    else if (!wants_rows && rows)
        problem = "gives rows: it is :one or :many";
    else if (query->kind == QUERY_EXECROWS && !subject->writes)
        problem = "changes no rows";
    if (problem == NULL)
        return true;
    diag_error(subject->infer->diag, RULE_QUERY_KIND, query->at, "query '%s' %s", query->name,
               problem);
    return false;
}

/* ---- scans ---- */

void
stage_report_scans(const struct model *model, struct diag *diag)
{
    FOR_EACH(struct module, module, model->modules)
        FOR_EACH(struct query, query, module->queries) {
            if (query->scans->len == 0 || query->scan_reason != NULL)
                continue;
            diag_error(diag, RULE_QUERY_SCAN, query->at, "query '%s' reads all of %s", query->name,
                       (const char *)g_ptr_array_index(query->scans, 0));
            diag_note(diag, (struct location){0},
                      "an index would help; or say '-- scan ok: why' above the statement");
        }
}

/* ---- queries and views ---- */

/* A session of the module's database attaches what its queries need. */
static void
add_links(struct query *query)
{
    GPtrArray *links = query->database->links;
    FOR_EACH(struct database, database, query->databases)
        if (database != query->database && !g_ptr_array_find(links, database, NULL))
            g_ptr_array_add(links, database);
}

static void
add_type(GPtrArray *types, const void *type)
{
    if (type != NULL && !g_ptr_array_find(types, type, NULL))
        g_ptr_array_add(types, (gpointer)type);
}

/* The module's header declares the enums and distinct types of its results and parameters, whose
 * table may be another module's. */
static void
add_types(struct module *module, const struct table *columns)
{
    FOR_EACH(struct column, column, columns->columns) {
        add_type(module->enumerations, column->enumeration);
        add_type(module->distincts, column->distinct);
    }
}

static void
infer_opened(struct subject *subject, struct query *query)
{
    guint errors = diag_error_count(subject->infer->diag);
    query->databases = subject->databases;
    query->writes = subject->writes;
    if (!check_kind(subject, query))
        return;
    infer_columns(subject, query->row);
    infer_parameters(subject, query->parameters);
    subject_check_annotations(subject, query->parameters, query->row);
    if (diag_error_count(subject->infer->diag) > errors)
        return;
    infer_fuzz(subject, query->parameters, query->row, query->kind == QUERY_ONE);
    add_types(query->module, query->row);
    FOR_EACH(struct parameter, parameter, query->parameters)
        add_types(query->module, parameter->column->table);
    infer_plan(subject, query);
    add_links(query);
}

static void
infer_query(struct infer *infer, struct query *query)
{
    struct sql written = sql_new(query->text.sql);
    query->row = infer_row(query->database, query->module, query->name,
                           arena_printf("A row of %s_%s().", query->database->name, query->name));
    if (check_parameter_forms(infer, query, &written) && check_verb(infer, query, &written)) {
        struct subject subject = {.infer = infer,
                                  .database = query->database,
                                  .text = &query->text,
                                  .sql = scalar_text(query, &written),
                                  .what = "query",
                                  .name = query->name,
                                  .name_at = query->at};
        query->sql = runtime_text(query, &written);
        if (subject_open(&subject))
            infer_opened(&subject, query);
        subject_close(&subject);
    }
    sql_free(&written);
}

static void
infer_view(struct infer *infer, struct schema_object *view)
{
    GPtrArray *none = arena_list();
    char *sql = arena_string(view->text.sql);
    memset(sql, ' ', (gsize)(object_body(view->text.sql) - view->text.sql));
    struct subject subject = {.infer = infer,
                              .database = view->database,
                              .text = &view->text,
                              .sql = sql,
                              .is_view = true,
                              .what = "view",
                              .name = view->name,
                              .name_at = view->at};
    struct table *row = infer_row(view->database, view->module, view->name, view->text.doc);
    guint errors = diag_error_count(infer->diag);
    if (subject_open(&subject)) {
        infer_columns(&subject, row);
        subject_check_annotations(&subject, none, row);
        if (diag_error_count(infer->diag) == errors)
            infer_fuzz(&subject, none, row, false);
        add_types(view->module, row);
    }
    subject_close(&subject);
    view->row = row;
}

/* ---- names in C ---- */

struct symbols {
    GHashTable *owners; /* symbol -> what it is of */
    const char *what;
    struct location at;
    struct diag *diag;
    bool reported;
};

static void
take_symbol(void *data, const char *symbol)
{
    struct symbols *symbols = data;
    const char *owner = g_hash_table_lookup(symbols->owners, symbol);
    if (owner == NULL) {
        g_hash_table_insert(symbols->owners, (char *)symbol, (char *)symbols->what);
    } else if (symbols->at.source != NULL && !symbols->reported) {
        symbols->reported = true;
        diag_error(symbols->diag, RULE_SYMBOL_COLLISION, symbols->at,
                   "%s and %s would both be '%s' in C", owner, symbols->what, symbol);
    }
}

static void
take_symbols(struct symbols *symbols, const char *prefix, const char *const *suffixes,
             struct location at)
{
    symbols->at = at;
    symbols->reported = false;
    for (; *suffixes != NULL; suffixes++)
        take_symbol(symbols, name_join(prefix, *suffixes, NULL));
}

static void
take_module(struct symbols *symbols, const struct module *module)
{
    static const char *const of_query[] = {
        "",       "_row",    "_rows",    "_rows_clear", "_clear",      "_next",      "_collect",
        "_query", "_result", "_columns", "_enums",      "_parameters", "_databases", NULL};
    static const char *const of_view[] = {"_row",  "_table", "_columns", "_enums",
                                          "_list", "_next",  "_count",   NULL};
    FOR_EACH(struct schema_object, object, module->objects) {
        symbols->what = arena_printf("view '%s'", object->name);
        if (object->is_view)
            take_symbols(symbols, name_prefix(object->row), of_view, object->at);
    }
    FOR_EACH(struct query, query, module->queries) {
        symbols->what = arena_printf("query '%s'", query->name);
        take_symbols(symbols, name_prefix(query->row), of_query, query->at);
    }
}

static void
check_symbols(const struct model *model, struct diag *diag)
{
    bool any = false;
    FOR_EACH(struct module, module, model->modules)
        any = any || module->queries->len > 0 || module->objects->len > 0;
    if (!any)
        return;
    struct symbols symbols = {.diag = diag};
    symbols.owners = g_hash_table_new(g_str_hash, g_str_equal);
    FOR_EACH(struct enumeration, enumeration, model->enumerations) {
        symbols.what = arena_printf("enum '%s'", enumeration->name);
        enumeration_symbols(enumeration, take_symbol, &symbols);
    }
    FOR_EACH(struct distinct, distinct, model->distincts) {
        symbols.what = arena_printf("type '%s'", distinct->name);
        take_symbol(&symbols, distinct->name);
    }
    FOR_EACH(struct database, database, model->databases)
        FOR_EACH(struct table, table, database->tables) {
            symbols.what = arena_printf("table '%s'", table->name);
            table_symbols(table, take_symbol, &symbols);
        }
    FOR_EACH(struct module, module, model->modules)
        take_module(&symbols, module);
    g_hash_table_unref(symbols.owners);
}

/* ---- the stage ---- */

static int
compare_databases(gconstpointer left, gconstpointer right)
{
    const struct database *a = *(struct database *const *)left;
    const struct database *b = *(struct database *const *)right;
    return strcmp(a->name, b->name);
}

static void
close_connection(gpointer connection)
{
    sqlite3_close(connection);
}

static void
free_image(gpointer image)
{
    g_bytes_unref(image);
}

/* Views in the order of their modules: one that reads another finds its row when that is first. */
static void
infer_database_objects(struct infer *infer, struct database *database)
{
    GPtrArray *alone = arena_list();
    guint errors = diag_error_count(infer->diag);
    if (database->objects->len == 0)
        return;
    g_ptr_array_add(alone, database);
    infer_connection(infer, alone);
    if (diag_error_count(infer->diag) > errors)
        return;
    FOR_EACH(struct schema_object, object, database->objects)
        if (object->is_view)
            infer_view(infer, object);
}

void
stage_infer(struct model *model, struct diag *diag)
{
    struct infer infer = {.model = model, .diag = diag};
    infer.images = g_hash_table_new_full(NULL, NULL, NULL, free_image);
    infer.connections = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, close_connection);
    FOR_EACH(struct database, database, model->databases)
        infer_database_objects(&infer, database);
    if (diag_error_count(diag) == 0) {
        FOR_EACH(struct module, module, model->modules)
            FOR_EACH(struct query, query, module->queries)
                infer_query(&infer, query);
        check_symbols(model, diag);
        FOR_EACH(struct database, database, model->databases)
            g_ptr_array_sort(database->links, compare_databases);
        check_attach_limit(model, diag);
    }
    g_hash_table_unref(infer.connections);
    g_hash_table_unref(infer.images);
}
