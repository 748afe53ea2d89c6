-- Embeddings say which model made them.
-- revises: 1c07d6f99d9e
-- schema: 62cbd45ef42c

-- up

-- backfill document_embeddings.embedding_model: (SELECT c.embedding_model FROM vector_collections AS c WHERE c.id = document_embeddings.collection_id)

-- preflight: the backfill gives document_embeddings.embedding_model a value
SELECT cleat_key FROM (SELECT id AS cleat_key, id, content_hash, collection_id, chroma_document_id, chunk_index, chunk_size, (SELECT c.embedding_model FROM vector_collections AS c WHERE c.id = document_embeddings.collection_id) AS embedding_model, vector_dimension, processed_at, processing_duration_ms FROM document_embeddings)
WHERE embedding_model IS NULL;

-- preflight: document_embeddings: length(embedding_model) <= 255
SELECT cleat_key FROM (SELECT id AS cleat_key, id, content_hash, collection_id, chroma_document_id, chunk_index, chunk_size, (SELECT c.embedding_model FROM vector_collections AS c WHERE c.id = document_embeddings.collection_id) AS embedding_model, vector_dimension, processed_at, processing_duration_ms FROM document_embeddings)
WHERE NOT (length(embedding_model) <= 255);

-- Table document_embeddings is made anew: column embedding_model stands before others.
CREATE TABLE cleat_new_document_embeddings (
    id INTEGER PRIMARY KEY,
    content_hash TEXT NOT NULL CHECK (length(content_hash) <= 64),
    collection_id INTEGER NOT NULL REFERENCES vector_collections (id) ON DELETE CASCADE,
    chroma_document_id TEXT CHECK (length(chroma_document_id) <= 255),
    chunk_index INTEGER NOT NULL CHECK (chunk_index >= 0),
    chunk_size INTEGER CHECK (chunk_size > 0),
    embedding_model TEXT NOT NULL CHECK (length(embedding_model) <= 255),
    vector_dimension INTEGER NOT NULL CHECK (vector_dimension > 0),
    processed_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER)),
    processing_duration_ms REAL CHECK (processing_duration_ms >= 0)
) STRICT;

INSERT INTO cleat_new_document_embeddings (id, content_hash, collection_id, chroma_document_id, chunk_index, chunk_size, embedding_model, vector_dimension, processed_at, processing_duration_ms)
SELECT id, content_hash, collection_id, chroma_document_id, chunk_index, chunk_size, (SELECT c.embedding_model FROM vector_collections AS c WHERE c.id = document_embeddings.collection_id), vector_dimension, processed_at, processing_duration_ms
FROM document_embeddings;

-- check: the copy of document_embeddings has all its rows and their values
SELECT old.id FROM document_embeddings AS old LEFT JOIN cleat_new_document_embeddings AS copy ON copy.id = old.id
WHERE (SELECT count(*) FROM document_embeddings) <> (SELECT count(*) FROM cleat_new_document_embeddings)
    OR old.id IS NOT copy.id
    OR old.content_hash IS NOT copy.content_hash
    OR old.collection_id IS NOT copy.collection_id
    OR old.chroma_document_id IS NOT copy.chroma_document_id
    OR old.chunk_index IS NOT copy.chunk_index
    OR old.chunk_size IS NOT copy.chunk_size
    OR old.vector_dimension IS NOT copy.vector_dimension
    OR old.processed_at IS NOT copy.processed_at
    OR old.processing_duration_ms IS NOT copy.processing_duration_ms;

DROP TABLE document_embeddings;

PRAGMA legacy_alter_table = ON;

ALTER TABLE cleat_new_document_embeddings RENAME TO document_embeddings;

PRAGMA legacy_alter_table = OFF;

CREATE UNIQUE INDEX document_embeddings_collection_id_content_hash_chunk_index_key ON document_embeddings (collection_id, content_hash, chunk_index);

CREATE INDEX document_embeddings_content_hash_idx ON document_embeddings (content_hash);

-- down

ALTER TABLE document_embeddings DROP COLUMN embedding_model;
