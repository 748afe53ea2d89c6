#!/bin/sh
# run.sh: builds the consumer project the way its argument says, against an installed and moved copy
# of cleat, runs it, and checks what later builds do. Prints each promise as it is kept; exits 1 at
# the first that is not, with the output of the build.
#
#   run.sh install BUILD_DIR WORK            installs into WORK, then moves the copy
#   run.sh cmake GENERATOR WORK              find_package, then edits and rebuilds
#   run.sh pkg_config WORK                   Make and pkg-config alone
#   run.sh add_subdirectory SOURCE_DIR WORK  cleat as a part of the consumer's build
#   run.sh own_sqlite SOURCE_DIR WORK        with a SQLite of the project's own
#   run.sh committed WORK                    the generated C, with no tool
#   run.sh refusals WORK                     wrong calls that must fail when configuring
set -eu
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "FAILED: $*" >&2
    if [ -f "${log:-}" ]; then
        cat "$log" >&2
    fi
    exit 1
}

kept() {
    echo "kept: $*"
}

# A fresh copy of the project, and a directory for what the test itself writes; a space in the path
# is part of every test.
copy_project() {
    project="$work/a consumer of $1"
    rm -rf "$project"
    scratch="$work/$1.scratch"
    rm -rf "$scratch"
    mkdir -p "$project" "$scratch"
    (cd "$here" && cp -R CMakeLists.txt Makefile modules program "$project")
    build="$project/build"
    log="$work/$1.log"
    : >"$log"
}

prefix_of() {
    echo "$work/moved here"
}

configure() {
    cmake -S "$project" -B "$build" -G "$generator" -DCMAKE_BUILD_TYPE=Debug "$@" >"$log" 2>&1 ||
        fail "configure"
}

build_project() {
    cmake --build "$build" -j 2 >"$log" 2>&1 || fail "build"
}

run_program() {
    rm -rf "$project/data"
    "$1" "$project/data" >"$log" 2>&1 || fail "the program runs"
    grep -q '^teapot: 1999 cents$' "$log" || fail "the program reads back what it wrote"
    test -f "$project/data/shop.db" || fail "the database is where the settings say"
    kept "the program runs: $(tr '\n' ',' <"$log")"
}

# ---- install ----

install_and_move() {
    rm -rf "$work"
    mkdir -p "$work"
    cmake --install "$1" --prefix "$work/first place" >"$work/install.log"
    mv "$work/first place" "$(prefix_of)"
    if grep -rl 'first place' "$(prefix_of)/lib" --include='*.cmake' --include='*.pc'; then
        fail "no installed file knows where it was installed"
    fi
    if grep -rlF "$1" "$(prefix_of)/lib" --include='*.cmake' --include='*.pc'; then
        fail "no installed file knows where it was built"
    fi
    kept "the installed copy can be moved"
}

# ---- find_package, and builds after edits ----

# A tool that counts its runs, which also shows that CLEAT_EXECUTABLE is obeyed.
make_counting_tool() {
    tool_log="$scratch/runs"
    tool="$scratch/cleat"
    cat >"$tool" <<TEXT
#!/bin/sh
if [ "\$1" = generate ]; then
    echo run >>'$tool_log'
fi
exec '$(prefix_of)/bin/cleat' "\$@"
TEXT
    chmod +x "$tool"
}

# after WHAT RUNS OBJECTS...: builds; the tool must run so often, and just these be compiled.
after() {
    what=$1
    runs=$2
    shift 2
    : >"$tool_log"
    touch "$scratch/marker"
    sleep 0.02
    build_project
    count=$(wc -l <"$tool_log")
    test "$count" -eq "$runs" || fail "$what: the tool ran $count times and not $runs"
    find "$build" -name '*.o' -newer "$scratch/marker" | sed 's|.*\.dir/||; s|.*app_generated/||' |
        LC_ALL=C sort >"$scratch/compiled"
    printf '%s\n' "$@" | sed '/^$/d' | LC_ALL=C sort >"$scratch/expected"
    diff -u "$scratch/expected" "$scratch/compiled" >&2 || fail "$what: other files were compiled"
    kept "$what: $runs runs of the tool, $# files compiled"
}

