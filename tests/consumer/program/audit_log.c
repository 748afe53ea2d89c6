/* audit_log.c: knows the audit module only, so an edit of the shop's schema must not compile it
 * again. */
#include "audit_log.h"

#include <audit/db_models.cleat.h>

cleat_status
audit_log_add(cleat_registry *registry, const char *item_id, const char *what)
{
    cleat_session *session;
    cleat_status status = cleat_session_open(registry, "audit", CLEAT_WRITE, &session);
    if (status < 0)
        return status;
    audit_entries_row row = audit_entries_defaults();
    for (size_t i = 0; i + 1 < sizeof(row.item_id) && item_id[i] != '\0'; i++)
        row.item_id[i] = item_id[i];
    row.what = what;
    status = audit_entries_insert(session, &row);
    if (status >= 0)
        status = cleat_session_commit(session);
    cleat_session_close(session);
    return status;
}

cleat_status
audit_log_count(cleat_registry *registry, int64_t *ret_count)
{
    cleat_session *session;
    cleat_status status = cleat_session_open(registry, "audit", CLEAT_READ, &session);
    if (status < 0)
        return status;
    status = audit_entries_count(session, ret_count);
    cleat_session_close(session);
    return status;
}
