//! API balances.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use lx_primitives::{Credits, Moment, Payment, RelayId};
use scale_info::TypeInfo;
use sp_runtime::traits::Zero;

/// The most relays at which one account may have a purse.
pub const MAX_PURSES: u32 = 8;

/// The most former daily limits that a purse remembers.
pub const MAX_FORMER_LIMITS: u32 = 2;

/// A daily limit that was lowered.
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
pub struct FormerLimit {
	/// The most µCRED that could be charged in a day.
	pub limit: Credits,
	/// The last moment at which the relay may charge up to it, to collect what it served before.
	pub until: Moment,
}

/// What is prepaid at one relay for the calls of an account: by the account itself, or by who sponsors
/// it. No other relay can charge it, so the relay may serve against all that is free in it.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Purse {
	/// The relay that may charge it.
	pub relay: RelayId,
	/// Whether somebody else has filled it than the account, and has back what is left.
	pub is_sponsored: bool,
	/// µCRED that may be charged.
	pub free: Credits,
	/// µCRED on the way out; what was served before may be charged to it until `thaw_at`.
	pub thawing: Credits,
	/// When what thaws may be withdrawn.
	pub thaw_at: Moment,
	/// µCRED charged by batches that are not final.
	pub pending: Credits,
	/// The most µCRED that may be charged in a day.
	pub daily_limit: Credits,
	/// Higher daily limits that were lowered, the highest and earliest first.
	pub former_limits: BoundedVec<FormerLimit, ConstU32<MAX_FORMER_LIMITS>>,
	/// The day that [`Purse::spent_today`] is of.
	pub spent_day: u32,
	/// µCRED charged on [`Purse::spent_day`].
	pub spent_today: Credits,
}

impl Purse {
	/// An empty purse of the account's own at `relay`, without a daily limit.
	pub(crate) fn new(relay: RelayId) -> Self {
		Self {
			relay,
			is_sponsored: false,
			free: 0,
			thawing: 0,
			thaw_at: 0,
			pending: 0,
			daily_limit: Credits::MAX,
			former_limits: BoundedVec::new(),
			spent_day: 0,
			spent_today: 0,
		}
	}

	/// Whether calls at `relay` with this payment are charged to it.
	pub(crate) fn pays(&self, relay: RelayId, payment: Payment) -> bool {
		self.relay == relay && self.is_sponsored == payment.is_sponsored()
	}

	/// µCRED on the way out that may be charged at `now`.
	pub fn collectable(&self, now: Moment) -> Credits {
		if now <= self.thaw_at {
			self.thawing
		} else {
			0
		}
	}

	/// The most µCRED that may be charged in a day, at `now`: the daily limit, or a higher former
	/// one that has not ended.
	pub fn limit_at(&self, now: Moment) -> Credits {
		let former = self.former_limits.iter().filter(|former| now <= former.until);
		former.fold(self.daily_limit, |highest, former| highest.max(former.limit))
	}

	/// µCRED charged on the day `today` so far.
	pub fn spent_on(&self, today: u32) -> Credits {
		if today > self.spent_day {
			0
		} else {
			self.spent_today
		}
	}

	/// Begins to thaw all that is free, until `thaw_at`.
	pub(crate) fn thaw_all(&mut self, thaw_at: Moment) {
		if !self.free.is_zero() {
			// Both are parts of one asset's issuance, which does not overflow.
			self.thawing = self.thawing.saturating_add(core::mem::take(&mut self.free));
			self.thaw_at = thaw_at;
		}
	}

	/// Makes `limit` the daily limit for what is served from `now` on. Where that lowers it, what
	/// was served under the limit before may be collected for another `delay`.
	///
	/// Each former limit has a time of its own. An account that lowers its limit a third time while
	/// two former ones last does not get a third: the lower of the two, which is higher than the
	/// one that goes, is prolonged in its place. The higher one never is, so that each has ended
	/// two delays after it was lowered, however often that is repeated.
	pub(crate) fn set_daily_limit(&mut self, limit: Credits, now: Moment, delay: Moment) {
		let before = core::mem::replace(&mut self.daily_limit, limit);
		// The others have ended, or are covered by a limit that lasts longer.
		self.former_limits.retain(|former| now <= former.until && former.limit > before.max(limit));
		if limit >= before {
			return;
		}
		let until = now.saturating_add(delay);
		if self.former_limits.try_push(FormerLimit { limit: before, until }).is_err() {
			if let Some(last) = self.former_limits.last_mut() {
				last.until = last.until.max(until);
			}
		}
	}

	/// Whether nothing is in it, or on its way to or from it.
	pub(crate) fn is_empty(&self) -> bool {
		self.free.is_zero() && self.thawing.is_zero() && self.pending.is_zero()
	}
}

/// An account's purses: all that one charge touches.
#[derive(
	Clone,
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
pub struct ApiAccount {
	/// The purses, at most one of its own and a sponsored one at each relay.
	pub purses: BoundedVec<Purse, ConstU32<MAX_PURSES>>,
	/// API keys granted in an earlier epoch are revoked.
	pub key_epoch: u32,
	/// When the epoch began: until then keys of the one before worked.
	pub epoch_since: Moment,
}

impl ApiAccount {
	/// Its own purse at `relay`.
	pub fn purse(&self, relay: RelayId) -> Option<&Purse> {
		self.purse_for(relay, Payment::Purse)
	}

	/// The purse at `relay` that calls with this payment are charged to.
	pub fn purse_for(&self, relay: RelayId, payment: Payment) -> Option<&Purse> {
		self.purses.iter().find(|purse| purse.pays(relay, payment))
	}

	pub(crate) fn purse_mut(&mut self, relay: RelayId) -> Option<&mut Purse> {
		self.purse_for_mut(relay, Payment::Purse)
	}

	pub(crate) fn purse_for_mut(&mut self, relay: RelayId, payment: Payment) -> Option<&mut Purse> {
		self.purses.iter_mut().find(|purse| purse.pays(relay, payment))
	}

	/// Whether nothing is lost by forgetting the account. One that has revoked keys is remembered:
	/// a revoked key must never work again.
	pub(crate) fn is_closed(&self) -> bool {
		self.purses.is_empty() && self.key_epoch.is_zero()
	}
}
