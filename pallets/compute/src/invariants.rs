//! What must stay true.

use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{
	ensure,
	traits::{fungibles::Inspect, Get},
};
use lx_primitives::{Credits, RelayId};
use sp_runtime::DispatchError;

use crate::{
	Accounts, Attestors, Batches, Config, LinePages, NextAttestorId, NextRelayId, Owed, Pallet,
	PostedBatch, Queue, QueueFront, QueueHead, QueueTail, Quorum, Relays, Settled, LINES_PER_PAGE,
};

impl<T: Config> Pallet<T> {
	/// Checks that the pallet can pay all that it holds for others, that each charge is accounted
	/// for, that no account has two purses of a kind at a relay, and that queue, relays and quorum
	/// hang together.
	pub fn do_try_state() -> Result<(), DispatchError> {
		Self::ensure_solvent()?;
		Self::ensure_charges_accounted_for()?;
		Self::ensure_accounts_sound()?;
		Self::ensure_queue_sound()?;
		Self::ensure_operators_sound()
	}

	/// All CRED that the pallet holds for others.
	pub(crate) fn liabilities() -> Option<Credits> {
		let balances = Accounts::<T>::iter_values()
			.flat_map(|account| account.purses)
			.map(|purse| purse.free.checked_add(purse.thawing)?.checked_add(purse.pending));
		// Settled lines are no longer pending in their accounts, and not paid before the last one.
		let settled = Batches::<T>::iter().map(|(relay, sequence, batch)| {
			batch.root.charge.checked_sub(Self::unsettled_charge(relay, sequence, &batch)?)
		});
		let bonds = Relays::<T>::iter_values()
			.map(|relay| relay.bond)
			.chain(Attestors::<T>::iter_values().map(|attestor| attestor.bond));
		balances
			.chain(settled)
			.chain(bonds.map(Some))
			.chain(Owed::<T>::iter_values().map(Some))
			.try_fold(0u128, |sum, amount| sum.checked_add(amount?))
	}

	/// More than the liabilities is fine: anyone may send CRED to the pallet's account.
	fn ensure_solvent() -> Result<(), DispatchError> {
		let liabilities = Self::liabilities().ok_or("the liabilities overflow")?;
		let held = T::Assets::balance(T::CredAsset::get(), &Self::account_id());
		ensure!(held >= liabilities, "the pallet holds less CRED than it owes");
		Ok(())
	}

	fn ensure_charges_accounted_for() -> Result<(), DispatchError> {
		let mut pending = BTreeMap::<(T::AccountId, RelayId, bool), Credits>::new();
		for (relay, sequence, batch) in Batches::<T>::iter() {
			for line in Self::unsettled_lines(relay, sequence, &batch) {
				let purse = (line.account, relay, line.payment.is_sponsored());
				let sum = pending.entry(purse).or_default();
				*sum = sum.checked_add(line.total.charge).ok_or("the pending charges overflow")?;
			}
		}
		for (who, account) in Accounts::<T>::iter() {
			for purse in account.purses {
				let key = (who.clone(), purse.relay, purse.is_sponsored);
				let charged = pending.remove(&key).unwrap_or_default();
				ensure!(purse.pending == charged, "pending is not the sum of the unsettled lines");
			}
		}
		ensure!(pending.is_empty(), "a line is pending for a purse that does not exist");
		Ok(())
	}

	fn ensure_accounts_sound() -> Result<(), DispatchError> {
		for (who, account) in Accounts::<T>::iter() {
			let kinds = account.purses.iter().map(|purse| (purse.relay, purse.is_sponsored));
			ensure!(
				kinds.collect::<BTreeSet<_>>().len() == account.purses.len(),
				"an account has two purses of a kind at a relay"
			);
			ensure!(!account.is_closed(), "a closed account is kept");
			ensure!(
				frame_system::Pallet::<T>::sufficients(&who) > 0,
				"an API account does not hold its system account"
			);
		}
		Ok(())
	}

