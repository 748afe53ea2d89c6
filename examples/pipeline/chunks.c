/* chunks.c: a text enters, rows for pipeline.chunks leave. Places count characters, as readers of
 * the table do, and no piece begins or ends within one. */
#define _POSIX_C_SOURCE 200809L
#include "chunks.h"

#include <stdlib.h>
#include <string.h>

#include "sha256.h"

enum { PIECE_CHARACTERS = 1200, SHARED_CHARACTERS = 150 }; /* as CHUNKS_VERSION says */

#define PREFIX CHUNKS_VERSION "|"

struct piece {
    char hash[65];
    char text[]; /* PREFIX and the text: what is hashed */
};

/* A place in a text. */
struct place {
    const char *at;
    int64_t characters; /* in front of it */
};

static struct place
forward(struct place place, const char *end, int characters)
{
    for (; characters > 0 && place.at < end; characters--, place.characters++)
        do
            place.at++;
        while (place.at < end && ((unsigned char)*place.at & 0xc0) == 0x80);
    return place;
}

static struct place
back(struct place place, int characters)
{
    for (; characters > 0; characters--, place.characters--)
        do
            place.at--;
        while (((unsigned char)*place.at & 0xc0) == 0x80);
    return place;
}

/* A piece ends behind the last blank in its second half, in the middle of a word where there is
 * none, and with the text. */
static struct place
find_end(struct place start, const char *text_end)
{
    struct place middle = forward(start, text_end, PIECE_CHARACTERS / 2);
    struct place end = forward(middle, text_end, PIECE_CHARACTERS - PIECE_CHARACTERS / 2);
    if (end.at == text_end)
        return end;
    for (struct place cut = end; cut.at > middle.at; cut = back(cut, 1))
        if (cut.at[-1] == '\n' || cut.at[-1] == ' ')
            return cut;
    return end;
}

static struct piece *
new_piece(const char *text, size_t size)
{
    struct piece *piece = malloc(sizeof *piece + sizeof PREFIX + size);
    if (piece == NULL)
        return NULL;
    memcpy(piece->text, PREFIX, sizeof PREFIX - 1);
    memcpy(piece->text + sizeof PREFIX - 1, text, size);
    piece->text[sizeof PREFIX - 1 + size] = '\0';
    sha256_hex(piece->text, sizeof PREFIX - 1 + size, piece->hash);
    return piece;
}

static bool
grow(struct chunk_list *list)
{
    size_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
    pipeline_chunks_row *rows = realloc(list->rows, capacity * sizeof *rows);
    if (rows == NULL)
        return false;
    list->rows = rows;
    struct piece **pieces = realloc(list->pieces, capacity * sizeof(struct piece *));
    if (pieces == NULL)
        return false;
    list->pieces = pieces;
    list->capacity = capacity;
    return true;
}

static bool
add_row(struct chunk_list *list, const char *document_id, struct place start, struct place end)
{
    if (list->count == list->capacity && !grow(list))
        return false;
    struct piece *piece = new_piece(start.at, (size_t)(end.at - start.at));
    if (piece == NULL)
        return false;
    pipeline_chunks_row row = pipeline_chunks_defaults();
    memcpy(row.document_id, document_id, sizeof row.document_id);
    row.chunk_index = (int64_t)list->count;
    row.chunk_hash = piece->hash;
    row.text_ = piece->text + sizeof PREFIX - 1;
    row.has_start_char = true;
    row.start_char = start.characters;
    row.has_end_char = true;
    row.end_char = end.characters;
    list->pieces[list->count] = piece;
    list->rows[list->count++] = row;
    return true;
}

cleat_status
chunk_list_split(struct chunk_list *list, const char *document_id, const char *text, size_t size)
{
    const char *text_end = text + size;
    struct place start = {text, 0};
    while (start.at < text_end) {
        struct place end = find_end(start, text_end);
        if (!add_row(list, document_id, start, end))
            return CLEAT_NOMEM;
        start = end.at == text_end ? end : back(end, SHARED_CHARACTERS);
    }
    return CLEAT_OK;
}

void
chunk_list_clear(struct chunk_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->pieces[i]);
    free(list->pieces);
    free(list->rows);
    *list = (struct chunk_list){0};
}
