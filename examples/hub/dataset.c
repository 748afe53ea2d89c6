/* dataset.c: a directory enters, the id of its dataset leaves. A catalog and a dataset extend
 * resources: each row has the columns of both tables, and one call writes them. */
#include "dataset.h"

#include <catalog/db_models.cleat.h>

static cleat_status
put_catalog(cleat_session *session, int64_t *ret_id)
{
    catalog_catalogs_row catalog = catalog_catalogs_defaults();
    catalog.uri = "hub:catalog";
    catalog.title = "The directories that the hub has read";
    cleat_status status = catalog_catalogs_ensure_by_uri(session, &catalog);
    if (status < 0)
        return status;
    *ret_id = catalog.id;
    catalog_catalogs_clear(&catalog);
    return CLEAT_OK;
}

static cleat_status
put_directory(cleat_session *session, const char *directory, const char *uri, int64_t *ret_id)
{
    catalog_datasets_row dataset = catalog_datasets_defaults();
    dataset.uri = uri;
    dataset.title = directory;
    dataset.name = directory;
    dataset.source_type = "directory";
    dataset.source_path = directory;
    cleat_status status = catalog_datasets_ensure_by_uri(session, &dataset);
    if (status < 0)
        return status;
    dataset.has_last_ingested_at = true;
    cleat_datetime_format(cleat_now(), dataset.last_ingested_at);
    status = catalog_datasets_patch(session, &dataset, CATALOG_DATASETS_LAST_INGESTED_AT);
    if (status >= 0)
        *ret_id = dataset.id;
    catalog_datasets_clear(&dataset);
    return status;
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
