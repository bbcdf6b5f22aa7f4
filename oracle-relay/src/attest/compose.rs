//! Composing a batch that the attestors will sign and the chain will take.
//!
//! The chain takes a batch whole or not at all, so one account that can no longer be charged (its
//! daily limit is reached, or its balance has thawed) would hold up everybody; and attestors sign for
//! no call of a revoked key. Each account is therefore looked at first. Calls that the chain would
//! refuse are left for later. What counts is the smaller of what the finalised block that the batch
//! builds on allows and what the best block does: no other relay can charge the account's purse here, or
//! use what it has claimed of a quota here, so only its owner can change that.

use std::collections::{BTreeMap, BTreeSet};

use lx_primitives::{
	call_log::{call_time, leaves_root, MAX_LINES},
	merkle_sum::root,
	units::Credits,
	Batch, CallId, Header, LaunchId, Line, Moment, Payment, RelayId, Units,
};
use sp_core::crypto::AccountId32;

use super::AccountLeaf;
use crate::{
	chain::{ApiAccount, BestBlock, ChainError, Head, Snapshot},
	ledger::batches::{LinesOfLeaves, Waiting},
};

/// What became of the calls that were offered.
#[derive(Debug, Default)]
pub struct Composed {
	/// The batch with its leaves, line by line; `None` if no call can be charged now.
	pub batch: Option<(Batch<AccountId32>, LinesOfLeaves)>,
	/// Accounts with calls that the chain would refuse now, and how those are paid, each once.
	pub refused: Vec<LineKey>,
	/// Calls whose keys were revoked before they were made, as far as the chain can tell.
	pub revoked: Vec<CallId>,
}

/// Whose calls a line is for, and how they are paid.
pub type LineKey = (AccountId32, Payment);

/// Composes the relay's next batch after `snapshot` from `waiting`, the first ones first.
pub async fn compose(
	snapshot: &dyn Snapshot,
	best: &dyn BestBlock,
	relay: RelayId,
	waiting: Vec<Waiting>,
) -> Result<Composed, ChainError> {
	let mut composed = Composed::default();
	let mut lines: BTreeMap<LineKey, Vec<AccountLeaf>> = BTreeMap::new();
	for (who, waiting) in by_account(waiting) {
		let account = snapshot.account(&who).await?.unwrap_or_default();
		let (granted, revoked) = by_grant(&account, waiting);
		composed.revoked.extend(revoked);
		// An account that a block does not know has nothing that can be charged.
		let newest = best.account(&who).await?.unwrap_or_default();
		let most = |payment| {
			let finalised = account.chargeable(payment, snapshot.head().time);
			finalised.min(newest.chargeable(payment, best.time()))
		};
		let left = Left {
			own: most(Payment::Purse),
			sponsored: most(Payment::Perk),
			quotas: usable(snapshot, best, &who, &granted).await?,
		};
		let (chargeable, others) = left.divide(granted);
		composed.refused.extend(others.into_iter().map(|payment| (who.clone(), payment)));
		for leaf in chargeable {
			let key = (leaf.account.clone(), leaf.payment);
			lines.entry(key).or_default().push(leaf);
		}
	}
	composed.batch = build(snapshot.head(), relay, lines);
	Ok(composed)
}

/// The calls of at most [`MAX_LINES`] lines, by account; those of further lines wait.
fn by_account(waiting: Vec<Waiting>) -> BTreeMap<AccountId32, Vec<Waiting>> {
	let most = usize::try_from(MAX_LINES).unwrap_or(usize::MAX);
	let mut lines: BTreeSet<LineKey> = BTreeSet::new();
	let mut accounts: BTreeMap<AccountId32, Vec<Waiting>> = BTreeMap::new();
	for call in waiting {
		let key = (call.leaf.account.clone(), call.leaf.payment);
		if lines.len() < most || lines.contains(&key) {
			accounts.entry(key.0.clone()).or_default().push(call);
			lines.insert(key);
		}
	}
	accounts
}

/// What can be used here of each quota that the calls of `who` name.
async fn usable(
	snapshot: &dyn Snapshot,
	best: &dyn BestBlock,
	who: &AccountId32,
	leaves: &[AccountLeaf],
) -> Result<BTreeMap<LaunchId, Units>, ChainError> {
	let named: BTreeSet<LaunchId> = leaves.iter().filter_map(|leaf| leaf.payment.quota()).collect();
	let mut usable = BTreeMap::new();
	for launch in named {
		let units = snapshot.usable(who, launch).await?.min(best.usable(who, launch).await?);
		usable.insert(launch, units);
	}
	Ok(usable)
}

/// The calls whose keys were good when they were made, and the ids of the others.
fn by_grant(account: &ApiAccount, waiting: Vec<Waiting>) -> (Vec<AccountLeaf>, Vec<CallId>) {
	let is_granted =
		|call: &Waiting| account.admits_key(call.key_epoch, call_time(&call.leaf.call_id));
	let (granted, revoked): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_granted);
	(
		granted.into_iter().map(|call| call.leaf).collect(),
		revoked.into_iter().map(|call| call.leaf.call_id).collect(),
	)
}

/// What the chain lets the relay charge for the calls of an account.
struct Left {
	/// µCRED of its own purse.
	own: Credits,
	/// µCRED that somebody else has prepaid.
	sponsored: Credits,
	/// Units that it has claimed here of its quotas.
	quotas: BTreeMap<LaunchId, Units>,
}

impl Left {
	/// The first of the account's calls that fit what is left of the purse that pays them, without those
	/// that do not fit what is left of their quota; and how the others are paid.
	fn divide(mut self, leaves: Vec<AccountLeaf>) -> (Vec<AccountLeaf>, BTreeSet<Payment>) {
		let (fitting, others): (Vec<_>, Vec<_>) =
			leaves.into_iter().partition(|leaf| self.take(leaf));
		(fitting, others.into_iter().map(|leaf| leaf.payment).collect())
	}

	/// Takes what a call needs, if it is left.
	fn take(&mut self, leaf: &AccountLeaf) -> bool {
		let purse = if leaf.payment.is_sponsored() { &mut self.sponsored } else { &mut self.own };
		let Some(rest) = purse.checked_sub(leaf.charge) else {
			// What is left is for the calls after it no more than for this one.
			*purse = 0;
			return false;
		};
		if let Some(launch) = leaf.payment.quota() {
			let Some(units) = self.quotas.get_mut(&launch) else { return false };
			let Some(rest) = units.checked_sub(leaf.units()) else { return false };
			*units = rest;
		}
		*purse = rest;
		true
	}
}

fn build(
	head: &Head,
	relay: RelayId,
	lines: BTreeMap<LineKey, Vec<AccountLeaf>>,
) -> Option<(Batch<AccountId32>, LinesOfLeaves)> {
	let record = head.relay.as_ref()?;
	let totals: Option<Vec<_>> = lines
		.iter()
		.map(|((account, payment), leaves)| {
			let (account, total) = (account.clone(), leaves_root(leaves)?);
			Some(Line { account, payment: *payment, total })
		})
		.collect();
	let totals = totals?;
	let header = Header {
		relay,
		sequence: record.next_sequence,
		previous: record.last_batch,
		time: head.time,
		oldest: oldest(lines.values().flatten())?,
		root: root(totals.iter().map(Line::node).collect())?,
	};
	let batch = Batch { header, lines: totals.try_into().ok()? };
	Some((batch, lines.into_values().collect()))
}

fn oldest<'a>(leaves: impl Iterator<Item = &'a AccountLeaf>) -> Option<Moment> {
	leaves.map(|leaf| call_time(&leaf.call_id)).min()
}
