/* boundary.h: what the files share that take rows in and let them out: violations, and the forms
 * of the kinds that are text. */
#ifndef CLEAT_BOUNDARY_H
#define CLEAT_BOUNDARY_H

#include "runtime.h"

void cleat_violations_begin(cleat_violations *violations, const cleat_table *table);

/* `column` may be any bytes; NULL is "". */
void cleat_violations_add(cleat_violations *violations, cleat_rule rule, const char *column,
                          const char *format, ...) CLEAT_PRINTF(4, 5);

/* The size of a kind's array in the row, with its NUL; 0 for other kinds. */
size_t cleat_kind_size(uint8_t kind);

/* Whether a text is a ULID, a UUID or a time as cleat stores it. Other kinds have no form. */
bool cleat_kind_fits(uint8_t kind, const char *text);

/* The enum of a column, NULL when it has none. */
const cleat_enum *cleat_table_enum(const cleat_table *table, const cleat_column *column);

/* Whether a nullable column of the row is NULL, as its pointer or its has_ member says; also a
 * pointer that must not be NULL but is. */
bool cleat_row_is_null(const cleat_column *column, const char *row);

#endif
