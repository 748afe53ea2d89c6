/* emit_query.h: what db_queries.sql and db_objects.sql add to the files of a module. */
#ifndef CLEAT_EMIT_QUERY_H
#define CLEAT_EMIT_QUERY_H

#include "model/model.h"

void emit_queries_header(GString *out, const struct module *module);
void emit_queries_source(GString *out, const struct module *module);

#endif
