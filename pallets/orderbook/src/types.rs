//! Markets, and what is asked of them.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use lx_matching::{Lots, OrderId, SelfTrade, Side, Tick, TimeInForce};
use lx_primitives::{trading::ClientId, AssetId, Balance, Moment};
use scale_info::TypeInfo;
use serde::{Deserialize, Serialize};
use sp_runtime::traits::Zero;

use crate::{triggers::Watch, work::Work};

/// The most operations of one batch. A call of more cannot be decoded: no node takes it.
pub const MAX_BATCH: u32 = 100;

/// The most orders that one may meet.
pub const MAX_MATCHES: u32 = 100;

/// The most markets: in each of them triggers may be about to fire.
pub const MAX_MARKETS: u32 = 256;

/// How long an order lives at least that lives until a moment, in ms. One that is gone at once would
/// only show others a price at which nobody trades.
pub const MIN_LIFETIME: Moment = 10_000;

/// The most that a fee is, in basis points: a tenth of what is received. A trigger that waits pays what the
/// fee is when it fires, so a fee of nearly all would take what somebody has.
pub const MAX_FEE: u16 = 1_000;

/// The percentage of a market's fees that nobody pays more than.
pub const FULL_PERCENT: u8 = 100;

/// Hundredths of a basis point that are all of an amount.
const WHOLE: Balance = 1_000_000;

/// What may be done in a market.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
pub enum MarketStatus {
	/// Everything.
	#[codec(index = 0)]
	Active,
	/// Orders that do not trade at once, and cancelling.
	#[codec(index = 1)]
	PostOnly,
	/// Cancelling.
	#[codec(index = 2)]
	CancelOnly,
	/// Nothing.
	#[codec(index = 3)]
	Halted,
}

/// What trades with what, and by which rules.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
	Serialize,
	Deserialize,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Terms {
	/// What is bought and sold.
	pub base: AssetId,
	/// What it is paid in.
	pub quote: AssetId,
	/// One lot, in the base's smallest unit.
	pub lot: Balance,
	/// What one lot costs at a price of one tick, in the quote's smallest unit.
	pub tick: Balance,
	/// The least that an order is worth at its price, in the quote's smallest unit; not nothing.
	pub min_notional: Balance,
	/// What a maker pays of what it receives, in basis points, before its owner's tier: at most
	/// [`MAX_FEE`].
	pub maker_fee: u16,
	/// What a taker pays of what it receives, in basis points, before its owner's tier: at most
	/// [`MAX_FEE`].
	pub taker_fee: u16,
}

impl Terms {
	/// What so many lots are, in the base's smallest unit.
	pub fn size(&self, lots: Lots) -> Option<Balance> {
		self.lot.checked_mul(lots.into())
	}

	/// What so many lots cost at a price, in the quote's smallest unit: exactly.
	pub fn notional(&self, tick: Tick, lots: Lots) -> Option<Balance> {
		self.tick.checked_mul(tick.into())?.checked_mul(lots.into())
	}

	/// How many lots so much of the quote pays for at a price, and no more than one order may be for:
	/// rounded down.
	pub fn affordable(&self, tick: Tick, budget: Balance) -> Lots {
		let price = self.tick.saturating_mul(tick.into());
		let lots = budget.checked_div(price).unwrap_or_default();
		Lots::try_from(lots).unwrap_or(Lots::MAX).min(lx_matching::MAX_LOTS)
	}

	/// The asset that an order of this side gives, and how much of it at its price.
	pub fn gives(&self, side: Side, tick: Tick, lots: Lots) -> Option<(AssetId, Balance)> {
		match side {
			Side::Bid => Some((self.quote, self.notional(tick, lots)?)),
			Side::Ask => Some((self.base, self.size(lots)?)),
		}
	}

	/// The asset that an order of this side receives.
	pub fn receives(&self, side: Side) -> AssetId {
		match side {
			Side::Bid => self.base,
			Side::Ask => self.quote,
		}
	}

	/// Whether a market can have these terms.
	pub fn are_sound(&self) -> bool {
		let are_positive =
			[self.lot, self.tick, self.min_notional].iter().all(|one| !one.is_zero());
		let are_fees = self.maker_fee.max(self.taker_fee) <= MAX_FEE;
		// The largest order at the highest price can be counted.
		let fits = self.notional(lx_matching::TICKS, lx_matching::MAX_LOTS).is_some()
			&& self.size(lx_matching::MAX_LOTS).is_some();
		self.base != self.quote && are_positive && are_fees && fits
	}
}

/// What somebody pays of what he receives, in hundredths of a basis point: so many percent of a
/// market's fee, and never more than all of it.
pub fn fee_rate(basis_points: u16, percent: u8) -> u32 {
	u32::from(basis_points).saturating_mul(percent.min(FULL_PERCENT).into())
}

