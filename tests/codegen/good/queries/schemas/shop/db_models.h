#include <cleat/schema.h>
#define DATABASE_NAME "shop"

typedef text sku LENGTH(20);

enum order_state { ORDER_NEW, ORDER_PAID, ORDER_SENT };

TABLE(customers) {
    integer id   PRIMARY_KEY;
    text    name NOT_NULL UNIQUE;
    text    city;
};

TABLE(orders) {
    integer          id          PRIMARY_KEY;
    integer          customer_id NOT_NULL INDEX REFERENCES(customers, id);
    enum order_state state       NOT_NULL DEFAULT(ORDER_NEW);
    real             total       NOT_NULL DEFAULT(0.0);
    timestamp        sent_at;
    sku              gift;
    json             extra       NOT_NULL DEFAULT("{}");
    INDEX_ON(state, sent_at);
};
