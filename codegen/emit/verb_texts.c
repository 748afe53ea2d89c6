/* verb_texts.c: the functions of a table as templates, as they stand in a module's header: first
 * those that need no key, then those that exist for each key. emit_verbs.c fills them in. */
#include "emit_verbs.h"

/* ---- functions that need no key ---- */

static const char insert_text[] =
    "\n"
    "/* Adds the row.@assigned@\n"
    " * Returns CLEAT_CONFLICT when one of its keys is taken. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @p@_row *row)\n"
    "{\n"
    "    return cleat_row_insert(s, &@p@_table, row);\n"
    "}\n";

static const char update_text[] =
    "\n"
    "/* Writes every column of the row that has this primary key.@now@\n"
    " * Returns CLEAT_NOT_FOUND when there is none. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @p@_row *row)\n"
    "{\n"
    "    return cleat_row_update(s, &@p@_table, row);\n"
    "}\n";

static const char count_text[] =
    "\n"
    "/* Counts the rows of the table. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, int64_t *ret_count)\n"
    "{\n"
    "    return cleat_row_count(s, &@p@_table, ret_count);\n"
    "}\n";

static const char list_text[] =
    "\n"
    "/* Begins a list of all rows in the order of the primary key, for @p@_next(). */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, cleat_cursor *ret_cursor)\n"
    "{\n"
    "    return cleat_row_list(s, &@p@_table, ret_cursor);\n"
    "}\n";

static const char next_text[] =
    "\n"
    "/* Reads the next row of a list. Returns CLEAT_ROW, or CLEAT_DONE after the last.\n"
    " * Lends the row's text and blobs until the next call on the cursor. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_cursor *cursor, @p@_row *ret_row)\n"
    "{\n"
    "    return cleat_row_next(cursor, &@p@_table, ret_row);\n"
    "}\n";

static const char clear_text[] =
    "\n"
    "/* Frees what the row owns and fills it with zeros. */\n"
    "static inline void\n"
    "@name@(@p@_row *row)\n"
    "{\n"
    "    cleat_row_clear(&@p@_table, row);\n"
    "}\n";

static const char patch_text[] =
    "\n"
    "/* Writes some columns of the row that has this primary key: those whose names, such as\n"
    " * @example@, are joined by |.@now@\n"
    " * Returns CLEAT_NOT_FOUND when there is none. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @p@_row *row, uint64_t columns)\n"
    "{\n"
    "    return cleat_row_patch(s, &@p@_table, row, columns);\n"
    "}\n";

const char verb_wide_patch_text[] =
    "\n"
    "/* Writes some columns of the row that has this primary key: those in the array, such as\n"
    " * @example@.@now@\n"
    " * Returns CLEAT_NOT_FOUND when there is none. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @p@_row *row, const uint16_t *columns, size_t count)\n"
    "{\n"
    "    return cleat_row_patch_places(s, &@p@_table, row, columns, count);\n"
    "}\n";

static const char insert_many_text[] =
    "\n"
    "/* Adds all rows, or none when one fails; the error says which.@assigned@ */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @p@_row *rows, size_t count)\n"
    "{\n"
    "    return cleat_row_insert_many(s, &@p@_table, rows, count);\n"
    "}\n";

static const char page_text[] =
    "\n"
    "/* Begins a list of at most `limit` rows after or before a row, which need not exist any more,\n"
    " * in the order of the primary key. NULL is the first page, or the last. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, const @p@_row *row, cleat_side side, size_t limit, cleat_cursor *ret_cursor)\n"
    "{\n"
    "    return cleat_row_list_page(s, &@p@_table, row, side, limit, ret_cursor);\n"
    "}\n";

static const char collect_text[] =
    "\n"
    "/* Reads all rows in the order of the primary key. @p@_rows_clear() frees them. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @p@_rows *ret_rows)\n"
    "{\n"
    "    return cleat_row_collect(s, &@p@_table, ret_rows);\n"
    "}\n";

static const char rows_clear_text[] =
    "\n"
    "/* Frees an array of rows with all that they own, and fills it with zeros. */\n"
    "static inline void\n"
    "@name@(@p@_rows *rows)\n"
    "{\n"
    "    cleat_rows_clear(rows);\n"
    "}\n";

