#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    integer id PRIMARY_KEY;
    text rank;
    text words;
    FULL_TEXT_ON(words, rank, words);
};
