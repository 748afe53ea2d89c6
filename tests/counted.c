/* counted.c: processes that end by _exit() or by killing themselves, which leaves the counts of
 * coverage unwritten: here they are written first. Linked into every test of a build that counts. */
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

void __gcov_dump(void);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));
int __real_kill(pid_t process, int signal);
int __wrap_kill(pid_t process, int signal);
int __real_raise(int signal);
int __wrap_raise(int signal);

void
__wrap__exit(int status)
{
    __gcov_dump();
    __real__exit(status);
}

int
__wrap_kill(pid_t process, int signal)
{
    if (process == getpid() && signal == SIGKILL)
        __gcov_dump();
    return __real_kill(process, signal);
}

int
__wrap_raise(int signal)
{
    if (signal == SIGKILL)
        __gcov_dump();
    return __real_raise(signal);
}
