/* shim.c: the VFS around SQLite's own, and the calls of the system that the linker brings here
 * (--wrap). A write that fails has written its first half: that is what a disk does. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum shim_failure (*shim_before)(const struct shim_event *event);
void (*shim_after)(const struct shim_event *event);
int shim_errno = EIO;
bool shim_shares = true;

const char *
shim_name(enum shim_kind kind)
{
    static const char *const names[] = {"open",   "close", "read",   "write",  "truncate",
                                        "sync",   "size",  "lock",   "access", "shared",
                                        "unlink", "link",  "rename", "mkdir",  "sync directory"};
    return names[kind];
}

static enum shim_failure
before(const struct shim_event *event)
{
    return shim_before == NULL ? SHIM_WORKS : shim_before(event);
}

static void
after(const struct shim_event *event)
{
    if (shim_after != NULL)
        shim_after(event);
}

static void
directory_of(const char *path, char ret_directory[PATH_MAX])
{
    size_t length = (size_t)(strrchr(path, '/') - path);
    memcpy(ret_directory, path, length);
    ret_directory[length] = '\0';
}

static void
after_directory(const char *path, bool own)
{
    char directory[PATH_MAX];
    struct shim_event event = {.kind = SHIM_SYNC_DIRECTORY, .path = directory, .own = own};
    directory_of(path, directory);
    after(&event);
}

/* ---- files of SQLite ---- */

struct shim_file {
    sqlite3_file base;
    sqlite3_io_methods methods;
    int number;
    bool syncs_directory; /* with the next sync, as SQLite's own VFS does for logs and journals */
    char path[PATH_MAX];
    sqlite3_file *real; /* behind this struct */
};

static sqlite3_vfs *unix_vfs;

static struct shim_event
event_of(sqlite3_file *base, enum shim_kind kind)
{
    struct shim_file *file = (struct shim_file *)base;
    return (struct shim_event){
        .kind = kind, .path = file->path[0] == '\0' ? NULL : file->path, .file = &file->number};
}

static sqlite3_file *
real_of(sqlite3_file *base)
{
    return ((struct shim_file *)base)->real;
}

static int
close_file(sqlite3_file *base)
{
    struct shim_event event = event_of(base, SHIM_CLOSE);
    int rc = real_of(base)->pMethods->xClose(real_of(base));
    after(&event);
    return rc;
}

static int
read_file(sqlite3_file *base, void *bytes, int size, sqlite3_int64 offset)
{
    struct shim_event event = event_of(base, SHIM_READ);
    if (before(&event) != SHIM_WORKS)
        return SQLITE_IOERR_READ;
    return real_of(base)->pMethods->xRead(real_of(base), bytes, size, offset);
}

static int
write_file(sqlite3_file *base, const void *bytes, int size, sqlite3_int64 offset)
{
    struct shim_event event = event_of(base, SHIM_WRITE);
    sqlite3_file *real = real_of(base);
    event.bytes = bytes;
    event.size = (size_t)size;
    event.offset = offset;
    enum shim_failure failure = before(&event);
    if (failure != SHIM_WORKS) {
        real->pMethods->xWrite(real, bytes, size / 2, offset);
        return failure == SHIM_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    }
    int rc = real->pMethods->xWrite(real, bytes, size, offset);
    if (rc == SQLITE_OK)
        after(&event);
    return rc;
}

static int
truncate_file(sqlite3_file *base, sqlite3_int64 size)
{
    struct shim_event event = event_of(base, SHIM_TRUNCATE);
    event.offset = size;
    if (before(&event) != SHIM_WORKS)
        return SQLITE_IOERR_TRUNCATE;
    int rc = real_of(base)->pMethods->xTruncate(real_of(base), size);
    if (rc == SQLITE_OK)
        after(&event);
    return rc;
}

static int
sync_file(sqlite3_file *base, int flags)
{
    struct shim_file *file = (struct shim_file *)base;
    struct shim_event event = event_of(base, SHIM_SYNC);
    event.first = file->syncs_directory;
    enum shim_failure failure = before(&event);
    if (failure != SHIM_WORKS)
        return failure == SHIM_FULL ? SQLITE_FULL : SQLITE_IOERR_FSYNC;
    int rc = real_of(base)->pMethods->xSync(real_of(base), flags);
    if (rc != SQLITE_OK)
        return rc;
    after(&event);
    if (file->syncs_directory)
        after_directory(file->path, false);
    file->syncs_directory = false;
    return rc;
}

static int
size_of_file(sqlite3_file *base, sqlite3_int64 *size)
{
    struct shim_event event = event_of(base, SHIM_SIZE);
    if (before(&event) != SHIM_WORKS)
        return SQLITE_IOERR_FSTAT;
    return real_of(base)->pMethods->xFileSize(real_of(base), size);
}

