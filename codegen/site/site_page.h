/* site_page.h: the parts of a page, one file each. */
#ifndef CLEAT_SITE_PAGE_H
#define CLEAT_SITE_PAGE_H

#include "model/model.h"

/* What the pages are made from. */
struct site {
    const struct model *model;
    GHashTable *referenced; /* struct table -> GPtrArray of the references that lead to it */
    GHashTable *statements; /* struct table -> GPtrArray of its CREATE statements */
};

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
