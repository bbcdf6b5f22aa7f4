#!/usr/bin/env bash
# Formatting, clippy, documentation, licences, doubled crates.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
scripts/setup.sh test
say() { printf '[lint] %s\n' "$*" >&2; }

say "formatting"
cargo fmt --all --check

say "doubled crates"
# A second version of a crate of the SDK would be a second type of everything in it.
doubled=$(cargo tree --locked --edges normal,build --duplicates --depth 0 --prefix none --format '{p}' |
	awk '/^(sc|sp|frame)-/ { print $1, $2 }' | sort -u | awk '{ print $1 }' | uniq -d)
if [ -n "$doubled" ]; then
	printf '[lint] error: more than one version of: %s\n' $doubled >&2
	exit 1
fi

say "licences and sources"
cargo deny --locked --log-level error check --hide-inclusion-graph bans licenses sources

say "clippy"
SKIP_WASM_BUILD=1 cargo clippy --release --all-targets --locked --quiet -- -D warnings

say "documentation"
SKIP_WASM_BUILD=1 RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps --locked --quiet
