/* report.h: what the hub says about its databases and about failures. */
#ifndef HUB_REPORT_H
#define HUB_REPORT_H

#include <cleat/cleat.h>

/* Prints how many tables and rows each database has. */
cleat_status report_databases(cleat_registry *registry);

/* Prints the `count` largest documents, from a join of two databases. */
cleat_status report_largest(cleat_registry *registry, int count);

/* Says on standard error what failed, in the words of the error if it is about this failure.
 * Returns the status. */
cleat_status report_failure(cleat_status status, const cleat_error *error);

#endif