static int
lock_file(sqlite3_file *base, int lock)
{
    struct shim_event event = event_of(base, SHIM_LOCK);
    if (before(&event) != SHIM_WORKS)
        return SQLITE_IOERR_LOCK;
    return real_of(base)->pMethods->xLock(real_of(base), lock);
}

static int
unlock_file(sqlite3_file *base, int lock)
{
    return real_of(base)->pMethods->xUnlock(real_of(base), lock);
}

static int
check_lock(sqlite3_file *base, int *ret_locked)
{
    struct shim_event event = event_of(base, SHIM_LOCK);
    if (before(&event) != SHIM_WORKS)
        return SQLITE_IOERR_CHECKRESERVEDLOCK;
    return real_of(base)->pMethods->xCheckReservedLock(real_of(base), ret_locked);
}

static int
control_file(sqlite3_file *base, int operation, void *argument)
{
    return real_of(base)->pMethods->xFileControl(real_of(base), operation, argument);
}

static int
sector_size(sqlite3_file *base)
{
    return real_of(base)->pMethods->xSectorSize(real_of(base));
}

/* Batches of writes would be one event that a disk may still tear. */
static int
characteristics(sqlite3_file *base)
{
    return real_of(base)->pMethods->xDeviceCharacteristics(real_of(base)) &
           ~SQLITE_IOCAP_BATCH_ATOMIC;
}

static int
map_shared(sqlite3_file *base, int region, int size, int extend, void volatile **ret_memory)
{
    struct shim_event event = event_of(base, SHIM_SHARED);
    if (before(&event) != SHIM_WORKS)
        return SQLITE_IOERR_SHMMAP;
    return real_of(base)->pMethods->xShmMap(real_of(base), region, size, extend, ret_memory);
}

static int
lock_shared(sqlite3_file *base, int offset, int count, int flags)
{
    struct shim_event event = event_of(base, SHIM_SHARED);
    if ((flags & SQLITE_SHM_LOCK) != 0 && before(&event) != SHIM_WORKS)
        return SQLITE_IOERR_SHMLOCK;
    return real_of(base)->pMethods->xShmLock(real_of(base), offset, count, flags);
}

static void
barrier_shared(sqlite3_file *base)
{
    real_of(base)->pMethods->xShmBarrier(real_of(base));
}

static int
unmap_shared(sqlite3_file *base, int delete_it)
{
    return real_of(base)->pMethods->xShmUnmap(real_of(base), delete_it);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, /* without xFetch: every byte passes through here */
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = barrier_shared,
    .xShmUnmap = unmap_shared,
};

/* ---- the VFS ---- */

static int
open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *ret_flags)
{
    struct shim_file *file = (struct shim_file *)base;
    (void)vfs;
    memset(file, 0, sizeof *file);
    file->real = (sqlite3_file *)(file + 1);
    file->number = -1;
    if (name != NULL)
        strncpy(file->path, name, sizeof file->path - 1);
    struct shim_event event = event_of(base, SHIM_OPEN);
    enum shim_failure failure = before(&event);
    if (failure == SHIM_REFUSED)
        flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
    else if (failure != SHIM_WORKS)
        return SQLITE_CANTOPEN;
    int rc = unix_vfs->xOpen(unix_vfs, name, file->real, flags, ret_flags);
    if (rc != SQLITE_OK)
        return rc;
    file->methods = methods;
    file->methods.iVersion = shim_shares ? 2 : 1;
    base->pMethods = &file->methods;
    file->syncs_directory = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL |
                                      SQLITE_OPEN_WAL)) != 0 &&
                            (flags & SQLITE_OPEN_CREATE) != 0;
    after(&event);
    return SQLITE_OK;
}

static int
delete_file(sqlite3_vfs *vfs, const char *name, int sync)
{
    struct shim_event event = {.kind = SHIM_UNLINK, .path = name};
    (void)vfs;
    if (before(&event) != SHIM_WORKS)
        return SQLITE_IOERR_DELETE;
    int rc = unix_vfs->xDelete(unix_vfs, name, sync);
    if (rc == SQLITE_OK)
        after(&event);
    if (rc == SQLITE_OK && sync)
        after_directory(name, false);
    return rc;
}

static int
access_file(sqlite3_vfs *vfs, const char *name, int flags, int *ret_found)
{
    struct shim_event event = {.kind = SHIM_ACCESS, .path = name};
    (void)vfs;
    if (before(&event) != SHIM_WORKS)
        return SQLITE_IOERR_ACCESS;
    return unix_vfs->xAccess(unix_vfs, name, flags, ret_found);
}

