#!/bin/sh
# longer.sh BUILD SEED...: the property test with other random schemas, one build and run for each
# seed. CLEAT_PROPERTY_ROUNDS is how often each takes other rows. Leaves the build with the last
# seed; stops at the first failure, whose seed it has printed.
set -eu
if [ $# -lt 2 ]; then
    echo "usage: longer.sh BUILD SEED..." >&2
    exit 2
fi
build=$1
shift
for seed in "$@"; do
    echo "schemas of seed $seed"
    cmake -D CLEAT_PROPERTY_SEED="$seed" "$build" >/dev/null
    cmake --build "$build" --target property_rows >/dev/null
    (cd "$build" && CLEAT_PROPERTY_SEED="$seed" tests/property/property_rows)
done
