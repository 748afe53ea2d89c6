/* emit_extends.h: what a table that extends another adds to the source of its module. */
#ifndef CLEAT_EMIT_EXTENDS_H
#define CLEAT_EMIT_EXTENDS_H

#include "model/model.h"

/* The headers of other modules whose tables are extended here. */
void emit_extended_headers(GString *out, const struct module *module);

/* @prefix@_extends, with all that it points to. */
void emit_extends(GString *out, const struct table *table, const char *prefix, bool has_enums);

#endif
