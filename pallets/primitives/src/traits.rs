//! Services that one pallet offers and another uses; the runtime connects them.

use lx_matching::{Lots, Side};
use sp_runtime::{DispatchError, DispatchResult};
use sp_weights::Weight;

use crate::{
	pricing::{ModelId, Price, Tier},
	trading::{MarketId, Source, TradingAccount, TradingId},
	units::{AssetId, Balance, Credits, Moment},
};

/// The chain's calendar. Weeks turn on Monday 00:00 UTC; a development chain may run shorter days.
pub trait Calendar {
	/// The time of the current block.
	fn now() -> Moment;
	/// Days since 1970-01-01.
	fn day() -> u32;
	/// The week that [`Calendar::day`] lies in.
	fn week() -> u32;
}

/// Staking tiers, computed on read.
pub trait Tiers<AccountId> {
	/// The tier of `who` now.
	fn tier(who: &AccountId) -> Tier;
}

/// Before staking exists everybody pays the full price.
impl<AccountId> Tiers<AccountId> for () {
	fn tier(_: &AccountId) -> Tier {
		Tier::Lv1
	}
}

/// The registry of what calls cost.
pub trait Prices {
	/// Version `version` of the price of `model`, if it was the one in force at `time`.
	fn price_at(model: &ModelId, version: u32, time: Moment) -> Option<Price>;
	/// The most that one call of [`Prices::price_at`] weighs.
	fn price_weight() -> Weight;
}

/// A registry that knows no model.
impl Prices for () {
	fn price_at(_: &ModelId, _: u32, _: Moment) -> Option<Price> {
		None
	}
	fn price_weight() -> Weight {
		Weight::zero()
	}
}

/// Told of usage when its batch has become final: paid, not refunded, not free.
pub trait OnUsageSettled<AccountId> {
	/// `who` has paid `paid` µCRED. It must not fail on account of `who`'s state.
	fn on_usage_settled(who: &AccountId, paid: Credits) -> DispatchResult;
	/// The most that `calls` calls of [`OnUsageSettled::on_usage_settled`] in one block weigh together.
	fn settled_weight(calls: u32) -> Weight;
}

#[impl_trait_for_tuples::impl_for_tuples(5)]
impl<AccountId> OnUsageSettled<AccountId> for Tuple {
	fn on_usage_settled(who: &AccountId, paid: Credits) -> DispatchResult {
		for_tuples!( #( Tuple::on_usage_settled(who, paid)?; )* );
		Ok(())
	}
	fn settled_weight(calls: u32) -> Weight {
		let mut weight = Weight::zero();
		for_tuples!( #( weight = weight.saturating_add(Tuple::settled_weight(calls)); )* );
		weight
	}
}

/// Told of the platform's revenue and cost when a batch has become final.
pub trait OnRevenue {
	/// A batch brought `revenue` µCRED, of which `cost` is owed to providers.
	fn on_revenue(revenue: Credits, cost: Credits) -> DispatchResult;
	/// The most that one call of [`OnRevenue::on_revenue`] weighs.
	fn revenue_weight() -> Weight;
}

impl OnRevenue for () {
	fn on_revenue(_: Credits, _: Credits) -> DispatchResult {
		Ok(())
	}
	fn revenue_weight() -> Weight {
		Weight::zero()
	}
}

/// Says whether Credits may be minted: only while custody's reserves are attested and sufficient.
pub trait MintGate {
	/// Fails, saying why, while minting is stopped.
	fn ensure_open() -> Result<(), DispatchError>;
}

impl MintGate for () {
	fn ensure_open() -> Result<(), DispatchError> {
		Ok(())
	}
}

/// The ledger of trading accounts, as markets use it.
///
/// A market takes an account out, changes it, and stores it again. What it takes from one account it
/// gives to another: the ledger holds the assets themselves, and never more or less than it owes.
pub trait Clearing<AccountId> {
	/// An account, an empty one if there is none.
	fn account(id: &TradingId<AccountId>) -> TradingAccount<AccountId>;
	/// Stores an account, or forgets it if nothing is in it.
	fn store(id: &TradingId<AccountId>, account: TradingAccount<AccountId>);
	/// Makes sure that so much of an asset is free in an account that was taken out, where it may stay.
	/// What is missing comes from the source, or this fails. If the account has nothing of the asset, at
	/// least the smallest holding comes.
	fn ensure_free(
		id: &TradingId<AccountId>,
		account: &mut TradingAccount<AccountId>,
		asset: AssetId,
		amount: Balance,
		source: Source,
	) -> DispatchResult;
	/// Lends an account that was taken out what it lacks of so much of an asset, to be given at once: how
	/// much that is. The source has it, or this fails. Before the account is stored,
	/// [`Clearing::settle`] has to follow.
	fn lend(
		id: &TradingId<AccountId>,
		account: &mut TradingAccount<AccountId>,
		asset: AssetId,
		amount: Balance,
		source: Source,
	) -> Result<Balance, DispatchError>;
	/// Brings what was lent and is gone from the wallet of the account's owner, and takes back what is
	/// not.
	fn settle(
		id: &TradingId<AccountId>,
		account: &mut TradingAccount<AccountId>,
		asset: AssetId,
		lent: Balance,
	) -> DispatchResult;
}

/// What trading accounts have that reduce-only orders may reduce.
pub trait Positions<AccountId> {
	/// How many lots an order of this side would reduce what `id` has in `market`.
	fn reducible(id: &TradingId<AccountId>, market: MarketId, side: Side) -> Lots;
}

/// Spot accounts have no position: what they sell, they own.
impl<AccountId> Positions<AccountId> for () {
	fn reducible(_: &TradingId<AccountId>, _: MarketId, _: Side) -> Lots {
		0
	}
}
