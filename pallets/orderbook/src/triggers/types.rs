//! What a trigger is, and how it is asked for.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use lx_matching::{Place, SelfTrade, Side, Tick};
use lx_primitives::{trading::MarketId, Balance};
use scale_info::TypeInfo;

use crate::{OrderRequest, MAX_MARKETS};

/// Identifies a trigger in its market. They are given out in ascending order and never twice.
pub type TriggerId = u64;

/// The most triggers of one trading account.
pub const MAX_TRIGGERS: u32 = 16;

/// The most orders that a trigger's order may meet at a time: one firing was paid for, and is a bounded
/// part of a block.
pub const MAX_TRIGGER_MATCHES: u32 = 16;

/// The prices that a trigger waits for.
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
pub enum When {
	/// A trade at this price or a lower one, in ticks.
	#[codec(index = 0)]
	AtOrBelow(Tick),
	/// A trade at this price or a higher one, in ticks.
	#[codec(index = 1)]
	AtOrAbove(Tick),
}

impl When {
	/// The side on which it waits, with its price. What waits for the price to fall is like a bid: the
	/// highest is met first, by each price that is not above it.
	pub(crate) fn split(self) -> (Side, Tick) {
		match self {
			Self::AtOrBelow(tick) => (Side::Bid, tick),
			Self::AtOrAbove(tick) => (Side::Ask, tick),
		}
	}
}

/// A new trigger.
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
pub struct TriggerRequest {
	/// What it waits for.
	pub when: When,
	/// The order that is placed then. It may meet at most [`MAX_TRIGGER_MATCHES`] others at a time.
	pub order: OrderRequest,
}

/// A trigger that waits, as its account knows it.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Trigger<AccountId> {
	/// Its market.
	pub market: MarketId,
	/// Its id.
	pub id: TriggerId,
	/// What it waits for, or has waited for.
	pub when: When,
	/// Where it stands: at its price, a bid for that to fall and an ask for it to rise; or, once its order
	/// has begun, behind all that wait. Its id there is another one each time.
	pub place: Place,
	/// The order that it places, or what is left of it.
	pub order: OrderRequest,
	/// What is set aside for it, in µCRED.
	pub deposit: Balance,
	/// Who has set it. It fires as if that one placed the order: a session key that is not trusted any
	/// more cannot, and none reaches the owner's wallet.
	pub set_by: AccountId,
}

impl<AccountId> Trigger<AccountId> {
	pub(crate) fn is(&self, market: MarketId, id: TriggerId) -> bool {
		self.market == market && self.id == id
	}

	/// Its order as it is placed for its owner. If he has set it, his other orders give way: whoever
	/// trades for another account of his could end a stop-loss otherwise, by an order in front of it.
	pub(crate) fn order_of(&self, owner: &AccountId) -> OrderRequest
	where
		AccountId: PartialEq,
	{
		let self_trade = match self.order.self_trade {
			SelfTrade::CancelTaker if self.set_by == *owner => SelfTrade::CancelMaker,
			wanted => wanted,
		};
		OrderRequest { self_trade, ..self.order }
	}
}

/// Where those stand whose orders have begun: no trigger waits for a fall to 0, and none is behind that.
pub(crate) const BEGUN: (Side, Tick) = (Side::Bid, 0);

/// Whether the order of a trigger that stands there has begun.
pub(crate) fn has_begun(place: Place) -> bool {
	(place.side, place.tick) == BEGUN
}

/// The triggers of an account.
pub type TriggerList<AccountId> = BoundedVec<Trigger<AccountId>, ConstU32<MAX_TRIGGERS>>;

/// The markets in which triggers are to fire.
pub type DueList = BoundedVec<MarketId, ConstU32<MAX_MARKETS>>;

/// A trigger that waits, as it is told to whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct TriggerView<AccountId> {
	/// Its market.
	pub market: MarketId,
	/// The trigger.
	pub trigger: TriggerId,
	/// What it waits for.
	pub when: When,
	/// The order that it places, or what is left of it.
	pub order: OrderRequest,
	/// What is set aside for it, in µCRED.
	pub deposit: Balance,
	/// Who has set it.
	pub set_by: AccountId,
}

impl<AccountId> From<Trigger<AccountId>> for TriggerView<AccountId> {
	fn from(trigger: Trigger<AccountId>) -> Self {
		let Trigger { market, id, when, order, deposit, set_by, .. } = trigger;
		Self { market, trigger: id, when, order, deposit, set_by }
	}
}
