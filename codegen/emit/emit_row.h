/* emit_row.h: the pieces of a module's header that hold data: enums, rows and their defaults. */
#ifndef CLEAT_EMIT_ROW_H
#define CLEAT_EMIT_ROW_H

#include "model/model.h"

void emit_enumeration(GString *out, const struct enumeration *enumeration);
void emit_distinct(GString *out, const struct distinct *distinct);
void emit_row(GString *out, const struct table *table, const char *prefix);
void emit_defaults(GString *out, const struct table *table, const char *prefix);

/* emit_value.c: a column as a parameter of a function, and what makes a cleat_value of it. */
void emit_parameter(GString *out, const struct column *column);
void emit_value(GString *out, const struct column *column);

#endif
