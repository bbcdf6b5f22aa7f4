//! The work of the calls.

use frame_support::{
	ensure,
	traits::{
		fungibles::{Inspect, Mutate},
		tokens::{Fortitude, Precision, Preservation, Provenance},
		Get, OriginTrait,
	},
	BoundedVec,
};
use frame_system::pallet_prelude::OriginFor;
use lx_primitives::{traits::Calendar, Balance};
use sp_runtime::{ArithmeticError, DispatchError, DispatchResult, SaturatedConversion};

use crate::{
	pallet::*,
	types::{
		is_network, is_visible, Address, Claim, Custodian, DayTotal, Network, Reference, Report,
		Seat, Step, Vote, Withdrawal, WithdrawalId,
	},
	MembersOf, QuorumOf, WithdrawalOf,
};

/// Deposits.
impl<T: Config> Pallet<T> {
	pub(crate) fn do_attest_deposit(
		who: T::AccountId,
		claim: Claim<T::AccountId>,
	) -> DispatchResult {
		let (seat, step) = Self::assess_deposit(&who, &claim)?;
		let (custodian, attested) = (who.clone(), claim.clone());
		Self::deposit_event(Event::DepositAttested { custodian, claim: attested });
		match step {
			Step::Complete => Self::credit(claim),
			_ => Self::record_claim(who, seat, claim),
		}
	}

	pub(crate) fn is_free_deposit_attestation(
		origin: &OriginFor<T>,
		claim: &Claim<T::AccountId>,
	) -> bool {
		let assess = |who| Self::assess_deposit(who, claim);
		origin.as_signer().and_then(|who| assess(who).ok()).is_some_and(|(_, step)| step.is_free())
	}

	/// What it does that `who` attests `claim`, with everything that could refuse it checked.
	/// Changes nothing.
	fn assess_deposit(
		who: &T::AccountId,
		claim: &Claim<T::AccountId>,
	) -> Result<(Seat, Step), DispatchError> {
		let quorum = Custodians::<T>::get();
		let seat = quorum.seat_of(who).ok_or(Error::<T>::NotCustodian)?;
		ensure!(is_network(&claim.network), Error::<T>::InvalidNetwork);
		ensure!(is_visible(&claim.reference), Error::<T>::InvalidReference);
		let smallest = T::Assets::minimum_balance(T::UsdtAsset::get());
		ensure!(claim.amount >= smallest, Error::<T>::DepositTooSmall);
		ensure!(!Credited::<T>::contains_key(claim.deposit()), Error::<T>::AlreadyCredited);

		let others = quorum.members.iter().filter(|member| member.seat != seat);
		let agreeing = others.filter(|other| Claims::<T>::get(other.seat).contains(claim)).count();
		if quorum.is_decided_by(agreeing.saturating_add(1)) {
			Self::ensure_creditable(&quorum, claim)?;
			return Ok((seat, Step::Complete));
		}
		let own = Claims::<T>::get(seat);
		let step = match own.iter().find(|standing| standing.is_about_deposit_of(claim)) {
			Some(standing) if standing == claim => return Err(Error::<T>::AlreadyAttested.into()),
			Some(_) => Step::Correct,
			None if own.is_full() => Step::Displace,
			None => Step::Add,
		};
		Ok((seat, step))
	}

	fn ensure_creditable(quorum: &QuorumOf<T>, claim: &Claim<T::AccountId>) -> DispatchResult {
		let today = Self::credited_today().plus(claim.amount)?;
		ensure!(today.amount <= DailyCap::<T>::get(), Error::<T>::DailyCapExceeded);
		Self::ensure_covered(quorum, claim.amount)?;
		let usdt = T::UsdtAsset::get();
		T::Assets::can_deposit(usdt, &claim.account, claim.amount, Provenance::Minted).into_result()
	}

