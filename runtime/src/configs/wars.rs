//! The Compute Wars.

use frame_support::{parameter_types, weights::Weight};
use lx_primitives::traits::Takings;
use pallet_orderbook::WeightInfo;
use sp_runtime::Perbill;

use super::{
	buyback::LCO_FOR_CRED, economy::EcosystemFundAccount, parameters::wars, system::Weights,
};
use crate::{weights, Balances, Calendar, Compute, OrderBook, Runtime};

parameter_types! {
	/// The share of a block that closing a round may take.
	pub ClosingWeight: Weight = Perbill::from_percent(10) * Weights::get().max_block;
}

/// The fees that prizes and free calls are paid from: those of LCO and CRED. Of other markets anybody may
/// bring them into the fund's wallet.
pub struct TradingFees;

impl Takings for TradingFees {
	fn collect() {
		// It is no fault if nothing was traded.
		let _ = OrderBook::bring_fees_in(LCO_FOR_CRED);
	}

	fn collect_weight() -> Weight {
		<Runtime as pallet_orderbook::Config>::WeightInfo::collect_fees()
	}
}

impl pallet_compute_wars::Config for Runtime {
	type Currency = Balances;
	type Fund = EcosystemFundAccount;
	type Takings = TradingFees;
	type Calendar = Calendar;
	type Sponsorship = Compute;
	type WeeklyPrize = wars::WeeklyPrize;
	type FreeCallsCap = wars::FreeCallsCap;
	type ClosingWeight = ClosingWeight;
	type WeightInfo = weights::pallet_compute_wars::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Wallets;
}
