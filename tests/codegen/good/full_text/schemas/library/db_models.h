/* Full text over an integer key, over a text key, which needs a hidden integer, and over several
 * columns as key. */
#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(notes) {
    integer id    PRIMARY_KEY;
    text    title NOT_NULL;
    text    body;
    FULL_TEXT_ON(notes_text, title, body);
    FULL_TEXT_ON(notes_titles, title);
};

TABLE(books) {
    text isbn  PRIMARY_KEY;
    text title NOT_NULL;
    text group_ NAMED("group");
    FULL_TEXT_ON(books_text, title, group_);
};

TABLE(pages) {
    text    book   NOT_NULL REFERENCES(books, isbn);
    integer number NOT_NULL;
    text    words;
    PRIMARY_KEY_ON(book, number);
    FULL_TEXT_ON(pages_text, words);
};
