-- The cache of results goes.
-- revises: 968ab7772687
-- schema: 91f3cd150c78

-- up

-- dropped query_cache: results are asked for again, which is faster

DROP TABLE query_cache;

-- irreversible: what goes is nowhere else
