/* content/db_models.h: a database in its first phase. It is created and attached like every other,
 * so that programs can rely on it, but has no table yet. */
#include <cleat/schema.h>

#define DATABASE_NAME "content"