check_rebuilds() {
    make_counting_tool
    rm -rf "$build"
    configure "-DCMAKE_PREFIX_PATH=$(prefix_of)" "-DCLEAT_EXECUTABLE=$tool"
    after "first build" 1 audit/db_models.cleat.c.o shop/db_models.cleat.c.o init_table.c.o \
        audit_log.c.o main.c.o
    after "nothing to do" 0
    sleep 0.02
    touch "$project/modules/shop/db_models.h"
    after "a schema touched" 1
    after "nothing to do after a touch" 0
    sed -i 's/^    integer price_cents .*/&\n    text note;/' "$project/modules/shop/db_models.h"
    after "a column added" 1 shop/db_models.cleat.c.o init_table.c.o main.c.o
    sed -i 's/100/120/' "$project/modules/limits.h"
    after "an included header edited" 1 shop/db_models.cleat.c.o init_table.c.o main.c.o
    check_modules
    check_errors
    cmake --build "$build" --target clean >"$log" 2>&1 || fail "clean"
    build_project
    run_program "$build/program/consumer"
}

check_modules() {
    mkdir -p "$project/modules/deep/stock"
    sed 's/"audit"/"stock"/; s/TABLE(entries)/TABLE(counts)/' \
        "$project/modules/audit/db_models.h" >"$project/modules/deep/stock/db_models.h"
    after "a module added" 1 deep/stock/db_models.cleat.c.o init_table.c.o
    nm "$build/libapp.a" | grep -q stock_counts_table || fail "the new module is in the library"
    rm -r "$project/modules/deep"
    after "a module removed" 1 init_table.c.o
    if [ -e "$build/app_generated/deep" ] || nm "$build/libapp.a" | grep -q stock_counts; then
        fail "nothing is left of the removed module"
    fi
    after "nothing to do after that" 0
    echo '-- No query yet.' >"$project/modules/shop/db_queries.sql"
    after "a file of queries added" 1
    sleep 0.02
    touch "$project/modules/shop/db_queries.sql"
    after "a file of queries touched" 1
    rm "$project/modules/shop/db_queries.sql"
    after "a file of queries removed" 1
    after "nothing to do once more" 0
}

check_errors() {
    cp "$project/modules/shop/db_models.h" "$scratch/good.h"
    cp -R "$build/app_generated" "$scratch/before"
    sed -i 's/NOT_NULL UNIQUE/NOT_NUL UNIQUE/' "$project/modules/shop/db_models.h"
    for attempt in first second; do
        if cmake --build "$build" >"$log" 2>&1; then
            fail "an error in a schema fails the $attempt build after it"
        fi
        grep -q 'shop/db_models.h:[0-9]*:[0-9]*: error: ' "$log" || fail "the error has a place"
    done
    diff -r "$scratch/before" "$build/app_generated" >&2 || fail "the old files are whole"
    kept "an error in a schema fails every build and leaves the old files"
    rm -r "$scratch/before"
    cp "$scratch/good.h" "$project/modules/shop/db_models.h"
    after "the error mended" 1
}

with_cmake() {
    generator=$1
    name=$(echo "$generator" | tr ' ' '_')
    copy_project "$name"
    configure "-DCMAKE_PREFIX_PATH=$(prefix_of)"
    build_project
    run_program "$build/program/consumer"
    check_rebuilds
    if [ "$generator" = Ninja ]; then
        ninja -C "$build" -t missingdeps >"$log" 2>&1 || fail "no dependency is missing"
        kept "ninja knows every dependency"
    fi
}

# ---- the other ways ----

with_pkg_config() {
    copy_project pkg_config
    file=$(find "$(prefix_of)" -name cleat.pc)
    PKG_CONFIG_PATH=$(dirname "$file")
    export PKG_CONFIG_PATH
    make -C "$project" -j 2 >"$log" 2>&1 || fail "make"
    run_program "$project/consumer"
    make -C "$project" --question >"$log" 2>&1 || fail "a second make has nothing to do"
    kept "a second make has nothing to do"
    touch "$scratch/marker"
    sleep 0.02
    sed -i 's/^    integer price_cents .*/&\n    text note;/' "$project/modules/shop/db_models.h"
    make -C "$project" >"$log" 2>&1 || fail "make after an edit"
    compiled=$(cd "$project" && find . -name '*.o' -newer "$scratch/marker" | LC_ALL=C sort |
        tr '\n' ' ')
    test "$compiled" = \
        "./generated/init_table.o ./generated/shop/db_models.cleat.o ./program/main.o " ||
        fail "make after an edit compiles what the edit concerns, and not $compiled"
    kept "make after an edit compiles only what it concerns"
}

with_add_subdirectory() {
    generator=Ninja
    copy_project add_subdirectory
    configure "-DCLEAT_SOURCE_DIR=$1"
    build_project
    run_program "$build/program/consumer"
}

