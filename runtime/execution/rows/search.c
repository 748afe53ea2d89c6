/* search.c: full-text search. A text and options enter; a cursor over the rows that match leaves,
 * best first, with what the index tells about each. The text is taken literally unless the options
 * ask for operators; then it is tried before the search begins, so that an error in it is an error
 * of that call. Also the calls that look after an index. */
#include "atomic/atomic.h"
#include "rows.h"

#include <stdlib.h>

/* The parameters of a search, and what stands behind the columns of its rows. */
enum { TEXT = 1, LIMIT, SNIPPET_COLUMN, SNIPPET_TOKENS, HIGHLIGHT_COLUMN, BEFORE, AFTER, ELLIPSIS };
enum { RANK, SNIPPET, HIGHLIGHT };

static cleat_status
start(cleat_session *session, const cleat_full_text *index, const void *argument)
{
    cleat_status rc = cleat_session_enter(session);
    if (rc == CLEAT_OK && index == NULL)
        rc = cleat_session_fail(session, CLEAT_MISUSE, "a search without an index");
    if (rc == CLEAT_OK && argument == NULL)
        rc = cleat_session_fail_table(session, CLEAT_MISUSE, index->table,
                                      "a search without a text or cursor");
    return rc;
}

static cleat_status
fail_sqlite(cleat_session *session, const cleat_full_text *index, int code, const char *sql)
{
    return cleat_session_fail_sqlite(session, code, index->table->database, index->table, sql);
}

/* ---- options ---- */

/* The place of a column in the index; -1 for none, -2 for one that is not there. */
static int
column_place(const cleat_full_text *index, const char *column)
{
    if (column == NULL)
        return -1;
    for (int i = 0; index->columns != NULL && index->columns[i] != NULL; i++)
        if (strcmp(index->columns[i], column) == 0)
            return i;
    return -2;
}

static cleat_status
check_options(cleat_session *session, const cleat_full_text *index, const cleat_search *options)
{
    const char *columns[] = {options->snippet_column, options->highlight_column};
    for (size_t i = 0; i < CLEAT_COUNT(columns); i++)
        if (column_place(index, columns[i]) == -2)
            return cleat_session_fail_column(session, CLEAT_MISUSE, index->table, columns[i],
                                             "no column of the full-text index");
    if (options->snippet_tokens < 0 || options->snippet_tokens > 64)
        return cleat_session_fail_table(session, CLEAT_MISUSE, index->table,
                                        "a snippet has 1 to 64 tokens");
    return CLEAT_OK;
}

static int
bind_copy(sqlite3_stmt *handle, int parameter, const char *text, const char *otherwise)
{
    if (text == NULL)
        text = otherwise;
    return sqlite3_bind_text64(handle, parameter, text, strlen(text), SQLITE_TRANSIENT,
                               SQLITE_UTF8);
}

/* Binds all but the text. */
static int
bind_options(sqlite3_stmt *handle, const cleat_full_text *index, const cleat_search *options)
{
    bool limited = options->limit > 0 && options->limit <= INT64_MAX;
    /* numbers need no memory */
    sqlite3_bind_int64(handle, LIMIT, limited ? (int64_t)options->limit : -1);
    sqlite3_bind_int(handle, SNIPPET_COLUMN, column_place(index, options->snippet_column));
    sqlite3_bind_int(handle, SNIPPET_TOKENS, options->snippet_tokens);
    sqlite3_bind_int(handle, HIGHLIGHT_COLUMN, column_place(index, options->highlight_column));
    int rc = bind_copy(handle, BEFORE, options->before, "<b>");
    if (rc == SQLITE_OK)
        rc = bind_copy(handle, AFTER, options->after, "</b>");
    if (rc == SQLITE_OK)
        rc = bind_copy(handle, ELLIPSIS, options->ellipsis, "\xE2\x80\xA6");
    return rc;
}

/* ---- searching ---- */

/* Whether a text is a query in FTS5's language: only FTS5 can say. */
static cleat_status
try_query(cleat_session *session, const cleat_full_text *index, struct entry *entry,
          const char *text)
{
    struct statement *statement;
    cleat_status rc = cleat_statement_find(session, entry, CLEAT_SQL_COUNT, 0, &statement);
    if (rc < 0)
        return rc;
    int code = bind_copy(statement->handle, TEXT, text, text);
    if (code == SQLITE_OK)
        code = cleat_step(session, statement);
    if (code == SQLITE_ERROR)
        rc = cleat_session_fail_table(session, CLEAT_VALUE, index->table,
                                      "the text is no query of the full-text index");
    else if (code != SQLITE_ROW && code != SQLITE_DONE)
        rc = fail_sqlite(session, index, code, sqlite3_sql(statement->handle));
    cleat_statement_release(session, statement);
    return rc;
}

