//! # Measuring the runtime
//!
//! Runs the SDK's own benchmarking commands on the runtime's WebAssembly. `scripts/weights.sh` says
//! what to measure and where the results go.

use clap::Parser;
use frame_benchmarking_cli::PalletCmd;
use sc_cli::Result;
use sp_runtime::traits::BlakeTwo256;

/// What to measure.
#[derive(Debug, Parser)]
#[command(name = "lx-bench", about = "Measures the weights of the L-Exchange runtime")]
enum Cli {
	/// The calls and hooks of pallets.
	Pallet(PalletCmd),
}

fn main() -> Result<()> {
	let Cli::Pallet(command) = Cli::parse();
	command.run_with_spec::<BlakeTwo256, ()>(None)
}
