/* migrate_move.h: a table goes to another database, with its rows. */
#ifndef CLEAT_MIGRATE_MOVE_H
#define CLEAT_MIGRATE_MOVE_H

/* Moves all rows of a table that both files have, from one to the other: they are there in the one,
 * in the other, or, after a crash, in both, from where the same call goes on. Where the target has
 * other rows already nothing is moved. Prints what it did or why not; returns the exit status. */
int migrate_move(const char *table, const char *from, const char *to);

#endif