/// The fee of an amount that is received, at a rate in hundredths of a basis point: rounded up once,
/// so that no trade is too small to pay one.
pub fn fee_of(amount: Balance, rate: u32) -> Option<Balance> {
	let product = amount.checked_mul(rate.into())?;
	Some(product.div_ceil(WHOLE))
}

/// A market: its terms, the top of its book, and what waits for its price.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Market {
	/// Its terms.
	pub terms: Terms,
	/// What may be done.
	pub status: MarketStatus,
	/// The highest price at which somebody buys.
	pub best_bid: Option<Tick>,
	/// The lowest price at which somebody sells.
	pub best_ask: Option<Tick>,
	/// The id of the last order.
	pub last_id: OrderId,
	/// The price of the last trade.
	pub last: Option<Tick>,
	/// The triggers that wait.
	pub watch: Watch,
}

/// A new order.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct OrderRequest {
	/// Its side.
	pub side: Side,
	/// The worst price that it takes, in ticks. A market order is one that trades at once, down to
	/// its worst price.
	pub tick: Tick,
	/// How much, in lots.
	pub lots: Lots,
	/// How long it lives.
	pub time_in_force: TimeInForce,
	/// What happens when it meets an order of its owner, in whichever account.
	pub self_trade: SelfTrade,
	/// Whether it only ever reduces what its account has.
	pub reduce_only: bool,
	/// What its owner calls it, unlike any other open order of the account.
	pub client: Option<ClientId>,
	/// How many orders it may meet, at most [`MAX_MATCHES`]; then its rest is cancelled.
	pub max_matches: u32,
}

/// How an order is named.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum OrderName {
	/// By the market.
	#[codec(index = 0)]
	Id(OrderId),
	/// By its owner.
	#[codec(index = 1)]
	Client(ClientId),
}

/// What an open order is to become.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Amendment {
	/// Its new price, in ticks.
	pub tick: Tick,
	/// How much of it is to be left, in lots.
	pub lots: Lots,
	/// How long it is to live. Anything but less at the same price and with the same end begins anew.
	pub time_in_force: TimeInForce,
	/// What happens if it begins anew and meets an order of its owner.
	pub self_trade: SelfTrade,
	/// How many orders it may meet then.
	pub max_matches: u32,
}

impl OrderRequest {
	/// A limit order that rests until it is filled, gives way to its owner's other orders, and has no name.
	pub const fn limit(side: Side, tick: Tick, lots: Lots, max_matches: u32) -> Self {
		Self {
			side,
			tick,
			lots,
			time_in_force: TimeInForce::GoodTilCancelled,
			self_trade: SelfTrade::CancelTaker,
			reduce_only: false,
			client: None,
			max_matches,
		}
	}

	/// How many orders it may meet, as they are counted.
	pub(crate) fn most_matches(&self) -> u32 {
		counted(self.time_in_force, self.max_matches.min(MAX_MATCHES))
	}

	/// The most that placing it does.
	pub(crate) fn most_work(&self) -> Work {
		Work::most_to_place(self.most_matches()).and(Work::to_end(self.time_in_force))
	}
}

impl Amendment {
	/// The most that amending does.
	pub(crate) fn most_work(&self) -> Work {
		let matches = counted(self.time_in_force, self.max_matches.min(MAX_MATCHES));
		Work::most_to_amend(matches).and(Work::to_end(self.time_in_force))
	}
}

/// What matches count for. A fill-or-kill order meets each order twice: it looks before it trades.
pub(crate) fn counted(time_in_force: TimeInForce, matches: u32) -> u32 {
	match time_in_force {
		TimeInForce::FillOrKill => matches.saturating_mul(2),
		_ => matches,
	}
}

/// One operation of a batch.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Operation {
	/// Places an order.
	#[codec(index = 0)]
	Place(OrderRequest),
	/// Cancels an order.
	#[codec(index = 1)]
	Cancel(OrderName),
	/// Amends an order.
	#[codec(index = 2)]
	Amend(OrderName, Amendment),
}

impl Operation {
	/// The most that it does.
	fn most_work(&self) -> Work {
		match self {
			Self::Place(order) => order.most_work(),
			Self::Cancel(_) => Work::most_to_cancel(1),
			Self::Amend(_, amendment) => amendment.most_work(),
		}
	}
}

/// The most that several operations do.
pub(crate) fn most_work(operations: &[Operation]) -> Work {
	operations.iter().map(Operation::most_work).fold(Work::new(true), Work::and)
}

/// The operations of a batch.
pub type Operations = BoundedVec<Operation, ConstU32<MAX_BATCH>>;
