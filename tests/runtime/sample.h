/* sample.h: a small library as the generator would describe it, written by hand: every kind of
 * column, an assigned key of each sort, composite keys, a table without rowid, full text, and an
 * archive that the library is linked to. Wrappers are shortened to what the tests call. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <cleat/table.h>

enum book_state { BOOK_NEW, BOOK_READ, BOOK_LOST };
enum genre { GENRE_NOVEL = 10, GENRE_ESSAY = 20 };

extern const cleat_enum library_book_state;
extern const cleat_enum library_genre;

typedef struct library_authors_row {
    char id[27];
    const char *name;
    bool has_name_length;
    int64_t name_length;
    void *owned;
} library_authors_row;

typedef struct library_books_row {
    int64_t id;
    const char *isbn;
    const char *title;
    enum book_state state;
    bool has_genre;
    enum genre genre;
    bool has_pages;
    int64_t pages;
    bool has_rating;
    double rating;
    bool in_print;
    cleat_blob cover;
    const char *metadata;
    bool has_author_id;
    char author_id[27];
    int64_t added_at;
    bool has_changed_at;
    char changed_at[25];
    void *owned;
} library_books_row;

/* A table whose first column may be NULL, and whose key has two columns. */
typedef struct library_loans_row {
    bool has_returned_at;
    int64_t returned_at;
    int64_t book_id;
    const char *reader;
    const char *note;
    void *owned;
} library_loans_row;

/* All columns are the key. */
typedef struct library_tags_row {
    int64_t book_id;
    const char *tag;
    void *owned;
} library_tags_row;

/* A table that is not strict, with a random key. */
typedef struct archive_notes_row {
    char id[37];
    const char *slug;
    bool has_amount;
    int64_t amount;
    const char *body;
    void *owned;
} archive_notes_row;

enum { BOOKS_BY_ID, BOOKS_BY_ISBN, BOOKS_BY_STATE, BOOKS_BY_AUTHOR_ID };
enum { LOANS_BY_KEY, LOANS_BY_READER, LOANS_BY_NOTE };
enum { NOTES_BY_ID, NOTES_BY_SLUG };

extern const cleat_table library_authors_table;
extern const cleat_table library_books_table;
extern const cleat_table library_loans_table;
extern const cleat_table library_tags_table;
extern const cleat_table archive_notes_table;
extern const cleat_full_text library_books_fts;

/* library, linked to archive; archive; and journal, which has no table. */
extern const cleat_init_table sample_init_table;

/* The statement that makes a table of the library, for tests that change it. */
extern const char *const library_schema[];
extern const char *const archive_schema[];

/* ---- what tests need beside it ---- */

enum { SAMPLE_LINES = 64 };

/* A directory of its own, settings that keep everything in it, and the log. */
struct sample {
    char directory[128];
    cleat_settings settings;
    const cleat_init_table *table; /* what is opened; sample_init_table at first */
    cleat_registry *registry;
    char lines[SAMPLE_LINES][256];
    size_t line_count;
};

/* cmocka fixtures: an empty directory; the same with an open registry. */
int sample_set_up(void **state);
int sample_set_up_open(void **state);
int sample_tear_down(void **state);

cleat_status sample_open(struct sample *sample);
void sample_close(struct sample *sample);

/* "<directory>/<name>", lent until the next call but three. */
const char *sample_path(struct sample *sample, const char *name);

/* Whether some line of the log has this text. */
bool sample_logged(const struct sample *sample, const char *text);

/* Runs SQL on a file with a plain connection; asserts that it works. */
void sample_run(const char *path, const char *sql);

/* The first column of the first row, as a number; -1 when there is none. */
int64_t sample_ask(const char *path, const char *sql);

/* The same for several questions, over one connection. */
void sample_ask_each(const char *path, const char *const *sql, size_t count, int64_t *answers);

/* A session on a database of the sample; asserts that it opens. */
cleat_session *sample_session(struct sample *sample, const char *database, unsigned mode);

/* A book with every required column. */
library_books_row sample_book(const char *isbn, const char *title);

/* The whole of a file; the caller frees it. */
char *sample_read(const char *path, size_t *ret_size);

/* Makes a file of these bytes, in place of what was there. */
void sample_write(const char *path, const void *bytes, size_t size);

#endif
