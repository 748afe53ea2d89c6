/* disk.c: the recording disk. What was recorded is a list of calls; playing it keeps for every file
 * two contents, the one programs see and the one that is surely on disk, with the list of writes
 * between them, and the same for the names. A state is put into the directory by plain system
 * calls that nobody records. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "disk.h"

#include "shim.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512, NAMES = 64, FILES = 512 };

struct call {
    enum shim_kind kind;
    bool creates; /* an open */
    int file;
    char name[64], target[64];
    int64_t offset;
    size_t size;
    char *bytes;
    int acknowledged; /* so far */
};

struct content {
    char *bytes;
    size_t size, capacity;
};

struct file {
    struct content seen, safe;
    size_t *pending; /* calls that are in `seen` and not in `safe` */
    size_t pending_count, pending_capacity;
};

struct name {
    char text[64];
    int file;
};

struct names {
    struct name list[NAMES];
    size_t count;
};

static char directory[256];
static struct call *calls;
static size_t call_count, call_capacity;
static int acknowledged;
static bool ignores_own_syncs;
static struct names recorded; /* the names there are while recording */
static int file_count;

static struct file files[FILES];
static struct names seen, safe;
static size_t *pending_names;
static size_t pending_name_count, pending_name_capacity;
static size_t played;
static uint64_t *hashes;
static size_t hash_count, hash_capacity;

static void *
grow(void *memory, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return memory;
    *capacity = *capacity == 0 ? 64 : *capacity * 2;
    memory = realloc(memory, *capacity * size);
    if (memory == NULL)
        abort();
    return memory;
}

/* ---- names ---- */

static int
find_name(const struct names *names, const char *text)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->list[i].text, text) == 0)
            return (int)i;
    return -1;
}

static void
remove_name(struct names *names, const char *text)
{
    int place = find_name(names, text);
    if (place >= 0)
        names->list[place] = names->list[--names->count];
}

static void
add_name(struct names *names, const char *text, int file)
{
    remove_name(names, text);
    if (names->count == NAMES)
        abort();
    struct name *name = &names->list[names->count++];
    snprintf(name->text, sizeof name->text, "%s", text);
    name->file = file;
}

static void
change_names(struct names *names, const struct call *call)
{
    int place = find_name(names, call->name);
    switch (call->kind) {
    case SHIM_OPEN: add_name(names, call->name, call->file); break;
    case SHIM_UNLINK: remove_name(names, call->name); break;
    case SHIM_RENAME:
    case SHIM_LINK:
        if (place < 0)
            break;
        add_name(names, call->target, names->list[place].file);
        if (call->kind == SHIM_RENAME)
            remove_name(names, call->name);
        break;
    default: break;
    }
}

/* ---- recording ---- */

/* The name of a file in the directory, NULL for others and for those that hold nothing. */
static const char *
local_name(const char *path)
{
    size_t length = strlen(directory);
    if (path == NULL || strncmp(path, directory, length) != 0 || path[length] != '/')
        return NULL;
    const char *name = path + length + 1;
    size_t size = strlen(name);
    bool shared = size > 4 && strcmp(name + size - 4, "-shm") == 0;
    return shared || name[0] == '.' || strchr(name, '/') != NULL ? NULL : name;
}

static struct call *
add_call(enum shim_kind kind, const char *name, int file)
{
    calls = grow(calls, call_count, &call_capacity, sizeof *calls);
    struct call *call = &calls[call_count++];
    memset(call, 0, sizeof *call);
    call->kind = kind;
    call->file = file;
    call->acknowledged = acknowledged;
    if (name != NULL)
        snprintf(call->name, sizeof call->name, "%s", name);
    return call;
}

static void
record_open(const struct shim_event *event, const char *name)
{
    int place = find_name(&recorded, name);
    if (place >= 0) {
        *event->file = recorded.list[place].file;
        return;
    }
    *event->file = file_count++;
    if (file_count == FILES)
        abort();
    change_names(&recorded, add_call(SHIM_OPEN, name, *event->file));
}

static void
record_change(const struct shim_event *event, const char *name)
{
    struct call *call = add_call(event->kind, name, -1);
    if (event->target != NULL)
        snprintf(call->target, sizeof call->target, "%s", local_name(event->target));
    change_names(&recorded, call);
}

static void
record_write(const struct shim_event *event, const char *name)
{
    struct call *call = add_call(event->kind, name, *event->file);
    call->offset = event->offset;
    call->size = event->size;
    if (event->size == 0)
        return;
    call->bytes = malloc(event->size);
    if (call->bytes == NULL)
        abort();
    memcpy(call->bytes, event->bytes, event->size);
}

