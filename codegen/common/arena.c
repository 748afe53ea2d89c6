/* arena.c: memory that is handed out piece by piece from large blocks and given back all at once.
 * Lists are GLib's and are remembered, because their storage is not the arena's own. */
#include "arena.h"

#include <stdarg.h>
#include <string.h>

#define BLOCK_SIZE ((gsize)256 * 1024)

static GPtrArray *blocks;
static GPtrArray *lists;
static char *block_next;
static gsize block_left;
static char *block_used; /* up to here a block may hold what has been released */

static void
start(void)
{
    if (blocks != NULL)
        return;
    blocks = g_ptr_array_new_with_free_func(g_free);
    lists = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
}

static void *
new_block(gsize size)
{
    start();
    void *block = g_malloc0(size);
    g_ptr_array_add(blocks, block);
    return block;
}

void *
arena_alloc(gsize size)
{
    size = (size + 15) & ~(gsize)15;
    if (size > BLOCK_SIZE / 4)
        return new_block(size);
    if (size > block_left) {
        block_next = new_block(BLOCK_SIZE);
        block_left = BLOCK_SIZE;
        block_used = block_next;
    }
    char *piece = block_next;
    if (piece < block_used)
        memset(piece, 0, size);
    block_next += size;
    block_left -= size;
    return piece;
}

GPtrArray *
arena_list(void)
{
    start();
    GPtrArray *list = g_ptr_array_new();
    g_ptr_array_add(lists, list);
    return list;
}

char *
arena_string_n(const char *text, gsize length)
{
    char *copy = arena_alloc(length + 1);
    if (length > 0)
        memcpy(copy, text, length);
    return copy;
}

char *
arena_string(const char *text)
{
    return arena_string_n(text, strlen(text));
}

char *
arena_printf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    char *copy = arena_string(text);
    g_free(text);
    return copy;
}

struct arena_mark
arena_mark(void)
{
    start();
    return (struct arena_mark){blocks->len, lists->len, block_next, block_left};
}

void
arena_release(struct arena_mark mark)
{
    g_ptr_array_set_size(lists, (gint)mark.lists);
    g_ptr_array_set_size(blocks, (gint)mark.blocks);
    block_next = mark.next;
    block_left = mark.left;
    block_used = mark.next == NULL ? NULL : mark.next + mark.left;
}

void
arena_free_all(void)
{
    g_clear_pointer(&lists, g_ptr_array_unref);
    g_clear_pointer(&blocks, g_ptr_array_unref);
    block_next = NULL;
    block_left = 0;
    block_used = NULL;
}
