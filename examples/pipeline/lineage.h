/* lineage.h: create-or-get of everything from a workspace down to the chunks. Each function finds
 * what is there already, so that doing all of it again changes nothing. Nothing here commits. */
#ifndef PIPELINE_LINEAGE_H
#define PIPELINE_LINEAGE_H

#include <cleat/cleat.h>

#include "content.h"

/* All return CLEAT_CREATED, CLEAT_FOUND or a failure, and write an id. */

cleat_status lineage_workspace(cleat_session *session, const char *name, char ret_id[27]);

/* A file, known in its workspace by its URI. The title is for people and may be NULL. */
cleat_status lineage_source(cleat_session *session, const char *workspace_id, const char *uri,
                            const char *title, char ret_id[27]);

/* A content, known everywhere by its hash, linked to the source that has it now. */
cleat_status lineage_version(cleat_session *session, const char *source_id, const char *uri,
                             const struct content *content, char ret_id[27]);

/* What the extractor made of a content. */
cleat_status lineage_document(cleat_session *session, const char *version_id,
                              const struct plain_text *text, char ret_id[27]);

/* The text of a document in chunks, all of them by one operation on the set. Writes how many the
 * document has and how many of them are new. Returns CLEAT_OK or a failure. */
cleat_status lineage_chunks(cleat_session *session, const char *document_id,
                            const struct plain_text *text, int64_t *ret_count, int64_t *ret_new);

#endif
