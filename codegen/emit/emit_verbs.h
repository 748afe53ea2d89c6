/* emit_verbs.h: the functions of a table, and their templates. */
#ifndef CLEAT_EMIT_VERBS_H
#define CLEAT_EMIT_VERBS_H

#include "model/keys.h"

void emit_verbs(GString *out, const struct table *table, const GPtrArray *accesses);

/* The templates by verb: of a function without a key, and of one for each key. NULL for none. */
extern const char *const verb_plain_texts[VERB_TOTAL];
extern const char *const verb_key_texts[VERB_TOTAL];

/* The patch of a table with more columns than a set of bits has. */
extern const char verb_wide_patch_text[];

#endif
