/* bed.h: what every C block of docs/api.md finds: the registry of the example systems over a fresh
 * directory, which is also the working directory, with a few rows that are committed. The names
 * are the parameters of the function that a block becomes, so none has to be used. */
#ifndef TESTS_DOCS_BED_H
#define TESTS_DOCS_BED_H

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <catalog/db_models.cleat.h>
#include <content/db_models.cleat.h>
#include <init_table.h>
#include <pipeline/document/db_models.cleat.h>
#include <pipeline/run/db_models.cleat.h>
#include <pipeline/workspace/db_models.cleat.h>
#include <standard/semantic_core/db_models.cleat.h>

/* The status of a call; a failure ends the program with the place of the call. */
#define MUST(call) must((call), #call, __FILE__, __LINE__)

cleat_status must(cleat_status status, const char *call, const char *file, int line);

/* registry   open, not installed
 * s          a write session on catalog
 * p          a write session on pipeline
 * notes      the id of a dataset in catalog
 * document   the id of the first of its documents, at a.md, b.md, c.md, d.md and e.md
 * workspace  the id of a workspace in pipeline
 * run        the id of a run in it, which is queued */
typedef void snippet_body(cleat_registry *registry, cleat_session *s, cleat_session *p,
                          int64_t notes, int64_t document, const char *workspace, const char *run);

typedef struct snippet {
    const char *file;
    int line;
    const char *heading;
    snippet_body *body;
} snippet;

/* Generated from the documents; ends with a row without a body. */
extern const snippet snippets[];

#endif
