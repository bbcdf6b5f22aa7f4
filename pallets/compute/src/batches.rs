//! Posting batches: what makes one valid, and what it does.

use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
	ensure,
	pallet_prelude::{
		DispatchResult, InvalidTransaction, TransactionSource, TransactionValidityError,
		TransactionValidityWithRefund, ValidTransaction, Weight,
	},
	traits::Get,
};
use frame_system::pallet_prelude::BlockNumberFor;
use lx_primitives::{
	call_log::{BATCH_LIFETIME, MAX_CALLS, MAX_CALL_AGE},
	traits::{Calendar, Quotas},
	Batch, Header, LaunchId, Line, Moment, QuotaError, RelayId, Units,
};
use sp_core::{sr25519, H256};
use sp_io::crypto::sr25519_verify;
use sp_runtime::{
	traits::{EnsureAddAssign, Zero},
	transaction_validity::TransactionPriority,
};

use crate::{
	Accounts, ApiAccount, Attestors, Batches, Config, Error, Event, LinePage, LinePages, Pallet,
	PostedBatch, Queue, QueueTail, Quorum, Relay, RelayStatus, Relays, Signatures, WeightInfo,
	LINES_PER_PAGE, LOOK_AHEAD, MAX_PENDING_BATCHES,
};

/// How many blocks the pool keeps a batch; the relay posts it again if it still matters.
const LONGEVITY: u64 = 64;

impl<T> From<QuotaError> for Error<T> {
	fn from(error: QuotaError) -> Self {
		match error {
			QuotaError::Missing => Self::NoQuota,
			QuotaError::Expired => Self::QuotaExpired,
			QuotaError::Exceeded => Self::QuotaExceeded,
		}
	}
}

/// The code with which the pool refuses a batch: the index of the error.
fn refused<T: Config>(error: Error<T>) -> TransactionValidityError {
	let code = error.using_encoded(|bytes| bytes.first().copied().unwrap_or(u8::MAX));
	InvalidTransaction::Custom(code).into()
}

impl<T: Config> Pallet<T> {
	/// Whether the pool may keep, and a block may hold, this batch.
	///
	/// The call pays no fee, so whatever would make it fail makes it invalid. Two reads sort out
	/// most of what cannot be right; only then are signatures verified, and only what the quorum
	/// has signed costs the work of hashing and charging its lines. For a batch that is ahead of
	/// its turn the charges cannot be judged yet: it waits in the pool for the one before it, and
	/// no block takes it.
	pub(crate) fn authorize_batch(
		source: TransactionSource,
		batch: &Batch<T::AccountId>,
		relay_signature: &sr25519::Signature,
		signatures: &Signatures,
	) -> TransactionValidityWithRefund {
		let header = &batch.header;
		let relay = Self::active_relay(header.relay).map_err(refused)?;
		let ahead =
			header.sequence.checked_sub(relay.next_sequence).ok_or(InvalidTransaction::Stale)?;
		ensure!(ahead <= LOOK_AHEAD, refused(Error::<T>::WrongSequence));
		let is_next = ahead.is_zero();
		ensure!(is_next || source != TransactionSource::InBlock, InvalidTransaction::Future);
		if is_next {
			Self::ensure_next(&relay, header).map_err(refused)?;
		}
		Self::verify(&relay, batch, relay_signature, signatures).map_err(refused)?;
		if is_next {
			Self::charge_lines(batch, |_, _| {}).map_err(refused)?;
			Self::use_quotas(batch, T::Quotas::may_redeem).map_err(refused)?;
		}
		Ok((Self::validity(header.relay, header.sequence, is_next), Weight::zero()))
	}

	/// Batches go first: nothing but what a quorum has signed gets here, and an account's balance
	/// must not thaw away while a batch waits.
	fn validity(relay: RelayId, sequence: u64, is_next: bool) -> ValidTransaction {
		let valid = ValidTransaction::with_tag_prefix("lx-batch")
			.priority(TransactionPriority::MAX)
			.longevity(LONGEVITY)
			.propagate(true)
			.and_provides((relay, sequence));
		match sequence.checked_sub(1) {
			Some(before) if !is_next => valid.and_requires((relay, before)).into(),
			_ => valid.into(),
		}
	}