# Every source that uses the runtime must see the definition that comes with the project's SQLite;
# installing the runtime must not ask for a target that only this project knows.
with_own_sqlite() {
    generator=Ninja
    copy_project own_sqlite
    for way in "-DCMAKE_PREFIX_PATH=$(prefix_of)" "-DCLEAT_SOURCE_DIR=$1"; do
        rm -rf "$build"
        configure "$way" -DCLEAT_SQLITE=own_sqlite -DCLEAT_INSTALL=ON
        build_project
        ninja -C "$build" -t commands program/consumer >"$log"
        grep 'main.c.o' "$log" | grep -q OWN_SQLITE || fail "the project's own SQLite is used"
        run_program "$build/program/consumer"
    done
    kept "the project's own SQLite is used"
}

# The generated files are committed beside the schemas, and built from an installation that has no
# tool; then as PREGENERATED ones, from one that has.
with_committed_files() {
    generator=Ninja
    copy_project committed
    (cd "$project" && "$(prefix_of)/bin/cleat" generate --schemas modules) >"$log" 2>&1 ||
        fail "generate"
    runtime="$scratch/runtime only"
    rm -rf "$runtime"
    cp -R "$(prefix_of)" "$runtime"
    find "$runtime" '(' -path '*/bin/cleat' -o -name 'cleat-tool-targets*' ')' -delete
    sed -i 's/DEFAULT_DATABASE shop/& OUT generated/' "$project/CMakeLists.txt"
    configure "-DCMAKE_PREFIX_PATH=$runtime"
    build_project
    run_program "$build/program/consumer"
    kept "committed files build where there is no tool"
    rm -rf "$build"
    cp -R "$project/generated" "$scratch/committed"
    rm "$project/generated/init_table.c"
    configure "-DCMAKE_PREFIX_PATH=$(prefix_of)"
    build_project
    cmake --build "$build" --target clean >"$log" 2>&1 || fail "clean"
    diff -r "$scratch/committed" "$project/generated" >&2 ||
        fail "a build brings committed files up to date, and cleaning removes none"
    kept "a build brings committed files up to date, and cleaning removes none"
    rm -rf "$build"
    sed -i 's/OUT generated/PREGENERATED generated/' "$project/CMakeLists.txt"
    configure "-DCMAKE_PREFIX_PATH=$(prefix_of)"
    build_project
    if grep -q 'Generating' "$log"; then
        fail "PREGENERATED files are built as they are"
    fi
    kept "PREGENERATED files are built as they are"
}

# refused PATTERN ARGUMENTS...: configuring must fail and say this.
refused() {
    pattern=$1
    shift
    rm -rf "$build"
    if cmake -S "$project" -B "$build" -G Ninja "-DCMAKE_PREFIX_PATH=$(prefix_of)" "$@" \
        >"$log" 2>&1; then
        fail "configuring fails with '$pattern'"
    fi
    tr -s ' \n' ' ' <"$log" | grep -q -e "$pattern" || fail "configuring says '$pattern'"
    kept "configuring fails with '$pattern'"
}

check_refusals() {
    copy_project refusals
    printf 'not a program' >"$scratch/wrong-cleat"
    chmod +x "$scratch/wrong-cleat"
    refused 'Set CLEAT_EXECUTABLE to a cleat that does' "-DCLEAT_EXECUTABLE=$scratch/wrong-cleat"
    cp "$project/CMakeLists.txt" "$scratch/good.txt"
    echo 'cleat_generate(NAME app ROOTS modules)' >>"$project/CMakeLists.txt"
    refused 'NAME must be used once'
    cp "$scratch/good.txt" "$project/CMakeLists.txt"
    echo 'cleat_generate(NAME b ROOTS modules OUT o) cleat_generate(NAME c ROOTS modules OUT o)' |
        sed 's/) /)\n/' >>"$project/CMakeLists.txt"
    refused 'have the same OUT'
    cp "$scratch/good.txt" "$project/CMakeLists.txt"
    sed -i 's/ROOTS modules/ROOTS moduls/' "$project/CMakeLists.txt"
    refused 'is no directory'
    sed -i 's/ROOTS moduls/ROOTS modules modules/' "$project/CMakeLists.txt"
    refused "module 'audit' exists twice"
}

command=$1
shift
for work in "$@"; do
    :
done
case "$command" in
install) install_and_move "$1" ;;
cmake) with_cmake "$1" ;;
pkg_config) with_pkg_config ;;
add_subdirectory) with_add_subdirectory "$1" ;;
own_sqlite) with_own_sqlite "$1" ;;
committed) with_committed_files ;;
refusals) check_refusals ;;
*) fail "unknown command $command" ;;
esac
