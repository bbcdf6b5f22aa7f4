//! # Measuring the runtime
//!
//! Runs the SDK's own benchmarking commands on the runtime's WebAssembly, whole blocks of what the
//! chain is for, and a node that is sent as much as it takes. `scripts/weights.sh` and
//! `scripts/bench.sh` say what to measure and where the results go.

mod chain;
mod database;
mod flood;
mod matching;
mod node;
mod orders;
mod settlement;
mod trading;

use clap::Parser;
use frame_benchmarking_cli::PalletCmd;
use sc_cli::Result;
use sp_runtime::traits::BlakeTwo256;

use crate::{
	database::DatabaseCmd, flood::FloodCmd, matching::MatchingCmd, orders::OrdersCmd,
	settlement::SettlementCmd,
};

/// What to measure.
#[derive(Debug, Parser)]
#[command(name = "lx-bench", about = "Measures the L-Exchange runtime")]
enum Cli {
	/// The calls and hooks of pallets.
	Pallet(PalletCmd),
	/// Reads and writes of the state.
	Database(DatabaseCmd),
	/// The matching engine over a book in memory.
	Matching(MatchingCmd),
	/// Blocks full of orders, beside blocks full of transfers.
	Orders(OrdersCmd),
	/// A node that is sent as many orders as it takes, beside as many transfers.
	Flood(FloodCmd),
	/// Blocks in which batches are posted and become final, beside blocks of transfers.
	Settlement(SettlementCmd),
}

fn main() -> Result<()> {
	match Cli::parse() {
		Cli::Pallet(command) => command.run_with_spec::<BlakeTwo256, ()>(None),
		Cli::Database(command) => command.run(),
		Cli::Matching(command) => command.run(),
		Cli::Orders(command) => command.run(),
		Cli::Flood(command) => command.run(),
		Cli::Settlement(command) => command.run(),
	}
}
