//! What must stay true.

use alloc::collections::BTreeSet;
use frame_support::{
	ensure,
	traits::{fungibles::Inspect, Get},
};
use lx_primitives::Balance;
use sp_runtime::DispatchError;

use crate::{pallet::*, types::Vote, QuorumOf, WithdrawalOf};

impl<T: Config> Pallet<T> {
	/// Checks the whole stored state.
	pub fn do_try_state() -> Result<(), DispatchError> {
		Self::check_custodians()?;
		Self::check_claims()?;
		Self::check_withdrawals()?;
		Self::check_payments()?;
		Self::check_backing()
	}

	/// Each custodian has one seat, given out, and a majority decides.
	fn check_custodians() -> Result<(), DispatchError> {
		let quorum = Custodians::<T>::get();
		let accounts: BTreeSet<_> = quorum.members.iter().map(|member| &member.account).collect();
		let seats: BTreeSet<_> = quorum.members.iter().map(|member| member.seat).collect();
		ensure!(accounts.len() == quorum.members.len(), "a custodian has two seats");
		ensure!(seats.len() == quorum.members.len(), "two custodians share a seat");
		let next = NextSeat::<T>::get();
		ensure!(seats.iter().all(|seat| *seat < next), "a seat was not given out");
		let is_unset = quorum.members.is_empty() && quorum.threshold == 0;
		let is_majority = QuorumOf::<T>::is_majority(quorum.threshold, quorum.members.len());
		ensure!(is_unset || is_majority, "the threshold is not a majority");
		Ok(())
	}

	/// Only custodians in office have claims, one for a deposit, and none for a credited one.
	fn check_claims() -> Result<(), DispatchError> {
		let quorum = Custodians::<T>::get();
		for (seat, claims) in Claims::<T>::iter() {
			ensure!(quorum.has_seat(seat), "a claim of a custodian that has left");
			let deposits: BTreeSet<_> = claims.iter().map(|claim| claim.deposit()).collect();
			ensure!(deposits.len() == claims.len(), "two claims for one deposit");
			let is_credited = deposits.iter().any(Credited::<T>::contains_key);
			ensure!(!is_credited, "a claim for a credited deposit");
		}
		Ok(())
	}

	/// The queue counts the open withdrawals and holds each of them.
	fn check_withdrawals() -> Result<(), DispatchError> {
		let queue = Queue::<T>::get();
		let (mut open, mut amount): (u32, Balance) = (0, 0);
		for (id, withdrawal) in Withdrawals::<T>::iter() {
			ensure!((queue.head..queue.next).contains(&id), "a withdrawal is not in the queue");
			open = open.saturating_add(1);
			amount = amount.saturating_add(withdrawal.amount);
			Self::check_votes(&withdrawal)?;
		}
		ensure!(open == queue.open, "the queue miscounts the open withdrawals");
		ensure!(amount == queue.amount, "the queue's amount is not the sum of its withdrawals");
		ensure!(open <= T::MaxOpenWithdrawals::get(), "too many withdrawals are open");
		Ok(())
	}

	fn check_votes(withdrawal: &WithdrawalOf<T>) -> Result<(), DispatchError> {
		let seats: BTreeSet<_> = withdrawal.votes.iter().map(|vote| vote.seat).collect();
		ensure!(seats.len() == withdrawal.votes.len(), "a custodian has two votes");
		let next = NextSeat::<T>::get();
		let is_given_out = |vote: &Vote| vote.seat < next;
		ensure!(withdrawal.votes.iter().all(is_given_out), "a vote from a seat not given out");
		Ok(())
	}

	/// Every external payment has paid one withdrawal, and no withdrawal was paid twice or is still
	/// open.
	fn check_payments() -> Result<(), DispatchError> {
		let next = Queue::<T>::get().next;
		let mut paid = BTreeSet::new();
		for id in PaidWith::<T>::iter_values() {
			ensure!(paid.insert(id), "two payments for one withdrawal");
			ensure!(id < next, "a payment for a withdrawal never requested");
			ensure!(!Withdrawals::<T>::contains_key(id), "a paid withdrawal is open");
		}
		Ok(())
	}

	/// USDT and pending withdrawals come from deposits that are not paid out yet: nothing else
	/// creates USDT, while anyone may lose some.
	fn check_backing() -> Result<(), DispatchError> {
		let ledger = Ledger::<T>::get();
		let held = ledger.deposited.checked_sub(ledger.paid_out);
		let held = held.ok_or("more was paid out than deposited")?;
		let owed =
			T::Assets::total_issuance(T::UsdtAsset::get()).saturating_add(Queue::<T>::get().amount);
		ensure!(owed <= held, "USDT exists that was not deposited");
		Ok(())
	}
}
