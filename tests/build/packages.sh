#!/bin/sh
# packages.sh SOURCE_DIR WORK: what build.sh does on a machine that has nothing: with no right to
# install it prints the command and exits 3; as root it installs what is missing and nothing else.
# The machine is a PATH that holds only the shell's helpers and an apt-get that writes down its
# arguments.
set -eu
source=$1
work=$2
rm -rf "$work"
mkdir -p "$work/bin"
cd "$work"

for tool in sh dirname grep cat env getconf; do
    ln -s "$(command -v "$tool")" "bin/$tool"
done

# fake NAME LINE: a program with this line as its body.
fake() {
    printf '#!/bin/sh\n%s\n' "$2" >"bin/$1"
    chmod +x "bin/$1"
}

fail() {
    echo "FAILED: $*" >&2
    cat out.txt >&2
    exit 1
}

expect() {
    wanted=$1
    shift
    status=0
    PATH="$work/bin" "$source/build.sh" "$@" >out.txt 2>&1 </dev/null || status=$?
    test "$status" -eq "$wanted" || fail "$* exits $wanted, not $status"
}

fake dpkg-query 'test "$4" = libglib2.0-dev && echo "install ok installed"'
fake true "exit 0"
fake apt-get "echo \"\$*\" >>'$work/apt.txt'; test \"\$1\" = update"

fake id 'echo 1000'
expect 3 demo
grep -q "sudo sh -c 'apt-get update && apt-get install .*cmake ninja-build.*'" out.txt ||
    fail "the command to run is printed"
test ! -e apt.txt || fail "nothing is installed without the right to"
fake sudo 'exit 1'
expect 3 test
grep -q libcmocka-dev out.txt || fail "test also names what tests need"
echo "kept: with no right to install, the command is printed"

# This apt-get fails to install, so the run ends there.
fake id 'echo 0'
expect 1 demo
grep -q '^install .*gcc .*libsqlite3-dev' apt.txt || fail "root installs what is missing"
if grep -q libglib2.0-dev apt.txt; then
    fail "what is there is not installed"
fi
rm apt.txt
fake id 'echo 1000'
fake sudo 'shift; exec "$@"'
expect 1 demo
grep -q '^install .*gcc' apt.txt || fail "sudo installs what is missing"
echo "kept: what is missing is installed, as root or with sudo"
cd /
rm -rf "$work"
