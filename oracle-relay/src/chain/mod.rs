//! The finalised chain, as the relay sees it.
//!
//! Everything the relay decides on is read at one finalised block, so that a balance and the
//! sequence of the last batch charged against it always belong together. Only what a batch can
//! charge is also asked of the best block, since that is where the batch has to be valid. [`node`]
//! reads a real node; tests bring a chain of their own.

mod finality;
pub mod node;
mod reads;
mod transaction;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use lx_primitives::{
	call_log::MAX_CALL_AGE,
	units::{Credits, Moment},
	Batch, Header, LaunchId, ModelId, Offer, Payment, Perk, Price, Reign, RelayId, TierHistory,
	Units,
};
use sp_core::{crypto::AccountId32, sr25519, H256};
use tokio::sync::watch;

pub use reads::view;

use crate::pricing::{Launches, Registry};

/// Why the chain could not be read or written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ChainError {
	/// No node answers, or its last finalised block is too old.
	#[error("the chain cannot be reached: {0}")]
	Unreachable(String),
	/// The node refuses a batch.
	#[error("the node refuses the batch: {0}")]
	Refused(String),
	/// The runtime is not the one that this relay was written for.
	#[error("the runtime does not fit this relay: {0}")]
	Incompatible(String),
}

/// A finalised block.
#[derive(Clone, Debug)]
pub struct Head {
	/// The chain's genesis hash.
	pub genesis: H256,
	/// The block's number.
	pub number: u64,
	/// The block's time.
	pub time: Moment,
	/// This relay as the chain knows it; `None` if it is not registered.
	pub relay: Option<RelayRecord>,
	/// Whose signatures a batch needs.
	pub quorum: Quorum,
	/// The models that are listed, with their prices.
	pub registry: Arc<Registry>,
	/// The launches whose quotas can be used.
	pub launches: Arc<Launches>,
	/// µCRED that have been paid by final calls so far: where on the emission curve the chain is.
	pub cumulative: Credits,
	/// Who was first in the last of the Compute Wars' rounds, and which perk was chosen.
	pub reign: Option<Reign<AccountId32>>,
}

impl Head {
	/// The sequence of the relay's next batch. An unregistered relay has posted none.
	pub fn next_sequence(&self) -> u64 {
		self.relay.as_ref().map_or(0, |relay| relay.next_sequence)
	}

	/// The perk that `who` has this week.
	pub fn perk_of(&self, who: &AccountId32) -> Option<Perk> {
		self.reign.as_ref()?.perk_of(who)
	}

	/// Whether the Ecosystem Fund pays calls of `who` at `relay`, as far as it has prepaid them.
	pub fn are_calls_free(&self, who: &AccountId32, relay: RelayId) -> bool {
		self.perk_of(who) == Some(Perk::FreeCalls { relay })
	}
}

/// The attestors whose signatures count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quorum {
	/// The keys of the members that are not suspended, by their ids.
	pub members: BTreeMap<u32, sr25519::Public>,
	/// How many members there are, the suspended ones included.
	pub size: usize,
	/// How many of them must sign.
	pub threshold: usize,
}

/// A relay's registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayRecord {
	/// The key that its batches are signed with.
	pub key: sr25519::Public,
	/// Whether it may post.
	pub is_active: bool,
	/// The sequence of its next batch.
	pub next_sequence: u64,
	/// The hash of its last batch; zero before the first.
	pub last_batch: H256,
}

/// What an account has prepaid at this relay, and its API keys' epoch.
///
/// What an account takes back ends at once for new calls. For those that were served before, the
/// chain gives the relay some more time to collect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiAccount {
	/// Whether it has a purse at this relay.
	pub has_purse: bool,
	/// µCRED in the purse that can be charged.
	pub free: Credits,
	/// µCRED on their way out, chargeable until [`ApiAccount::thaw_at`].
	pub thawing: Credits,
	/// When what thaws may be withdrawn.
	pub thaw_at: Moment,
	/// µCRED charged by batches that are not final yet.
	pub pending: Credits,
	/// µCRED that may be charged a day.
	pub daily_limit: Credits,
	/// Higher daily limits from before, each with the last moment at which the relay may collect
	/// under it.
	pub former_limits: Vec<(Credits, Moment)>,
	/// µCRED charged today.
	pub spent_today: Credits,
	/// Keys of earlier epochs are revoked.
	pub key_epoch: u32,
	/// When the epoch began: until then keys of the one before worked.
	pub epoch_since: Moment,
	/// The staking tier, and those from before.
	pub tiers: TierHistory,
	/// What somebody else has prepaid here for its calls.
	pub sponsored: Sponsored,
}

