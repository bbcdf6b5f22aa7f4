//! Making batches final, in metered steps.

use frame_support::{
	defensive,
	pallet_prelude::Weight,
	storage::with_storage_layer,
	traits::{DefensiveSaturating, Get},
	weights::WeightMeter,
};
use lx_primitives::{
	call_log::MAX_CALL_AGE,
	traits::{Calendar, OnRevenue, OnUsageSettled},
	Line, Moment, RelayId,
};

use crate::{
	Batches, Config, Event, LinePages, Pallet, PostedBatch, Queue, QueueFront, QueueHead, Relays,
	Settled, SettledBatch, WeightInfo, LINES_PER_PAGE,
};

/// What is at the head of the queue.
pub(crate) enum Next {
	/// Nothing whose challenge window is over.
	Nothing,
	/// A place whose batch was reversed: the head has moved on.
	Reversed,
	/// A batch to make final.
	Due(Due),
}

/// The batch that is next to become final, and its place in its relay's log.
pub(crate) struct Due {
	pub(crate) relay: RelayId,
	pub(crate) sequence: u64,
	pub(crate) batch: PostedBatch,
}

impl<T: Config> Pallet<T> {
	/// Forgets what is past proving, then takes steps of settlement while there is something due and
	/// weight is left. Returns the weight used.
	pub(crate) fn settle_due() -> Weight {
		let least = T::WeightInfo::forget_batch().saturating_add(Self::smallest_step());
		let limit = T::FinalisationWeight::get().max(least);
		let mut meter = WeightMeter::with_limit(limit);
		while Self::forget_step(&mut meter) {}
		while Self::settle_step(&mut meter) {}
		meter.consumed()
	}

	/// Forgets the batch that has been final longest if it may be, and says whether to go on.
	fn forget_step(meter: &mut WeightMeter) -> bool {
		// Beside this step there has to be weight for one of settlement.
		let needed = T::WeightInfo::forget_batch().saturating_add(Self::smallest_step());
		if !meter.can_consume(needed) {
			return false;
		}
		meter.consume(T::WeightInfo::forget_batch());
		Self::forget_batch()
	}

	/// Removes the place at the front of the queue, with what is remembered of its batch, if no call
	/// of that can be posted again. Says whether it did.
	pub(crate) fn forget_batch() -> bool {
		let front = QueueFront::<T>::get();
		if front >= QueueHead::<T>::get() {
			return false;
		}
		let Some((relay, sequence)) = Queue::<T>::get(front) else { return false };
		// One that is not remembered was reversed.
		if let Some(settled) = Settled::<T>::get(relay, sequence) {
			if Self::settled_up_to() <= settled.until {
				return false;
			}
			Settled::<T>::remove(relay, sequence);
		}
		Queue::<T>::remove(front);
		QueueFront::<T>::put(front.defensive_saturating_add(1));
		true
	}

	/// Every batch that was posted before this moment is final. They become so in the order of
	/// posting, so the one at the head tells, whatever windows they had.
	fn settled_up_to() -> Moment {
		match Queue::<T>::get(QueueHead::<T>::get()) {
			// The head moves on from a reversed one with the next step of settlement.
			Some((relay, sequence)) => {
				Batches::<T>::get(relay, sequence).map_or(0, |batch| batch.time)
			},
			None => T::Calendar::now(),
		}
	}

	/// Takes a step of settlement, and says whether to go on.
	fn settle_step(meter: &mut WeightMeter) -> bool {
		if meter.try_consume(T::WeightInfo::next_due()).is_err() {
			return false;
		}
		match Self::next_due() {
			Next::Nothing => false,
			Next::Reversed => true,
			Next::Due(due) => Self::settle_some(due, meter),
		}
	}

	/// Settles as many lines of a page as the weight allows, or ends the batch if none is left. Says
	/// whether to go on.
	fn settle_some(due: Due, meter: &mut WeightMeter) -> bool {
		let count = Self::lines_left_on_page(&due.batch);
		if count > 0 {
			let affordable = count.min(Self::affordable_lines(meter.remaining()));
			if affordable == 0 || meter.try_consume(Self::lines_weight(affordable)).is_err() {
				return false;
			}
			Self::settle_lines(due, affordable);
			true
		} else if meter.try_consume(Self::finish_weight()).is_ok() {
			Self::finish_batch(due);
			true
		} else {
			false
		}
	}

	/// Looks at the head of the queue. Moves on from a place whose batch was reversed.
	pub(crate) fn next_due() -> Next {
		let head = QueueHead::<T>::get();
		let Some((relay, sequence)) = Queue::<T>::get(head) else { return Next::Nothing };
		match Batches::<T>::get(relay, sequence) {
			None => {
				QueueHead::<T>::put(head.defensive_saturating_add(1));
				Next::Reversed
			},
			Some(batch) if batch.final_at <= T::Calendar::now() => {
				Next::Due(Due { relay, sequence, batch })
			},
			Some(_) => Next::Nothing,
		}
	}

