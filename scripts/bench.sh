#!/usr/bin/env bash
# Measures what docs/performance.md claims, in one run, as ratios to a transfer of LCO: first whole
# blocks, then the matching engine alone, then single calls.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
. scripts/measured.sh
say() { printf '[bench] %s\n' "$*" >&2; }
scripts/setup.sh build
build_measured

say "measuring blocks"
"$LX_BIN/lx-bench" settlement --runtime "$shipped_runtime"

say "measuring the matching engine"
"$LX_BIN/lx-bench" matching

results=$(mktemp)
trap 'rm -f "$results"' EXIT
say "measuring calls"
bench_pallet --pallet pallet_balances,pallet_compute,pallet_mining \
	--extrinsic transfer_keep_alive,post_batch,authorize_post_batch,settle_lines,finish_batch,settle \
	--steps 20 --repeat 20 --no-storage-info --json-file "$results" >/dev/null
python3 scripts/bench_table.py "$results"
