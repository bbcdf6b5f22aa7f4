//! What is stored of a launch, and of those who take part in it.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use lx_math::allocation::{Cut, Search, Share};
use lx_primitives::{Balance, Claim, LaunchId, Moment, Offer, Rates, RelayId, Units};
use scale_info::TypeInfo;
use sp_runtime::{traits::EnsureAddAssign, ArithmeticError};

/// The subscribers that one stored page of a launch holds.
pub const SUBSCRIBERS_PER_PAGE: u32 = 100;

/// The most subscribers of a launch.
pub const MAX_SUBSCRIBERS: u32 = 1_000_000;

/// The most relays at which an account can claim its quota of a launch: as many as it can have a purse at.
pub const MAX_CLAIMS: u32 = 8;

/// The most launches that are not over at a time.
pub const MAX_LIVE: u32 = 16;

/// When something happens to which launch, the first first.
pub type Plan = BoundedVec<(Moment, LaunchId), ConstU32<MAX_LIVE>>;

/// Notes that something happens to a launch at `at`. Says whether there was room.
pub(crate) fn schedule(plan: &mut Plan, at: Moment, id: LaunchId) -> bool {
	let place = plan.partition_point(|(earlier, _)| *earlier <= at);
	plan.try_insert(place, (at, id)).is_ok()
}

/// A page of a launch's subscribers.
pub type Page<AccountId> = BoundedVec<Subscriber<AccountId>, ConstU32<SUBSCRIBERS_PER_PAGE>>;

/// At what prices a quota is offered, and when.
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
pub struct Terms {
	/// What a call is charged at full price.
	pub list: Rates,
	/// What the provider is owed for it.
	pub cost: Rates,
	/// Only what was staked from the announcement to this moment counts.
	pub snapshot_at: Moment,
	/// From when on one can subscribe.
	pub opens_at: Moment,
	/// From when on one can no longer. Quotas can be used from then on, when they are allocated.
	pub closes_at: Moment,
	/// From when on quotas can no longer be used.
	pub expires_at: Moment,
}

impl Terms {
	/// Whether there is time between the announcement and each of the moments that needs it.
	pub(crate) fn is_in_order(&self) -> bool {
		self.snapshot_at <= self.opens_at
			&& self.opens_at < self.closes_at
			&& self.closes_at < self.expires_at
	}
}

/// A launch.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Launch {
	/// What it offers: quotas can be used from when its price is active.
	pub offer: Offer,
	/// Units that there are.
	pub total: Units,
	/// When it was announced.
	pub announced_at: Moment,
	/// Only what was staked from then to this moment counts.
	pub snapshot_at: Moment,
	/// From when on one can subscribe, until the price is active.
	pub opens_at: Moment,
	/// How far it has come.
	pub stage: Stage,
	/// What its subscribers ask for.
	pub tally: Tally,
	/// Units that were used.
	pub redeemed: Units,
}

impl Launch {
	/// From when on nobody can subscribe.
	pub fn closes_at(&self) -> Moment {
		self.offer.price.active_from
	}

	/// How many pages its subscribers fill.
	pub(crate) fn pages(&self) -> u32 {
		self.tally.subscribers.div_ceil(SUBSCRIBERS_PER_PAGE)
	}

	/// How many subscribers are on page `number`.
	pub(crate) fn on_page(&self, number: u32) -> u32 {
		let before = number.saturating_mul(SUBSCRIBERS_PER_PAGE);
		self.tally.subscribers.saturating_sub(before).min(SUBSCRIBERS_PER_PAGE)
	}

	/// Units that the first round leaves.
	pub(crate) fn left(&self) -> Units {
		self.total.saturating_sub(self.tally.first)
	}
}

/// How far a launch has come.
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
pub enum Stage {
	/// It waits for its snapshot.
	#[codec(index = 0)]
	Announced,
	/// One can subscribe, from its opening to its closing.
	#[codec(index = 1)]
	Open {
		/// What the stakes of the whole network counted for at the snapshot.
		network: Balance,
	},
	/// Its quota is being divided.
	#[codec(index = 2)]
	Filling(Filling),
	/// Subscribers claim what they are given, and use it.
	#[codec(index = 3)]
	Allocated(Cut),
	/// No quota can be used any more, and its pages are being removed.
	#[codec(index = 4)]
	Expired {
		/// How many are.
		swept: u32,
	},
	/// Nothing is left to be done.
	#[codec(index = 5)]
	Over,
	/// What was left of its quota is offered again.
	#[codec(index = 6)]
	Reoffered(LaunchId),
}

/// How far the division of a quota has come.
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
pub struct Filling {
	/// The search for who gets what.
	pub search: Search,
	/// The page that is counted next.
	pub page: u32,
}

/// What the subscribers of a launch ask for.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Tally {
	/// How many there are.
	pub subscribers: u32,
	/// Units that the first round gives them.
	pub first: Units,
	/// Units that they want beside these.
	pub wanted: u128,
	/// The least that one of them weighs.
	pub least: Balance,
}

impl Tally {
	/// Counts one more.
	pub(crate) fn add<AccountId>(
		&mut self,
		Subscriber { weight, first, wanted, .. }: &Subscriber<AccountId>,
	) -> Result<(), ArithmeticError> {
		self.least = if self.subscribers == 0 { *weight } else { self.least.min(*weight) };
		self.subscribers.ensure_add_assign(1)?;
		self.first.ensure_add_assign(*first)?;
		self.wanted.ensure_add_assign((*wanted).into())
	}
}

/// Who asks for a part of a quota.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Subscriber<AccountId> {
	/// The account.
	pub account: AccountId,
	/// What its stake counts for.
	pub weight: Balance,
	/// Units that the first round gives it.
	pub first: Units,
	/// Units that it asks for beside these.
	pub wanted: Units,
}

impl<AccountId: Encode> Subscriber<AccountId> {
	/// The same in the second round.
	pub(crate) fn share(&self) -> Share {
		let mut id = [0; 32];
		self.account.using_encoded(|bytes| {
			id.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
		});
		Share::new(id, self.weight, self.wanted)
	}

	/// Units that it is given in both rounds.
	pub fn allocated(&self, cut: &Cut) -> Units {
		// Each part is at most the same part of what was asked for, which fits.
		self.first.saturating_add(cut.given(&self.share()))
	}
}

/// What an account has claimed of its quota of a launch, each relay once.
pub type Claims = BoundedVec<Claim, ConstU32<MAX_CLAIMS>>;

/// What an account has to do with a launch.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Subscription {
	/// Which of the subscribers it is.
	pub place: u32,
	/// Planck that are held for its place in the state, and for all the claims that it may make.
	pub deposit: Balance,
	/// What it has claimed of what it was given.
	pub claims: Claims,
}

impl Subscription {
	/// One that has claimed nothing yet.
	pub(crate) fn new(place: u32, deposit: Balance) -> Self {
		Self { place, deposit, claims: Claims::new() }
	}

	/// Units that it has claimed, at all relays together.
	pub fn claimed(&self) -> Units {
		// No more than were given.
		self.claims.iter().map(|claim| claim.units).fold(0, Units::saturating_add)
	}

	/// What it has claimed at `relay`.
	pub fn claim_at(&self, relay: RelayId) -> Option<&Claim> {
		self.claims.iter().find(|claim| claim.relay == relay)
	}

	/// The same, to be changed.
	pub(crate) fn claim_at_mut(&mut self, relay: RelayId) -> Option<&mut Claim> {
		self.claims.iter_mut().find(|claim| claim.relay == relay)
	}
}
