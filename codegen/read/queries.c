/* queries.c: the SQL beside a module. db_queries.sql becomes queries: each begins with a line
 * `-- name: x :one`, goes on with comment lines and ends with one statement. Places of all pieces
 * leave too; what the SQL means is SQLite's to say, later. */
#include "queries.h"

#include "common/arena.h"
#include "model/stages.h"

#include <string.h>

/* ---- db_queries.sql ---- */

static void
finish_query(struct reader *reader)
{
    struct query *query = reader->query;
    reader->query = NULL;
    if (query == NULL)
        return;
    if (reader->start == reader->end) {
        if (!reader->skipping)
            diag_error(reader->diag, RULE_QUERY_STATEMENT, query->at, "query '%s' has no statement",
                       query->name);
        return;
    }
    reader_end_header(reader);
    query->text = reader->text;
    query->scan_reason = reader->scan_reason;
    g_ptr_array_add(reader->module->queries, query);
}

static bool
read_kind(const char *word, enum query_kind *ret_kind)
{
    static const char *const kinds[] = {":one", ":many", ":exec", ":execrows"};
    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(word, kinds[i]) == 0) {
            *ret_kind = (enum query_kind)i;
            return true;
        }
    }
    return false;
}

/* The same name twice in one database would be the same function twice. */
static void
check_query_twice(struct reader *reader, const struct query *query)
{
    FOR_EACH(struct module, module, reader->model->modules)
        FOR_EACH(struct query, other, module->queries)
            if (other->database == query->database && strcmp(other->name, query->name) == 0) {
                diag_error(reader->diag, RULE_QUERY_TWICE, query->at,
                           "database '%s' has a query '%s' already", query->database->name,
                           query->name);
                diag_note(reader->diag, other->at, "it is here");
            }
}

/* Reads `name: x :one`; the offset is that of `name:`. */
static void
read_name_line(struct reader *reader, unsigned offset, unsigned length)
{
    struct word words[4];
    enum query_kind kind = QUERY_ONE;
    guint count = reader_words(reader, offset + 5, length - 5, words, G_N_ELEMENTS(words));
    finish_query(reader);
    reader_begin_header(reader);
    reader->skipping = true;
    if (count != 2 || !is_lower_name(words[0].text)) {
        struct location at = count == 0 ? reader_place(reader, offset, 5)
                                        : reader_word_at(reader, &words[0]);
        diag_error(reader->diag, RULE_QUERY_NAME, at,
                   "write '-- name: x :one', with a name in lower case, or :many, :exec, "
                   ":execrows");
        return;
    }
    if (!read_kind(words[1].text, &kind)) {
        static const char *const kinds[] = {":one", ":many", ":exec", ":execrows", NULL};
        const char *nearest = diag_nearest(words[1].text, kinds);
        diag_error(reader->diag, RULE_QUERY_NAME, reader_word_at(reader, &words[1]),
                   "'%s' is none of :one, :many, :exec and :execrows", words[1].text);
        if (nearest != NULL)
            diag_note(reader->diag, (struct location){0}, "did you mean '%s'?", nearest);
        return;
    }
    struct query *query = ARENA_NEW(struct query);
    query->name = words[0].text;
    query->kind = kind;
    query->module = reader->module;
    query->database = reader->database;
    query->at = reader_word_at(reader, &words[0]);
    query->parameters = arena_list();
    query->databases = arena_list();
    query->scans = arena_list();
    check_query_twice(reader, query);
    reader->query = query;
    reader->skipping = false;
}

/* A type or reason in another place would be lost without a word. */
static void
report_stray(const struct reader *reader, unsigned offset, unsigned length)
{
    diag_error(reader->diag, RULE_QUERY_ANNOTATION, reader_place(reader, offset, length),
               "this line belongs to no query");
    diag_note(reader->diag, (struct location){0},
              "write it above the statement, below its line '-- name: x :one'");
}

static void
read_query_comment(struct reader *reader, const struct token *token)
{
    const char *text = reader->source->text + token->offset;
    unsigned skip = 2;
    if (text[0] != '-')
        return;
    while (skip < token->length && g_ascii_isspace(text[skip]))
        skip++;
    if (strncmp(text + skip, "name:", 5) == 0)
        read_name_line(reader, token->offset + skip, token->length - skip);
    else if (reader->query != NULL && reader->start == reader->end)
        reader_header_line(reader, token->offset + skip, token->length - skip);
    else if (!reader->skipping &&
             reader_is_annotation(reader, token->offset + skip, token->length - skip))
        report_stray(reader, token->offset + skip, token->length - skip);
}

static void
read_query_token(struct reader *reader, const struct token *token)
{
    const char *text = reader->source->text + token->offset;
    bool ends = token->length == 1 && *text == ';';
    if (reader->skipping)
        return;
    if (reader->query == NULL || (reader->closed && !ends)) {
        diag_error(reader->diag, reader->query == NULL ? RULE_QUERY_NAME : RULE_QUERY_STATEMENT,
                   reader_place(reader, token->offset, token->length),
                   reader->query == NULL ? "a statement without a line '-- name: x :one' above it"
                                         : "a second statement: each needs a name of its own");
        if (reader->query != NULL)
            diag_note(reader->diag, reader->query->at, "the first is that of '%s'",
                      reader->query->name);
        reader->skipping = true;
        return;
    }
    if (ends) {
        reader->closed = true;
        return;
    }
    if (reader->start == reader->end)
        reader->start = token->offset;
    reader->end = token->offset + token->length;
}

static void
read_queries(struct reader *reader)
{
    GArray *tokens = reader_tokens(reader->source);
    reader_begin_header(reader);
    for (guint i = 0; i < tokens->len; i++) {
        const struct token *token = &g_array_index(tokens, struct token, i);
        if (token->kind == TOKEN_COMMENT)
            read_query_comment(reader, token);
        else
            read_query_token(reader, token);
    }
    finish_query(reader);
    g_array_unref(tokens);
}

/* ---- the stage ---- */

static struct database *
database_of(const struct model *model, const struct module *module)
{
    FOR_EACH(struct database, database, model->databases)
        if (g_ptr_array_find(database->modules, module, NULL))
            return database;
    return NULL;
}

static void
read_module(struct model *model, struct module *module, struct diag *diag)
{
    struct reader reader = {.model = model, .module = module, .diag = diag};
    reader.database = database_of(model, module);
    if (reader.database == NULL)
        return;
    reader.doc = g_string_new(NULL);
    reader.source = module->queries_source;
    if (reader.source != NULL)
        read_queries(&reader);
    reader.source = module->objects_source;
    if (reader.source != NULL)
        reader_objects(&reader);
    g_string_free(reader.doc, TRUE);
}

static void
collect_objects(struct database *database, bool views)
{
    FOR_EACH(struct module, module, database->modules)
        FOR_EACH(struct schema_object, object, module->objects)
            if (object->is_view == views)
                g_ptr_array_add(database->objects, object);
}

void
stage_queries(struct model *model, struct diag *diag)
{
    FOR_EACH(struct module, module, model->modules)
        read_module(model, module, diag);
    FOR_EACH(struct database, database, model->databases) {
        collect_objects(database, true);
        collect_objects(database, false);
    }
}
