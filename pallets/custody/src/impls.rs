//! What custody tells others: the gate before minting, and the public queues.

use alloc::{collections::BTreeMap, vec::Vec};
use frame_support::traits::{fungibles::Inspect, Get};
use lx_primitives::traits::{Calendar, MintGate};
use sp_runtime::DispatchError;

use crate::{
	pallet::*,
	types::{Claim, PendingDeposit, ReserveStatus, WithdrawalId, WithdrawalPage},
	WithdrawalOf,
};

/// The most ids that one page of the queue of withdrawals covers.
const PAGE: u32 = 256;

/// Credits may be minted while the attested reserves are fresh and cover the USDT that exists and
/// the pending withdrawals.
impl<T: Config> MintGate for Pallet<T> {
	fn ensure_open() -> Result<(), DispatchError> {
		Self::ensure_covered(&Custodians::<T>::get(), 0)
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn reserve_status() -> ReserveStatus {
		let (now, lifetime) = (T::Calendar::now(), T::ReportLifetime::get());
		ReserveStatus {
			attested: Custodians::<T>::get().attested_reserve(now, lifetime),
			issuance: T::Assets::total_issuance(T::UsdtAsset::get()),
			pending: Queue::<T>::get().amount,
		}
	}

	pub(crate) fn list_pending_deposits() -> Vec<PendingDeposit<T::AccountId>> {
		let mut pending: BTreeMap<Claim<T::AccountId>, Vec<T::AccountId>> = BTreeMap::new();
		for member in Custodians::<T>::get().members {
			for claim in Claims::<T>::get(member.seat) {
				pending.entry(claim).or_default().push(member.account.clone());
			}
		}
		let list = pending.into_iter();
		list.map(|(claim, custodians)| PendingDeposit { claim, custodians }).collect()
	}

	pub(crate) fn list_withdrawals(
		from: WithdrawalId,
		limit: u32,
	) -> WithdrawalPage<WithdrawalOf<T>> {
		let queue = Queue::<T>::get();
		let start = from.max(queue.head);
		let end = start.saturating_add(u64::from(PAGE)).min(queue.next);
		let limit = usize::try_from(limit.clamp(1, PAGE)).unwrap_or(usize::MAX);
		let mut page = WithdrawalPage { withdrawals: Vec::new(), next: None };
		for id in start..end {
			if page.withdrawals.len() == limit {
				page.next = Some(id);
				return page;
			}
			page.withdrawals.extend(Withdrawals::<T>::get(id).map(|withdrawal| (id, withdrawal)));
		}
		page.next = (end < queue.next && start < end).then_some(end);
		page
	}
}
