#include <cleat/schema.h>
#define DATABASE_NAME "content"
