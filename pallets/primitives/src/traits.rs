//! Services that one pallet offers and another uses; the runtime connects them.

use core::marker::PhantomData;

use lx_matching::{Lots, Side, Tick};
use lx_math::calendar::{self, CIVIL_DAY_MS};
use sp_runtime::{
	traits::{ConstU64, Get},
	DispatchError, DispatchResult,
};
use sp_weights::Weight;

use crate::{
	call_log::RelayId,
	launch::{LaunchId, Offer, QuotaError, Units},
	pricing::{ModelId, Price, Tier},
	staking::{StakeTotals, TierHistory},
	trading::{Bought, MarketId, Purchase, Source, TradingAccount, TradingId},
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

/// The calendar by a clock, with civil days or those of another length in ms: what a pallet is tested
/// with.
pub struct CalendarOf<Clock, Day = ConstU64<CIVIL_DAY_MS>>(PhantomData<(Clock, Day)>);

impl<Clock: Get<Moment>, Day: Get<Moment>> Calendar for CalendarOf<Clock, Day> {
	fn now() -> Moment {
		Clock::get()
	}
	fn day() -> u32 {
		calendar::day(Clock::get(), Day::get())
	}
	fn week() -> u32 {
		calendar::week(Self::day())
	}
}

/// Staking tiers, computed on read.
pub trait Tiers<AccountId> {
	/// The tier of `who` now.
	fn tier(who: &AccountId) -> Tier;
	/// The tier of `who`, and those that it had.
	fn tier_history(who: &AccountId) -> TierHistory;
	/// The tier that `who` had at `time`: what calls made then are priced at. Right for the last
	/// [`TIER_MEMORY`](crate::staking::TIER_MEMORY). Where the tier has changed in the block of that
	/// time, it is the tier after that block.
	fn tier_at(who: &AccountId, time: Moment) -> Tier {
		Self::tier_history(who).at(time)
	}
	/// The most that one answer weighs.
	fn tier_weight() -> Weight;
}

/// Without staking everybody pays the full price.
impl<AccountId> Tiers<AccountId> for () {
	fn tier(_: &AccountId) -> Tier {
		Tier::Lv1
	}
	fn tier_history(_: &AccountId) -> TierHistory {
		TierHistory::default()
	}
	fn tier_weight() -> Weight {
		Weight::zero()
	}
}

/// What accounts have staked.
pub trait Stakes<AccountId> {
	/// The planck that `who` has staked now. What is being unstaked does not count.
	fn staked(who: &AccountId) -> Balance;
	/// The fewest planck that `who` had staked at any time from `from` to `to`, both included. Never
	/// too many: where not all of it is remembered, it is less.
	fn lowest_stake(who: &AccountId, from: Moment, to: Moment) -> Balance;
	/// How many accounts of each tier have staked how much now.
	fn totals() -> StakeTotals;
}

/// Nobody has staked anything.
impl<AccountId> Stakes<AccountId> for () {
	fn staked(_: &AccountId) -> Balance {
		0
	}
	fn lowest_stake(_: &AccountId, _: Moment, _: Moment) -> Balance {
		0
	}
	fn totals() -> StakeTotals {
		StakeTotals::default()
	}
}

/// Asked before stake is taken back.
pub trait MayUnstake<AccountId> {
	/// Fails, saying why, if `who` may not be left with only `left` planck staked.
	fn may_unstake(who: &AccountId, left: Balance) -> DispatchResult;
	/// The most that one call of [`MayUnstake::may_unstake`] weighs.
	fn may_unstake_weight() -> Weight;
}

/// Nothing holds stake back.
impl<AccountId> MayUnstake<AccountId> for () {
	fn may_unstake(_: &AccountId, _: Balance) -> DispatchResult {
		Ok(())
	}
	fn may_unstake_weight() -> Weight {
		Weight::zero()
	}
}

/// The registry of what calls cost.
pub trait Prices {
	/// Version `version` of the price of `model`, if it was the one in force at `time`.
	fn price_at(model: &ModelId, version: u32, time: Moment) -> Option<Price>;
	/// Whether `model` has, or ever had, a price for everybody.
	fn knows(model: &ModelId) -> bool;
	/// The most that one call of [`Prices::price_at`] weighs.
	fn price_weight() -> Weight;
}

/// A registry that knows no model.
impl Prices for () {
	fn price_at(_: &ModelId, _: u32, _: Moment) -> Option<Price> {
		None
	}
	fn knows(_: &ModelId) -> bool {
		false
	}
	fn price_weight() -> Weight {
		Weight::zero()
	}
}

/// Quotas of models that are not open to everybody.
pub trait Quotas<AccountId> {
	/// What a launch offers to those who have a quota of it.
	fn offer(launch: LaunchId) -> Option<Offer>;
	/// Whether `who` may use `units` of what it has claimed of a quota at `relay`.
	fn may_redeem(
		who: &AccountId,
		launch: LaunchId,
		relay: RelayId,
		units: Units,
	) -> Result<(), QuotaError>;
	/// Uses `units` of what `who` has claimed of a quota at `relay`.
	fn redeem(
		who: &AccountId,
		launch: LaunchId,
		relay: RelayId,
		units: Units,
	) -> Result<(), QuotaError>;
	/// Gives back `units` that were used at `relay`, since nothing is charged for them: they can be used
	/// there again.
	fn restore(who: &AccountId, launch: LaunchId, relay: RelayId, units: Units);
	/// The most that one call of [`Quotas::offer`] weighs.
	fn offer_weight() -> Weight;
	/// The most that one call of each of the others weighs.
	fn redeem_weight() -> Weight;
}

/// Nobody has a quota.
impl<AccountId> Quotas<AccountId> for () {
	fn offer(_: LaunchId) -> Option<Offer> {
		None
	}
	fn may_redeem(_: &AccountId, _: LaunchId, _: RelayId, _: Units) -> Result<(), QuotaError> {
		Err(QuotaError::Missing)
	}
	fn redeem(_: &AccountId, _: LaunchId, _: RelayId, _: Units) -> Result<(), QuotaError> {
		Err(QuotaError::Missing)
	}
	fn restore(_: &AccountId, _: LaunchId, _: RelayId, _: Units) {}
	fn offer_weight() -> Weight {
		Weight::zero()
	}
	fn redeem_weight() -> Weight {
		Weight::zero()
	}
}

/// The relays.
pub trait ActiveRelays {
	/// Whether `relay` serves calls, so that something can be put there for them.
	fn is_active(relay: RelayId) -> bool;
}

/// Told of usage when its batch has become final: paid by the account itself, not refunded.
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

/// Purses at relays that somebody fills for the calls of another.
///
/// Such a purse pays calls with [`Payment::Perk`](crate::call_log::Payment::Perk), and an account has at
/// most one at each relay. Its owner cannot take anything out.
pub trait Sponsorship<AccountId> {
	/// Fills the purse of `who` at `relay` from the wallet of `sponsor`, until `most` µCRED are free in
	/// it or the wallet has no more to give. Returns what is free; fails if that is nothing, if the
	/// relay serves no calls, if the account has as many purses as may be, or if it would be the first
	/// CRED in any purse and less than the smallest holding.
	fn sponsor(
		sponsor: &AccountId,
		who: &AccountId,
		relay: RelayId,
		most: Credits,
	) -> Result<Credits, DispatchError>;
	/// From now on nothing is served from the purse of `who` at `relay`. What was served before can
	/// still be collected for some time.
	fn end_sponsorship(who: &AccountId, relay: RelayId);
	/// Returns what is left in such a purse to `sponsor`, and says whether that is done: not while
	/// something can be collected, or has been charged and is not final.
	fn return_to_sponsor(sponsor: &AccountId, who: &AccountId, relay: RelayId) -> bool;
	/// The most that [`Sponsorship::end_sponsorship`] weighs.
	fn end_weight() -> Weight;
	/// The most that [`Sponsorship::return_to_sponsor`] weighs.
	fn return_weight() -> Weight;
}

/// What a fund has earned that is not in its wallet yet.
pub trait Takings {
	/// Brings it into the wallet. What the wallet cannot take stays where it is.
	fn collect();
	/// The most that [`Takings::collect`] weighs.
	fn collect_weight() -> Weight;
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
	/// Takes so much of an asset that is free in an account that was taken out back to the wallet of
	/// its owner.
	fn give_back(
		id: &TradingId<AccountId>,
		account: &mut TradingAccount<AccountId>,
		asset: AssetId,
		amount: Balance,
	) -> DispatchResult;
	/// The most that one call of [`Clearing::give_back`] weighs.
	fn give_back_weight() -> Weight;
}

/// The exchange, as the chain itself buys there.
pub trait Exchange<AccountId> {
	/// The price of a market's last trade.
	fn last_price(market: MarketId) -> Option<Tick>;
	/// The lowest price at which somebody sells in a market.
	fn best_ask(market: MarketId) -> Option<Tick>;
	/// Buys at once what there is, with the money in the wallet of `buyer`, into which all comes that is
	/// bought and all that is not spent. If it fails, nothing has changed.
	fn buy(
		buyer: &AccountId,
		market: MarketId,
		purchase: Purchase,
	) -> Result<Bought, DispatchError>;
	/// The most that one call of [`Exchange::buy`] weighs that meets so many orders.
	fn buy_weight(matches: u32) -> Weight;
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

#[cfg(test)]
mod tests {
	use super::*;

	/// 2026-01-05 00:00 UTC, a Monday.
	const MONDAY: Moment = 1_767_571_200_000;

	#[test]
	fn a_calendar_turns_by_its_clock_and_its_days() {
		type Monday = CalendarOf<ConstU64<MONDAY>>;
		type Before = CalendarOf<ConstU64<{ MONDAY - 1 }>>;
		type Short = CalendarOf<ConstU64<4_000>, ConstU64<1_000>>;
		assert_eq!((Monday::now(), Monday::day(), Monday::week()), (MONDAY, 20_458, 2_923));
		assert_eq!((Before::day(), Before::week()), (20_457, 2_922));
		assert_eq!((Short::now(), Short::day(), Short::week()), (4_000, 4, 1));
	}
}
