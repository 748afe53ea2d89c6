/* sql_scan.h: SQL as a list of tokens with their places, as far as SQLite itself does not say what
 * a statement consists of: where statements end, which comments stand above them, what an item of
 * a select list is. SQLite remains the judge of what is valid. */
#ifndef CLEAT_SQL_SCAN_H
#define CLEAT_SQL_SCAN_H

#include <glib.h>
#include <stdbool.h>

enum token_kind {
    TOKEN_WORD,   /* a name or keyword without quotes */
    TOKEN_QUOTED, /* a name in double quotes, backquotes or brackets */
    TOKEN_STRING, /* a text or blob */
    TOKEN_NUMBER,
    TOKEN_PARAMETER, /* :name, @name, $name, ?, ?1 */
    TOKEN_SYMBOL,    /* one operator, such as <= or ... */
    TOKEN_COMMENT
};

struct token {
    enum token_kind kind;
    unsigned offset;
    unsigned length;
};

/* The tokens of a text: struct token. Comments are left out unless asked for. */
GArray *sql_tokens(const char *text, gsize length, bool with_comments);

/* A text with its tokens, comments left out. Lives until sql_free(). */
struct sql {
    const char *text;
    GArray *tokens;
};

struct sql sql_new(const char *text);
void sql_free(struct sql *sql);

/* A token by its place; NULL before the first and after the last. */
const struct token *sql_token(const struct sql *sql, int place);

/* Whether a token is this keyword, in any case, or this symbol. False outside of the list. */
bool sql_is(const struct sql *sql, int place, const char *word);

/* Whether it is a name, quoted or not, and whether it is this one. Keywords are names too. */
bool sql_is_name(const struct sql *sql, int place);
bool sql_has_name(const struct sql *sql, int place, const char *name);

/* The name without quotes, in the arena. */
const char *sql_name(const struct sql *sql, int place);

/* The place of the parenthesis that closes the one at a place; the number of tokens when none
 * does. */
int sql_close(const struct sql *sql, int open);

int sql_count(const struct sql *sql);

/* The text without its comments, without blanks at the ends of lines and lines that only had a
 * comment; in the arena. */
const char *sql_without_comments(const char *text, gsize length);

#endif
