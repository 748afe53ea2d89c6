/* peers.h: a program of four databases, for what may happen to a commit over several of them: home
 * attaches far, near and void, of which void has no table. */
#ifndef PEERS_H
#define PEERS_H

#include "sample.h"

enum { PEERS = 4 };

extern const char *const peers_all[PEERS];
extern const char *const peers_home_and_near[2];

#define ATOMIC (CLEAT_WRITE | CLEAT_ATOMIC)
#define INSERT(database) "INSERT INTO " database ".items (name, price) VALUES ('a name', 0.5)"

/* For cmocka: the state is a sample, whose registry is open or not. What fails fails with EIO. */
int peers_set_up(void **state);
int peers_set_up_open(void **state);
int peers_tear_down(void **state);

/* The following fail the test when they do not succeed. */

cleat_session *peers_open_over(struct sample *sample, const char *const *names, size_t count,
                               unsigned mode);
void peers_run(cleat_session *session, const char *sql);

/* How many items a file has. */
int64_t peers_count(struct sample *sample, const char *database);

/* A commit over home and near, of which near has nothing. */
void peers_cut_short(struct sample *sample);

#endif
