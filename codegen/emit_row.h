/* emit_row.h: the pieces of a module's header that hold data: enums, rows and their defaults. */
#ifndef CLEAT_EMIT_ROW_H
#define CLEAT_EMIT_ROW_H

#include "model.h"

void emit_enumeration(GString *out, const struct enumeration *enumeration);
void emit_row(GString *out, const struct table *table, const char *prefix);
void emit_defaults(GString *out, const struct table *table, const char *prefix);

#endif
