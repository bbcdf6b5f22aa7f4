//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{traits::ConstU32, BoundedVec};
use lx_primitives::{merkle_sum::Node, Credits, Line, Moment, RelayId};
use scale_info::TypeInfo;
use sp_core::{sr25519, H256};

/// Identifies a registered attestor.
pub type AttestorId = u32;

/// The most relays that one account may authorise, those that still collect included.
pub const MAX_AUTHORISED: u32 = 8;

/// The most former daily limits that an account remembers.
pub const MAX_FORMER_LIMITS: u32 = 2;

/// The most members of the quorum, and so the most signatures of a batch.
pub const MAX_QUORUM: u32 = 16;

/// The lines that one stored page of a batch holds.
pub const LINES_PER_PAGE: u32 = 100;

/// How many sequences beyond the next one the transaction pool keeps for a relay.
pub const LOOK_AHEAD: u64 = 16;

/// The most batches of one relay that may wait to become final.
pub const MAX_PENDING_BATCHES: u32 = 4_096;

/// The relays that an account names in [`Pallet::authorise`](crate::Pallet::authorise).
pub type AuthorisedRelays = BoundedVec<RelayId, ConstU32<MAX_AUTHORISED>>;

/// The members of a quorum.
pub type Members = BoundedVec<AttestorId, ConstU32<MAX_QUORUM>>;

/// The attestors' signatures over a batch's hash.
pub type Signatures = BoundedVec<(AttestorId, sr25519::Signature), ConstU32<MAX_QUORUM>>;

/// A page of a batch's lines.
pub type LinePage<AccountId> = BoundedVec<Line<AccountId>, ConstU32<LINES_PER_PAGE>>;

/// A relay that an account has named.
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
pub struct Authorisation {
	/// The relay.
	pub relay: RelayId,
	/// `None` while the authorisation stands. Once it is taken back: the last moment at which the
	/// relay may charge, to collect what it served before.
	pub until: Option<Moment>,
}

impl Authorisation {
	fn lets_charge(&self, now: Moment) -> bool {
		self.until.is_none_or(|until| now <= until)
	}
}

/// A daily limit that an account has lowered.
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
	/// The last moment at which relays may charge up to it, to collect what they served before.
	pub until: Moment,
}

/// An account's API balance and what may be charged to it: all that one charge touches.
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
	/// µCRED that may be charged.
	pub free: Credits,
	/// µCRED on the way out; it may still be charged.
	pub thawing: Credits,
	/// When what thaws may be withdrawn.
	pub thaw_at: Moment,
	/// µCRED charged by batches that are not final.
	pub pending: Credits,
	/// The relays that may charge the account, each at most once.
	pub relays: BoundedVec<Authorisation, ConstU32<MAX_AUTHORISED>>,
	/// The most µCRED that may be charged in a day.
	pub daily_limit: Credits,
	/// Higher daily limits that were lowered, the highest and earliest first.
	pub former_limits: BoundedVec<FormerLimit, ConstU32<MAX_FORMER_LIMITS>>,
	/// The day that [`ApiAccount::spent_today`] is of.
	pub spent_day: u32,
	/// µCRED charged on [`ApiAccount::spent_day`].
	pub spent_today: Credits,
	/// API keys granted in an earlier epoch are revoked.
	pub key_epoch: u32,
}

impl ApiAccount {
	/// Whether `relay` may charge the account at `now`.
	pub fn may_charge(&self, relay: RelayId, now: Moment) -> bool {
		self.relays.iter().any(|held| held.relay == relay && held.lets_charge(now))
	}

	/// The most µCRED that may be charged in a day, at `now`: the daily limit, or a higher former
	/// one that has not ended.
	pub fn limit_at(&self, now: Moment) -> Credits {
		let former = self.former_limits.iter().filter(|former| now <= former.until);
		former.fold(self.daily_limit, |highest, former| highest.max(former.limit))
	}

	/// Lets the relays `named`, and no others, charge what they serve from `now` on. Every other
	/// that stood may collect for another `delay` what it has served. One that was leaving already
	/// keeps its time: taking it off again neither prolongs nor shortens it. Fails, and changes
	/// nothing, with the first authorisation that there is no room for.
	pub(crate) fn name_relays(
		&mut self,
		named: &[RelayId],
		now: Moment,
		delay: Moment,
	) -> Result<(), Authorisation> {
		let until = now.saturating_add(delay);
		let standing = named.iter().map(|relay| Authorisation { relay: *relay, until: None });
		let leaving = self
			.relays
			.iter()
			.filter(|held| held.lets_charge(now) && !named.contains(&held.relay))
			.map(|held| Authorisation { relay: held.relay, until: held.until.or(Some(until)) });
		let mut relays = BoundedVec::<Authorisation, ConstU32<MAX_AUTHORISED>>::new();
		for authorisation in standing.chain(leaving) {
			// A list may name a relay twice.
			if !relays.contains(&authorisation) {
				relays.try_push(authorisation)?;
			}
		}
		self.relays = relays;
		Ok(())
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

	/// Whether nothing is lost by forgetting the account. One that has revoked keys is remembered:
	/// a revoked key must never work again.
	pub(crate) fn is_closed(&self) -> bool {
		self.free == 0 && self.thawing == 0 && self.pending == 0 && self.key_epoch == 0
	}
}

/// Whether a relay may post.
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
pub enum RelayStatus {
	/// Bonded and waiting to be admitted.
	#[codec(index = 0)]
	Registered,
	/// May post batches.
	#[codec(index = 1)]
	Active,
	/// May not post; what it has posted becomes final all the same.
	#[codec(index = 2)]
	Suspended,
	/// Leaving for good: may not post, and gets its bond when nothing of it is pending.
	#[codec(index = 3)]
	Retiring,
}

/// A relay.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Relay<AccountId> {
	/// Who registered it, bonded for it and is paid the providers' cost.
	pub operator: AccountId,
	/// Signs its batches.
	pub key: sr25519::Public,
	/// µCRED that it stands to lose.
	pub bond: Credits,
	/// Whether it may post.
	pub status: RelayStatus,
	/// The sequence of its next batch.
	pub next_sequence: u64,
	/// The hash of its last batch; zero before the first.
	pub last_batch: H256,
	/// How many of its batches are not final.
	pub pending_batches: u32,
}

/// One who checks and signs batches.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Attestor<AccountId> {
	/// Who registered it and bonded for it.
	pub operator: AccountId,
	/// Signs the batches.
	pub key: sr25519::Public,
	/// µCRED that it stands to lose.
	pub bond: Credits,
	/// The place in the queue from which on no batch can carry its signature. Meaningless while it
	/// is a member of the quorum.
	pub signed_until: u64,
}

/// The attestors whose signatures count, and how many of them a batch needs.
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
pub struct AttestorQuorum {
	/// Who may sign, in ascending order.
	pub members: Members,
	/// How many of them must; 0 only before the first quorum exists, and then none suffices.
	pub threshold: u32,
}

/// A batch that is not final. Its lines are in [`LinePages`](crate::LinePages).
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
pub struct PostedBatch {
	/// What the relay and the attestors signed.
	pub hash: H256,
	/// The Merkle-sum root over the lines.
	pub root: Node,
	/// When the challenge window ends.
	pub final_at: Moment,
	/// How many lines it has.
	pub lines: u32,
	/// How many of them, from the first on, are settled.
	pub settled_lines: u32,
}
