#include <cleat/schema.h>

#define DATABASE_NAME "old"

enum customers_state {
    CUSTOMERS_STATE_NEW,
    CUSTOMERS_STATE_ACTIVE,
    CUSTOMERS_STATE_GONE
};

TABLE(customers) {
    integer              customerid NAMED("customerID") PRIMARY_KEY AUTOINCREMENT;
    text                 full_name  NAMED("full name") NOT_NULL COLLATE(NOCASE);
    text                 email;
    enum customers_state state      NOT_NULL DEFAULT(CUSTOMERS_STATE_NEW);
    text                 level      CHECK(level IN ('Gold', 'Silver'));
    json                 settings;
    boolean              active     NOT_NULL DEFAULT(1);
    text                 class_     NAMED("class");
    text                 created;
    UNIQUE_ON(email);
    NOT_STRICT;
};

TABLE(lines) {
    integer id      PRIMARY_KEY;
    text    shop    NOT_NULL;
    integer number  NOT_NULL;
    text    article NOT_NULL;
    UNIQUE_ON(shop, number, article);
    INDEX_ON(article COLLATE NOCASE DESC, lower(shop)) WHERE(number > 0) NAMED("by_article");
    INDEX_ON(article);
    FOREIGN_KEY_ON((shop, number), orders(shop, number)) ON_DELETE(CASCADE) ON_UPDATE(CASCADE);
    NOT_STRICT;
};

TABLE(log) {
    text text;
    NOT_STRICT;
};

TABLE(orders) {
    text    shop;
    integer number;
    integer customer REFERENCES(customers, customerid) ON_DELETE(SET_NULL);
    real    total;
    real    half     GENERATED(total / 2);
    text    note     DEFAULT("it's \"new\"");
    PRIMARY_KEY_ON(shop, number);
    CHECK_ROW(total > 0 OR note IS NOT NULL);
    WITHOUT_ROWID;
    NOT_STRICT;
};
