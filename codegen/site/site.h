/* site.h: the pages of `cleat docs`: static HTML about every database of a model. */
#ifndef CLEAT_SITE_H
#define CLEAT_SITE_H

#include "common/files.h"
#include "model/model.h"

/* Adds every page, the style and the search. */
void stage_site(const struct model *model, struct file_set *files);

#endif
