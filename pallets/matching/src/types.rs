//! What goes into the engine and what comes out.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A price in ticks of its market, below [`TICKS`].
pub type Tick = u32;

/// A quantity in lots of its market.
pub type Lots = u64;

/// Identifies an order in its market. The book gives them out in ascending order and never twice.
pub type OrderId = u64;

/// Milliseconds since 1970.
pub type Moment = u64;

/// When an order ends that does not.
pub const NEVER: Moment = Moment::MAX;

/// When an order ends, if it does, of which a book says from when on it is expired.
pub fn end(expires_at: Moment) -> Option<Moment> {
	(expires_at != NEVER).then_some(expires_at)
}

/// Identifies a page of a level's queue.
pub type PageId = u32;

/// So many ticks there are: prices go from 0 to one less.
pub const TICKS: Tick = 1 << 24;

/// The most that one order is for, so that the sum of any number of orders can be counted.
pub const MAX_LOTS: Lots = 1 << 32;

/// A side of the book.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Hash,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Side {
	/// Buys base.
	#[codec(index = 0)]
	Bid,
	/// Sells base.
	#[codec(index = 1)]
	Ask,
}

impl Side {
	/// The side that this one trades with.
	pub fn opposite(self) -> Self {
		match self {
			Self::Bid => Self::Ask,
			Self::Ask => Self::Bid,
		}
	}

	/// Whether an order of this side at `limit` trades with one of the other side at `tick`.
	pub fn crosses(self, limit: Tick, tick: Tick) -> bool {
		match self {
			Self::Bid => limit >= tick,
			Self::Ask => limit <= tick,
		}
	}
}

/// How long an order lives, and whether it may rest.
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
pub enum TimeInForce {
	/// Rests until it is filled or cancelled.
	#[codec(index = 0)]
	GoodTilCancelled,
	/// Rests until a moment, from which on it is expired.
	#[codec(index = 1)]
	GoodTilTime(Moment),
	/// Rests, and is rejected if it would trade at once.
	#[codec(index = 2)]
	PostOnly,
	/// Trades at once what it can; the rest is cancelled.
	#[codec(index = 3)]
	ImmediateOrCancel,
	/// Trades at once and whole, or not at all.
	#[codec(index = 4)]
	FillOrKill,
}

impl TimeInForce {
	/// Whether what does not trade at once stays in the book.
	pub fn may_rest(self) -> bool {
		!matches!(self, Self::ImmediateOrCancel | Self::FillOrKill)
	}
}

/// What happens when an order would trade with one of the same party: see
/// [`Book::is_same_party`](crate::Book::is_same_party).
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
pub enum SelfTrade {
	/// The rest of the new order is cancelled.
	#[codec(index = 0)]
	CancelTaker,
	/// The resting order is cancelled, and the new one goes on.
	#[codec(index = 1)]
	CancelMaker,
	/// Both are cancelled.
	#[codec(index = 2)]
	CancelBoth,
	/// Both lose what the smaller one has, without a trade. The smaller one is gone, and so is the rest
	/// of the other if it is [too little](crate::Book::is_enough) to stay.
	#[codec(index = 3)]
	Decrement,
}

/// A new order. A market order is one that trades [at once](TimeInForce::ImmediateOrCancel), down to
/// its worst price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewOrder<Owner> {
	/// Whose it is.
	pub owner: Owner,
	/// Its side.
	pub side: Side,
	/// The worst price that it takes.
	pub tick: Tick,
	/// How much.
	pub lots: Lots,
	/// How long it lives.
	pub time_in_force: TimeInForce,
	/// What happens when it meets an order of its owner.
	pub self_trade: SelfTrade,
	/// It only ever reduces what its owner holds: see [`Book::reducible`](crate::Book::reducible).
	pub reduce_only: bool,
}

/// An order in the book.
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
pub struct Resting<Owner> {
	/// Its id.
	pub id: OrderId,
	/// Whose it is.
	pub owner: Owner,
	/// How much of it is left.
	pub lots: Lots,
	/// From when on it is expired; [`NEVER`] if it never is.
	pub expires_at: Moment,
	/// It only ever reduces what its owner holds.
	pub reduce_only: bool,
}

