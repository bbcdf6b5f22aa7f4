#!/usr/bin/env bash
# Sets up and builds the node, the relay and the command line.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
scripts/setup.sh build
say() { printf '[build] %s\n' "$*" >&2; }
if [ ! -x "$LX_BIN/l-exchange-node" ]; then
	say "the first build compiles about 1,200 crates: half an hour on two cores, once"
fi
cargo build --release --locked
say "built in $LX_BIN: l-exchange-node, oracle-relay, attestor, lx"
