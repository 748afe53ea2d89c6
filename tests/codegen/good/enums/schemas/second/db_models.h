#include <cleat/schema.h>
#include "../levels.h"
#define DATABASE_NAME "second"

TABLE(events) {
    enum level level PRIMARY_KEY;
    yes_no     kept  NOT_NULL DEFAULT(YES_NO_NO);
};
