//! The exchange, where Alice sells LCO and Bob buys.

use frame_support::{
	parameter_types,
	traits::{fungible::UnionOf, ConstU128, ConstU32, ConstU64},
	weights::Weight,
	PalletId,
};
use frame_system::EnsureRoot;
use lx_matching::{Lots, Side, Tick, TimeInForce};
use lx_primitives::{
	units::{WhereAssetsLie, CRED, CRED_ASSET, LCO, LCO_ASSET},
	AssetId, Balance, Moment, Tier,
};
use pallet_orderbook::{OrderRequest, Terms};
use sp_runtime::{traits::Convert, DispatchResult};

use super::*;

/// The market of LCO for CRED.
pub const MARKET: u32 = 0;

/// One lot is 0.01 LCO, and one tick 0.0001 CRED per LCO: ticks times lots are µCRED. Who buys pays 0.2 %
/// of what he receives.
pub const TERMS: Terms = Terms {
	base: LCO_ASSET,
	quote: CRED_ASSET,
	lot: LCO / 100,
	tick: 1,
	min_notional: CRED,
	maker_fee: 10,
	taker_fee: 20,
};

pub struct Least;

impl Convert<AssetId, Option<Balance>> for Least {
	fn convert(asset: AssetId) -> Option<Balance> {
		match asset {
			LCO_ASSET => Some(LCO),
			CRED_ASSET => Some(CRED / 10),
			_ => None,
		}
	}
}

pub struct FullFees;

impl Convert<Tier, u8> for FullFees {
	fn convert(_: Tier) -> u8 {
		100
	}
}

parameter_types! {
	pub const ClearingId: PalletId = PalletId(*b"lx/clear");
	pub const FeeFund: AccountId = FEES;
	pub const NoTriggers: Weight = Weight::MAX;
}

impl pallet_clearing::Config for Test {
	type Assets = UnionOf<Balances, Assets, WhereAssetsLie, AssetId, AccountId>;
	type SmallestHolding = Least;
	type Calendar = Clock;
	type MaxSession = ConstU64<1_000>;
	type PalletId = ClearingId;
	type WeightInfo = ();
}

impl pallet_orderbook::Config for Test {
	type Clearing = Clearing;
	type Positions = ();
	type AdminOrigin = EnsureRoot<AccountId>;
	type Calendar = Clock;
	type MaxOpenOrders = ConstU32<100>;
	type FeeFund = FeeFund;
	type Tiers = ();
	type FeePercent = FullFees;
	type CredAsset = CredAsset;
	type TriggerDeposit = ConstU128<CRED>;
	type TriggerWeight = NoTriggers;
	type WeightInfo = ();
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = Wallets;
}

/// What only the market's own measurements need.
#[cfg(feature = "runtime-benchmarks")]
pub struct Wallets;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_orderbook::BenchmarkHelper<AccountId> for Wallets {
	fn endow(who: &AccountId, asset: AssetId, amount: Balance) {
		<Test as pallet_clearing::Config>::Assets::mint_into(asset, who, amount).unwrap();
	}

	fn set_time(now: Moment) {
		Now::set(now);
	}
}

fn order(side: Side, tick: Tick, lots: Lots) -> OrderRequest {
	OrderRequest::limit(side, tick, lots, 100)
}

pub fn place(who: AccountId, order: OrderRequest) -> DispatchResult {
	let origin = RuntimeOrigin::signed(who);
	let done = Orderbook::place(origin, MARKET, None, 0, order);
	done.map(drop).map_err(|failed| failed.error)
}

/// Alice sells.
pub fn ask(tick: Tick, lots: Lots) -> DispatchResult {
	place(ALICE, order(Side::Ask, tick, lots))
}

/// Bob buys.
pub fn bid(tick: Tick, lots: Lots) -> DispatchResult {
	place(BOB, order(Side::Bid, tick, lots))
}

/// Alice offers something until a moment.
pub fn ask_until(tick: Tick, lots: Lots, end: Moment) -> DispatchResult {
	let time_in_force = TimeInForce::GoodTilTime(end);
	place(ALICE, OrderRequest { time_in_force, ..order(Side::Ask, tick, lots) })
}

/// Bob buys 1 LCO from Alice at this price.
pub fn trade(tick: Tick) {
	ask(tick, 100).unwrap();
	bid(tick, 100).unwrap();
}

/// All that is offered: tick and lots.
pub fn offered() -> Vec<(Tick, Lots)> {
	let levels = Orderbook::depth(MARKET, Side::Ask, u32::MAX);
	levels.iter().map(|level| (level.tick, level.lots)).collect()
}