	pub(crate) fn do_post_batch(
		batch: &Batch<T::AccountId>,
		relay_signature: &sr25519::Signature,
		signatures: &Signatures,
	) -> DispatchResult {
		let header = &batch.header;
		let relay = Self::active_relay(header.relay)?;
		Self::ensure_next(&relay, header)?;
		let hash = Self::verify(&relay, batch, relay_signature, signatures)?;
		Self::charge_lines(batch, |who, account| Accounts::<T>::insert(who, account))?;
		Self::use_quotas(batch, T::Quotas::redeem)?;
		Self::enqueue(relay, batch, hash, T::Calendar::now())?;
		Self::deposit_event(Event::BatchPosted {
			relay: header.relay,
			sequence: header.sequence,
			hash,
			charge: header.root.charge,
			cost: header.root.cost,
			calls: header.root.calls,
		});
		Ok(())
	}

	/// Charges a batch's lines, and hands each account over to `store` as it is then.
	fn charge_lines(
		batch: &Batch<T::AccountId>,
		mut store: impl FnMut(&T::AccountId, ApiAccount),
	) -> Result<(), Error<T>> {
		let (now, today) = (T::Calendar::now(), T::Calendar::day());
		for lines in batch.lines.chunk_by(|line, next| line.account == next.account) {
			let [Line { account: who, .. }, ..] = lines else { continue };
			let mut account = Accounts::<T>::get(who).ok_or(Error::<T>::NoAccount)?;
			for line in lines {
				Self::charge(&mut account, batch.header.relay, line, now, today)?;
			}
			store(who, account);
		}
		Ok(())
	}

	/// Hands what a batch uses of quotas, of what was claimed at its relay, over to `redeem`. Each quota
	/// comes once.
	fn use_quotas(
		batch: &Batch<T::AccountId>,
		redeem: impl Fn(&T::AccountId, LaunchId, RelayId, Units) -> Result<(), QuotaError>,
	) -> Result<(), Error<T>> {
		for Line { account, payment, total } in &batch.lines {
			if let Some(launch) = payment.quota() {
				redeem(account, launch, batch.header.relay, total.units)?;
			}
		}
		Ok(())
	}

	/// What a call of `post_batch` weighs.
	pub(crate) fn post_weight(batch: &Batch<T::AccountId>, signatures: &Signatures) -> Weight {
		let (lines, signatures) = (batch.lines.len() as u32, signatures.len() as u32);
		T::WeightInfo::post_batch(lines, signatures).saturating_add(Self::use_weight(batch))
	}

	/// What the check before it weighs.
	pub(crate) fn authorize_weight(batch: &Batch<T::AccountId>, signatures: &Signatures) -> Weight {
		let (lines, signatures) = (batch.lines.len() as u32, signatures.len() as u32);
		T::WeightInfo::authorize_post_batch(lines, signatures)
			.saturating_add(Self::use_weight(batch))
	}

	fn use_weight(batch: &Batch<T::AccountId>) -> Weight {
		let uses = batch.lines.iter().filter(|line| line.payment.quota().is_some()).count();
		T::Quotas::redeem_weight().saturating_mul(uses as u64)
	}

	pub(crate) fn active_relay(id: RelayId) -> Result<Relay<T::AccountId>, Error<T>> {
		let relay = Relays::<T>::get(id).ok_or(Error::<T>::UnknownRelay)?;
		ensure!(relay.status == RelayStatus::Active, Error::<T>::RelayNotActive);
		Ok(relay)
	}

	/// It is this batch's turn, and its time.
	fn ensure_next(relay: &Relay<T::AccountId>, header: &Header) -> Result<(), Error<T>> {
		ensure!(header.sequence == relay.next_sequence, Error::<T>::WrongSequence);
		ensure!(header.previous == relay.last_batch, Error::<T>::WrongPrevious);
		ensure!(relay.pending_batches < MAX_PENDING_BATCHES, Error::<T>::TooManyPending);
		let now = T::Calendar::now();
		ensure!(header.oldest <= header.time && header.time <= now, Error::<T>::WrongTimes);
		let age = now.saturating_sub(header.time);
		ensure!(age <= BATCH_LIFETIME, Error::<T>::BatchExpired);
		ensure!(now.saturating_sub(header.oldest) <= MAX_CALL_AGE, Error::<T>::CallsTooOld);
		Ok(())
	}

