/* words.h: the words of the schema language by name, for "did you mean" and for telling a word
 * that lacks its arguments from one that has too many. */
#ifndef CLEAT_WORDS_H
#define CLEAT_WORDS_H

#include <glib.h>
#include <stdbool.h>

struct words;

/* Reads the words from <cleat/schema.h> itself, so that there is no second list of them. */
struct words *words_load(const char *include_dir, GError **ret_error);

void words_free(struct words *words);

/* Every word as it is written, "NOT_NULL"; ends with NULL. */
const char *const *words_names(const struct words *words);

/* Whether a name is a word, and whether it takes arguments. */
bool words_find(const struct words *words, const char *name, bool *ret_takes_arguments);

#endif