static const char count_where_text[] =
    "\n"
    "/* Counts the rows that equal this one in some columns; see _list_where. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, const @p@_row *row, @columns@, int64_t *ret_count)\n"
    "{\n"
    "    return cleat_row_count_where(s, &@p@_table, row, @set@, ret_count);\n"
    "}\n";

static const char list_where_text[] =
    "\n"
    "/* Begins a list of the rows that equal this one in some columns, named as for _patch, for\n"
    " * @p@_next(). NULL equals NULL. In the order of the primary key. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, const @p@_row *row, @columns@, cleat_cursor *ret_cursor)\n"
    "{\n"
    "    return cleat_row_list_where(s, &@p@_table, row, @set@, ret_cursor);\n"
    "}\n";

static const char collect_where_text[] =
    "\n"
    "/* Reads the rows of _list_where. @p@_rows_clear() frees them. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, const @p@_row *row, @columns@, @p@_rows *ret_rows)\n"
    "{\n"
    "    return cleat_row_collect_where(s, &@p@_table, row, @set@, ret_rows);\n"
    "}\n";

static const char delete_where_text[] =
    "\n"
    "/* Removes the rows that equal this one in some columns, at least one, and counts them. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, const @p@_row *row, @columns@, int64_t *ret_count)\n"
    "{\n"
    "    return cleat_row_delete_where(s, &@p@_table, row, @set@, ret_count);\n"
    "}\n";

const char *const verb_plain_texts[VERB_TOTAL] = {
    [VERB_INSERT] = insert_text,
    [VERB_UPDATE] = update_text,
    [VERB_PATCH] = patch_text,
    [VERB_INSERT_MANY] = insert_many_text,
    [VERB_COUNT] = count_text,
    [VERB_LIST] = list_text,
    [VERB_LIST_PAGE] = page_text,
    [VERB_NEXT] = next_text,
    [VERB_COLLECT] = collect_text,
    [VERB_ROWS_CLEAR] = rows_clear_text,
    [VERB_CLEAR] = clear_text,
    [VERB_COUNT_WHERE] = count_where_text,
    [VERB_LIST_WHERE] = list_where_text,
    [VERB_COLLECT_WHERE] = collect_where_text,
    [VERB_DELETE_WHERE] = delete_where_text,
};

/* ---- functions by a key ---- */

static const char get_text[] =
    "\n"
    "/* Copies the row with this key. Returns CLEAT_NOT_FOUND when there is none.\n"
    " * Owns: the row its texts and blobs; the next get uses that memory, _clear frees it. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@, @p@_row *ret_row)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_get(s, &@p@_table, @key@, key, ret_row);\n"
    "}\n";

static const char lend_text[] =
    "\n"
    "/* Reads the row with this key without copying. Returns CLEAT_NOT_FOUND when there is none.\n"
    " * Lends the row's text and blobs until the session's next call. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@, @p@_row *ret_row)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_lend(s, &@p@_table, @key@, key, ret_row);\n"
    "}\n";

static const char exists_text[] =
    "\n"
    "/* Returns CLEAT_OK when there is a row with this key, else CLEAT_NOT_FOUND. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_exists(s, &@p@_table, @key@, key);\n"
    "}\n";

static const char delete_text[] =
    "\n"
    "/* Removes the row with this key. Returns CLEAT_NOT_FOUND when there is none. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_delete(s, &@p@_table, @key@, key);\n"
    "}\n";

static const char count_by_text[] =
    "\n"
    "/* Counts the rows with this @by@. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@, int64_t *ret_count)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_count_by(s, &@p@_table, @key@, key, ret_count);\n"
    "}\n";

static const char list_by_text[] =
    "\n"
    "/* Begins a list of the rows with this @by@@order@, for @p@_next(). */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@, cleat_cursor *ret_cursor)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_list_by(s, &@p@_table, @key@, key, ret_cursor);\n"
    "}\n";

static const char upsert_text[] =
    "\n"
    "/* Adds the row, or writes its columns to the row that has the same @by@.@now@@kept@\n"
    " * Returns CLEAT_CREATED, CLEAT_UPDATED, or CLEAT_UNCHANGED when nothing differs. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @p@_row *row)\n"
    "{\n"
    "    return cleat_row_upsert(s, &@p@_table, @key@, row);\n"
    "}\n";

