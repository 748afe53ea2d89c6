/* library/db_models.h: books, for the tests of typed queries. */
#include <cleat/schema.h>

#define DATABASE_NAME "library"

enum book_state { BOOK_STATE_OPEN, BOOK_STATE_LENT, BOOK_STATE_LOST };

TABLE(authors) {
    integer id   PRIMARY_KEY;
    text    name NOT_NULL UNIQUE;
};

/** One copy of a book. */
TABLE(books) {
    integer         id        PRIMARY_KEY;
    integer         author_id INDEX REFERENCES(authors, id);
    text            title     NOT_NULL INDEX;
    text            note;
    enum book_state state     NOT_NULL DEFAULT(BOOK_STATE_OPEN);
    boolean         signed_   NOT_NULL DEFAULT(false) NAMED("signed");
    real            price;
    blob            cover;
    timestamp       bought_at;
    FULL_TEXT_ON(books_fts, title, note);
};
