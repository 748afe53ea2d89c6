/* schema.h: what the statements of schema.c are made of, for those that have to recognise them. */
#ifndef CLEAT_SCHEMA_STATEMENTS_H
#define CLEAT_SCHEMA_STATEMENTS_H

#include "model.h"

/* The key of a table with a full-text index whose own key is no integer. */
#define SCHEMA_HIDDEN_ROWID "cleat_rowid"

/* How the words of a full-text index are told apart. */
#define SCHEMA_TOKENIZER "unicode61 remove_diacritics 2"

/* What the type of a column demands of its values beyond their storage class, as the SQL between
 * the parentheses of a CHECK, in the arena; NULL for nothing. */
const char *schema_type_check(const struct column *column);

/* What DEFAULT_NOW of a timestamp or datetime is in SQL. */
const char *schema_now(enum column_type type);

#endif