static cleat_status
search(cleat_session *session, const cleat_full_text *index, const char *query,
       const cleat_search *options, cleat_cursor *ret_cursor)
{
    struct entry *entry;
    struct statement *statement;
    cleat_status rc = cleat_entry_open(session, index, index->table, index, &entry);
    if (rc == CLEAT_OK && options->operators)
        rc = try_query(session, index, entry, query);
    if (rc == CLEAT_OK)
        rc = cleat_statement_find(session, entry, CLEAT_SQL_LIST, 0, &statement);
    if (rc < 0)
        return rc;
    int code = bind_copy(statement->handle, TEXT, query, query);
    if (code == SQLITE_OK)
        code = bind_options(statement->handle, index, options);
    if (code != SQLITE_OK)
        return fail_sqlite(session, index, code, sqlite3_sql(statement->handle));
    cleat_cursor_hold(ret_cursor, session, index->table, statement);
    return CLEAT_OK;
}

/* A text without words finds nothing. */
static bool
is_blank(const char *text)
{
    return text[strspn(text, " \t\n\v\f\r")] == '\0';
}

cleat_status
cleat_row_search_with(cleat_session *session, const cleat_full_text *index, const char *text,
                      const cleat_search *options, cleat_cursor *ret_cursor)
{
    static const cleat_search plain = {0};
    cleat_status rc = start(session, index, text == NULL ? NULL : (const void *)ret_cursor);
    if (options == NULL)
        options = &plain;
    if (rc == CLEAT_OK)
        rc = check_options(session, index, options);
    if (rc < 0)
        return rc;
    if (is_blank(text)) {
        cleat_cursor_hold(ret_cursor, session, index->table, NULL);
        return CLEAT_OK;
    }
    if (options->operators)
        return search(session, index, text, options, ret_cursor);
    char *words = cleat_sql_words(text);
    if (words == NULL)
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    rc = search(session, index, words, options, ret_cursor);
    free(words);
    return rc;
}

cleat_status
cleat_row_search(cleat_session *session, const cleat_full_text *index, const char *text,
                 cleat_cursor *ret_cursor)
{
    return cleat_row_search_with(session, index, text, NULL, ret_cursor);
}

/* A text that is there and cannot be read has no memory. */
static cleat_status
read_match(sqlite3_stmt *handle, int first, cleat_match *ret_match)
{
    ret_match->rank = sqlite3_column_double(handle, first + RANK);
    bool snippet = sqlite3_column_type(handle, first + SNIPPET) != SQLITE_NULL;
    bool highlight = sqlite3_column_type(handle, first + HIGHLIGHT) != SQLITE_NULL;
    ret_match->snippet = (const char *)sqlite3_column_text(handle, first + SNIPPET);
    ret_match->highlight = (const char *)sqlite3_column_text(handle, first + HIGHLIGHT);
    bool lacks = (snippet && ret_match->snippet == NULL) ||
                 (highlight && ret_match->highlight == NULL);
    return lacks ? CLEAT_NOMEM : CLEAT_OK;
}

cleat_status
cleat_row_search_next(cleat_cursor *cursor, const cleat_full_text *index, void *ret_row,
                      cleat_match *ret_match)
{
    if (cursor == NULL || cursor->session == NULL)
        return CLEAT_MISUSE;
    if (index == NULL || ret_match == NULL)
        return cleat_session_fail(cursor->session, CLEAT_MISUSE,
                                  "a search without an index or match");
    cleat_status rc = cleat_row_next(cursor, index->table, ret_row);
    if (rc != CLEAT_ROW)
        return rc;
    const struct statement *statement = cursor->statement;
    if (statement->entry->index != index) {
        cleat_session *session = cursor->session;
        cleat_cursor_close(cursor);
        return cleat_session_fail_table(session, CLEAT_MISUSE, index->table,
                                        "the cursor is no search of this index");
    }
    cleat_match match;
    rc = read_match(statement->handle, index->table->column_count, &match);
    if (rc < 0) {
        cleat_session *session = cursor->session;
        cleat_cursor_close(cursor);
        return cleat_session_fail_sqlite(session, SQLITE_NOMEM, index->table->database,
                                         index->table, NULL);
    }
    *ret_match = match;
    return CLEAT_ROW;
}

/* ---- looking after an index ---- */

static cleat_status
give_order(cleat_session *session, const cleat_full_text *index, const char *order, bool with_rank)
{
    cleat_status rc = start(session, index, index);
    if (rc < 0)
        return rc;
    if (session->mode != CLEAT_WRITE)
        return cleat_session_fail_readonly(session, index->table);
    rc = cleat_capture_refuse(session, index->table, index->name);
    if (rc < 0)
        return rc;
    char *sql = cleat_sql_full_text(index, order, with_rank);
    if (sql == NULL)
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    int64_t begin = cleat_clock();
    int code = sqlite3_exec(session->connection->handle, sql, NULL, NULL, NULL);
    if (session->timed)
        cleat_report(session, sql, cleat_clock() - begin);
    if (code != SQLITE_OK)
        rc = fail_sqlite(session, index, code, sql);
    free(sql);
    return rc;
}

cleat_status
cleat_full_text_rebuild(cleat_session *session, const cleat_full_text *index)
{
    return give_order(session, index, "rebuild", false);
}

cleat_status
cleat_full_text_check(cleat_session *session, const cleat_full_text *index)
{
    return give_order(session, index, "integrity-check", true);
}
