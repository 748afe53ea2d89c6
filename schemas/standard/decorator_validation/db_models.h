/* standard/decorator_validation/db_models.h: which functions are decorated, and what checking their
 * decorators found. The seed only names this database ("validation metadata"): the tables are a
 * reconstruction. */
#include <cleat/schema.h>

#define DATABASE_NAME "decorator_validation"

enum validation_outcome {
    VALIDATION_OUTCOME_PASSED,
    VALIDATION_OUTCOME_WARNED,
    VALIDATION_OUTCOME_FAILED
};

/** A function that carries a decorator, as last seen in the source. */
TABLE(decorated_functions) {
    integer   id             PRIMARY_KEY;
    text      module_id      NOT_NULL INDEX LENGTH(100)
                             SOFT_REFERENCES(framework.modules, module_id);
    text      qualified_name NOT_NULL LENGTH(512);
    text      decorator      NOT_NULL LENGTH(255);
    json      arguments      NOT_NULL DEFAULT("{}");  ///< of the decorator
    text      source_path    NOT_NULL LENGTH(4096);
    integer   source_line    NOT_NULL CHECK(source_line > 0);
    /** SHA-256: unchanged is not checked again */
    blob      source_digest  NOT_NULL CHECK(length(source_digest) = 32);
    timestamp last_seen_at   NOT_NULL DEFAULT_NOW UPDATE_NOW;

    UNIQUE_ON(qualified_name, decorator);
};

/** One pass over all decorated functions. */
TABLE(validation_runs) {
    integer                 id           PRIMARY_KEY AUTOINCREMENT;
    timestamp               started_at   NOT_NULL INDEX DEFAULT_NOW;
    timestamp               finished_at;  ///< NULL while it runs
    enum validation_outcome outcome;      ///< the worst of its results
    text                    tool_version NOT_NULL LENGTH(50);

    CHECK_ROW((finished_at IS NULL) = (outcome IS NULL));
};

/** What one pass found at one function. */
TABLE(validation_results) {
    integer                 run_id      NOT_NULL REFERENCES(validation_runs, id) ON_DELETE(CASCADE);
    integer                 function_id NOT_NULL INDEX REFERENCES(decorated_functions, id)
                                        ON_DELETE(CASCADE);
    enum validation_outcome outcome     NOT_NULL;
    text                    rule        LENGTH(100);  ///< the rule that was broken
    text                    message;

    PRIMARY_KEY_ON(run_id, function_id);
    CHECK_ROW(outcome = 'passed' OR (rule IS NOT NULL AND message IS NOT NULL));
    WITHOUT_ROWID;
};
