#!/usr/bin/env bash
# Sets up and runs every check: fast ones first, then the whole chain, then real clients.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
started=$SECONDS
say() { printf '[test %4ds] %s\n' "$((SECONDS - started))" "$*" >&2; }

scripts/setup.sh test

say "building everything once"
scripts/build.sh

say "unit, property and whole-chain tests"
cargo nextest run --release --locked --no-fail-fast

say "documentation examples"
cargo test --release --locked --doc --quiet

say "building the runtime's next version, which the chain is upgraded to"
# After everything else: it shares the folder of the runtime that the node carries.
cargo build --release --locked -p l-exchange-runtime-wasm --features next-version

say "end to end: real node, real relay, real clients; linting meanwhile"
# The end-to-end tests mostly wait for blocks, so the linters take no time beside them.
scripts/lint.sh &
linting=$!
npm --prefix tests/e2e test --silent
wait "$linting"

say "every check passed"