void
shim_install(void)
{
    static sqlite3_vfs vfs;
    unix_vfs = sqlite3_vfs_find("unix");
    vfs = *unix_vfs;
    vfs.zName = "shim";
    vfs.pNext = NULL;
    vfs.szOsFile = (int)sizeof(struct shim_file) + unix_vfs->szOsFile;
    vfs.xOpen = open_file;
    vfs.xDelete = delete_file;
    vfs.xAccess = access_file;
    sqlite3_vfs_register(&vfs, 1);
}

/* ---- calls of the runtime's own ---- */

enum { FILES = 1024 };

/* What is known of a descriptor that the runtime has opened. */
static struct descriptor {
    char path[256];
    bool directory;
    int number;
} descriptors[FILES];

int __real_open(const char *path, int flags, ...);
int __real_close(int file);
ssize_t __real_pwrite(int file, const void *bytes, size_t size, off_t offset);
int __real_fsync(int file);
int __real_unlink(const char *path);
int __real_link(const char *path, const char *target);
int __real_rename(const char *path, const char *target);
int __real_mkdir(const char *path, mode_t mode);
int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int file);
ssize_t __wrap_pwrite(int file, const void *bytes, size_t size, off_t offset);
int __wrap_fsync(int file);
int __wrap_unlink(const char *path);
int __wrap_link(const char *path, const char *target);
int __wrap_rename(const char *path, const char *target);
int __wrap_mkdir(const char *path, mode_t mode);

/* Whether the call fails, with errno set. */
static bool
fails(const struct shim_event *event)
{
    enum shim_failure failure = before(event);
    if (failure != SHIM_WORKS)
        errno = failure == SHIM_FULL ? ENOSPC : failure == SHIM_REFUSED ? EPERM : shim_errno;
    return failure != SHIM_WORKS;
}

int
__wrap_open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? (mode_t)va_arg(arguments, int) : 0;
    va_end(arguments);
    int number = -1;
    struct shim_event event = {.kind = SHIM_OPEN, .own = true, .path = path, .file = &number};
    if (fails(&event))
        return -1;
    int file = __real_open(path, flags, mode);
    struct stat found;
    if (file < 0 || file >= FILES)
        return file;
    struct descriptor *descriptor = &descriptors[file];
    strncpy(descriptor->path, path, sizeof descriptor->path - 1);
    descriptor->directory = fstat(file, &found) == 0 && S_ISDIR(found.st_mode);
    if (!descriptor->directory)
        after(&event);
    descriptor->number = number;
    return file;
}

int
__wrap_close(int file)
{
    if (file >= 0 && file < FILES)
        descriptors[file].path[0] = '\0';
    return __real_close(file);
}

ssize_t
__wrap_pwrite(int file, const void *bytes, size_t size, off_t offset)
{
    struct descriptor *descriptor = &descriptors[file];
    struct shim_event event = {.kind = SHIM_WRITE,
                               .own = true,
                               .path = descriptor->path,
                               .file = &descriptor->number,
                               .offset = offset,
                               .bytes = bytes,
                               .size = size};
    if (fails(&event))
        return -1;
    ssize_t written = __real_pwrite(file, bytes, size, offset);
    if (written == (ssize_t)size)
        after(&event);
    return written;
}

int
__wrap_fsync(int file)
{
    struct descriptor *descriptor = &descriptors[file];
    struct shim_event event = {.kind = descriptor->directory ? SHIM_SYNC_DIRECTORY : SHIM_SYNC,
                               .own = true,
                               .path = descriptor->path,
                               .file = &descriptor->number};
    if (fails(&event))
        return -1;
    int rc = __real_fsync(file);
    if (rc == 0)
        after(&event);
    return rc;
}

int
__wrap_unlink(const char *path)
{
    struct shim_event event = {.kind = SHIM_UNLINK, .own = true, .path = path};
    if (fails(&event))
        return -1;
    int rc = __real_unlink(path);
    if (rc == 0)
        after(&event);
    return rc;
}

int
__wrap_link(const char *path, const char *target)
{
    struct shim_event event = {.kind = SHIM_LINK, .own = true, .path = path, .target = target};
    if (fails(&event))
        return -1;
    int rc = __real_link(path, target);
    if (rc == 0)
        after(&event);
    return rc;
}

int
__wrap_rename(const char *path, const char *target)
{
    struct shim_event event = {.kind = SHIM_RENAME, .own = true, .path = path, .target = target};
    if (fails(&event))
        return -1;
    int rc = __real_rename(path, target);
    if (rc == 0)
        after(&event);
    return rc;
}

int
__wrap_mkdir(const char *path, mode_t mode)
{
    struct shim_event event = {.kind = SHIM_MKDIR, .own = true, .path = path};
    if (fails(&event))
        return -1;
    return __real_mkdir(path, mode);
}
