/* dataset.c: a directory enters, the id of its dataset leaves. A catalog and a dataset are
 * resources: each is a row in catalog.resources and one with the same id in a table of its own. */
#include "dataset.h"

#include "resource.h"

static cleat_status
put_catalog(cleat_session *session, int64_t *ret_id)
{
    catalog_resources_row resource = catalog_resources_defaults();
    resource.kind = RESOURCE_KIND_CATALOG;
    resource.uri = "hub:catalog";
    resource.title = "The directories that the hub has read";
    cleat_status status = resource_put(session, &resource);
    if (status < 0)
        return status;
    catalog_catalogs_row catalog = catalog_catalogs_defaults();
    catalog.id = resource.id;
    status = catalog_catalogs_upsert(session, &catalog);
    if (status < 0)
        return status;
    *ret_id = catalog.id;
    return CLEAT_OK;
}

static cleat_status
put_directory(cleat_session *session, const char *directory, const char *uri, int64_t *ret_id)
{
    catalog_resources_row resource = catalog_resources_defaults();
    resource.kind = RESOURCE_KIND_DATASET;
    resource.uri = uri;
    resource.title = directory;
    cleat_status status = resource_put(session, &resource);
    if (status < 0)
        return status;
    catalog_datasets_row dataset = catalog_datasets_defaults();
    dataset.id = resource.id;
    dataset.name = directory;
    dataset.source_type = "directory";
    dataset.source_path = directory;
    dataset.has_last_ingested_at = true;
    cleat_datetime_format(cleat_now(), dataset.last_ingested_at);
    status = catalog_datasets_upsert(session, &dataset);
    if (status < 0)
        return status;
    *ret_id = dataset.id;
    return CLEAT_OK;
}

static cleat_status
put_entry(cleat_session *session, int64_t catalog_id, int64_t resource_id)
{
    cleat_status status = catalog_catalog_entries_exists_by_catalog_id_and_resource_id(
        session, catalog_id, resource_id);
    if (status != CLEAT_NOT_FOUND)
        return status;
    catalog_catalog_entries_row entry = catalog_catalog_entries_defaults();
    entry.catalog_id = catalog_id;
    entry.resource_id = resource_id;
    entry.relation = ENTRY_RELATION_DATASET;
    entry.created_by = "hub";
    return catalog_catalog_entries_insert(session, &entry);
}

cleat_status
dataset_put(cleat_session *catalog, const char *directory, const char *uri, int64_t *ret_id)
{
    int64_t catalog_id;
    int64_t dataset_id;
    cleat_status status = put_catalog(catalog, &catalog_id);
    if (status < 0)
        return status;
    status = put_directory(catalog, directory, uri, &dataset_id);
    if (status < 0)
        return status;
    status = put_entry(catalog, catalog_id, dataset_id);
    if (status < 0)
        return status;
    *ret_id = dataset_id;
    return CLEAT_OK;
}
