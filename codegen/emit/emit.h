/* emit.h: one function per kind of generated file. Each appends a whole file's text. */
#ifndef CLEAT_EMIT_H
#define CLEAT_EMIT_H

#include "model/model.h"

void emit_header(const struct module *module, GString *out);
void emit_source(const struct module *module, GString *out);
void emit_sql(const struct database *database, GString *out);
void emit_plans(const struct database *database, GString *out);
void emit_init_header(const struct model *model, GString *out);
void emit_init_source(const struct model *model, GString *out);
void emit_readme(const struct model *model, GString *out);

#endif
