/* translate.h: a CHECK of the schema as an expression of C. */
#ifndef CLEAT_TRANSLATE_H
#define CLEAT_TRANSLATE_H

#include "model/model.h"

/* A C expression over `row`, a pointer to the table's row, that is false only where SQL says that
 * the check is false; NULL when C cannot decide that. In the arena. */
const char *translate_check(const struct table *table, const char *sql);

#endif
