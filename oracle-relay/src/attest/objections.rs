//! Calls that attestors do not sign for.
//!
//! A batch is signed whole or not at all, so one call that attestors take for wrong would hold up
//! everybody. They say which calls those are, and when the batch's time is over without a quorum, the
//! next one is composed without them.
//!
//! One attestor alone must not be able to make calls void. Where those that answered would have been
//! enough, what they object to is left out for a while, and tried again. A call is hopeless only if so
//! many members object to it that the others are too few.

use std::collections::{BTreeMap, BTreeSet};

use codec::Encode;
use lx_primitives::CallId;
use sp_core::H256;

use super::{board::Board, compose::LineKey};
use crate::{
	chain::Quorum,
	hash::blake2_256,
	ledger::{batches::StoredBatch, Ledger, LedgerError},
	metrics::Metrics,
	tasks::now,
};

/// So many batches a hopeless call has kept from being signed when it is given up.
const PATIENCE: u32 = 3;

/// The most calls that an attestor names in an answer. Further ones come to light in the next batch.
pub const MAX_OBJECTIONS: usize = 1_000;

/// What an attestor signs when it objects to calls of a batch.
pub fn objection_hash(batch: &H256, calls: &[CallId]) -> H256 {
	(b"lx/objection", batch, calls).using_encoded(blake2_256)
}

/// The calls that kept a batch from being signed, line by line, each with whether it is hopeless.
#[derive(Debug, Default)]
pub(super) struct Objections(BTreeMap<LineKey, Vec<(CallId, bool)>>);

impl Objections {
	/// What members of the quorum object to in the open batch.
	pub(super) async fn of(
		open: &StoredBatch,
		ledger: &Ledger,
		board: &Board,
		quorum: &Quorum,
	) -> Result<Self, LedgerError> {
		let signers = ledger.signatures(open.id).await?.into_iter().map(|(id, _)| id);
		let signers = signers.filter(|id| quorum.members.contains_key(id)).collect();
		let mut objections = board.objections(&open.hash);
		objections.retain(|id, _| quorum.members.contains_key(id));
		let mut by_line = BTreeMap::<LineKey, Vec<_>>::new();
		for (id, is_hopeless) in weigh(quorum, &signers, &objections) {
			// Whatever attestors say, only what is in the batch can have held it up.
			let call = ledger.call(&id).await?.filter(|call| call.sequence == Some(open.sequence));
			if let Some(leaf) = call.and_then(|call| call.leaf) {
				let line = (leaf.account, leaf.payment);
				by_line.entry(line).or_default().push((id, is_hopeless));
			}
		}
		Ok(Self(by_line))
	}

	/// Lets the calls of these lines rest, and gives up those that are hopeless after some patience: what
	/// is wrong may be with the attestors. The calls wait for a batch.
	pub(super) async fn leave_out(
		self,
		ledger: &Ledger,
		board: &Board,
		metrics: &Metrics,
	) -> Result<(), LedgerError> {
		for ((account, payment), calls) in self.0 {
			let mut rests = false;
			for (call, is_hopeless) in calls {
				let id = hex::encode(call);
				if is_hopeless && board.count(&call) >= PATIENCE {
					tracing::error!(call = %id, "attestors do not sign for a call: it is void");
					ledger.give_up(&call, "attestors do not sign for it").await?;
					metrics.calls_lost.add(1);
				} else {
					tracing::warn!(call = %id, "attestors do not sign for a call; trying again later");
					rests = true;
				}
			}
			if rests {
				ledger.postpone(&account, payment, now()).await?;
			}
		}
		Ok(())
	}
}

/// The calls without which those that have answered would be enough, each with whether so many object
/// to it that the others never are.
fn weigh(
	quorum: &Quorum,
	signers: &BTreeSet<u32>,
	objections: &BTreeMap<u32, BTreeSet<CallId>>,
) -> BTreeMap<CallId, bool> {
	let answered: BTreeSet<&u32> = signers.iter().chain(objections.keys()).collect();
	// With enough signatures, it was something else that kept the batch from the chain.
	if signers.len() >= quorum.threshold || answered.len() < quorum.threshold {
		return BTreeMap::new();
	}
	let mut objecting: BTreeMap<CallId, usize> = BTreeMap::new();
	for call in objections.values().flatten() {
		let count = objecting.entry(*call).or_default();
		*count = count.saturating_add(1);
	}
	// A member that is suspended now may count again.
	let is_hopeless = |count: usize| quorum.size.saturating_sub(count) < quorum.threshold;
	objecting.into_iter().map(|(call, count)| (call, is_hopeless(count))).collect()
}

#[cfg(test)]
mod tests {
	use sp_core::sr25519;

	use super::*;

	const CALL: CallId = [1; 16];
	const OTHER: CallId = [2; 16];

	/// What is left out where so many of three attestors must sign, of whom the last is suspended.
	fn left_out(
		threshold: usize,
		signers: &[u32],
		objections: &[(u32, CallId)],
	) -> Vec<(CallId, bool)> {
		let members = (0..2).map(|id| (id, sr25519::Public::default())).collect();
		let mut by = BTreeMap::<u32, BTreeSet<CallId>>::new();
		for (attestor, call) in objections {
			by.entry(*attestor).or_default().insert(*call);
		}
		let signers = signers.iter().copied().collect();
		weigh(&Quorum { members, size: 3, threshold }, &signers, &by).into_iter().collect()
	}

	#[test]
	fn what_keeps_those_that_answered_from_being_enough_is_left_out() {
		assert_eq!(left_out(2, &[0], &[(1, CALL)]), [(CALL, false)]);
		assert_eq!(left_out(2, &[], &[(0, CALL), (1, CALL)]), [(CALL, true)]);
		assert_eq!(left_out(3, &[0, 1], &[(2, CALL)]), [(CALL, true)]);
	}

	#[test]
	fn a_batch_that_too_few_have_answered_was_held_up_by_no_call() {
		assert_eq!(left_out(2, &[], &[(0, CALL)]), []);
		assert_eq!(left_out(3, &[0], &[(1, CALL), (1, OTHER)]), []);
		assert_eq!(left_out(2, &[], &[]), []);
	}

	#[test]
	fn attestors_that_object_to_different_calls_hold_up_as_much() {
		let both = [(CALL, false), (OTHER, false)];
		assert_eq!(left_out(2, &[], &[(0, CALL), (1, OTHER)]), both);
	}

	#[test]
	fn a_batch_with_enough_signatures_was_held_up_by_no_call() {
		assert_eq!(left_out(2, &[0, 1], &[(2, CALL)]), []);
	}

	#[test]
	fn an_attestor_that_signed_after_all_is_counted_once() {
		assert_eq!(left_out(2, &[0], &[(0, CALL)]), []);
	}
}