	fn ensure_queue_sound() -> Result<(), DispatchError> {
		let (front, head, tail) =
			(QueueFront::<T>::get(), QueueHead::<T>::get(), QueueTail::<T>::get());
		ensure!(front <= head && head <= tail, "the queue's ends are out of order");
		ensure!(
			Queue::<T>::iter_keys().count() as u64 == tail.saturating_sub(front),
			"the queue is not contiguous"
		);
		let mut queued = BTreeSet::new();
		for place in front..tail {
			let (relay, sequence) = Queue::<T>::get(place).ok_or("the queue has a gap")?;
			ensure!(queued.insert((relay, sequence)), "a batch is queued twice");
			// A batch that was reversed is neither.
			ensure!(
				place < head || !Settled::<T>::contains_key(relay, sequence),
				"a batch that is to become final is settled"
			);
			ensure!(
				place >= head || !Batches::<T>::contains_key(relay, sequence),
				"a batch that is final is pending"
			);
		}
		ensure!(
			Settled::<T>::iter_keys().all(|key| queued.contains(&key)),
			"a settled batch will never be forgotten"
		);
		for (relay, sequence, batch) in Batches::<T>::iter() {
			ensure!(queued.contains(&(relay, sequence)), "a batch is not queued");
			Self::ensure_lines_kept(relay, sequence, &batch)?;
		}
		let pages = Batches::<T>::iter_values()
			.map(|batch| Self::kept_pages(&batch).count())
			.sum::<usize>();
		ensure!(LinePages::<T>::iter_keys().count() == pages, "a page belongs to no batch");
		Ok(())
	}

	fn ensure_lines_kept(
		relay: RelayId,
		sequence: u64,
		batch: &PostedBatch,
	) -> Result<(), DispatchError> {
		ensure!(batch.settled_lines <= batch.lines, "more lines are settled than there are");
		let kept = Self::unsettled_lines(relay, sequence, batch).count();
		let unsettled = batch.lines.saturating_sub(batch.settled_lines);
		ensure!(kept == unsettled as usize, "a batch's pages do not hold its lines");
		let charge =
			Self::unsettled_charge(relay, sequence, batch).ok_or("a batch's lines overflow")?;
		ensure!(
			charge <= batch.root.charge && (batch.settled_lines > 0 || charge == batch.root.charge),
			"a batch's lines do not add up to its root"
		);
		Ok(())
	}

	fn ensure_operators_sound() -> Result<(), DispatchError> {
		for (id, relay) in Relays::<T>::iter() {
			ensure!(id < NextRelayId::<T>::get(), "a relay's id was not given yet");
			let pending = Batches::<T>::iter_key_prefix(id).count();
			ensure!(pending == relay.pending_batches as usize, "a relay's batches are miscounted");
			ensure!(
				Batches::<T>::iter_key_prefix(id).all(|sequence| sequence < relay.next_sequence),
				"a batch is beyond its relay's sequence"
			);
		}
		ensure!(
			Batches::<T>::iter_keys().all(|(relay, _)| Relays::<T>::contains_key(relay)),
			"a batch's relay does not exist"
		);
		ensure!(
			Attestors::<T>::iter_keys().all(|id| id < NextAttestorId::<T>::get()),
			"an attestor's id was not given yet"
		);
		let quorum = Quorum::<T>::get();
		let mut keys = BTreeSet::new();
		for member in &quorum.members {
			let attestor = Attestors::<T>::get(member).ok_or("a member is not registered")?;
			ensure!(keys.insert(attestor.key), "two members share a key");
		}
		ensure!(
			quorum.threshold as usize <= keys.len() && (quorum.threshold > 0 || keys.is_empty()),
			"the threshold cannot be met, or is none"
		);
		Ok(())
	}

	fn unsettled_charge(relay: RelayId, sequence: u64, batch: &PostedBatch) -> Option<Credits> {
		Self::unsettled_lines(relay, sequence, batch)
			.try_fold(0u128, |sum, line| sum.checked_add(line.total.charge))
	}

	/// The pages of a batch that are still stored.
	fn kept_pages(batch: &PostedBatch) -> core::ops::Range<u32> {
		if batch.settled_lines >= batch.lines {
			return 0..0;
		}
		batch.settled_lines / LINES_PER_PAGE..batch.lines.div_ceil(LINES_PER_PAGE)
	}

	fn unsettled_lines(
		relay: RelayId,
		sequence: u64,
		batch: &PostedBatch,
	) -> impl Iterator<Item = lx_primitives::Line<T::AccountId>> {
		Self::kept_pages(batch)
			.filter_map(move |page| LinePages::<T>::get((relay, sequence, page)))
			.flatten()
			.skip((batch.settled_lines % LINES_PER_PAGE) as usize)
	}
}
