#!/usr/bin/env bash
# Measures what docs/performance.md claims, in one run, as ratios to a transfer of LCO: first whole
# blocks, then a node, then the matching engine alone, then single calls.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
. scripts/measured.sh
say() { printf '[bench] %s\n' "$*" >&2; }
scripts/setup.sh build
build_measured

say "measuring the database"
"$LX_BIN/lx-bench" database

say "measuring blocks"
"$LX_BIN/lx-bench" settlement --runtime "$shipped_runtime"
"$LX_BIN/lx-bench" orders --runtime "$shipped_runtime"

say "measuring a node"
"$LX_BIN/lx-bench" flood --runtime "$shipped_runtime" --node "$LX_BIN/l-exchange-node"

say "measuring the matching engine"
"$LX_BIN/lx-bench" matching

results=$(mktemp)
trap 'rm -f "$results"' EXIT
say "measuring calls"
pallets=(pallet_balances pallet_compute pallet_mining pallet_orderbook)
calls=(transfer_keep_alive post_batch authorize_post_batch settle_lines finish_batch settle
	open_session pay_fees alert draw place cancel meet visit)
listed() { local IFS=,; printf '%s' "$*"; }
bench_pallet --pallet "$(listed "${pallets[@]}")" --extrinsic "$(listed "${calls[@]}")" \
	--steps 20 --repeat 20 --no-storage-info --json-file "$results" >/dev/null
python3 scripts/bench_table.py "$results"
