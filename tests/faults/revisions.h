/* revisions.h: a shop in three revisions, and files of the first with rows in them, for what may
 * happen to a boot that migrates. */
#ifndef REVISIONS_H
#define REVISIONS_H

#include "sample.h"

/* Programs of the first and of the last revision. */
extern const cleat_init_table revision_1, revision_3;

/* What leads from the second revision to the third. */
extern const cleat_change revision_3_changes[];
extern const size_t revision_3_change_count;

enum { REVISIONS_ROWS = 200 };

/* Makes a file of the first revision with so many books. From then on sample_open() opens it as a
 * program of the last revision does. */
void revisions_make_old(struct sample *sample);

/* Asks shop.db which revision its schema is, 0 for none. */
extern const char revisions_sql[];

#endif
