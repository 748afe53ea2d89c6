#!/bin/sh
# build.sh: one command from a bare Debian 12 (or Ubuntu) to a result. It installs the packages that
# are missing, configures, builds and runs; each step is printed. Everything goes into build/.
# Exits 0 when all is well, 1 when a step failed, 2 for a wrong call, 3 when packages are missing
# and there is no right to install them.
set -eu
cd "$(dirname "$0")"

usage() {
    cat <<'TEXT'
usage: ./build.sh [COMMAND]

  demo              builds the example and runs it twice: first start, second start
  test [ARGUMENTS]  builds everything and runs the tests (the default); ARGUMENTS go to ctest
  asan [ARGUMENTS]  the tests under AddressSanitizer and UndefinedBehaviorSanitizer, in build/asan
  tsan [ARGUMENTS]  the tests of what threads share under ThreadSanitizer, in build/tsan
  valgrind [TESTS]  the tests of wrong input under valgrind; TESTS is a regular expression
  bench             builds for speed, measures, leaves build/bench/results.json
  soak [MINUTES]    the long form of the fault tests: whole rounds, each with other chances, one at
                    least, until MINUTES are over (30); on two cores a round takes half an hour or more
  coverage [--missing]
                    what the tests reach of runtime/: lines, branches, error exits; what they do
                    not; fails under 95 % of lines or 90 % of branches, or when an
                    error exit was never taken; in build/coverage
  lint              cppcheck, clang-tidy and gcc's analyser over runtime/ and codegen/
  generate          brings generated/ up to date with schemas/
  check             fails, with the difference, when generated/ is not up to date
  format [--check]  formats the C sources, or fails when one is not formatted
  install [PREFIX]  installs tool, library and packages for CMake and pkg-config (/usr/local)
  clean             removes build/
TEXT
}

say() {
    printf '==> %s\n' "$*"
}

run() {
    printf '+ %s\n' "$*"
    "$@"
}

# ---- packages ----