	/// Whether the attested reserves cover the USDT that exists, the pending withdrawals, and
	/// `more`.
	pub(crate) fn ensure_covered(quorum: &QuorumOf<T>, more: Balance) -> DispatchResult {
		let attested = quorum
			.attested_reserve(T::Calendar::now(), T::ReportLifetime::get())
			.ok_or(Error::<T>::ReservesStale)?;
		let owed = T::Assets::total_issuance(T::UsdtAsset::get())
			.checked_add(Queue::<T>::get().amount)
			.and_then(|owed| owed.checked_add(more))
			.ok_or(ArithmeticError::Overflow)?;
		ensure!(owed <= attested, Error::<T>::ReservesShort);
		Ok(())
	}

	/// USDT credited today, so far.
	pub(crate) fn credited_today() -> DayTotal {
		CreditedOn::<T>::get().on(T::Calendar::day())
	}

	fn credit(claim: Claim<T::AccountId>) -> DispatchResult {
		let today = Self::credited_today().plus(claim.amount)?;
		let mut ledger = Ledger::<T>::get();
		ledger.deposited =
			ledger.deposited.checked_add(claim.amount).ok_or(ArithmeticError::Overflow)?;
		T::Assets::mint_into(T::UsdtAsset::get(), &claim.account, claim.amount)?;
		Credited::<T>::insert(claim.deposit(), ());
		CreditedOn::<T>::put(today);
		Ledger::<T>::put(ledger);
		Self::clear_claims(&claim);
		let Claim { network, reference, account, amount } = claim;
		Self::deposit_event(Event::DepositCredited { who: account, amount, network, reference });
		Ok(())
	}

	/// Removes every claim about the deposit of `credited`, whatever it says.
	fn clear_claims(credited: &Claim<T::AccountId>) {
		for member in Custodians::<T>::get().members {
			let mut claims = Claims::<T>::get(member.seat);
			let standing = claims.len();
			claims.retain(|claim| !claim.is_about_deposit_of(credited));
			if claims.is_empty() {
				Claims::<T>::remove(member.seat);
			} else if claims.len() < standing {
				Claims::<T>::insert(member.seat, claims);
			}
		}
	}

	fn record_claim(
		custodian: T::AccountId,
		seat: Seat,
		claim: Claim<T::AccountId>,
	) -> DispatchResult {
		let mut claims = Claims::<T>::get(seat);
		claims.retain(|standing| !standing.is_about_deposit_of(&claim));
		if claims.is_full() {
			let displaced = claims.remove(0);
			Self::deposit_event(Event::ClaimDisplaced { custodian, claim: displaced });
		}
		claims.try_push(claim).map_err(|_| ArithmeticError::Overflow)?;
		Claims::<T>::insert(seat, claims);
		Ok(())
	}
}

/// Withdrawals.
impl<T: Config> Pallet<T> {
	pub(crate) fn do_request_withdrawal(
		who: T::AccountId,
		amount: Balance,
		network: Network,
		address: Address,
	) -> DispatchResult {
		ensure!(is_network(&network), Error::<T>::InvalidNetwork);
		ensure!(is_visible(&address), Error::<T>::InvalidAddress);
		let usdt = T::UsdtAsset::get();
		// Not less than an empty account can receive, so that the refund can be minted.
		let smallest = T::MinWithdrawal::get().max(T::Assets::minimum_balance(usdt));
		ensure!(amount >= smallest, Error::<T>::WithdrawalTooSmall);
		let open = Queue::<T>::get().open;
		ensure!(open < T::MaxOpenWithdrawals::get(), Error::<T>::TooManyWithdrawals);

		// May burn more than asked, when less than the minimum balance would be left. All that was
		// burned is withdrawn, so nothing is lost.
		let amount = T::Assets::burn_from(
			usdt,
			&who,
			amount,
			Preservation::Expendable,
			Precision::Exact,
			Fortitude::Polite,
		)?;
		let refund_at = T::Calendar::now().saturating_add(T::WithdrawalTimeout::get());
		let id = Self::enqueue(Withdrawal {
			who: who.clone(),
			amount,
			network: network.clone(),
			address: address.clone(),
			refund_at,
			votes: BoundedVec::new(),
		})?;
		Self::deposit_event(Event::WithdrawalRequested {
			id,
			who,
			amount,
			network,
			address,
			refund_at,
		});
		Ok(())
	}

