/* review_write.h: a review as people and machines read it. Every form is made of the same findings in
 * the same order, and the same review gives the same text. */
#ifndef CLEAT_REVIEW_WRITE_H
#define CLEAT_REVIEW_WRITE_H

#include "finding.h"

/* Lines in clang's form: path:line:column: error: text [rule]. */
void review_write_text(const struct review *review, GString *out);

/* One comment of a pull request: verdict, changes, rows, callers, SQL, diagram. */
void review_write_markdown(const struct review *review, GString *out);

void review_write_json(const struct review *review, GString *out);

/* Annotations of GitHub Actions, the worst first and no more than it shows. */
void review_write_github(const struct review *review, GString *out);

/* SARIF 2.1.0. */
void review_write_sarif(const struct review *review, GString *out);

/* ---- shared ---- */

struct review_format {
    const char *name;
    void (*write)(const struct review *review, GString *out);
};

/* By its name; NULL, with a message, when there is no such form. */
const struct review_format *review_find_format(const char *name);

/* The least severity that fails, by name; one more than the worst for "never", -1, with a message,
 * for no such word. */
int review_least_failure(const char *name);

/* "column `book.note` dropped", for Markdown. */
const char *review_change_text(const struct change *change);

/* "2 errors, 1 warning", without the zero ones; "nothing to say" for none. */
const char *review_counts(const struct review *review, const char *database);

/* review_diagram.c: the touched tables as a Mermaid diagram, or as a list when it would be longer than
 * code hosts draw. */
void review_write_diagram(const struct review *review, GString *out);

#endif
