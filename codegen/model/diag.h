/* diag.h: errors about schemas. Stages report here and nowhere else; main prints, sorted by file,
 * line, column and rule, in clang's form with the source line and a caret. */
#ifndef CLEAT_DIAG_H
#define CLEAT_DIAG_H

#include "check/rules.h"
#include "model.h"

#include <stdio.h>

struct diag;

struct diag *diag_new(void);
void diag_free(struct diag *diag);

/* Reports an error of a rule at a place. The text starts in lower case and has no full stop. */
void diag_error(struct diag *diag, enum rule_id rule, struct location at, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/* Adds a second place, or with a zeroed location an advice, to the latest error. */
void diag_note(struct diag *diag, struct location at, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Says that a piece of a source did not parse. Rules that miss something there, such as
 * primary-key-missing, stay silent from then on: what they miss may stand in the broken piece. */
void diag_broken(struct diag *diag, const struct source *source, unsigned start, unsigned end);

/* Whether an error has been reported at exactly this place. */
bool diag_has_error(const struct diag *diag, const struct location *at);

/* Whether an error has been reported between two offsets of a source. */
bool diag_has_error_in(const struct diag *diag, const struct source *source, unsigned start,
                       unsigned end);

guint diag_error_count(const struct diag *diag);

/* Forgets what `keeps` says no to. */
typedef bool diag_keeps(void *data, enum rule_id rule, const struct location *at);
void diag_filter(struct diag *diag, diag_keeps *keeps, void *data);

/* Prints every error once. `colour` is for terminals. */
void diag_print(struct diag *diag, FILE *out, bool colour);

/* The nearest of the words, for "did you mean", or NULL when none is near. `words` ends with
 * NULL. */
const char *diag_nearest(const char *word, const char *const *words);

/* The place of a word inside a location's text, whole words only and outside of quotes; the
 * location itself when it is not there. `nth` counts from 0. */
struct location diag_find_word(struct location in, const char *word, unsigned nth);

/* The place of `length` bytes at `offset` inside a location's text. */
struct location diag_part(struct location in, unsigned offset, unsigned length);

#endif