/// What a sponsor has prepaid at this relay for the calls of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sponsored {
	/// µCRED that can be charged.
	pub free: Credits,
	/// µCRED on their way back to the sponsor, chargeable until [`Sponsored::thaw_at`].
	pub thawing: Credits,
	/// When what thaws may return.
	pub thaw_at: Moment,
}

impl ApiAccount {
	/// µCRED that the chain lets the relay charge for calls with this payment at this block, whose time
	/// is `now`.
	pub fn chargeable(&self, payment: Payment, now: Moment) -> Credits {
		let all = |free: Credits, thawing, thaw_at| {
			free.saturating_add(if now <= thaw_at { thawing } else { 0 })
		};
		match payment {
			Payment::Purse | Payment::Quota(_) => {
				all(self.free, self.thawing, self.thaw_at).min(self.left_of(self.limit_at(now)))
			},
			Payment::Perk => {
				let Sponsored { free, thawing, thaw_at } = self.sponsored;
				all(free, thawing, thaw_at)
			},
		}
	}

	/// µCRED that the relay may serve calls with this payment against at this block. What thaws may be
	/// withdrawn before the next batch, so it pays only for what was served before it began to thaw.
	pub fn servable(&self, payment: Payment) -> Credits {
		match payment {
			Payment::Purse | Payment::Quota(_) => self.free.min(self.left_of(self.daily_limit)),
			Payment::Perk => self.sponsored.free,
		}
	}

	/// Whether a key granted in epoch `granted_in` could make a call at `time`.
	pub fn admits_key(&self, granted_in: u32, time: Moment) -> bool {
		let is_of_the_epoch_before = granted_in.checked_add(1) == Some(self.key_epoch);
		granted_in == self.key_epoch || (is_of_the_epoch_before && time < self.epoch_since)
	}

	fn limit_at(&self, now: Moment) -> Credits {
		let former = self.former_limits.iter().filter(|(_, until)| now <= *until);
		former.fold(self.daily_limit, |highest, (limit, _)| highest.max(*limit))
	}

	fn left_of(&self, limit: Credits) -> Credits {
		limit.saturating_sub(self.spent_today)
	}
}

/// A batch with the signatures that the chain asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
	/// The batch.
	pub batch: Batch<AccountId32>,
	/// The relay's signature over the batch's hash.
	pub relay_signature: sr25519::Signature,
	/// The attestors' signatures over the batch's hash.
	pub signatures: Vec<(u32, sr25519::Signature)>,
}

/// The chain's state at one finalised block.
#[async_trait]
pub trait Snapshot: Send + Sync {
	/// The block.
	fn head(&self) -> &Head;
	/// The API account of `who`; `None` if it has none.
	async fn account(&self, who: &AccountId32) -> Result<Option<ApiAccount>, ChainError>;
	/// A version of a model's price, whether still listed or not.
	async fn price(&self, model: &ModelId, version: u32) -> Result<Option<Price>, ChainError>;
	/// What a launch offers, or offered.
	async fn offer(&self, launch: LaunchId) -> Result<Option<Offer>, ChainError>;
	/// The units of a launch that `who` has claimed at this relay, and that batches may still use.
	async fn usable(&self, who: &AccountId32, launch: LaunchId) -> Result<Units, ChainError>;
	/// What the chain remembers of this relay's batch `sequence`.
	async fn standing(&self, sequence: u64) -> Result<Standing, ChainError>;
}

/// What the chain remembers of the batch for a place of this relay's log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
	/// The batch with this hash is posted and not final.
	Pending(H256),
	/// The batch with this hash is final.
	Settled(H256),
	/// Nothing: none was posted, or it was reversed, or it has been final for a day.
	Unknown,
}

impl Standing {
	/// The hash of the batch that stands there.
	pub fn hash(self) -> Option<H256> {
		match self {
			Self::Pending(hash) | Self::Settled(hash) => Some(hash),
			Self::Unknown => None,
		}
	}
}

