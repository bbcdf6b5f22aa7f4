//! Composing a batch that the attestors will sign and the chain will take.
//!
//! The chain takes a batch whole or not at all, so one account that can no longer be charged (its
//! daily limit is reached, or its balance has thawed) would hold up everybody; and attestors sign for
//! no call of a revoked key. Each account is therefore looked at first. Calls that the chain would
//! refuse are left for later. No other relay can charge the account's purse here, so only its owner
//! can change what counts: the smaller of what the finalised block that the batch builds on allows
//! and what the best block does.

use std::collections::BTreeMap;

use lx_primitives::{
	call_log::{call_time, leaves_root, MAX_LINES},
	merkle_sum::root,
	units::Credits,
	Batch, CallId, Header, Line, Moment, RelayId,
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
	/// Accounts with calls that the chain would refuse now.
	pub refused: Vec<AccountId32>,
	/// Calls whose keys were revoked before they were made, as far as the chain can tell.
	pub revoked: Vec<CallId>,
}

/// Composes the relay's next batch after `snapshot` from `waiting`, the first ones first.
pub async fn compose(
	snapshot: &dyn Snapshot,
	best: &dyn BestBlock,
	relay: RelayId,
	waiting: Vec<Waiting>,
) -> Result<Composed, ChainError> {
	let mut composed = Composed::default();
	let mut lines = BTreeMap::new();
	for (who, waiting) in by_account(waiting) {
		let account = snapshot.account(&who).await?.unwrap_or_default();
		let (granted, revoked) = by_grant(&account, waiting);
		composed.revoked.extend(revoked);
		let offered = granted.len();
		let left = account.chargeable(snapshot.head().time);
		let newest = best.account(&who).await?.unwrap_or_default();
		let chargeable = if account.has_purse && newest.has_purse {
			fitting(left.min(newest.chargeable(best.time())), granted)
		} else {
			Vec::new()
		};
		if chargeable.len() < offered {
			composed.refused.push(who.clone());
		}
		if !chargeable.is_empty() {
			lines.insert(who, chargeable);
		}
	}
	composed.batch = build(snapshot.head(), relay, lines);
	Ok(composed)
}

/// The calls of at most [`MAX_LINES`] accounts; those of further accounts wait.
fn by_account(waiting: Vec<Waiting>) -> BTreeMap<AccountId32, Vec<Waiting>> {
	let most = usize::try_from(MAX_LINES).unwrap_or(usize::MAX);
	let mut accounts: BTreeMap<AccountId32, Vec<Waiting>> = BTreeMap::new();
	for call in waiting {
		if accounts.len() < most || accounts.contains_key(&call.leaf.account) {
			accounts.entry(call.leaf.account.clone()).or_default().push(call);
		}
	}
	accounts
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

/// The first of an account's calls that fit what is left to charge.
fn fitting(mut left: Credits, leaves: Vec<AccountLeaf>) -> Vec<AccountLeaf> {
	let fits = |leaf: &AccountLeaf| match left.checked_sub(leaf.charge) {
		Some(rest) => {
			left = rest;
			true
		},
		None => false,
	};
	leaves.into_iter().take_while(fits).collect()
}

fn build(
	head: &Head,
	relay: RelayId,
	lines: BTreeMap<AccountId32, Vec<AccountLeaf>>,
) -> Option<(Batch<AccountId32>, LinesOfLeaves)> {
	let record = head.relay.as_ref()?;
	let totals: Option<Vec<_>> = lines
		.iter()
		.map(|(account, leaves)| {
			Some(Line { account: account.clone(), total: leaves_root(leaves)? })
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
