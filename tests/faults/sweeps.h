/* sweeps.h: the lists of calls and operations, and boots, with every failure of some kind in turn:
 * once, and from then on. What fails is the test's. The status must be one that the failure has,
 * with the database in the error; the databases are sound afterwards; the same then succeeds. */
#ifndef SWEEPS_H
#define SWEEPS_H

#include "calls.h"
#include "operations.h"

/* What fails. */
struct failures {
    int kinds; /* each is tried at every place */
    /* Lets the place, from 1, fail, and with `lasting` all after it. */
    void (*arm)(long place, bool lasting, int kind);
    bool (*disarm)(void);             /* whether it was never reached */
    const char *(*describe)(void);    /* the place and what failed */
    bool (*may_say)(cleat_status rc); /* whether that is the status of such a failure */
    /* One place in so many, of those of a call, of an operation and of a boot. */
    int (*stride)(int in_ci);
    int call_stride, operation_stride, boot_stride;
};

/* Each returns how many failures were tried. The sample is open with what calls_open() made. */
long sweep_calls(struct sample *sample, const struct failures *failures);
long sweep_operations(struct sample *sample, const struct failures *failures);
long sweep_operation(struct sample *sample, const struct operation *operation,
                     const struct failures *failures);

/* A boot. `prepare` makes the files ready, `whole` looks at what the failure has left; NULL for
 * none. */
struct boot {
    void (*prepare)(struct sample *sample);
    bool (*whole)(struct sample *sample);
};

long sweep_boot(struct sample *sample, const struct boot *boot, const struct failures *failures);

/* Every database file that is there is sound. */
void sweep_assert_sound(struct sample *sample, const char *what);

void sweep_remove_databases(struct sample *sample);

/* Whether a database file has just these bytes, and neither a log nor a journal. */
bool sweep_is_same(const char *path, const void *bytes, size_t size);

/* Remembers the files of the sample, makes them the same again, and forgets them. The sample is
 * open after the first two. */
void sweep_keep(struct sample *sample);
void sweep_restore(struct sample *sample);
void sweep_forget(void);

/* A sum of all rows of all tables of the files, those of the indexes of texts too. */
uint64_t sweep_sum(struct sample *sample);

#endif
