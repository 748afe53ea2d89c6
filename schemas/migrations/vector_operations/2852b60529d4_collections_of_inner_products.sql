-- Collections of inner products.
-- revises: d0e5b21b1265
-- schema: b33108f4d074

-- up

-- Table vector_collections is made anew: label-added of vector_operations.vector_collections.distance_metric.
CREATE TABLE cleat_new_vector_collections (
    id INTEGER PRIMARY KEY,
    collection_name TEXT NOT NULL CHECK (length(collection_name) <= 255),
    description TEXT,
    embedding_model TEXT NOT NULL CHECK (length(embedding_model) <= 255),
    dimension INTEGER NOT NULL CHECK (dimension > 0),
    distance_metric TEXT NOT NULL DEFAULT 'cosine' CHECK (distance_metric = 'cosine' OR distance_metric = 'l2' OR distance_metric = 'ip'),
    document_count INTEGER NOT NULL DEFAULT 0 CHECK (document_count >= 0),
    total_chunks INTEGER NOT NULL DEFAULT 0 CHECK (total_chunks >= 0),
    is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active = 0 OR is_active = 1),
    created_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER))
) STRICT;

INSERT INTO cleat_new_vector_collections (id, collection_name, description, embedding_model, dimension, distance_metric, document_count, total_chunks, is_active, created_at)
SELECT id, collection_name, description, embedding_model, dimension, distance_metric, document_count, total_chunks, is_active, created_at
FROM vector_collections;

-- check: the copy of vector_collections has all its rows and their values
SELECT old.id FROM vector_collections AS old LEFT JOIN cleat_new_vector_collections AS copy ON copy.id = old.id
WHERE (SELECT count(*) FROM vector_collections) <> (SELECT count(*) FROM cleat_new_vector_collections)
    OR old.id IS NOT copy.id
    OR old.collection_name IS NOT copy.collection_name
    OR old.description IS NOT copy.description
    OR old.embedding_model IS NOT copy.embedding_model
    OR old.dimension IS NOT copy.dimension
    OR old.distance_metric IS NOT copy.distance_metric
    OR old.document_count IS NOT copy.document_count
    OR old.total_chunks IS NOT copy.total_chunks
    OR old.is_active IS NOT copy.is_active
    OR old.created_at IS NOT copy.created_at;

DROP TABLE vector_collections;

PRAGMA legacy_alter_table = ON;

ALTER TABLE cleat_new_vector_collections RENAME TO vector_collections;

PRAGMA legacy_alter_table = OFF;

CREATE UNIQUE INDEX vector_collections_collection_name_key ON vector_collections (collection_name);

-- down

-- preflight: vector_collections: distance_metric = 'cosine' OR distance_metric = 'l2'
SELECT id FROM vector_collections
WHERE NOT (distance_metric = 'cosine' OR distance_metric = 'l2');

-- Table vector_collections is made anew: label-removed of vector_operations.vector_collections.distance_metric.
CREATE TABLE cleat_new_vector_collections (
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

INSERT INTO cleat_new_vector_collections (id, collection_name, description, embedding_model, dimension, distance_metric, document_count, total_chunks, is_active, created_at)
SELECT id, collection_name, description, embedding_model, dimension, distance_metric, document_count, total_chunks, is_active, created_at
FROM vector_collections;

-- check: the copy of vector_collections has all its rows and their values
SELECT old.id FROM vector_collections AS old LEFT JOIN cleat_new_vector_collections AS copy ON copy.id = old.id
WHERE (SELECT count(*) FROM vector_collections) <> (SELECT count(*) FROM cleat_new_vector_collections)
    OR old.id IS NOT copy.id
    OR old.collection_name IS NOT copy.collection_name
    OR old.description IS NOT copy.description
    OR old.embedding_model IS NOT copy.embedding_model
    OR old.dimension IS NOT copy.dimension
    OR old.distance_metric IS NOT copy.distance_metric
    OR old.document_count IS NOT copy.document_count
    OR old.total_chunks IS NOT copy.total_chunks
    OR old.is_active IS NOT copy.is_active
    OR old.created_at IS NOT copy.created_at;

DROP TABLE vector_collections;

PRAGMA legacy_alter_table = ON;

ALTER TABLE cleat_new_vector_collections RENAME TO vector_collections;

PRAGMA legacy_alter_table = OFF;

CREATE UNIQUE INDEX vector_collections_collection_name_key ON vector_collections (collection_name);
