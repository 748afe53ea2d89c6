/* disk.h: a disk that remembers. It records what a program does to the files of one directory, and
 * rebuilds the directory as it would be had the power gone off after any of these calls: with
 * everything that was written, with only what was brought to disk, or with a random part of the
 * rest, torn at the borders of sectors.
 *
 * The order of names in a directory is kept, as by every journaling file system: of the changes of
 * names that were not brought to disk, the first few survive. */
#ifndef DISK_H
#define DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum disk_variant {
    DISK_ALL,   /* the process was killed: every call has happened */
    DISK_NONE,  /* nothing but what was synced */
    DISK_RANDOM /* a part of it; this and above: other seeds */
};

/* Begins to record what happens to the files of a directory. */
void disk_record(const char *directory);

/* For a control: from now on, the runtime's own syncs are taken for calls that do nothing. */
void disk_ignore_own_syncs(void);

/* Notes that the program has been told that its unit of work number `number` is durable. */
void disk_acknowledge(int number);

/* How many calls were recorded so far. */
size_t disk_count(void);

/* Ends the recording; returns how many calls there are to stop after. */
size_t disk_stop(void);

/* The state after the first `calls` calls. Calls must not decrease. Returns false when a state
 * with the same files was already made. *ret_acknowledged is the greatest number noted so far, 0
 * for none. */
bool disk_rebuild(size_t calls, unsigned variant, uint64_t seed, int *ret_acknowledged);

/* What the last call of the state was, for messages. */
const char *disk_describe(size_t calls);

/* Frees all that was recorded. */
void disk_forget(void);

#endif
