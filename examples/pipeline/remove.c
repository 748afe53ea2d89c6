/* remove.c: a workspace enters, and is gone; what others use of its contents stays. The schema
 * refuses to delete the owner of a content, so that nothing can be forgotten here: a content that
 * were left behind would make the last step fail, and all of it would be rolled back.
 *
 * Links are never removed while their source exists. A content without a link from another
 * workspace is therefore in no item of that workspace's runs either. */
#include "remove.h"

#include <pipeline/source/db_models.cleat.h>
#include <pipeline/workspace/db_models.cleat.h>
#include <string.h>

/* Another workspace's source among those that are linked: CLEAT_OK or CLEAT_NOT_FOUND. */
static cleat_status
find_heir(cleat_session *session, const char *workspace_id,
          const pipeline_source_version_links_rows *links, char ret_source_id[27])
{
    for (size_t i = 0; i < links->count; i++) {
        pipeline_sources_row source;
        cleat_status status = pipeline_sources_lend(session, links->items[i].source_id, &source);
        if (status < 0)
            return status;
        if (status == CLEAT_OK && strcmp(source.workspace_id, workspace_id) != 0) {
            memcpy(ret_source_id, source.id, sizeof source.id);
            return CLEAT_OK;
        }
    }
    return CLEAT_NOT_FOUND;
}

static cleat_status
delete_version(cleat_session *session, const char *version_id,
               const pipeline_source_version_links_rows *links)
{
    for (size_t i = 0; i < links->count; i++) {
        cleat_status status = pipeline_source_version_links_delete(
            session, links->items[i].source_id, version_id);
        if (status < 0)
            return status;
    }
    return pipeline_source_versions_delete(session, version_id);
}

static cleat_status
hand_over(cleat_session *session, const char *version_id, const char *heir)
{
    pipeline_source_versions_row version = pipeline_source_versions_defaults();
    memcpy(version.id, version_id, sizeof version.id);
    memcpy(version.source_id, heir, sizeof version.source_id);
    return pipeline_source_versions_patch(session, &version, PIPELINE_SOURCE_VERSIONS_SOURCE_ID);
}

static cleat_status
release_version(cleat_session *session, const char *workspace_id, const char *version_id)
{
    pipeline_source_version_links_rows links = {0};
    char heir[27];
    cleat_status status = pipeline_source_version_links_collect_by_source_version_id(
        session, version_id, &links);
    if (status < 0)
        return status;
    status = find_heir(session, workspace_id, &links, heir);
    if (status == CLEAT_OK)
        status = hand_over(session, version_id, heir);
    else if (status == CLEAT_NOT_FOUND)
        status = delete_version(session, version_id, &links);
    pipeline_source_version_links_rows_clear(&links);
    return status;
}

static cleat_status
release_source(cleat_session *session, const char *workspace_id, const char *source_id)
{
    pipeline_source_versions_rows versions = {0};
    cleat_status status = pipeline_source_versions_collect_by_source_id(session, source_id,
                                                                        &versions);
    for (size_t i = 0; status >= 0 && i < versions.count; i++)
        status = release_version(session, workspace_id, versions.items[i].id);
    pipeline_source_versions_rows_clear(&versions);
    return status;
}

cleat_status
remove_workspace(cleat_session *session, const char *workspace_id)
{
    pipeline_sources_rows sources = {0};
    cleat_status status = pipeline_sources_collect_by_workspace_id(session, workspace_id, &sources);
    for (size_t i = 0; status >= 0 && i < sources.count; i++)
        status = release_source(session, workspace_id, sources.items[i].id);
    pipeline_sources_rows_clear(&sources);
    if (status < 0)
        return status;
    status = pipeline_workspaces_delete(session, workspace_id);
    return status < 0 ? status : CLEAT_OK;
}