	/// Settles the next `count` lines of a page.
	fn settle_lines(due: Due, count: u32) {
		let (relay, sequence) = (due.relay, due.sequence);
		let lines = Self::release_lines(due, count);
		// Whoever does not pay is not rewarded.
		for Line { account, total, .. } in lines.filter(|line| !line.payment.is_sponsored()) {
			let charge = total.charge;
			let told = with_storage_layer(|| T::OnSettled::on_usage_settled(&account, charge));
			if let Err(error) = told {
				let event = Event::UsageNotSettled { relay, sequence, account, charge, error };
				Self::deposit_event(event);
			}
		}
	}

	/// Takes the next `count` lines from their page: their charges are no longer pending, whatever
	/// comes of telling others. The page goes with its last line.
	pub(crate) fn release_lines(
		Due { relay, sequence, mut batch }: Due,
		count: u32,
	) -> impl Iterator<Item = Line<T::AccountId>> {
		let first = batch.settled_lines % LINES_PER_PAGE;
		let key = (relay, sequence, batch.settled_lines / LINES_PER_PAGE);
		let page = LinePages::<T>::get(key).unwrap_or_default();
		let lines = page.into_iter().skip(first as usize).take(count as usize);
		for line in lines.clone() {
			Self::release(relay, &line, 0);
		}
		if count == Self::lines_left_on_page(&batch) {
			LinePages::<T>::remove(key);
		}
		batch.settled_lines = batch.settled_lines.defensive_saturating_add(count);
		Batches::<T>::insert(relay, sequence, batch);
		lines
	}

	/// Ends a batch whose lines are settled.
	fn finish_batch(due: Due) {
		let (relay, sequence) = (due.relay, due.sequence);
		let (charge, cost) = (due.batch.root.charge, due.batch.root.cost);
		Self::book(due);
		if let Err(error) = with_storage_layer(|| T::OnRevenue::on_revenue(charge, cost)) {
			Self::deposit_event(Event::RevenueNotReported { relay, sequence, error });
		}
		Self::deposit_event(Event::BatchFinal { relay, sequence, charge, cost });
	}

	/// Moves on from a batch, remembers it, and pays its cost and its revenue.
	pub(crate) fn book(Due { relay, sequence, batch }: Due) {
		QueueHead::<T>::mutate(|head| *head = head.defensive_saturating_add(1));
		Batches::<T>::remove(relay, sequence);
		let settled = SettledBatch {
			hash: batch.hash,
			root: batch.root,
			lines: batch.lines,
			until: batch.time.saturating_add(MAX_CALL_AGE),
		};
		Settled::<T>::insert(relay, sequence, settled);
		let payee = Relays::<T>::mutate(relay, |info| {
			info.as_mut().map(|info| {
				info.pending_batches = info.pending_batches.defensive_saturating_sub(1);
				info.payee.clone()
			})
		});
		match payee {
			Some(payee) => Self::pay(&payee, batch.root.cost),
			None => {
				defensive!("a relay stays registered while a batch of it is pending");
			},
		}
		let revenue = batch.root.charge.defensive_saturating_sub(batch.root.cost);
		Self::pay(&T::RevenueAccount::get(), revenue);
	}

	fn lines_left_on_page(batch: &PostedBatch) -> u32 {
		let on_page = LINES_PER_PAGE.saturating_sub(batch.settled_lines % LINES_PER_PAGE);
		on_page.min(batch.lines.saturating_sub(batch.settled_lines))
	}

	/// How many lines a step may settle with this weight.
	fn affordable_lines(remaining: Weight) -> u32 {
		let base = Self::lines_weight(0);
		let per_line = Self::lines_weight(1).saturating_sub(base);
		remaining
			.saturating_sub(base)
			.checked_div_per_component(&per_line)
			.map_or(u32::MAX, |lines| lines.min(u32::MAX.into()) as u32)
	}

	fn lines_weight(count: u32) -> Weight {
		T::WeightInfo::settle_lines(count).saturating_add(T::OnSettled::settled_weight(count))
	}

	fn finish_weight() -> Weight {
		T::WeightInfo::finish_batch().saturating_add(T::OnRevenue::revenue_weight())
	}

	/// Enough for the larger of the two steps, a line or the end of a batch.
	fn smallest_step() -> Weight {
		T::WeightInfo::next_due().saturating_add(Self::lines_weight(1).max(Self::finish_weight()))
	}
}
