/* emit_boundary.h: the functions with which rows enter and leave a program: validation, JSON, and
 * full-text search, with the descriptors that they need. */
#ifndef CLEAT_EMIT_BOUNDARY_H
#define CLEAT_EMIT_BOUNDARY_H

#include "model/model.h"

void emit_boundary_header(GString *out, const struct table *table, const char *prefix);
void emit_boundary_source(GString *out, const struct table *table, const char *prefix);

#endif
