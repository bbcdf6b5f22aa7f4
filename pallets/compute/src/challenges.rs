//! Proving a batch or a signer wrong: what counts as proof, and what follows.

use frame_support::{
	dispatch::WithPostDispatchInfo,
	ensure,
	pallet_prelude::{DispatchResultWithPostInfo, Weight},
	traits::{DefensiveSaturating, Get},
};
use lx_primitives::{
	call_log::{call_time, MAX_LINES},
	merkle_sum::Node,
	proof::{CallProof, SumVerdict},
	traits::{Calendar, Prices, Quotas, Tiers},
	Credits, Leaf, Moment, Price, RelayId,
};
use sp_core::sr25519;
use sp_io::crypto::sr25519_verify;

use crate::{
	Attestor, AttestorId, Attestors, Batches, Config, Equivocation, Error, Event, Flaw, Fraud,
	LinePages, Pallet, PostedBatch, RelayStatus, Relays, Settled, SignedHeader, Signer, WeightInfo,
	LINES_PER_PAGE,
};

/// What was reversed.
#[derive(Clone, Copy)]
pub(crate) struct Reversed {
	/// Lines of a batch.
	pub(crate) lines: u32,
	/// Those of them that used a quota.
	pub(crate) uses: u32,
}

impl Reversed {
	/// Nothing was.
	pub(crate) const NOTHING: Self = Self { lines: 0, uses: 0 };

	/// A batch than which none is larger.
	pub(crate) const MOST: Self = Self { lines: MAX_LINES, uses: MAX_LINES };
}

impl<T: Config> Pallet<T> {
	/// The most that a challenge weighs: one that reverses this.
	pub(crate) fn challenge_weight(reversed: Reversed) -> Weight {
		T::WeightInfo::challenge(reversed.lines)
			.saturating_add(Self::restore_weight(reversed))
			.saturating_add(T::Prices::price_weight().max(T::Quotas::offer_weight()))
			.saturating_add(T::Tiers::tier_weight())
	}

	/// The same of a report of two batches for one place.
	pub(crate) fn report_weight(reversed: Reversed) -> Weight {
		T::WeightInfo::report_equivocation(reversed.lines)
			.saturating_add(Self::restore_weight(reversed))
	}

	fn restore_weight(Reversed { uses, .. }: Reversed) -> Weight {
		T::Quotas::redeem_weight().saturating_mul(uses.into())
	}

	pub(crate) fn do_challenge(
		challenger: T::AccountId,
		relay: RelayId,
		sequence: u64,
		fraud: &Fraud<T::AccountId>,
	) -> DispatchResultWithPostInfo {
		// What comes too late reads the batch and no more.
		let too_late =
			|error: Error<T>| error.with_weight(Self::challenge_weight(Reversed::NOTHING));
		let batch = Batches::<T>::get(relay, sequence);
		let batch = batch.ok_or_else(|| too_late(Error::NotPending))?;
		ensure!(T::Calendar::now() < batch.final_at, too_late(Error::WindowOver));
		let stake = T::ChallengeBond::get();
		Self::take_from(&challenger, stake)?;
		let reversed = match Self::judge(relay, sequence, &batch, fraud) {
			Ok(()) => {
				Self::pay(&challenger, stake);
				let reversed = Self::reverse(relay, sequence, &batch);
				Self::punish_relay(relay, &challenger, batch.time);
				reversed
			},
			Err(flaw) => {
				Self::pay(&T::RiskReserve::get(), stake);
				Self::deposit_event(Event::ChallengeFailed {
					challenger,
					relay,
					sequence,
					flaw,
					stake,
				});
				Reversed::NOTHING
			},
		};
		Ok(Some(Self::challenge_weight(reversed)).into())
	}

