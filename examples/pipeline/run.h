/* run.h: what the pipeline does, kept where it can be read afterwards: runs, their items, their
 * events. Nothing here commits. */
#ifndef PIPELINE_RUN_H
#define PIPELINE_RUN_H

#include <pipeline/run/db_models.cleat.h>

/* Starts a run by hand, and writes its id. */
cleat_status run_start(cleat_session *session, const char *workspace_id, enum run_type type,
                       char ret_id[27]);

/* End a run: as succeeded, or as failed with the reason, which is kept with the run. Both return
 * CLEAT_NOT_FOUND for a run that does not exist and CLEAT_UNCHANGED for one that has ended. */
cleat_status run_finish(cleat_session *session, const char *id);
cleat_status run_fail(cleat_session *session, const char *id, const char *message);

/* Writes what became of a target at a stage of a run, over what was there for it. Its id and its
 * times are set here. Returns CLEAT_NOT_FOUND when the target does not exist. */
cleat_status run_put_item(cleat_session *session, pipeline_run_items_row *item);

/* Appends an event. The payload is JSON with sorted keys and no spaces, or NULL. */
cleat_status run_add_event(cleat_session *session, const char *run_id, enum event_level level,
                           const char *event_type, const char *payload);

#endif
