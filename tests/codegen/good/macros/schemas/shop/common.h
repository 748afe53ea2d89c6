#ifndef COMMON_H
#define COMMON_H
#define ID integer id PRIMARY_KEY
#define TIMES                                   \
    timestamp created_at NOT_NULL DEFAULT_NOW;  \
    timestamp updated_at NOT_NULL DEFAULT_NOW UPDATE_NOW
#endif
