#include <cleat/schema.h>

#define DATABASE_NAME "shop"

TABLE(orders) {
    text    shop     NOT_NULL LENGTH(20);
    integer number   NOT_NULL;
    text    customer NOT_NULL INDEX;
    integer day      NOT_NULL;
    boolean open     NOT_NULL;

    PRIMARY_KEY_ON(shop, number);
    INDEX_ON(shop);
    INDEX_ON(customer, day DESC);
    INDEX_ON(day);
    INDEX_ON(day, open) WHERE(open = 1);
};