	/// Puts `withdrawal` at the end of the queue.
	pub(crate) fn enqueue(withdrawal: WithdrawalOf<T>) -> Result<WithdrawalId, DispatchError> {
		let mut queue = Queue::<T>::get();
		let id = queue.enter(withdrawal.amount)?;
		Queue::<T>::put(queue);
		Withdrawals::<T>::insert(id, withdrawal);
		Ok(id)
	}

	/// Takes the withdrawal `id` out of the queue.
	pub(crate) fn dequeue(id: WithdrawalId) -> Result<WithdrawalOf<T>, DispatchError> {
		let withdrawal = Withdrawals::<T>::take(id).ok_or(Error::<T>::UnknownWithdrawal)?;
		let mut queue = Queue::<T>::get();
		queue.leave(withdrawal.amount)?;
		Queue::<T>::put(queue);
		Ok(withdrawal)
	}

	pub(crate) fn do_attest_payout(
		who: T::AccountId,
		id: WithdrawalId,
		reference: Reference,
	) -> DispatchResult {
		let (withdrawal, step) = Self::assess_payout(&who, id, &reference)?;
		let paid_with = reference.clone();
		Self::deposit_event(Event::PayoutAttested { id, custodian: who, reference: paid_with });
		match step {
			Step::Complete => Self::settle(id, reference),
			_ => {
				Withdrawals::<T>::insert(id, withdrawal);
				Ok(())
			},
		}
	}

	pub(crate) fn is_free_payout_attestation(
		origin: &OriginFor<T>,
		id: WithdrawalId,
		reference: &Reference,
	) -> bool {
		let assess = |who| Self::assess_payout(who, id, reference);
		origin.as_signer().and_then(|who| assess(who).ok()).is_some_and(|(_, step)| step.is_free())
	}

	/// What it does that `who` attests `reference` for the withdrawal `id`, and the withdrawal with
	/// that vote. Changes nothing.
	fn assess_payout(
		who: &T::AccountId,
		id: WithdrawalId,
		reference: &Reference,
	) -> Result<(WithdrawalOf<T>, Step), DispatchError> {
		let quorum = Custodians::<T>::get();
		let seat = quorum.seat_of(who).ok_or(Error::<T>::NotCustodian)?;
		ensure!(is_visible(reference), Error::<T>::InvalidReference);
		let mut withdrawal = Withdrawals::<T>::get(id).ok_or(Error::<T>::UnknownWithdrawal)?;
		let payment = (withdrawal.network.clone(), reference.clone());
		ensure!(!PaidWith::<T>::contains_key(payment), Error::<T>::ReferenceUsed);

		let votes = &mut withdrawal.votes;
		let before = votes.iter().find(|vote| vote.seat == seat).map(|vote| vote.reference.clone());
		// The votes of custodians that have left count no more and make room.
		votes.retain(|vote| vote.seat != seat && quorum.has_seat(vote.seat));
		let agreeing = votes.iter().filter(|vote| vote.reference == *reference).count();
		votes
			.try_push(Vote { seat, reference: reference.clone() })
			.map_err(|_| ArithmeticError::Overflow)?;
		let step = match before {
			_ if quorum.is_decided_by(agreeing.saturating_add(1)) => Step::Complete,
			Some(before) if before == *reference => {
				return Err(Error::<T>::AlreadyAttested.into());
			},
			Some(_) => Step::Correct,
			None => Step::Add,
		};
		Ok((withdrawal, step))
	}