/// Whether the chain, at `now`, would still know of a batch that it has taken and not reversed.
pub fn is_remembered(header: &Header, now: Moment) -> bool {
	now <= header.time.saturating_add(MAX_CALL_AGE)
}

/// What a block says of a batch that may come after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
	/// The next block can take it.
	Valid,
	/// A batch of its sequence is in the chain already, most often this one.
	UsedUp,
	/// No block can take it, for this reason.
	Refused(String),
}

/// The block that the next one is built on. It may never become final, so it serves only to judge
/// what the next block can take.
#[async_trait]
pub trait BestBlock: Send + Sync {
	/// The block's hash.
	fn hash(&self) -> H256;
	/// The block's time.
	fn time(&self) -> Moment;
	/// The API account of `who`; `None` if it has none.
	async fn account(&self, who: &AccountId32) -> Result<Option<ApiAccount>, ChainError>;
	/// The units of a launch that `who` has claimed at this relay, and that the next block lets a batch use.
	async fn usable(&self, who: &AccountId32, launch: LaunchId) -> Result<Units, ChainError>;
	/// Whether the next block can take a batch.
	async fn judge(&self, posting: &Posting) -> Result<Verdict, ChainError>;
}

/// A chain that can be read at its last finalised block and posted to.
#[async_trait]
pub trait ChainView: Send + Sync {
	/// The state at the last finalised block.
	fn snapshot(&self) -> Result<Arc<dyn Snapshot>, ChainError>;
	/// The best block.
	async fn best(&self) -> Result<Arc<dyn BestBlock>, ChainError>;
	/// Changes with each finalised block, to that block's number.
	fn heads(&self) -> watch::Receiver<u64>;
	/// Hands a batch to the transaction pool, unless the best block refuses it. Success is seen at a
	/// later block only.
	async fn submit(&self, posting: &Posting) -> Result<(), ChainError>;
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_smaller_of_balance_and_daily_limit_is_chargeable() {
		let account = ApiAccount {
			free: 70,
			thawing: 30,
			thaw_at: 10,
			daily_limit: 1_000,
			..Default::default()
		};
		let purse = Payment::Purse;
		assert_eq!([10, 11].map(|now| account.chargeable(purse, now)), [100, 70]);
		assert_eq!(account.servable(purse), 70, "what thaws is not served against");
		let limited = ApiAccount { daily_limit: 90, spent_today: 50, ..account.clone() };
		assert_eq!(limited.chargeable(purse, 0), 40);
		let spent = ApiAccount { daily_limit: 50, spent_today: 60, ..account };
		assert_eq!(spent.chargeable(purse, 0), 0);
	}

	#[test]
	fn what_a_sponsor_has_prepaid_pays_nothing_else() {
		let account = ApiAccount {
			free: 5,
			sponsored: Sponsored { free: 70, thawing: 30, thaw_at: 10 },
			..Default::default()
		};
		let perk = Payment::Perk;
		assert_eq!([10, 11].map(|now| account.chargeable(perk, now)), [100, 70]);
		assert_eq!(account.servable(perk), 70);
		assert_eq!(
			(account.chargeable(Payment::Purse, 0), account.servable(Payment::Purse)),
			(0, 0)
		);
	}

	#[test]
	fn keys_of_the_epoch_before_count_for_calls_from_before_it_ended() {
		let account = ApiAccount { key_epoch: 3, epoch_since: 10, ..Default::default() };
		assert!(account.admits_key(3, 0) && account.admits_key(3, 99));
		assert!(account.admits_key(2, 9) && !account.admits_key(2, 10));
		assert!(!account.admits_key(1, 9) && !account.admits_key(4, 99));
	}

	#[test]
	fn a_former_limit_bounds_what_is_collected_and_not_what_is_served() {
		let account = ApiAccount {
			free: 1_000,
			daily_limit: 50,
			former_limits: vec![(100, 10), (80, 20)],
			spent_today: 30,
			..Default::default()
		};
		assert_eq!(account.servable(Payment::Purse), 20);
		let chargeable = [10, 11, 20, 21].map(|now| account.chargeable(Payment::Purse, now));
		assert_eq!(chargeable, [70, 50, 50, 20]);
	}
}
