//! Composing a batch that the chain will take.
//!
//! The chain rejects a batch whole, so one account that can no longer be charged (its daily limit is
//! reached, or it took the relay off so long ago that the time to collect is over) would hold up
//! everybody. Each account is therefore looked at first, at the finalised block that the batch
//! builds on, and calls that the chain would refuse are left for later.

use std::collections::BTreeMap;

use lx_primitives::{
	call_log::{leaves_root, MAX_LINES},
	merkle_sum::root,
	Batch, Line, Moment, RelayId,
};
use sp_core::crypto::AccountId32;

use super::AccountLeaf;
use crate::{
	chain::{ApiAccount, ChainError, Head, Snapshot},
	ledger::batches::LinesOfLeaves,
};

/// What became of the calls that were offered.
#[derive(Debug, Default)]
pub struct Composed {
	/// The batch with its leaves, line by line; `None` if no call can be charged now.
	pub batch: Option<(Batch<AccountId32>, LinesOfLeaves)>,
	/// Accounts with calls that the chain would refuse now.
	pub refused: Vec<AccountId32>,
}

/// Composes the relay's next batch from `leaves`, oldest first.
pub async fn compose(
	snapshot: &dyn Snapshot,
	relay: RelayId,
	leaves: Vec<AccountLeaf>,
) -> Result<Composed, ChainError> {
	let now = snapshot.head().time;
	let mut composed = Composed::default();
	let mut lines = BTreeMap::new();
	for (account, leaves) in by_account(leaves) {
		let offered = leaves.len();
		let chargeable = match snapshot.account(&account).await? {
			Some(found) => chargeable(&found, relay, now, leaves),
			None => Vec::new(),
		};
		if chargeable.len() < offered {
			composed.refused.push(account.clone());
		}
		if !chargeable.is_empty() {
			lines.insert(account, chargeable);
		}
	}
	composed.batch = build(snapshot.head(), relay, lines);
	Ok(composed)
}

/// The leaves of at most [`MAX_LINES`] accounts; those of further accounts wait.
fn by_account(leaves: Vec<AccountLeaf>) -> BTreeMap<AccountId32, Vec<AccountLeaf>> {
	let most = usize::try_from(MAX_LINES).unwrap_or(usize::MAX);
	let mut accounts: BTreeMap<AccountId32, Vec<AccountLeaf>> = BTreeMap::new();
	for leaf in leaves {
		if accounts.len() < most || accounts.contains_key(&leaf.account) {
			accounts.entry(leaf.account.clone()).or_default().push(leaf);
		}
	}
	accounts
}

/// The oldest of an account's calls that fit what may be charged to it.
fn chargeable(
	account: &ApiAccount,
	relay: RelayId,
	now: Moment,
	leaves: Vec<AccountLeaf>,
) -> Vec<AccountLeaf> {
	if !account.lets_collect(relay, now) {
		return Vec::new();
	}
	let mut left = account.chargeable(now);
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
	let batch = Batch {
		relay,
		sequence: record.next_sequence,
		previous: record.last_batch,
		root: root(totals.iter().map(Line::node).collect())?,
		lines: totals.try_into().ok()?,
	};
	Some((batch, lines.into_values().collect()))
}