	/// Whether `fraud` is proven against a batch; if not, why.
	fn judge(
		relay: RelayId,
		sequence: u64,
		batch: &PostedBatch,
		fraud: &Fraud<T::AccountId>,
	) -> Result<(), Flaw> {
		let within = |call: &CallProof<T::AccountId>| within(call, &batch.root, batch.lines);
		match fraud {
			Fraud::RepeatedCall { call, again } => {
				within(call)?;
				within(again)?;
				ensure!(call.place() != again.place(), Flaw::SamePlace);
				ensure_same(call, again)
			},
			Fraud::SettledCall { call, earlier, before } => {
				within(call)?;
				ensure!(*earlier < sequence, Flaw::UnknownEarlier);
				let (root, lines) =
					Self::remembered(relay, *earlier).ok_or(Flaw::UnknownEarlier)?;
				self::within(before, &root, lines)?;
				ensure_same(call, before)
			},
			Fraud::WrongPrice(call) => {
				within(call)?;
				ensure!(!Self::is_priced_right(&call.leaf), Flaw::RightPrice);
				Ok(())
			},
			Fraud::WrongTime(call) => {
				within(call)?;
				let span = batch.oldest..=batch.time;
				ensure!(!span.contains(&call_time(&call.leaf.call_id)), Flaw::RightTime);
				Ok(())
			},
			Fraud::WrongSum(sum) => {
				ensure!(sum.line.is_in(&batch.root, batch.lines), Flaw::NotInBatch);
				match sum.judge() {
					SumVerdict::Unsound => Ok(()),
					SumVerdict::Sound => Err(Flaw::RightSum),
					SumVerdict::Unfounded => Err(Flaw::WrongOpening),
				}
			},
		}
	}

	/// Root and number of lines of a batch of `relay` that stands.
	fn remembered(relay: RelayId, sequence: u64) -> Option<(Node, u32)> {
		if let Some(pending) = Batches::<T>::get(relay, sequence) {
			return Some((pending.root, pending.lines));
		}
		Settled::<T>::get(relay, sequence).map(|settled| (settled.root, settled.lines))
	}

	fn is_priced_right(leaf: &Leaf<T::AccountId>) -> bool {
		let time = call_time(&leaf.call_id);
		let is_right = Self::price_of(leaf, time).is_some_and(|price| {
			price.charge(&leaf.usage, leaf.tier) == Some(leaf.charge)
				&& price.cost(&leaf.usage) == Some(leaf.cost)
		});
		is_right && Self::is_of_its_tier(leaf, time)
	}

	/// The price of a call: its launch's, if it was served against a quota, else the registry's.
	fn price_of(leaf: &Leaf<T::AccountId>, time: Moment) -> Option<Price> {
		let version = leaf.price_version;
		match leaf.payment.quota() {
			Some(launch) => T::Quotas::offer(launch)?.price_at(&leaf.model, version, time),
			None => T::Prices::price_at(&leaf.model, version, time),
		}
	}

	/// Whether the payer of a call had the tier that it is charged at. Nobody is punished for what is
	/// too long ago to be told.
	fn is_of_its_tier(leaf: &Leaf<T::AccountId>, time: Moment) -> bool {
		let tiers = T::Tiers::tier_history(&leaf.account);
		tiers.told_at(time, T::Calendar::now()).is_none_or(|tier| tier == leaf.tier)
	}

	/// Gives every account of a batch back what it was charged, and what it used of quotas. The batch's
	/// place in the queue stays and leads to nothing.
	fn reverse(relay: RelayId, sequence: u64, batch: &PostedBatch) -> Reversed {
		let mut uses: u32 = 0;
		for page in 0..batch.lines.div_ceil(LINES_PER_PAGE) {
			for line in LinePages::<T>::take((relay, sequence, page)).unwrap_or_default() {
				Self::release(relay, &line, line.total.charge);
				if let Some(launch) = line.payment.quota() {
					T::Quotas::restore(&line.account, launch, relay, line.total.units);
					uses = uses.saturating_add(1);
				}
			}
		}
		Batches::<T>::remove(relay, sequence);
		Relays::<T>::mutate_extant(relay, |info| {
			info.pending_batches = info.pending_batches.defensive_saturating_sub(1);
		});
		let (hash, charge) = (batch.hash, batch.root.charge);
		Self::deposit_event(Event::BatchReversed { relay, sequence, hash, charge });
		Reversed { lines: batch.lines, uses }
	}

	/// Suspends a relay for what it signed at `signed_at`, and trusts it no longer with its providers'
	/// cost. Takes its bond for all that it has signed up to now, unless that has been done: what it
	/// has bonded since is for what it has signed since.
	fn punish_relay(relay: RelayId, reporter: &T::AccountId, signed_at: Moment) {
		let bond = Relays::<T>::mutate(relay, |info| {
			let info = info.as_mut()?;
			// One that leaves for good does not come back by this.
			if info.status != RelayStatus::Retiring {
				info.status = RelayStatus::Suspended;
			}
			info.payee = T::RevenueAccount::get();
			if signed_at < info.accountable_from {
				return None;
			}
			info.accountable_from = Self::accountable_after();
			Some(core::mem::take(&mut info.bond))
		});
		let slashed = bond.unwrap_or_default();
		Self::slash(slashed, reporter);
		Self::deposit_event(Event::RelayPunished { relay, slashed, reporter: reporter.clone() });
	}

