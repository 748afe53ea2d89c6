/* Another path, but nearly the name of core/beta. It adds nothing to its database. */
#include <cleat/schema.h>
#define DATABASE_NAME "shared"
