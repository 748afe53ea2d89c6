#include <cleat/schema.h>

#define DATABASE_NAME "shop"

TABLE(customers) {
    ulid id PRIMARY_KEY;
};

TABLE(orders) {
    ulid    id          PRIMARY_KEY;
    text    customer_id REFERENCES(customers, id);
    text    payer_id    REFERENCES(customers, id);
    text    place       NOT_NULL;
    // lint: allow foreign-key-unindexed: customers are never deleted
    text    agent_id    REFERENCES(customers, id);

    INDEX_ON(payer_id, place);
    INDEX_ON(place, customer_id) WHERE(customer_id IS NOT NULL);
};
