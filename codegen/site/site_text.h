/* site_text.h: addresses and pieces of text that many parts of a page have. */
#ifndef CLEAT_SITE_TEXT_H
#define CLEAT_SITE_TEXT_H

#include "model/model.h"

/* The address of a database's page, from every other page. */
const char *site_page(const char *database);

/* The address of a table, a view or, with a column, of a row in its list. */
const char *site_place(const char *database, const char *table, const char *column);

/* A comment of the schema as paragraphs, nothing for NULL. */
void site_paragraphs(GString *out, const char *doc);

/* The type of a column as the schema language calls it. */
const char *site_type(const struct column *column);

/* The foreign key or soft reference that a column belongs to, NULL when it belongs to none. */
const struct reference *site_reference(const struct column *column);

/* The database a reference leads to. */
const char *site_target_database(const struct reference *reference);

#endif
