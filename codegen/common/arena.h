/* arena.h: the memory of the model. Nothing is freed before the run ends; out of memory ends the
 * run, as GLib does. */
#ifndef CLEAT_ARENA_H
#define CLEAT_ARENA_H

#include <glib.h>

/* Zeroed memory. */
void *arena_alloc(gsize size);

#define ARENA_NEW(type) ((type *)arena_alloc(sizeof(type)))

/* A list of pointers that lives in the arena. */
GPtrArray *arena_list(void);

char *arena_string(const char *text);
char *arena_string_n(const char *text, gsize length);
char *arena_printf(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* What is made between a mark and its release lives no longer. */
struct arena_mark {
    guint blocks;
    guint lists;
    char *next;
    gsize left;
};

struct arena_mark arena_mark(void);
void arena_release(struct arena_mark mark);

/* Ends the life of everything above. */
void arena_free_all(void);

#endif
