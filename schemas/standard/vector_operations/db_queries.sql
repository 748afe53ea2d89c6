-- standard/vector_operations/db_queries.sql: what needs both the embeddings and the documents they
-- were made of, which semantic_core alone knows.

-- name: embedded_documents :many
-- The documents that have vectors in a collection, and since when.
SELECT e.content_hash, d.filename, d.word_count,
       count(*) AS chunks, max(e.processed_at) AS embedded_at
FROM vector_operations.document_embeddings AS e
JOIN semantic_core.documents AS d ON d.content_hash = e.content_hash
WHERE e.collection_id = :collection_id
GROUP BY e.content_hash
ORDER BY d.filename;

-- name: search_results :many
-- What a search found, best first. The name is NULL when the document has since changed or gone.
SELECT r.rank, r.distance, r.content_hash, d.filename
FROM vector_operations.similarity_results AS r
LEFT JOIN semantic_core.documents AS d ON d.content_hash = r.content_hash
WHERE r.query_id = :query_id
ORDER BY r.rank;

-- name: forget_orphans :execrows
-- Removes the embeddings whose document has changed or gone.
-- scan ok: it looks for what has no counterpart, so it has to see everything
DELETE FROM vector_operations.document_embeddings
WHERE content_hash NOT IN (SELECT content_hash FROM semantic_core.documents);
