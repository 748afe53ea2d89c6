/* id.c: ULIDs and UUIDs. Identifiers that carry a time rise strictly within a process, whatever
 * the clock does: within one millisecond, or while the clock is behind, the last one is counted
 * up by a random step. Chance comes from the system, bought in blocks; a child process of a fork
 * starts with its own, and does not count on from its parent's last one. Threads: any. */
#include "runtime.h"

#include <time.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <sys/random.h>
#endif

/* A time in milliseconds and a number of high_bits + low_bits beside it. */
struct rising {
    uint64_t milliseconds;
    uint64_t high;
    uint64_t low;
    unsigned forks; /* cleat_forks when it was made */
};

/* The last time that 48 bits hold, in the year 10889. */
#define LAST_MILLISECOND ((UINT64_C(1) << 48) - 1)

static pthread_mutex_t id_mutex = PTHREAD_MUTEX_INITIALIZER;
static unsigned id_forks;
static unsigned char chance[256];
static size_t chance_left;
static struct rising last_ulid;
static struct rising last_uuid;

void
cleat_id_lock(void)
{
    pthread_mutex_lock(&id_mutex);
}

void
cleat_id_unlock(void)
{
    pthread_mutex_unlock(&id_mutex);
}

/* For a system without a working source of chance: unique, but guessable. */
static void
fill_without_system(unsigned char *bytes, size_t size)
{
    static uint64_t state;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    state ^= ((uint64_t)now.tv_nsec << 32) ^ (uint64_t)now.tv_sec ^ ((uint64_t)getpid() << 40);
    for (size_t i = 0; i < size; i++) {
        state += UINT64_C(0x9E3779B97F4A7C15);
        uint64_t mixed = (state ^ (state >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
        mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94D049BB133111EB);
        bytes[i] = (unsigned char)(mixed >> 56);
    }
}

/* Up to 64 bits of chance; the lock is held. */
static uint64_t
random_bits(unsigned bits)
{
    if (id_forks != cleat_forks) {
        id_forks = cleat_forks;
        chance_left = 0;
    }
    if (chance_left < sizeof(uint64_t)) {
        if (getentropy(chance, sizeof chance) != 0)
            fill_without_system(chance, sizeof chance);
        chance_left = sizeof chance;
    }
    uint64_t value;
    chance_left -= sizeof value;
    memcpy(&value, chance + chance_left, sizeof value);
    return bits == 64 ? value : value & ((UINT64_C(1) << bits) - 1);
}

/* The next one after the last; the lock is held. A new number leaves its top bit free, so that
 * there is room to count: also at the end of time, for 2^41 identifiers at least. */
static struct rising
rise(struct rising *last, unsigned high_bits, unsigned low_bits)
{
    uint64_t low_most = low_bits == 64 ? UINT64_MAX : (UINT64_C(1) << low_bits) - 1;
    int64_t now = cleat_now();
    uint64_t milliseconds = now < 0 ? 0 : (uint64_t)now / 1000;
    uint64_t step = random_bits(32) + 1;
    if (last->forks != cleat_forks && milliseconds <= last->milliseconds)
        milliseconds = last->milliseconds + 1;
    if (milliseconds > LAST_MILLISECOND)
        milliseconds = LAST_MILLISECOND;
    last->forks = cleat_forks;
    if (milliseconds > last->milliseconds) {
        last->milliseconds = milliseconds;
        last->high = random_bits(high_bits - 1);
        last->low = random_bits(low_bits);
    } else if (last->low <= low_most - step) {
        last->low += step;
    } else {
        last->low = step - 1 - (low_most - last->low);
        last->high++;
    }
    last->milliseconds += last->high >> high_bits;
    last->high &= (UINT64_C(1) << high_bits) - 1;
    return *last;
}

static struct rising
rise_locked(struct rising *last, unsigned high_bits, unsigned low_bits)
{
    cleat_fork_watch();
    cleat_id_lock();
    struct rising next = rise(last, high_bits, low_bits);
    cleat_id_unlock();
    return next;
}

/* Crockford's base 32, last digit first. */
static void
write_base32(char *end, uint64_t value, int count)
{
    for (int i = 1; i <= count; i++) {
        end[-i] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[value & 31];
        value >>= 5;
    }
}

void
cleat_ulid_new(char ret_ulid[27])
{
    if (ret_ulid == NULL)
        return;
    struct rising id = rise_locked(&last_ulid, 16, 64);
    /* 10 digits of time, then 80 bits: 16 + 64 = 40 + 40 */
    write_base32(ret_ulid + 10, id.milliseconds, 10);
    write_base32(ret_ulid + 18, (id.high << 24) | (id.low >> 40), 8);
    write_base32(ret_ulid + 26, id.low & ((UINT64_C(1) << 40) - 1), 8);
    ret_ulid[26] = '\0';
}

static void
write_uuid(char ret_uuid[37], uint64_t high, uint64_t low)
{
    char *to = ret_uuid;
    for (int i = 0; i < 32; i++) {
        uint64_t half = i < 16 ? high : low;
        if (i == 8 || i == 12 || i == 16 || i == 20)
            *to++ = '-';
        *to++ = "0123456789abcdef"[(half >> (60 - 4 * (i % 16))) & 15];
    }
    *to = '\0';
}

/* The version is the third group's first digit, the variant the fourth group's top bits. */
#define UUID_VARIANT (UINT64_C(2) << 62)

void
cleat_uuid_new(char ret_uuid[37])
{
    if (ret_uuid == NULL)
        return;
    struct rising id = rise_locked(&last_uuid, 12, 62);
    write_uuid(ret_uuid, (id.milliseconds << 16) | UINT64_C(0x7000) | id.high,
               UUID_VARIANT | id.low);
}

void
cleat_uuid4_new(char ret_uuid[37])
{
    if (ret_uuid == NULL)
        return;
    cleat_fork_watch();
    cleat_id_lock();
    uint64_t high = random_bits(64);
    uint64_t low = random_bits(62);
    cleat_id_unlock();
    write_uuid(ret_uuid, (high & ~UINT64_C(0xF000)) | UINT64_C(0x4000), UUID_VARIANT | low);
}
