/* remove.h: the end of a workspace. */
#ifndef PIPELINE_REMOVE_H
#define PIPELINE_REMOVE_H

#include <cleat/cleat.h>

/* Removes a workspace with its sources and runs. A content that it has owned goes to another
 * workspace that uses it, and only without such a one is it removed with its documents and chunks.
 * Does not commit. Returns CLEAT_OK or a failure. */
cleat_status remove_workspace(cleat_session *session, const char *workspace_id);

#endif
