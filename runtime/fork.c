/* fork.c: counts forks, so that a registry knows in a nanosecond whether this is still the process
 * that opened it. SQLite's connections must not be used, or even closed, in a child. The count lies
 * in memory that the kernel empties for a child, so that one is also noticed which was made without
 * the C library. */
#include "runtime.h"

#include <sys/mman.h>
#include <unistd.h>

static unsigned last = 1; /* what was counted last; a child has its parent's */
static unsigned fallback = 1;
static pid_t counted; /* the process in which it was, where the kernel empties nothing */

const unsigned *cleat_fork_count = &fallback;

static pthread_once_t watch_once = PTHREAD_ONCE_INIT;

static void
count_fork(void)
{
    last++;
    *(unsigned *)cleat_fork_count = last;
    counted = getpid();
}

static void
enter_child(void)
{
    count_fork();
    cleat_id_unlock();
}

/* A page that a child finds empty; without it the library tells of forks, and the pid of others. */
static void
map_count(void)
{
#ifdef MADV_WIPEONFORK
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    unsigned *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED && madvise(page, size, MADV_WIPEONFORK) == 0) {
        *page = last;
        cleat_fork_count = page;
    } else if (page != MAP_FAILED) {
        munmap(page, size);
    }
#endif
}

static void
watch(void)
{
    counted = getpid();
    map_count();
    pthread_atfork(cleat_id_lock, cleat_id_unlock, enter_child);
}

void
cleat_fork_watch(void)
{
    pthread_once(&watch_once, watch);
    if (cleat_forks == 0 || (cleat_fork_count == &fallback && counted != getpid()))
        count_fork();
}
