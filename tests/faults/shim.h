/* shim.h: a place between the runtime and the disk where tests listen and interfere. It holds a
 * VFS around SQLite's own, which becomes the default one, and the calls of the system that the
 * runtime makes itself (open, pwrite, fsync, link, unlink, rename, mkdir), caught by the linker.
 * Every call is one event: the test may let it fail before it happens, and sees it afterwards. */
#ifndef SHIM_H
#define SHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum shim_kind {
    SHIM_OPEN, /* of a name; may create the file */
    SHIM_CLOSE,
    SHIM_READ,
    SHIM_WRITE,
    SHIM_TRUNCATE,
    SHIM_SYNC,
    SHIM_SIZE,
    SHIM_LOCK,
    SHIM_ACCESS,
    SHIM_SHARED, /* maps or locks the shared memory of a log */
    SHIM_UNLINK,
    SHIM_LINK,
    SHIM_RENAME,
    SHIM_MKDIR,
    SHIM_SYNC_DIRECTORY
};

struct shim_event {
    enum shim_kind kind;
    bool own;           /* a call of the runtime's, not of SQLite's */
    const char *path;   /* NULL when it has none; the directory for SHIM_SYNC_DIRECTORY */
    const char *target; /* the new name of a link or rename */
    int *file;          /* a number that the listener keeps for the open file; -1 at first */
    int64_t offset;     /* of a write; the size of a truncate */
    size_t size;
    const void *bytes;
    bool first; /* a sync: the first of a file that SQLite syncs with its directory */
};

/* What a call that is to fail does. A file of SQLite's whose opening is refused is opened to be read
 * only. */
enum shim_failure { SHIM_WORKS, SHIM_FAILS, SHIM_FULL, SHIM_REFUSED };

/* The listeners; NULL for none. `shim_before` says whether the call fails, `shim_after` sees those
 * that worked. */
extern enum shim_failure (*shim_before)(const struct shim_event *event);
extern void (*shim_after)(const struct shim_event *event);

/* What errno is when a call of the runtime's own gets SHIM_FAILS: EIO at first. */
extern int shim_errno;

/* Files that are opened while this is false have no memory to share, as on some network drives. */
extern bool shim_shares;

/* The name of a kind. */
const char *shim_name(enum shim_kind kind);

/* Makes the shim SQLite's default; once, before anything is opened. */
void shim_install(void);

#endif
