/* standard/semantic_core/db_models.h: the register of documents and what was found out about
 * them. A document is known by the hash of its content. When a file is edited its hash changes
 * and, through ON_UPDATE(CASCADE), everything recorded here follows; embeddings in
 * vector_operations do not, and the orphan check finds them. */
#include <cleat/schema.h>

#define DATABASE_NAME "semantic_core"

typedef text content_digest LENGTH(64); /* SHA-256 in hex */

enum document_change {
    DOCUMENT_CHANGE_ADDED,
    DOCUMENT_CHANGE_MODIFIED,
    DOCUMENT_CHANGE_DELETED
};

/** A source document: where it is and how large. Its content stays in the file. */
TABLE(documents) {
    content_digest content_hash  PRIMARY_KEY;
    text           filename      NOT_NULL UNIQUE LENGTH(255);
    text           relative_path NOT_NULL LENGTH(4096);
    text           absolute_path NOT_NULL LENGTH(4096);
    integer        file_size     NOT_NULL CHECK(file_size >= 0);  ///< bytes
    integer        word_count    NOT_NULL CHECK(word_count >= 0);
    text           category      LENGTH(100) INDEX;
    timestamp      last_modified NOT_NULL;                        ///< of the file
    timestamp      processed_at  NOT_NULL DEFAULT_NOW;
    json           metadata;

    DROPPED(content_preview, "no content previews: the source file is the truth");
};

/** A change of a file that was noticed, until and after it is dealt with. */
TABLE(document_changes) {
    integer              id           PRIMARY_KEY AUTOINCREMENT;
    content_digest       content_hash NOT_NULL INDEX REFERENCES(documents, content_hash)
                                      ON_DELETE(CASCADE) ON_UPDATE(CASCADE);
    enum document_change change_type  NOT_NULL;
    timestamp            detected_at  NOT_NULL DEFAULT_NOW;
    boolean              processed    NOT_NULL DEFAULT(false);

    INDEX_ON(detected_at) WHERE(processed = 0);
};

/** The extracted text of a document, so that analyses need not extract it anew. May be emptied at
 * any time. */
TABLE(content_cache) {
    content_digest content_hash      PRIMARY_KEY REFERENCES(documents, content_hash)
                                     ON_DELETE(CASCADE) ON_UPDATE(CASCADE);
    blob           raw_content       NOT_NULL;  ///< the bytes of the file
    text           processed_content NOT_NULL;
    text           extraction_method NOT_NULL LENGTH(100);
    timestamp      extracted_at      NOT_NULL DEFAULT_NOW;
};

/** A group of similar documents, found by one analysis. */
TABLE(clusters) {
    integer   id             PRIMARY_KEY;
    text      analysis       NOT_NULL LENGTH(100);  ///< names the run that made it
    integer   cluster_number NOT_NULL;
    text      label          LENGTH(255);
    real      cohesion;                             ///< how close its documents are to each other
    timestamp created_at     NOT_NULL DEFAULT_NOW;

    UNIQUE_ON(analysis, cluster_number);
};

/** A document belongs to a cluster. */
TABLE(cluster_assignments) {
    integer        cluster_id   NOT_NULL REFERENCES(clusters, id) ON_DELETE(CASCADE);
    content_digest content_hash NOT_NULL INDEX REFERENCES(documents, content_hash)
                                ON_DELETE(CASCADE) ON_UPDATE(CASCADE);
    real           distance     CHECK(distance >= 0);  ///< from the middle of the cluster

    PRIMARY_KEY_ON(cluster_id, content_hash);
    WITHOUT_ROWID;
};

/** A document refers to, or resembles, another. */
TABLE(document_relationships) {
    integer        id                PRIMARY_KEY;
    content_digest source_hash       NOT_NULL REFERENCES(documents, content_hash)
                                     ON_DELETE(CASCADE) ON_UPDATE(CASCADE);
    content_digest target_hash       NOT_NULL INDEX REFERENCES(documents, content_hash)
                                     ON_DELETE(CASCADE) ON_UPDATE(CASCADE);
    text           relationship_type NOT_NULL LENGTH(50);
    real           strength;
    timestamp      created_at        NOT_NULL DEFAULT_NOW;

    UNIQUE_ON(source_hash, target_hash, relationship_type);
    CHECK_ROW(source_hash <> target_hash);
};