static const char ensure_text[] =
    "\n"
    "/* Adds the row, or copies the one that has the same @by@ into it.@assigned@\n"
    " * Returns CLEAT_CREATED or CLEAT_FOUND.\n"
    " * Owns: a row that was found its texts and blobs; _clear frees them. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @p@_row *row)\n"
    "{\n"
    "    return cleat_row_ensure(s, &@p@_table, @key@, row);\n"
    "}\n";

static const char upsert_many_text[] =
    "\n"
    "/* Adds every row, or writes its columns to the row that has the same @by@; all or, when one\n"
    " * fails, none.@now@@stored@ */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @p@_row *rows, size_t count)\n"
    "{\n"
    "    return cleat_row_upsert_many(s, &@p@_table, @key@, rows, count);\n"
    "}\n";

static const char ensure_many_text[] =
    "\n"
    "/* Adds every row whose @by@ is not there yet; all or, when one fails, none.@stored@ */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @p@_row *rows, size_t count)\n"
    "{\n"
    "    return cleat_row_ensure_many(s, &@p@_table, @key@, rows, count);\n"
    "}\n";

static const char get_many_text[] =
    "\n"
    "/* Reads the rows with these keys, in their order. Returns CLEAT_NOT_FOUND when some have no row;\n"
    " * the others are there. @p@_rows_clear() frees them. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @arrays@, size_t count, @p@_rows *ret_rows)\n"
    "{\n"
    "    const void *const key[] = {@names@};\n"
    "    return cleat_row_get_many(s, &@p@_table, @key@, key, count, ret_rows);\n"
    "}\n";

static const char page_by_text[] =
    "\n"
    "/* Begins a list of at most `limit` of the rows with this @by@, after or before a row of them,\n"
    " * which need not exist any more@order@. NULL is the first page, or the last. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@, const @p@_row *row, cleat_side side, size_t limit, cleat_cursor *ret_cursor)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_list_page_by(s, &@p@_table, @key@, key, row, side, limit, ret_cursor);\n"
    "}\n";

static const char collect_by_text[] =
    "\n"
    "/* Reads the rows with this @by@@order@. @p@_rows_clear() frees them. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@, @p@_rows *ret_rows)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_collect_by(s, &@p@_table, @key@, key, ret_rows);\n"
    "}\n";

static const char stream_open_text[] =
    "\n"
    "/* Opens a blob, text or json of the row with this key, CLEAT_READ, or a blob, CLEAT_WRITE, for\n"
    " * cleat_stream_read() and _write(). The column is named as for _patch. Returns CLEAT_NOT_FOUND\n"
    " * when there is no such row, CLEAT_VALUE when it has NULL there. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@, @column@, unsigned mode, cleat_stream *ret_stream)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_stream_open(s, &@p@_table, @key@, key, @column_name@(&@p@_table, column), mode, ret_stream);\n"
    "}\n";

static const char stream_create_text[] =
    "\n"
    "/* Gives the row with this key a blob of so many zeros, and opens it to write, so that it need\n"
    " * not be in memory. Returns CLEAT_NOT_FOUND when there is no such row. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@, @column@, size_t size, cleat_stream *ret_stream)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_stream_create(s, &@p@_table, @key@, key, @column_name@(&@p@_table, column), size, ret_stream);\n"
    "}\n";

const char *const verb_key_texts[VERB_TOTAL] = {
    [VERB_GET] = get_text,
    [VERB_LEND] = lend_text,
    [VERB_EXISTS] = exists_text,
    [VERB_UPSERT] = upsert_text,
    [VERB_ENSURE] = ensure_text,
    [VERB_DELETE] = delete_text,
    [VERB_UPSERT_MANY] = upsert_many_text,
    [VERB_ENSURE_MANY] = ensure_many_text,
    [VERB_GET_MANY] = get_many_text,
    [VERB_COUNT] = count_by_text,
    [VERB_LIST] = list_by_text,
    [VERB_LIST_PAGE] = page_by_text,
    [VERB_COLLECT] = collect_by_text,
    [VERB_STREAM_OPEN] = stream_open_text,
    [VERB_STREAM_CREATE] = stream_create_text,
};
