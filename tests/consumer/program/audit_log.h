/* audit_log.h: writes and counts entries of the audit database. */
#ifndef AUDIT_LOG_H
#define AUDIT_LOG_H

#include <cleat/cleat.h>

cleat_status audit_log_add(cleat_registry *registry, const char *item_id, const char *what);
cleat_status audit_log_count(cleat_registry *registry, int64_t *ret_count);

#endif
