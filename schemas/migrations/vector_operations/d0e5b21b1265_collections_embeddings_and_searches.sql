-- Collections, embeddings and searches.
-- revises: none
-- schema: 19cb49bfaa44

-- up

CREATE TABLE document_embeddings (
    id INTEGER PRIMARY KEY,
    content_hash TEXT NOT NULL CHECK (length(content_hash) <= 64),
    collection_id INTEGER NOT NULL REFERENCES vector_collections (id) ON DELETE CASCADE,
    chroma_document_id TEXT CHECK (length(chroma_document_id) <= 255),
    chunk_no INTEGER NOT NULL CHECK (chunk_no >= 0),
    chunk_size INTEGER CHECK (chunk_size > 0),
    vector_dimension INTEGER NOT NULL CHECK (vector_dimension > 0),
    processed_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER)),
    processing_duration_ms REAL CHECK (processing_duration_ms >= 0)
) STRICT;

CREATE INDEX document_embeddings_content_hash_idx ON document_embeddings (content_hash);

CREATE UNIQUE INDEX document_embeddings_collection_id_content_hash_chunk_no_key ON document_embeddings (collection_id, content_hash, chunk_no);

CREATE TABLE query_cache (
    query_hash TEXT NOT NULL PRIMARY KEY CHECK (length(query_hash) <= 64),
    results TEXT NOT NULL CHECK (json_valid(results)),
    cached_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER))
) STRICT;

CREATE TABLE similarity_queries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    query_text TEXT NOT NULL,
    collection_id INTEGER REFERENCES vector_collections (id) ON DELETE SET NULL,
    n_results INTEGER NOT NULL CHECK (n_results > 0),
    distance_threshold REAL,
    executed_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER)),
    duration_ms REAL CHECK (duration_ms >= 0)
) STRICT;

CREATE INDEX similarity_queries_collection_id_idx ON similarity_queries (collection_id);

CREATE INDEX similarity_queries_executed_at_idx ON similarity_queries (executed_at);

CREATE TABLE similarity_results (
    id INTEGER PRIMARY KEY,
    query_id INTEGER NOT NULL REFERENCES similarity_queries (id) ON DELETE CASCADE,
    rank INTEGER NOT NULL CHECK (rank > 0),
    content_hash TEXT NOT NULL CHECK (length(content_hash) <= 64),
    distance REAL NOT NULL
) STRICT;

CREATE INDEX similarity_results_content_hash_idx ON similarity_results (content_hash);

CREATE UNIQUE INDEX similarity_results_query_id_rank_key ON similarity_results (query_id, rank);

CREATE TABLE vector_collections (
    id INTEGER PRIMARY KEY,
    collection_name TEXT NOT NULL CHECK (length(collection_name) <= 255),
    description TEXT,
    embedding_model TEXT NOT NULL CHECK (length(embedding_model) <= 255),
    dimension INTEGER NOT NULL CHECK (dimension > 0),
    distance_metric TEXT NOT NULL DEFAULT 'cosine' CHECK (distance_metric = 'cosine' OR distance_metric = 'l2'),
    document_count INTEGER NOT NULL DEFAULT 0 CHECK (document_count >= 0),
    total_chunks INTEGER NOT NULL DEFAULT 0 CHECK (total_chunks >= 0),
    is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active = 0 OR is_active = 1),
    created_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER))
) STRICT;

CREATE UNIQUE INDEX vector_collections_collection_name_key ON vector_collections (collection_name);

-- irreversible: nothing was before it