has_package() {
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

# Any of LLVM 14 to 19 will do; only when there is none is the distribution's own installed.
has_libclang() {
    for header in /usr/lib/llvm-*/include/clang-c/Index.h /usr/include/clang-c/Index.h \
        "${LIBCLANG_ROOT:-/nonexistent}"/include/clang-c/Index.h; do
        if [ -e "$header" ]; then
            return 0
        fi
    done
    return 1
}

# missing COMMAND:PACKAGE... prints the packages whose command (or, after a colon only, whose
# package) is not there.
missing() {
    for pair in "$@"; do
        command=${pair%%:*}
        package=${pair#*:}
        if [ -n "$command" ] && command -v "$command" >/dev/null 2>&1; then
            continue
        fi
        if [ -z "$command" ] && has_package "$package"; then
            continue
        fi
        printf '%s ' "$package"
    done
}

install_packages() {
    packages=$1
    command="apt-get update && apt-get install -y --no-install-recommends ${packages% }"
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    else
        echo "These packages are missing: ${packages% }" >&2
        echo "Install them and run this again:" >&2
        echo "  sudo sh -c '$command'" >&2
        exit 3
    fi
    say "Installing ${packages% }"
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    # The variable is named again because sudo clears the environment.
    run $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
    run $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends $packages
}

# need COMMAND:PACKAGE... installs what is missing of what every build needs, and of these.
need() {
    if ! command -v dpkg-query >/dev/null 2>&1; then
        say "No dpkg here. Needed are gcc or clang, CMake, Ninja, pkg-config, and the headers of"
        say "GLib 2, SQLite and libclang 14 to 19; for the tests cmocka, sqlite3, git and python3 too"
        return 0
    fi
    packages=$(missing gcc:gcc :libc6-dev cmake:cmake ninja:ninja-build pkg-config:pkg-config \
        :libglib2.0-dev :libsqlite3-dev "$@")
    if ! has_libclang; then
        packages="${packages}libclang-dev "
    fi
    if [ -n "$packages" ]; then
        install_packages "$packages"
    fi
}

need_for_tests() {
    # Ubuntu has no such package, only a snap: there the test of the pages says what it skips.
    browser=
    if grep -qsx 'ID=debian' /etc/os-release; then
        browser=chromium:chromium
    fi
    need :libcmocka-dev :locales g++:g++ make:make clang:clang sqlite3:sqlite3 git:git python3:python3 \
        $browser
}

# ---- steps ----

jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

# configure PRESET [ARGUMENTS]: the presets of CMakePresets.json say where and how.
configure() {
    preset=$1
    shift
    run cmake --preset "$preset" "$@"
}

# For what needs no tests, and so not their packages; an existing build keeps its settings.
configure_plain() {
    if [ -e build/CMakeCache.txt ]; then
        configure dev
    else
        configure dev -DCLEAT_BUILD_TESTS=OFF
    fi
}

build() {
    run cmake --build "$@" -j "$jobs"
}

# run_tests_of BUILD COMMAND...: a call of ctest, which shows nothing of a test that passes; here it
# is said what those left out.
run_tests_of() {
    log=$1/Testing/Temporary/LastTest.log
    shift
    status=0
    run "$@" || status=$?
    if [ -e "$log" ]; then
        sed -n 's/^ *SKIPPED: /==> left out: /p' "$log" | sort -u
    fi
    return "$status"
}

demo() {
    need
    configure_plain
    build build --target hub
    rm -rf build/demo
    say "First start: no database exists"
    run build/examples/hub/hub --data build/demo
    say "Second start: every database exists"
    run build/examples/hub/hub --data build/demo
    say "The databases are in build/demo"
}

run_tests() {
    need_for_tests
    configure dev -DCLEAT_BUILD_TESTS=ON
    build build
    run_tests_of build ctest --preset dev -j "$jobs" "$@"
}

run_asan() {
    need_for_tests
    configure asan
    build build/asan
    UBSAN_OPTIONS=print_stacktrace=1
    export UBSAN_OPTIONS
    run_tests_of build/asan ctest --preset asan -j "$jobs" "$@"
}

# What threads share is in the runtime, so the tool is taken as it is. Where addresses are too random
# for the sanitizer of gcc, they are made less so.
run_tsan() {
    need_for_tests
    configure dev
    build build --target cleat
    configure tsan "-DCLEAT_EXECUTABLE=$PWD/build/bin/cleat"
    build build/tsan --target threads
    steady=
    if setarch "$(uname -m)" -R true 2>/dev/null; then
        steady="setarch $(uname -m) -R"
    fi
    run_tests_of build/tsan $steady ctest --preset tsan -L threads -j "$jobs" "$@"
}

run_valgrind() {
    need_for_tests
    need valgrind:valgrind
    configure dev -DCLEAT_BUILD_TESTS=ON
    build build
    run tests/valgrind.sh build "$@"
}

bench() {
    need python3:python3 g++:g++ :libsqlitecpp-dev :libsoci-dev :libzdb-dev :python3-sqlalchemy
    mkdir -p build/bench
    configure release -DCLEAT_BUILD_TESTS=OFF "-DCLEAT_BENCH_DIR=$PWD/build/bench"
    build build/release --target bench
    say "The results are in build/bench/results.json"
}

# The faults go through all they have; CLEAT_SOAK is the number of the round, and their seed.
soak() {
    minutes=${1:-30}
    need_for_tests
    configure dev -DCLEAT_BUILD_TESTS=ON
    build build
    start=$(date +%s)
    end=$((start + minutes * 60))
    rounds=0
    while [ "$rounds" = 0 ] || [ "$(date +%s)" -lt "$end" ]; do
        rounds=$((rounds + 1))
        CLEAT_SOAK=$rounds
        export CLEAT_SOAK
        run ctest --preset dev -L faults --timeout 7200 -j "$jobs"
    done
    say "$rounds rounds in $((($(date +%s) - start) / 60)) minutes, none failed"
}

coverage() {
    need_for_tests
    configure coverage
    build build/coverage
    find build/coverage -name '*.gcda' -exec rm -f {} +
    # what lets the runtime itself fail does so at every place
    CLEAT_EVERY=1
    export CLEAT_EVERY
    failed=0
    run ctest --preset coverage --timeout 7200 -j "$jobs" || failed=1
    run python3 tests/coverage.py --build build/coverage --sources runtime --lines 95 \
        --branches 90 --exits 100 "$@"
    return "$failed"
}

lint() {
    need cppcheck:cppcheck clang-tidy:clang-tidy
    configure_plain
    build build --target cleat_runtime cleat
    run tests/lint.sh build
}

generate() {
    need
    configure_plain
    build build --target cleat
    run build/bin/cleat generate "$@"
}

check() {
    need
    configure_plain
    build build --target cleat
    run build/bin/cleat check
}

# Generated files keep the form the tool gives them, and schemas read like tables.
sources() {
    for directory in codegen runtime tests examples bench; do
        if [ -d "$directory" ]; then
            find "$directory" -name '*.[ch]' ! -name 'db_models.*' ! -path '*/schemas/*' \
                ! -path '*/bad/*' ! -path '*/expected/*'
        fi
    done | LC_ALL=C sort
}

format() {
    need clang-format:clang-format
    case "${1:-}" in
    --check)
        say "Checking the format of the C sources"
        sources | xargs clang-format --dry-run --Werror
        ;;
    '')
        say "Formatting the C sources"
        sources | xargs clang-format -i
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
}

install_copy() {
    need
    prefix=${1:-/usr/local}
    configure release -DCLEAT_BUILD_TESTS=OFF
    build build/release
    run cmake --install build/release --prefix "$prefix"
}

command=${1:-test}
if [ $# -gt 0 ]; then
    shift
fi
case "$command" in
demo) demo ;;
test) run_tests "$@" ;;
asan) run_asan "$@" ;;
tsan) run_tsan "$@" ;;
valgrind) run_valgrind "$@" ;;
bench) bench ;;
soak) soak "$@" ;;
coverage) coverage "$@" ;;
lint) lint ;;
generate) generate "$@" ;;
check) check ;;
format) format "$@" ;;
install) install_copy "$@" ;;
clean) run rm -rf build ;;
-h | --help | help) usage ;;
*)
    usage >&2
    exit 2
    ;;
esac
