/* words.h: the words of the schema language by name, for "did you mean" and for telling a word
 * that lacks its arguments from one that has too many. */
#ifndef CLEAT_WORDS_H
#define CLEAT_WORDS_H

#include <stdbool.h>

/* Every word as it is written, "NOT_NULL"; ends with NULL. */
extern const char *const word_names[];

/* Whether a name is a word, and whether it takes arguments. */
bool word_find(const char *name, bool *ret_takes_arguments);

#endif
