/* many.h: a write of a whole array, as the files that write it share it: many.c runs it, numbers.c
 * sees to keys that the array comes without. */
#ifndef CLEAT_MANY_H
#define CLEAT_MANY_H

#include "rows/call.h"
#include "sets.h"

struct many {
    cleat_session *session;
    struct entry *entry;
    enum operation one; /* what happens to each row */
    enum operation all; /* what happens to them together */
    unsigned key;
    char *rows;
    size_t count;
    size_t *order;           /* the places of the rows by their key; NULL: as they are */
    unsigned char *assigned; /* a bit for each row whose key was given here; NULL for none */
    int64_t last;            /* the greatest number before, when it was asked for */
    bool has_last;
    bool full;                /* it is the greatest that there is, and rows are without one */
    struct statement *append; /* takes the numbers that the database gives; NULL: none are taken */
    struct given given;
};

static inline char *
cleat_many_row(const struct many *many, size_t place)
{
    return many->rows + place * many->entry->table->row_size;
}

/* The row whose turn it is. */
static inline size_t
cleat_many_place(const struct many *many, size_t turn)
{
    return many->order == NULL ? turn : many->order[turn];
}

cleat_status cleat_many_fail_memory(const struct many *many);

/* No number is left to assign. */
cleat_status cleat_many_fail_full(const struct many *many);

bool cleat_many_lacks_key(const struct many *many, size_t place);

/* Gives keys to the rows that lack them, in the order in which they are fed. */
cleat_status cleat_many_assign_keys(struct many *many);

/* Leaves out numbers that the database would give as well; before and after keys are assigned. */
cleat_status cleat_many_choose_takes(struct many *many);
cleat_status cleat_many_choose_append(struct many *many);

/* Takes the numbers that the database gives to what is fed next; and takes them out again. */
void cleat_many_begin_taking(struct many *many);
void cleat_many_forget_taken(const struct many *many);

#endif
