-- Chunks have an index, as elsewhere.
-- revises: 2852b60529d4
-- schema: 286e9e2cb138

-- up

DROP INDEX document_embeddings_collection_id_content_hash_chunk_no_key;

ALTER TABLE document_embeddings RENAME COLUMN chunk_no TO chunk_index;

CREATE UNIQUE INDEX document_embeddings_collection_id_content_hash_chunk_index_key ON document_embeddings (collection_id, content_hash, chunk_index);

-- down

DROP INDEX document_embeddings_collection_id_content_hash_chunk_index_key;

ALTER TABLE document_embeddings RENAME COLUMN chunk_index TO chunk_no;

CREATE UNIQUE INDEX document_embeddings_collection_id_content_hash_chunk_no_key ON document_embeddings (collection_id, content_hash, chunk_no);
