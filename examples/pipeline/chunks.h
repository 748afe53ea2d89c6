/* chunks.h: a text cut into pieces that overlap. */
#ifndef PIPELINE_CHUNKS_H
#define PIPELINE_CHUNKS_H

#include <pipeline/chunk/db_models.cleat.h>

/* Names what chunk_list_split() does: how it cuts, and the characters of a piece and of the part
 * that it shares with the one before. Every hash begins with it. */
#define CHUNKS_VERSION "blanks-1|1200|150"

struct piece;

/* A zeroed list is empty. */
struct chunk_list {
    pipeline_chunks_row *rows;
    struct piece **pieces; /* the texts and hashes of the rows */
    size_t count;
    size_t capacity;
};

/* Cuts a text, UTF-8 without NULs, into rows for a document. The same text always gives the same
 * rows. Returns CLEAT_OK or CLEAT_NOMEM. Owns: chunk_list_clear(), after a failure too. */
cleat_status chunk_list_split(struct chunk_list *list, const char *document_id, const char *text,
                              size_t size);

/* Frees what the list has and leaves it empty. */
void chunk_list_clear(struct chunk_list *list);

#endif