static void
record(const struct shim_event *event)
{
    bool syncs = event->kind == SHIM_SYNC || event->kind == SHIM_SYNC_DIRECTORY;
    if (event->own && syncs && ignores_own_syncs)
        return;
    if (event->kind == SHIM_SYNC_DIRECTORY) {
        if (strcmp(event->path, directory) == 0)
            add_call(event->kind, NULL, -1);
        return;
    }
    const char *name = local_name(event->path);
    if (name == NULL)
        return;
    switch (event->kind) {
    case SHIM_OPEN: record_open(event, name); break;
    case SHIM_UNLINK:
    case SHIM_LINK:
    case SHIM_RENAME: record_change(event, name); break;
    case SHIM_WRITE:
    case SHIM_TRUNCATE:
    case SHIM_SYNC:
        if (*event->file >= 0)
            record_write(event, name);
        break;
    default: break;
    }
}

void
disk_record(const char *path)
{
    disk_forget();
    snprintf(directory, sizeof directory, "%s", path);
    shim_after = record;
}

void
disk_ignore_own_syncs(void)
{
    ignores_own_syncs = true;
}

void
disk_acknowledge(int number)
{
    acknowledged = number;
}

size_t
disk_count(void)
{
    return call_count;
}

size_t
disk_stop(void)
{
    shim_after = NULL;
    /* the last state has what was acknowledged after the last call */
    add_call(SHIM_CLOSE, NULL, -1);
    return call_count;
}

/* ---- contents ---- */

static void
resize(struct content *content, size_t size)
{
    if (size > content->capacity) {
        content->capacity = size * 2;
        content->bytes = realloc(content->bytes, content->capacity);
        if (content->bytes == NULL)
            abort();
    }
    if (size > content->size)
        memset(content->bytes + content->size, 0, size - content->size);
    content->size = size;
}

static void
put(struct content *content, const char *bytes, size_t size, size_t offset)
{
    if (offset + size > content->size)
        resize(content, offset + size);
    if (size > 0)
        memcpy(content->bytes + offset, bytes, size);
}

static void
copy(struct content *content, const struct content *from)
{
    resize(content, from->size);
    if (from->size > 0)
        memcpy(content->bytes, from->bytes, from->size);
}

static void
apply(struct content *content, const struct call *call)
{
    if (call->kind == SHIM_TRUNCATE)
        resize(content, (size_t)call->offset);
    else
        put(content, call->bytes, call->size, (size_t)call->offset);
}

static uint64_t
chance(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15)); /* splitmix64 */
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* One write that was on its way: whole, lost, or some of its sectors. */
static void
apply_part(struct content *content, const struct call *call, uint64_t *state)
{
    uint64_t fate = chance(state) % 8;
    if (fate < 3)
        return;
    if (fate < 6 || call->kind == SHIM_TRUNCATE) {
        apply(content, call);
        return;
    }
    size_t end = (size_t)call->offset + call->size;
    for (size_t at = (size_t)call->offset; at < end;) {
        size_t next = (at / SECTOR + 1) * SECTOR;
        if (next > end)
            next = end;
        if (chance(state) % 2 == 0)
            put(content, call->bytes + (at - (size_t)call->offset), next - at, at);
        at = next;
    }
}

/* ---- playing ---- */

static void
play_write(size_t place)
{
    const struct call *call = &calls[place];
    struct file *file = &files[call->file];
    apply(&file->seen, call);
    file->pending = grow(file->pending, file->pending_count, &file->pending_capacity,
                         sizeof *file->pending);
    file->pending[file->pending_count++] = place;
}

static void
play(size_t place)
{
    const struct call *call = &calls[place];
    switch (call->kind) {
    case SHIM_WRITE:
    case SHIM_TRUNCATE: play_write(place); break;
    case SHIM_SYNC:
        copy(&files[call->file].safe, &files[call->file].seen);
        files[call->file].pending_count = 0;
        break;
    case SHIM_SYNC_DIRECTORY:
        safe = seen;
        pending_name_count = 0;
        break;
    case SHIM_CLOSE: break;
    default:
        change_names(&seen, call);
        pending_names = grow(pending_names, pending_name_count, &pending_name_capacity,
                             sizeof *pending_names);
        pending_names[pending_name_count++] = place;
    }
}

/* ---- states ---- */