	/// From when on a signer that is punished now is accountable again. Nothing that it can be punished
	/// for is of a later time.
	fn accountable_after() -> Moment {
		T::Calendar::now().saturating_add(1)
	}

	/// Suspends an attestor and takes its bond, for all that it has signed up to now.
	fn punish_attestor(
		id: AttestorId,
		mut attestor: Attestor<T::AccountId>,
		reporter: &T::AccountId,
	) {
		attestor.is_suspended = true;
		attestor.accountable_from = Self::accountable_after();
		let slashed = core::mem::take(&mut attestor.bond);
		Attestors::<T>::insert(id, attestor);
		Self::slash(slashed, reporter);
		Self::deposit_event(Event::AttestorPunished {
			attestor: id,
			slashed,
			reporter: reporter.clone(),
		});
	}

	/// Half of a bond goes to who proved the fraud, rounded down, and the rest to the Risk Reserve
	/// Fund.
	fn slash(bond: Credits, reporter: &T::AccountId) {
		let reward = bond / 2;
		Self::pay(reporter, reward);
		Self::pay(&T::RiskReserve::get(), bond.defensive_saturating_sub(reward));
	}

	pub(crate) fn do_report_equivocation(
		reporter: T::AccountId,
		Equivocation { by, first, second }: &Equivocation,
	) -> DispatchResultWithPostInfo {
		let none =
			|| Error::<T>::NoEquivocation.with_weight(Self::report_weight(Reversed::NOTHING));
		ensure!(first.header.conflicts_with(&second.header), none());
		// A signer that is punished is accountable again after what it was punished for. It chooses what
		// it signs as the time, so a time that has not come must not count.
		let latest = first.header.time.max(second.header.time);
		ensure!(latest <= T::Calendar::now(), none());
		let signed_at = first.header.time.min(second.header.time);
		let reversed = match by {
			Signer::Relay => Self::report_relay(&reporter, first, second, signed_at)?,
			Signer::Attestor(id) => {
				let attestor = Attestors::<T>::get(id).ok_or(Error::<T>::UnknownAttestor)?;
				Self::ensure_signed(&attestor.key, first, second)?;
				ensure!(signed_at >= attestor.accountable_from, Error::<T>::AlreadyPunished);
				Self::punish_attestor(*id, attestor, &reporter);
				Reversed::NOTHING
			},
		};
		Ok(Some(Self::report_weight(reversed)).into())
	}

	/// Punishes a relay that has signed both, and reverses what it posted for their place.
	fn report_relay(
		reporter: &T::AccountId,
		first: &SignedHeader,
		second: &SignedHeader,
		signed_at: Moment,
	) -> Result<Reversed, Error<T>> {
		let (relay, sequence) = (first.header.relay, first.header.sequence);
		let info = Relays::<T>::get(relay).ok_or(Error::<T>::UnknownRelay)?;
		Self::ensure_signed(&info.key, first, second)?;
		ensure!(signed_at >= info.accountable_from, Error::<T>::AlreadyPunished);
		let challengeable =
			Batches::<T>::get(relay, sequence).filter(|batch| T::Calendar::now() < batch.final_at);
		let reversed = challengeable.map(|batch| Self::reverse(relay, sequence, &batch));
		Self::punish_relay(relay, reporter, signed_at);
		Ok(reversed.unwrap_or(Reversed::NOTHING))
	}

	fn ensure_signed(
		key: &sr25519::Public,
		first: &SignedHeader,
		second: &SignedHeader,
	) -> Result<(), Error<T>> {
		let genesis = Self::genesis_hash();
		for SignedHeader { header, signature } in [first, second] {
			let hash = header.hash(&genesis);
			ensure!(sr25519_verify(signature, hash.as_bytes(), key), Error::<T>::BadSignature);
		}
		Ok(())
	}
}

fn within<AccountId: codec::Encode + PartialEq>(
	call: &CallProof<AccountId>,
	root: &Node,
	lines: u32,
) -> Result<(), Flaw> {
	ensure!(call.is_in(root, lines), Flaw::NotInBatch);
	Ok(())
}

fn ensure_same<AccountId>(
	call: &CallProof<AccountId>,
	other: &CallProof<AccountId>,
) -> Result<(), Flaw> {
	ensure!(call.leaf.call_id == other.leaf.call_id, Flaw::DifferentCalls);
	Ok(())
}
