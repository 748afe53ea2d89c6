/* sql_search.c: writes the SQL of full-text search. What a user typed becomes a query in which no
 * character has a meaning: every word is a quoted string. */
#include "sql_put.h"

/* The hidden column that is named like the index takes the query, and stands for the index in
 * FTS5's functions. */
static void
put_index(struct buffer *buffer, const cleat_full_text *index)
{
    cleat_put_name(buffer, index->table->database);
    cleat_put(buffer, ".");
    cleat_put_name(buffer, index->name);
}

static void
put_hidden(struct buffer *buffer, const cleat_full_text *index)
{
    cleat_put(buffer, "f.");
    cleat_put_name(buffer, index->name);
}

/* The functions run only for rows that are handed out, and only when they are asked for. */
static void
put_matches(struct buffer *buffer, const cleat_full_text *index)
{
    cleat_put(buffer, ",f.rank,CASE WHEN ?4>0 THEN snippet(");
    put_hidden(buffer, index);
    cleat_put(buffer, ",?3,?6,?7,?8,?4) END,CASE WHEN ?5>=0 THEN highlight(");
    put_hidden(buffer, index);
    cleat_put(buffer, ",?5,?6,?7) END");
}

/* The column that the index points to, when it is none of the row's. */
static const char *
more_column(const cleat_full_text *index)
{
    for (unsigned i = 0; i < index->table->column_count; i++)
        if (strcmp(index->table->columns[i].name, index->rowid) == 0)
            return NULL;
    return index->rowid;
}

static void
put_search(struct buffer *buffer, const cleat_full_text *index)
{
    cleat_put(buffer, "SELECT ");
    cleat_put_columns(buffer, index->table, "t.");
    put_matches(buffer, index);
    cleat_put(buffer, " FROM ");
    put_index(buffer, index);
    cleat_put(buffer, " AS f CROSS JOIN ");
    cleat_put_next_source(buffer, index->table, NULL, more_column(index));
    cleat_put(buffer, " AS t ON t.");
    cleat_put_name(buffer, index->rowid);
    cleat_put(buffer, "=f.rowid WHERE ");
    put_hidden(buffer, index);
    cleat_put(buffer, " MATCH ?1 ORDER BY f.rank LIMIT ?2");
}

char *
cleat_sql_search(const cleat_full_text *index, enum operation operation)
{
    struct buffer buffer = {0};
    if (operation == CLEAT_SQL_LIST) {
        put_search(&buffer, index);
    } else {
        cleat_put(&buffer, "SELECT 1 FROM ");
        put_index(&buffer, index);
        cleat_put(&buffer, " AS f WHERE ");
        put_hidden(&buffer, index);
        cleat_put(&buffer, " MATCH ?1 LIMIT 1");
    }
    return cleat_take(&buffer);
}

char *
cleat_sql_full_text(const cleat_full_text *index, const char *order, bool with_rank)
{
    struct buffer buffer = {0};
    cleat_put(&buffer, "INSERT INTO ");
    put_index(&buffer, index);
    cleat_put(&buffer, "(");
    cleat_put_name(&buffer, index->name);
    cleat_put(&buffer, with_rank ? ",rank) VALUES('" : ") VALUES('");
    cleat_put(&buffer, order);
    cleat_put(&buffer, with_rank ? "',1)" : "')");
    return cleat_take(&buffer);
}

/* Whether a byte stands between words, in every locale. */
static bool
is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

char *
cleat_sql_words(const char *text)
{
    struct buffer buffer = {0};
    cleat_put(&buffer, "");
    while (*text != '\0') {
        size_t length = 0;
        while (text[length] != '\0' && !is_blank(text[length]))
            length++;
        if (length > 0) {
            cleat_put(&buffer, buffer.size == 0 ? "\"" : " \"");
            for (size_t i = 0; i < length; i++)
                cleat_put_bytes(&buffer, text[i] == '"' ? "\"\"" : text + i,
                                text[i] == '"' ? 2 : 1);
            cleat_put(&buffer, "\"");
        }
        text += length;
        if (*text != '\0')
            text++;
    }
    return cleat_take(&buffer);
}
