/* queries.h: what the files of the queries stage share: a file being read, and the comment lines
 * above a statement. */
#ifndef CLEAT_QUERIES_H
#define CLEAT_QUERIES_H

#include "common/sql_scan.h"
#include "model/diag.h"
#include "model/model.h"

/* One file while it is being read. */
struct reader {
    struct model *model;
    struct module *module;
    struct database *database;
    struct diag *diag;
    const struct source *source;
    struct query *query; /* the one being read, in db_queries.sql */
    struct text text;    /* what is known of the next statement */
    GString *doc;
    const char *scan_reason;
    unsigned start, end;  /* of the statement so far; equal for none */
    bool closed;          /* its semicolon was there */
    bool skipping;        /* after an error, to the next name */
    unsigned header_line; /* of the last comment line of a header, 0 for none */
};

/* A word of a comment line. */
struct word {
    const char *text;
    unsigned offset; /* in the file */
};

/* ---- query_header.c ---- */

struct location reader_place(const struct reader *reader, unsigned offset, unsigned length);
struct location reader_word_at(const struct reader *reader, const struct word *word);

/* The tokens of the whole file, with comments; a byte order mark is none of them. */
GArray *reader_tokens(const struct source *source);

/* Splits a line into words, in the arena; returns how many, at most `max`. */
guint reader_words(const struct reader *reader, unsigned offset, unsigned length,
                   struct word *words, guint max);

/* A name in lower case that C and SQL take, 63 characters at most. */
bool is_lower_name(const char *text);

/* Forgets what is known of a statement, reads one comment line above it, and completes
 * reader->text when the statement has ended. */
void reader_begin_header(struct reader *reader);
void reader_header_line(struct reader *reader, unsigned offset, unsigned length);

/* Whether a comment line would say a type or a reason there. */
bool reader_is_annotation(const struct reader *reader, unsigned offset, unsigned length);
void reader_end_header(struct reader *reader);

/* ---- objects.c ---- */

/* Reads db_objects.sql. */
void reader_objects(struct reader *reader);

#endif
