/* room.c: memory for the texts and blobs of many rows: blocks of 64 KB, one behind the other, which
 * are filled from the front and freed together. */
#include "rows.h"

#include <stdlib.h>

enum { BLOCK_SIZE = 65536 };

struct block {
    struct block *next;
    char bytes[];
};

/* A text of its own size gets a block of its own, behind the one that is being filled. */
char *
cleat_room_grow(struct room *room, size_t size)
{
    struct block *first = room->blocks;
    bool large = size > BLOCK_SIZE / 4;
    size_t capacity = large ? size : BLOCK_SIZE - sizeof *first;
    struct block *block = capacity > SIZE_MAX - sizeof *block ? NULL
                                                              : malloc(sizeof *block + capacity);
    if (block == NULL)
        return NULL;
    block->next = first;
    if (large && first != NULL) {
        block->next = first->next;
        first->next = block;
        return block->bytes;
    }
    room->blocks = block;
    room->next = block->bytes + size;
    room->left = capacity - size;
    return block->bytes;
}

void
cleat_blocks_free(struct block *blocks)
{
    while (blocks != NULL) {
        struct block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}
