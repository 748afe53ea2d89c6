/* thread.c: threads of the runtime's own. A program's signals are not theirs: they go to the threads
 * of the program, whose handlers and interrupted calls they are meant for. */
#include "runtime.h"

#include <signal.h>

int
cleat_thread_start(pthread_t *ret_thread, void *(*run)(void *), void *data)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int rc = pthread_create(ret_thread, NULL, run, data);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}