	/// Everything about a batch that does not depend on its turn or on the accounts it charges, the
	/// cheap first. Returns its hash.
	///
	/// The signatures are over the hash, which covers the lines through the root: the lines come
	/// last, for to hash them costs the most, and only a quorum can make us do it.
	fn verify(
		relay: &Relay<T::AccountId>,
		batch: &Batch<T::AccountId>,
		relay_signature: &sr25519::Signature,
		signatures: &Signatures,
	) -> Result<H256, Error<T>> {
		ensure!(!batch.lines.is_empty(), Error::<T>::EmptyBatch);
		let keys = Self::signing_keys(signatures)?;
		let hash = batch.header.hash(&Self::genesis_hash());
		ensure!(
			sr25519_verify(relay_signature, hash.as_bytes(), &relay.key),
			Error::<T>::BadRelaySignature
		);
		for ((_, signature), key) in signatures.iter().zip(&keys) {
			ensure!(sr25519_verify(signature, hash.as_bytes(), key), Error::<T>::BadSignature);
		}
		Self::ensure_well_formed(batch)?;
		Ok(hash)
	}

	/// The keys that `signatures` must be made with: of distinct members of the quorum, and enough.
	fn signing_keys(signatures: &Signatures) -> Result<Vec<sr25519::Public>, Error<T>> {
		let quorum = Quorum::<T>::get();
		ensure!(
			quorum.threshold > 0 && signatures.len() >= quorum.threshold as usize,
			Error::<T>::TooFewSignatures
		);
		let mut signers = signatures.iter().map(|(id, _)| *id).collect::<Vec<_>>();
		ensure!(signers.iter().all(|id| quorum.members.contains(id)), Error::<T>::UnknownAttestor);
		signers.sort_unstable();
		signers.dedup();
		ensure!(signers.len() == signatures.len(), Error::<T>::DuplicateSigner);
		signatures
			.iter()
			.map(|(id, _)| {
				let attestor = Attestors::<T>::get(id).ok_or(Error::<T>::UnknownAttestor)?;
				ensure!(!attestor.is_suspended, Error::<T>::AttestorSuspended);
				Ok(attestor.key)
			})
			.collect()
	}

	fn ensure_well_formed(batch: &Batch<T::AccountId>) -> Result<(), Error<T>> {
		let is_sorted = batch
			.lines
			.windows(2)
			.all(|pair| matches!(pair, [low, high] if low.key() < high.key()));
		ensure!(is_sorted, Error::<T>::LinesNotSorted);
		ensure!(batch.header.root.calls <= MAX_CALLS, Error::<T>::TooManyCalls);
		for line in &batch.lines {
			// One that charges nothing would not hold the purse that it is for.
			ensure!(line.total.calls > 0 && line.total.charge > 0, Error::<T>::EmptyLine);
			ensure!(line.total.cost <= line.total.charge, Error::<T>::CostAboveCharge);
			let uses_units = line.total.units > 0;
			ensure!(line.payment.quota().is_some() == uses_units, Error::<T>::WrongUnits);
		}
		ensure!(batch.computed_root() == Some(batch.header.root), Error::<T>::RootMismatch);
		Ok(())
	}

	fn enqueue(
		mut relay: Relay<T::AccountId>,
		batch: &Batch<T::AccountId>,
		hash: H256,
		now: Moment,
	) -> DispatchResult {
		let header = &batch.header;
		let (id, sequence) = (header.relay, header.sequence);
		relay.next_sequence.ensure_add_assign(1)?;
		relay.last_batch = hash;
		relay.pending_batches.ensure_add_assign(1)?;
		Relays::<T>::insert(id, relay);
		let posted = PostedBatch {
			hash,
			root: header.root,
			oldest: header.oldest,
			time: header.time,
			final_at: now.saturating_add(T::ChallengeWindow::get()),
			lines: batch.lines.len() as u32,
			settled_lines: 0,
		};
		Batches::<T>::insert(id, sequence, posted);
		for (page, lines) in (0u32..).zip(batch.lines.chunks(LINES_PER_PAGE as usize)) {
			let lines = LinePage::<T::AccountId>::truncate_from(lines.to_vec());
			LinePages::<T>::insert((id, sequence, page), lines);
		}
		QueueTail::<T>::try_mutate(|tail| {
			Queue::<T>::insert(*tail, (id, sequence));
			tail.ensure_add_assign(1).map_err(Into::into)
		})
	}

	/// Names the chain in what is signed. `frame-system` keeps the hash of block 0 for ever: where
	/// it prunes old hashes it leaves out number 0.
	pub(crate) fn genesis_hash() -> H256 {
		frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero())
	}
}
