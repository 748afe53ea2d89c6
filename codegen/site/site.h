/* site.h: the pages of `cleat docs`: static HTML about every database of a model, and what the
 * files that write them share. */
#ifndef CLEAT_SITE_H
#define CLEAT_SITE_H

#include "common/files.h"
#include "model/model.h"

/* What the pages are made from. */
struct site {
    const struct model *model;
    GHashTable *referenced; /* struct table -> GPtrArray of the references that lead to it */
    GHashTable *statements; /* struct table -> GPtrArray of its CREATE statements */
};

/* Adds every page, the style and the search. */
void stage_site(const struct model *model, struct file_set *files);

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

/* site_table.c: a table with its columns, keys, indexes, references and functions. */
void site_table(const struct site *site, const struct table *table, GString *out);

/* site_object.c: a view or trigger; a typed query. */
void site_object(const struct schema_object *object, GString *out);
void site_query(const struct query *query, GString *out);

/* site_history.c: the migrations of a database, the latest first. */
void site_history(const struct database *database, GString *out);

/* site_diagram.c: the tables of a database and how they refer to one another, as SVG. */
void site_diagram(const struct database *database, GString *out);

/* site_index.c: what the search looks through. */
void site_index(const struct model *model, GString *out);

#endif
