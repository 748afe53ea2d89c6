#include <cleat/schema.h>
#define DATABASE_NAME "audit"

TABLE(log) {
    integer id       PRIMARY_KEY;
    integer order_id NOT_NULL INDEX;
    text    line     NOT_NULL;
};
