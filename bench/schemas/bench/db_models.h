#include <cleat/schema.h>
#define DATABASE_NAME "bench"

/** The table of every workload, column for column the one in hand_baseline.c. */
TABLE(users) {
    integer id           PRIMARY_KEY;
    text    email        NOT_NULL;
    text    display_name NOT_NULL;
    text    bio;
    integer age;
    real    score        NOT_NULL;
    blob    avatar;
    integer created_at   NOT_NULL;
};

/** What sets.c ensures by a unique key. */
TABLE(members) {
    integer id         PRIMARY_KEY;
    text    email      NOT_NULL UNIQUE;
    text    name       NOT_NULL;
    text    bio;
    real    score      NOT_NULL;
    integer created_at NOT_NULL;
};

/** What sets.c writes with a full-text index. */
TABLE(articles) {
    integer id    PRIMARY_KEY;
    text    title NOT_NULL;
    text    body  NOT_NULL;
    FULL_TEXT_ON(articles_fts, title, body);
};
