-- catalog/db_queries.sql: what the catalog is asked that takes more than one table. Bodies lie in
-- the database content, which every session on the catalog has attached.

-- name: documents_with_bodies :many
-- The active documents of a dataset, and how many characters of each content holds; NULL when it
-- holds none.
SELECT d.id, d.path, d.content_hash, length(c.body) AS stored_characters
FROM catalog.documents AS d
LEFT JOIN content.document_content AS c ON c.document_id = d.id
WHERE d.parent_id = :parent_id AND d.active = 1
ORDER BY d.path;

-- name: document_by_hash :one
-- The first document with this content: the same text may lie at several paths.
SELECT d.id, r.uri, d.path, d.doc_type, d.active
FROM catalog.documents AS d
JOIN catalog.resources AS r ON r.id = d.id
WHERE d.content_hash = :content_hash
ORDER BY d.id
LIMIT 1;

-- name: documents_of_types :many
-- The documents below a parent that are of one of these types.
SELECT id, path, doc_type, last_modified
FROM catalog.documents
WHERE parent_id = :parent_id AND doc_type IN (:doc_types...)
ORDER BY path;

-- name: retire_documents :execrows
-- Documents of a dataset whose paths were not found this time stay, no longer active.
UPDATE catalog.documents SET active = 0
WHERE parent_id = :parent_id AND active = 1 AND path NOT IN (:found_paths...);
