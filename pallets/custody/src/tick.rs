//! The work of each block: refunds.

use frame_support::{
	storage::with_storage_layer,
	traits::{fungibles::Mutate, Defensive, Get},
	weights::{Weight, WeightMeter},
};
use lx_primitives::traits::Calendar;
use sp_runtime::{DispatchError, DispatchResult};

use crate::{pallet::*, types::WithdrawalId, WeightInfo};

impl<T: Config> Pallet<T> {
	/// Refunds withdrawals whose time is over, oldest first, within the weight of
	/// [`Config::RefundsPerBlock`] refunds. Passing over one that was paid costs a read of it.
	///
	/// It stops at the first withdrawal that is not due. Later ones are due later, except for a
	/// while after the timeout was shortened: then they wait for it.
	pub(crate) fn refund_expired() -> Weight {
		let base = T::WeightInfo::inspect_queue();
		let queue = Queue::<T>::get();
		if queue.head == queue.next {
			return base;
		}
		let step = T::WeightInfo::refund().max(T::WeightInfo::defer_refund());
		let limit = step.saturating_mul(u64::from(T::RefundsPerBlock::get()));
		let mut meter = WeightMeter::with_limit(limit);
		let now = T::Calendar::now();
		let mut head = queue.head;
		// Up to where the queue ended when the block began: a deferred refund waits at least a block.
		while head < queue.next {
			let withdrawal = Withdrawals::<T>::get(head);
			if withdrawal.as_ref().is_some_and(|withdrawal| withdrawal.refund_at > now) {
				break;
			}
			let is_open = withdrawal.is_some();
			let cost = if is_open { step } else { T::WeightInfo::skip_paid() };
			if meter.try_consume(cost).is_err() {
				break;
			}
			if is_open {
				Self::refund_or_defer(head);
			}
			head = head.saturating_add(1);
		}
		if head != queue.head {
			Queue::<T>::mutate(|queue| queue.head = head);
		}
		base.saturating_add(meter.consumed())
	}

	pub(crate) fn refund_or_defer(id: WithdrawalId) {
		if let Err(error) = with_storage_layer(|| Self::refund(id)) {
			// Nothing in it depends on the account. If it failed all the same, the withdrawal would
			// stay open, to be paid but not refunded.
			let _ = with_storage_layer(|| Self::defer_refund(id, error)).defensive();
		}
	}

	/// Mints the USDT of the withdrawal `id` again. The daily cap and the reserves have no say: what
	/// exists and what is pending stay the same in sum.
	fn refund(id: WithdrawalId) -> DispatchResult {
		let withdrawal = Self::dequeue(id)?;
		let (who, amount) = (withdrawal.who, withdrawal.amount);
		T::Assets::mint_into(T::UsdtAsset::get(), &who, amount)?;
		Self::deposit_event(Event::WithdrawalRefunded { id, who, amount });
		Ok(())
	}

	/// Moves the withdrawal `id`, whose refund failed, to the end of the queue: it holds up nobody
	/// and is tried again after another timeout.
	fn defer_refund(id: WithdrawalId, error: DispatchError) -> DispatchResult {
		let mut withdrawal = Self::dequeue(id)?;
		withdrawal.refund_at = T::Calendar::now().saturating_add(T::WithdrawalTimeout::get());
		let new_id = Self::enqueue(withdrawal)?;
		Self::deposit_event(Event::RefundDeferred { id, new_id, error });
		Ok(())
	}
}
