//! Composing a batch that the chain will take.
//!
//! The chain rejects a batch whole, so one account that can no longer be charged (its daily limit is
//! reached, or it took the relay off so long ago that the time to collect is over) would hold up
//! everybody. Each account is therefore looked at first, and calls that the chain would refuse are
//! left for later. An account may spend its balance through another relay in a block that is not
//! final yet, or have filled it in one that never becomes final: what counts is the smaller of what
//! the finalised block that the batch builds on allows and what the best block does.

use std::collections::BTreeMap;

use lx_primitives::{
	call_log::{leaves_root, MAX_LINES},
	merkle_sum::root,
	units::Credits,
	Batch, Line, Moment, RelayId,
};
use sp_core::{crypto::AccountId32, H256};

use super::AccountLeaf;
use crate::{
	chain::{ApiAccount, BestBlock, ChainError, Head, Snapshot},
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

impl Composed {
	/// The batch's hash on the chain with this genesis.
	pub fn hash(&self, genesis: &H256) -> Option<H256> {
		self.batch.as_ref().map(|(batch, _)| batch.hash(genesis))
	}
}

/// Composes the relay's next batch after `snapshot` from `leaves`, the first ones first.
pub async fn compose(
	snapshot: &dyn Snapshot,
	best: &dyn BestBlock,
	relay: RelayId,
	leaves: Vec<AccountLeaf>,
) -> Result<Composed, ChainError> {
	let mut composed = Composed::default();
	let mut lines = BTreeMap::new();
	for (account, leaves) in by_account(leaves) {
		let offered = leaves.len();
		let chargeable = match collectable(snapshot, best, relay, &account).await? {
			Some(left) => fitting(left, leaves),
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

/// µCRED that `relay` can charge to `who`; `None` if the chain refuses even a charge of nothing.
async fn collectable(
	snapshot: &dyn Snapshot,
	best: &dyn BestBlock,
	relay: RelayId,
	who: &AccountId32,
) -> Result<Option<Credits>, ChainError> {
	let allowed = |account: Option<ApiAccount>, now: Moment| {
		let account = account.filter(|account| account.lets_collect(relay, now))?;
		Some(account.chargeable(now))
	};
	let Some(finalised) = allowed(snapshot.account(who).await?, snapshot.head().time) else {
		return Ok(None);
	};
	let newest = allowed(best.account(who).await?, best.time());
	Ok(newest.map(|newest| newest.min(finalised)))
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
	let batch = Batch {
		relay,
		sequence: record.next_sequence,
		previous: record.last_batch,
		root: root(totals.iter().map(Line::node).collect())?,
		lines: totals.try_into().ok()?,
	};
	Some((batch, lines.into_values().collect()))
}
