/* Macros of the schema's own bring columns, constraints and lines; typedefs bring domain types; and
 * everything may stand on several lines. */
#include <cleat/schema.h>
#include "common.h"

#ifdef WITH_SUFFIX
#define DATABASE_NAME "shop" "_with_suffix"
#else
#define DATABASE_NAME "shop"
#endif

#define PRICE_LIMIT (10 * 1000)
#define REQUIRED_TEXT(n) NOT_NULL LENGTH(n) CHECK(1 = 1)

typedef text sku LENGTH(12) COLLATE(NOCASE);
typedef sku strict_sku NOT_NULL;

/** What is sold.
 *
 *  - a list
 *    * with stars
 */
TABLE(products) {
    ID;
    strict_sku code UNIQUE;
    sku        replaced_by LENGTH(20);
    text       name
        REQUIRED_TEXT(PRICE_LIMIT)
        /* a comment in the middle */
        DEFAULT("no "
                "name");
    integer    price NOT_NULL DEFAULT(0)
                     CHECK(price >= 0 AND
                           price < 10000);   ///< in cents
    TIMES;
    INDEX_ON(
        code,
        price DESC
    )
        WHERE(price
              > 0);
};

TABLE(orders) {
    ID;
    integer product_id NOT_NULL REFERENCES(products, id)
                                ON_DELETE(CASCADE);
    TIMES;
};
