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

/* The first lines of a C file. `from` says what the file was made from. */
void emit_banner(GString *out, const char *from);

/* C promises to take so many bytes as one literal; -Wpedantic warns of more. Text with a longer one
 * stands between these two. */
#define EMIT_LITERAL_MAX 4095
void emit_long_literals_begin(GString *out);
void emit_long_literals_end(GString *out);

/* "core/database/db_models.h" */
const char *emit_module_source(const struct module *module);

#endif
