# Sourced by what measures: builds the tool and a runtime with its benchmarks, and runs the tool.
shipped_runtime=$CARGO_TARGET_DIR/release/wbuild/l-exchange-runtime/l_exchange_runtime.compact.compressed.wasm
build_measured() {
	say "building the benchmarking tool (a hundred crates more, once)"
	cargo build --release --locked --workspace
	say "building the runtime with its benchmarks"
	# In a folder of its own: the node carries whatever runtime lies in the usual one.
	local measured=$LX_CACHE/measured
	CARGO_TARGET_DIR=$measured cargo build --release --locked -p l-exchange-runtime-wasm \
		--features runtime-benchmarks
	measured_runtime=$measured/release/wbuild/l-exchange-runtime/l_exchange_runtime.compact.compressed.wasm
}

bench_pallet() {
	"$LX_BIN/lx-bench" pallet --runtime "$measured_runtime" --genesis-builder-preset development "$@"
}
