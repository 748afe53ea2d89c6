/* emit_text.h: pieces of text that several generated files have. */
#ifndef CLEAT_EMIT_TEXT_H
#define CLEAT_EMIT_TEXT_H

#include "model/model.h"

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
