#!/usr/bin/env bash
# Measures what the runtime's calls and hooks weigh on this machine, and writes runtime/src/weights.
#
#   scripts/weights.sh                every pallet
#   scripts/weights.sh PALLET...      these, for example: pallet_compute
#
# LX_STEPS and LX_REPEAT change how often each is measured.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
. scripts/measured.sh
say() { printf '[weights] %s\n' "$*" >&2; }
scripts/setup.sh build
build_measured

pallets=("$@")
if [ ${#pallets[@]} = 0 ]; then
	mapfile -t pallets < <(bench_pallet --list=pallets --no-csv-header --all)
fi
for pallet in "${pallets[@]}"; do
	say "measuring $pallet"
	written=runtime/src/weights/$pallet.rs
	bench_pallet --pallet "$pallet" --extrinsic '*' --steps "${LX_STEPS:-20}" --repeat "${LX_REPEAT:-10}" \
		--no-storage-info --no-median-slopes --no-min-squares \
		--header scripts/weights-header.txt --output "$written" >/dev/null
	# Whoever measures has paths of their own; and one implements a trait of another pallet.
	sed -i -e '/^\/\/ Executed Command:/,/^$/d' \
		-e 's/frame_system_extensions::WeightInfo/frame_system::ExtensionsWeightInfo/' "$written"
done
cargo fmt -p l-exchange-runtime
say "wrote runtime/src/weights; build and test with them before you commit"
