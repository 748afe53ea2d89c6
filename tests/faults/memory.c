/* memory.c: the allocations of the runtime, which the linker sends here, and those of SQLite, which
 * memory_install() does. */
#include "memory.h"
#include "faults.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>

static struct {
    bool armed;
    bool lasting;       /* all after it fail too */
    long place;         /* of the allocation that fails, from 1 */
    atomic_long count;  /* of those so far, in all threads */
    atomic_long living; /* blocks of the runtime's own that are not freed */
    bool own[MEMORY_PLACES];
} memory;

static sqlite3_mem_methods standard;

static bool
fails(bool own)
{
    if (!memory.armed)
        return false;
    long count = ++memory.count;
    if (count < MEMORY_PLACES)
        memory.own[count] = own;
    return memory.lasting ? count >= memory.place : count == memory.place;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

static void *
counted(void *block)
{
    memory.living += block != NULL;
    return block;
}

void *
__wrap_malloc(size_t size)
{
    return fails(true) ? NULL : counted(__real_malloc(size));
}

void *
__wrap_calloc(size_t count, size_t size)
{
    return fails(true) ? NULL : counted(__real_calloc(count, size));
}

void *
__wrap_realloc(void *block, size_t size)
{
    if (fails(true))
        return NULL;
    void *moved = __real_realloc(block, size);
    memory.living += block == NULL && moved != NULL;
    return moved;
}

void
__wrap_free(void *block)
{
    memory.living -= block != NULL;
    __real_free(block);
}

/* Memory that the runtime asks SQLite for is of the runtime's own allocations too. */
static _Thread_local bool asked;

void *__real_sqlite3_malloc64(sqlite3_uint64 size);
void *__wrap_sqlite3_malloc64(sqlite3_uint64 size);
char *__real_sqlite3_vmprintf(const char *format, va_list arguments);
char *__wrap_sqlite3_vmprintf(const char *format, va_list arguments);
char *__wrap_sqlite3_mprintf(const char *format, ...);

void *
__wrap_sqlite3_malloc64(sqlite3_uint64 size)
{
    asked = true;
    void *block = __real_sqlite3_malloc64(size);
    asked = false;
    return block;
}

char *
__wrap_sqlite3_vmprintf(const char *format, va_list arguments)
{
    asked = true;
    char *text = __real_sqlite3_vmprintf(format, arguments);
    asked = false;
    return text;
}

char *
__wrap_sqlite3_mprintf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = __wrap_sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    return text;
}

static void *
allocate(int size)
{
    return fails(asked) ? NULL : standard.xMalloc(size);
}

static void *
reallocate(void *block, int size)
{
    return fails(asked) ? NULL : standard.xRealloc(block, size);
}

void
memory_arm(long place, bool lasting)
{
    memory.place = place;
    memory.lasting = lasting;
    memory.count = 0;
    memory.armed = true;
}

bool
memory_disarm(void)
{
    memory.armed = false;
    return memory.count < memory.place;
}

long
memory_next(long place, long total, struct strides strides)
{
    long own = faults_stride((int)strides.own), foreign = faults_loops((int)strides.foreign, 1);
    for (place++; place <= total; place++)
        if (place % (memory.own[place] ? own : foreign) == 0)
            break;
    return place;
}

long
memory_count(void)
{
    return memory.count;
}

long
memory_living(void)
{
    return memory.living;
}

void
memory_install(void)
{
    sqlite3_mem_methods faulty;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &standard);
    faulty = standard;
    faulty.xMalloc = allocate;
    faulty.xRealloc = reallocate;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &faulty);
}
