/* workload.h: the workloads of hand_baseline.c for any other way to the same table.
 *
 * An implementation is a table of functions that do one operation each; workload.c calls them in
 * the order, with the rows, ids and timing of the baseline, and prints the same lines, so that
 * times and checksums compare. C and C++. A function that fails ends the program. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A row without its id. Texts and blobs live as long as the program. */
struct user {
    const char *email;
    const char *display_name;
    const char *bio; /* NULL is NULL */
    bool has_age;
    int64_t age;
    double score;
    const void *avatar; /* NULL is NULL */
    int avatar_size;
    int64_t created_at;
};

/* What a run of operations happens in. */
enum unit {
    UNIT_NONE, /* reads, with no transaction of the program's own */
    UNIT_READ,
    UNIT_WRITE
};

/* A read adds its row to `sum` with fold_user() and returns the new sum; a scan sets the number of
 * its rows too. A view reads columns where the library has them, an own makes a row that outlives
 * the statement. What a library cannot do is NULL and not measured. */
struct implementation {
    const char *name;
    void (*connect)(const char *path); /* makes the file and the table users */
    void (*disconnect)(void);
    void (*begin)(enum unit unit);
    void (*end)(enum unit unit);
    void (*insert)(int64_t id, const struct user *user);
    void (*update)(int64_t id, const struct user *user);
    void (*upsert)(int64_t id, const struct user *user);
    void (*remove)(int64_t id);
    uint64_t (*view)(int64_t id, uint64_t sum);
    uint64_t (*own)(int64_t id, uint64_t sum);
    uint64_t (*view_alone)(int64_t id, uint64_t sum); /* begins and ends a unit of its own */
    uint64_t (*scan_view)(uint64_t *ret_rows);
    uint64_t (*scan_own)(uint64_t *ret_rows);
};

/* The same sum that hand_baseline.c makes of a row. */
static inline uint64_t
fold_user(uint64_t sum, int64_t id, const struct user *user)
{
    const unsigned char *email = (const unsigned char *)user->email;
    const unsigned char *name = (const unsigned char *)user->display_name;
    const unsigned char *bio = (const unsigned char *)user->bio;
    const unsigned char *avatar = (const unsigned char *)user->avatar;

    sum += (uint64_t)id * 3 + (uint64_t)user->created_at;
    sum += email[0] + email[7] * (uint64_t)5;
    sum += name[0] + name[7] * (uint64_t)7;
    sum += bio ? bio[0] + bio[7] * (uint64_t)11 : 13;
    sum += user->has_age ? (uint64_t)user->age * 19 : 17;
    sum += (uint64_t)(int64_t)(user->score * 7.0);
    if (!avatar)
        return sum + 29;
    return sum + (uint64_t)user->avatar_size + avatar[0] +
           avatar[user->avatar_size - 1] * (uint64_t)23;
}

/* The statement that creates the table. */
const char *users_ddl(void);

/* Says what went wrong and ends the program with status 1. */
void fail(const char *what, const char *why);

/* Runs the workloads as often as the arguments say, each time after the hand-written program when
 * `with_hand` is set, and prints one line for each. Returns the exit status. */
int workload_main(int argc, char **argv, const struct implementation *implementation,
                  bool with_hand);

#ifdef __cplusplus
}
#endif

#endif
