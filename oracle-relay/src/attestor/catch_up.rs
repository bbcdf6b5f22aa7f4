//! Learning what a relay has posted without this attestor's signature.
//!
//! A quorum needs not everybody, so the chain takes batches that this attestor never saw: it was
//! down, or too late. Their calls must not be signed for again, and what their keys spent counts.
//! So before a batch is checked, every earlier one that the chain remembers and this record does
//! not hold is fetched from the relay. The chain's hash of it proves that it is the one.
//!
//! And what a key spent in a batch that the chain has reversed since does not count.

use std::collections::HashSet;

use lx_primitives::{
	call_log::{BATCH_LIFETIME, MAX_CALL_AGE},
	merkle_sum::root,
	Header, Line,
};
use sp_core::H256;

use super::{
	book::Book,
	case::{line_of, CallsByLine, Entry},
	client::{in_time, ClientError, RelayClient},
	metrics::Metrics,
	refusal::Trouble,
	store::Store,
};
use crate::chain::{is_remembered, Standing};

/// A batch that was reversed leaves a gap in what the chain remembers. After so many gaps in a row
/// there is nothing before them that it remembers.
const MOST_GAPS: u32 = 64;

/// Learns what has become of a relay's log since it was looked at last.
pub async fn catch_up(
	relay: &RelayClient,
	book: &dyn Book,
	store: &Store,
	metrics: &Metrics,
) -> Result<(), Trouble> {
	learn_taken(relay, book, store, metrics).await?;
	learn_outcomes(book, store).await
}

/// Learns which batches that the chain has taken are final now and which were reversed. They become
/// final in order, so it is enough to ask up to the first that can still be challenged.
async fn learn_outcomes(book: &dyn Book, store: &Store) -> Result<(), Trouble> {
	while let Some((batch, header)) = store.oldest_pending(book.relay()).await? {
		match book.standing(header.sequence).await? {
			Standing::Pending(_) => return Ok(()),
			Standing::Unknown if is_remembered(&header, book.time()) => {
				tracing::warn!(
					relay = header.relay,
					sequence = header.sequence,
					"the chain has reversed a batch"
				);
				store.reverse(batch).await?;
			},
			// What is forgotten counts as final: to let a key spend more than its cap is worse than to
			// let it spend less.
			Standing::Settled(_) | Standing::Unknown => store.set_final(batch).await?,
		}
	}
	Ok(())
}

/// Learns every batch of a relay before its next one, the newest first. What has been learned stays
/// so if a later one fails.
async fn learn_taken(
	relay: &RelayClient,
	book: &dyn Book,
	store: &Store,
	metrics: &Metrics,
) -> Result<(), Trouble> {
	let next = book.record().map_or(0, |record| record.next_sequence);
	let known_to = store.known_to(book.relay()).await?;
	if known_to == Some(next) {
		return Ok(());
	}
	let first = known_to.unwrap_or(0);
	let known: HashSet<u64> = store.taken_from(book.relay(), first).await?.into_iter().collect();
	let mut gaps: u32 = 0;
	for sequence in (first..next).rev().filter(|sequence| !known.contains(sequence)) {
		let is_of_use = match book.standing(sequence).await?.hash() {
			Some(hash) => {
				gaps = 0;
				learn(relay, book, store, metrics, (sequence, hash)).await?
			},
			None => {
				forget_signed(book, store, sequence).await?;
				gaps = gaps.saturating_add(1);
				gaps < MOST_GAPS
			},
		};
		if !is_of_use {
			break;
		}
	}
	Ok(store.set_known_to(book.relay(), next).await?)
}

/// Whatever the chain took for a place was reversed, so what was signed for it does not count.
async fn forget_signed(book: &dyn Book, store: &Store, sequence: u64) -> Result<(), Trouble> {
	match store.signed_for(book.relay(), sequence).await? {
		Some((batch, header)) if is_remembered(&header, book.time()) => {
			Ok(store.reverse(batch).await?)
		},
		_ => Ok(()),
	}
}

/// Learns what the chain has taken for a place. Returns false if it is so old that no call of it,
/// nor of those before it, can come again.
async fn learn(
	relay: &RelayClient,
	book: &dyn Book,
	store: &Store,
	metrics: &Metrics,
	(sequence, hash): (u64, H256),
) -> Result<bool, Trouble> {
	if store.confirm(&hash).await? {
		return Ok(true);
	}
	let Some((header, calls)) = in_time(show(relay, book, (sequence, hash))).await? else {
		return Ok(false);
	};
	if !store.learn(&Entry::new(header, hash, &calls)).await? {
		tracing::error!(
			relay = book.relay(),
			sequence,
			"the chain took a batch with a call that was in an earlier one: it can be challenged"
		);
	}
	metrics.batches_learned.add(1);
	Ok(true)
}

/// What the relay shows of a batch that the chain has taken: itself, which the chain's hash proves, and
/// its calls. `None` if it is so old that they do not matter.
async fn show(
	relay: &RelayClient,
	book: &dyn Book,
	(sequence, hash): (u64, H256),
) -> Result<Option<(Header, CallsByLine)>, ClientError> {
	let header = relay.batch(&hash).await?.header;
	if header.hash(&book.genesis()) != hash {
		return Err(ClientError::Hidden(sequence));
	}
	// Those before it may be younger, but by no more than a batch may wait for the chain.
	if book.time().saturating_sub(header.time) > MAX_CALL_AGE.saturating_add(BATCH_LIFETIME) {
		return Ok(None);
	}
	let calls = relay.calls(&hash, header.root.calls).await?;
	let lines: Option<Vec<Line<_>>> = calls.iter().map(|calls| line_of(calls)).collect();
	let computed = lines.and_then(|lines| root(lines.iter().map(Line::node).collect()));
	if computed != Some(header.root) {
		return Err(ClientError::Hidden(sequence));
	}
	Ok(Some((header, calls)))
}
