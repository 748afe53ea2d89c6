/* shelf/db_models.h: tables that extend others, with what the parts of a row may have: numbers that
 * never return, times, full text, blobs, references to another database. */
#include <cleat/schema.h>
#define DATABASE_NAME "shelf"

enum thing_kind { THING_KIND_BOOK, THING_KIND_NOVEL };

TABLE(things) {
    integer         id   PRIMARY_KEY AUTOINCREMENT;
    enum thing_kind kind NOT_NULL INDEX;
    text            uri  NOT_NULL UNIQUE;
    blob            icon;
    timestamp       changed_at UPDATE_NOW;
};

TABLE(books) {
    integer  id     PRIMARY_KEY REFERENCES(things, id) ON_DELETE(CASCADE);
    text     title  NOT_NULL LENGTH(100);
    blob     cover;
    integer  job_id SOFT_REFERENCES(desk.jobs, id);
    datetime read_at;

    EXTENDS(things, kind, THING_KIND_BOOK);
    FULL_TEXT_ON(books_text, title);
};

TABLE(novels) {
    integer  book_id PRIMARY_KEY REFERENCES(books, id) ON_DELETE(CASCADE);
    text     author  NOT_NULL INDEX;
    text     code    UNIQUE;
    json     notes   NOT_NULL DEFAULT("{}");
    integer  made_by SOFT_REFERENCES(desk.jobs, id);
    datetime checked_at UPDATE_NOW;

    EXTENDS(books, kind, THING_KIND_NOVEL);
    FULL_TEXT_ON(novels_text, author);
};
