/* emit_column.h: the descriptors of columns. */
#ifndef CLEAT_EMIT_COLUMN_H
#define CLEAT_EMIT_COLUMN_H

#include "model/model.h"

/* CLEAT_KIND_… of a type. */
const char *emit_kind(enum column_type type);

/* One column, as a line of a list. */
void emit_column(GString *out, const struct column *column, const char *prefix);

/* The list of all columns of a row. */
void emit_row_columns(GString *out, const struct table *table, const char *prefix);

/* The list of those that are enums; false, and no list, when none is. */
bool emit_row_enums(GString *out, const struct table *table, const char *prefix);

#endif