	fn settle(id: WithdrawalId, reference: Reference) -> DispatchResult {
		let Withdrawal { who, amount, network, .. } = Self::dequeue(id)?;
		PaidWith::<T>::insert((network.clone(), reference.clone()), id);
		let mut ledger = Ledger::<T>::get();
		ledger.paid_out = ledger.paid_out.checked_add(amount).ok_or(ArithmeticError::Overflow)?;
		Ledger::<T>::put(ledger);
		Custodians::<T>::mutate(|quorum| quorum.deduct_payout(amount));
		Self::deposit_event(Event::WithdrawalPaid { id, who, amount, network, reference });
		Ok(())
	}
}

/// Custodians.
impl<T: Config> Pallet<T> {
	pub(crate) fn do_report_reserves(
		who: T::AccountId,
		amount: Balance,
		paid_out: Balance,
	) -> DispatchResult {
		Custodians::<T>::try_mutate(|quorum| {
			let member = quorum.members.iter_mut().find(|member| member.account == who);
			let member = member.ok_or(Error::<T>::NotCustodian)?;
			let amount = amount.saturating_sub(Self::paid_out_since(paid_out)?);
			member.report = Some(Report { amount, at: T::Calendar::now(), block: Self::block() });
			Self::deposit_event(Event::ReservesReported { custodian: who, amount });
			Ok(())
		})
	}

	/// What was paid out since all that ever went out was `paid_out`.
	fn paid_out_since(paid_out: Balance) -> Result<Balance, Error<T>> {
		Ledger::<T>::get().paid_out.checked_sub(paid_out).ok_or(Error::<T>::PaidOutAhead)
	}

	/// The first of a block. The block tells it, not the time: the transaction pool looks at a
	/// report for the next block while the time is still that of the last one.
	pub(crate) fn is_free_report(origin: &OriginFor<T>, paid_out: Balance) -> bool {
		let Some(who) = origin.as_signer() else { return false };
		let quorum = Custodians::<T>::get();
		let member = quorum.members.iter().find(|member| member.account == *who);
		let is_older = |report: Report| report.block < Self::block();
		let is_due = member.is_some_and(|member| member.report.is_none_or(is_older));
		is_due && Self::paid_out_since(paid_out).is_ok()
	}

	fn block() -> u64 {
		frame_system::Pallet::<T>::block_number().saturated_into()
	}

	pub(crate) fn do_set_custodians(
		accounts: BoundedVec<T::AccountId, T::MaxCustodians>,
		threshold: u32,
	) -> DispatchResult {
		ensure!(
			QuorumOf::<T>::is_majority(threshold, accounts.len()),
			Error::<T>::InvalidThreshold
		);
		let old = Custodians::<T>::get();
		let mut members = MembersOf::<T>::new();
		for account in &accounts {
			let is_named = members.iter().any(|member| member.account == *account);
			ensure!(!is_named, Error::<T>::DuplicateCustodian);
			let kept = old.members.iter().find(|member| member.account == *account);
			let member = kept.cloned().map_or_else(|| Self::appoint(account), Ok)?;
			members.try_push(member).map_err(|_| ArithmeticError::Overflow)?;
		}
		let quorum = QuorumOf::<T> { members, threshold };
		for gone in old.members.iter().filter(|member| !quorum.has_seat(member.seat)) {
			Claims::<T>::remove(gone.seat);
		}
		Custodians::<T>::put(quorum);
		let custodians = accounts.into_inner();
		Self::deposit_event(Event::CustodiansSet { custodians, threshold });
		Ok(())
	}

	/// Gives `account` a seat, and a reference on its system account, so that it can sign without
	/// owning anything.
	///
	/// The reference is kept when the custodian leaves. The account's nonce thus never starts
	/// again, and nobody can replay an old report if the account is appointed again; and a custodian
	/// cannot prevent its removal by making its account impossible to release.
	fn appoint(account: &T::AccountId) -> Result<Custodian<T::AccountId>, DispatchError> {
		let seat = NextSeat::<T>::get();
		NextSeat::<T>::put(seat.checked_add(1).ok_or(ArithmeticError::Overflow)?);
		frame_system::Pallet::<T>::inc_providers(account);
		Ok(Custodian { account: account.clone(), seat, report: None })
	}
}