static void
choose_names(unsigned variant, uint64_t *state, struct names *ret_names)
{
    *ret_names = variant == DISK_ALL ? seen : safe;
    if (variant < DISK_RANDOM)
        return;
    size_t survive = (size_t)(chance(state) % (pending_name_count + 1));
    for (size_t i = 0; i < survive; i++)
        change_names(ret_names, &calls[pending_names[i]]);
}

static void
choose_content(const struct file *file, unsigned variant, uint64_t *state, struct content *content)
{
    copy(content, variant == DISK_ALL ? &file->seen : &file->safe);
    for (size_t i = 0; variant >= DISK_RANDOM && i < file->pending_count; i++)
        apply_part(content, &calls[file->pending[i]], state);
}

static uint64_t
hash_bytes(uint64_t hash, const char *bytes, size_t size)
{
    for (; size >= 8; bytes += 8, size -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    for (; size > 0; bytes++, size--)
        hash = (hash ^ (unsigned char)*bytes) * UINT64_C(0x100000001b3);
    return hash;
}

/* Whether the hash is new; an open-addressed set. */
static bool
remember(uint64_t hash)
{
    hash += hash == 0;
    if (hash_count * 2 >= hash_capacity) {
        uint64_t *old = hashes;
        size_t old_capacity = hash_capacity;
        hash_capacity = hash_capacity == 0 ? 4096 : hash_capacity * 2;
        hashes = calloc(hash_capacity, sizeof *hashes);
        if (hashes == NULL)
            abort();
        hash_count = 0;
        for (size_t i = 0; i < old_capacity; i++)
            if (old[i] != 0)
                remember(old[i]);
        free(old);
    }
    size_t place = (size_t)hash % hash_capacity;
    for (; hashes[place] != 0; place = (place + 1) % hash_capacity)
        if (hashes[place] == hash)
            return false;
    hashes[place] = hash;
    hash_count++;
    return true;
}

static void
empty_directory(void)
{
    char path[512];
    DIR *list = opendir(directory);
    if (list == NULL)
        abort();
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (entry->d_type == DT_REG)
            unlink(path);
    }
    closedir(list);
}

static void
write_file(const char *name, const struct content *content)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || (content->size > 0 &&
                     pwrite(file, content->bytes, content->size, 0) != (ssize_t)content->size))
        abort();
    close(file);
}

static int
compare_names(const void *one, const void *other)
{
    return strcmp(((const struct name *)one)->text, ((const struct name *)other)->text);
}

bool
disk_rebuild(size_t count, unsigned variant, uint64_t seed, int *ret_acknowledged)
{
    static struct content contents[NAMES];
    struct names names;
    uint64_t hash = 1, state = seed ^ (count * 31 + variant) * UINT64_C(0x5851f42d4c957f2d);
    while (played < count)
        play(played++);
    choose_names(variant, &state, &names);
    qsort(names.list, names.count, sizeof names.list[0], compare_names);
    *ret_acknowledged = count == 0 ? 0 : calls[count - 1].acknowledged;
    /* a state with fewer promises is another state */
    hash = hash_bytes(hash, (const char *)ret_acknowledged, sizeof *ret_acknowledged);
    for (size_t i = 0; i < names.count; i++) {
        choose_content(&files[names.list[i].file], variant, &state, &contents[i]);
        hash = hash_bytes(hash, names.list[i].text, strlen(names.list[i].text) + 1);
        hash = hash_bytes(hash, contents[i].bytes, contents[i].size);
    }
    if (!remember(hash))
        return false;
    empty_directory();
    for (size_t i = 0; i < names.count; i++)
        write_file(names.list[i].text, &contents[i]);
    return true;
}

const char *
disk_describe(size_t count)
{
    static char text[256];
    if (count == 0)
        return "the beginning";
    const struct call *call = &calls[count - 1];
    snprintf(text, sizeof text, "call %zu, %s %s %s at %lld", count, shim_name(call->kind),
             call->name, call->target, (long long)call->offset);
    return text;
}

void
disk_forget(void)
{
    for (size_t i = 0; i < call_count; i++)
        free(calls[i].bytes);
    for (size_t i = 0; i < FILES; i++) {
        free(files[i].seen.bytes);
        free(files[i].safe.bytes);
        free(files[i].pending);
    }
    free(hashes);
    hashes = NULL;
    hash_count = hash_capacity = 0;
    memset(files, 0, sizeof files);
    memset(&recorded, 0, sizeof recorded);
    memset(&seen, 0, sizeof seen);
    memset(&safe, 0, sizeof safe);
    call_count = pending_name_count = played = 0;
    file_count = acknowledged = 0;
    ignores_own_syncs = false;
}
