/* fork.c: counts forks, so that a registry knows in a nanosecond whether this is still the process
 * that opened it. SQLite's connections must not be used, or even closed, in a child. */
#include "runtime.h"

unsigned cleat_forks;

static pthread_once_t watch_once = PTHREAD_ONCE_INIT;

static void
enter_child(void)
{
    cleat_forks++;
    cleat_id_unlock();
}

static void
watch(void)
{
    pthread_atfork(cleat_id_lock, cleat_id_unlock, enter_child);
}

void
cleat_fork_watch(void)
{
    pthread_once(&watch_once, watch);
}