/// Where an order is in the book, for whoever keeps it: the engine has no index of ids.
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
pub struct Place {
	/// The order.
	pub id: OrderId,
	/// Its side.
	pub side: Side,
	/// Its price.
	pub tick: Tick,
	/// The page that holds it.
	pub page: PageId,
}

/// A trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill<Owner> {
	/// The resting order, whose price it is.
	pub maker: Place,
	/// Whose order that is.
	pub maker_owner: Owner,
	/// What is left of it; its owner's list must forget it when that is nothing.
	pub maker_left: Lots,
	/// The new order.
	pub taker: OrderId,
	/// How much was traded.
	pub lots: Lots,
}

/// Why an order, or the rest of one, is gone without a trade.
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
pub enum CancelReason {
	/// Its owner asked for it.
	#[codec(index = 0)]
	Requested,
	/// Nothing more could be traded at once, at its price.
	#[codec(index = 1)]
	Unfilled,
	/// It met an order of its owner.
	#[codec(index = 2)]
	SelfTrade,
	/// Its time is over.
	#[codec(index = 3)]
	Expired,
	/// It has met as many orders as it was allowed to.
	#[codec(index = 4)]
	MatchLimit,
	/// It would not reduce what its owner holds.
	#[codec(index = 5)]
	NothingToReduce,
	/// It was amended, and begins anew.
	#[codec(index = 6)]
	Replaced,
	/// What was left of it is too little to stay, and it has not traded, or has met an order of its
	/// owner.
	#[codec(index = 7)]
	Dust,
}

/// Why an order is not accepted. Nothing has changed then.
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
pub enum Rejection {
	/// It is for nothing.
	#[codec(index = 0)]
	ZeroLots,
	/// Its price is not below [`TICKS`].
	#[codec(index = 1)]
	TickOutOfRange,
	/// It is over before it begins.
	#[codec(index = 2)]
	Expired,
	/// It is post-only and would trade.
	#[codec(index = 3)]
	WouldTrade,
	/// It is fill-or-kill, and there is not enough that it could trade with.
	#[codec(index = 4)]
	CannotFill {
		/// How many resting orders it has met in vain; one that only reduces counts twice.
		met: u32,
	},
	/// It is reduce-only, and there is nothing to reduce.
	#[codec(index = 5)]
	NothingToReduce,
	/// It is for more than [`MAX_LOTS`].
	#[codec(index = 6)]
	TooManyLots,
	/// There is no such order at that place.
	#[codec(index = 7)]
	UnknownOrder,
	/// The change changes nothing.
	#[codec(index = 8)]
	NoChange,
	/// Its owner has as many orders as one may have.
	#[codec(index = 9)]
	TooManyOrders,
}

/// What happened, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report<Owner> {
	/// A new order has its id.
	Accepted {
		/// The order.
		id: OrderId,
		/// Whose it is.
		owner: Owner,
		/// Its side.
		side: Side,
		/// How much it is for; less than was asked for where it is to reduce and there is less.
		lots: Lots,
	},
	/// A trade.
	Filled(Fill<Owner>),
	/// The rest of a new order is in the book.
	Rested {
		/// Where.
		place: Place,
		/// Whose it is.
		owner: Owner,
		/// How much.
		lots: Lots,
		/// From when on it is expired; [`NEVER`] if it never is.
		expires_at: Moment,
		/// It only ever reduces what its owner holds.
		reduce_only: bool,
	},
	/// The rest of a new order is gone.
	TakerCancelled {
		/// The order.
		id: OrderId,
		/// How much.
		lots: Lots,
		/// Why.
		reason: CancelReason,
	},
	/// A resting order, or a part of it, is gone without a trade.
	MakerCancelled {
		/// Where it was.
		place: Place,
		/// Whose it was.
		owner: Owner,
		/// How much is gone.
		lots: Lots,
		/// What is left of it.
		left: Lots,
		/// Why.
		reason: CancelReason,
	},
}
