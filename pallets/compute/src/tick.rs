//! Making batches final, in metered steps.

use frame_support::{
	defensive,
	pallet_prelude::Weight,
	storage::with_storage_layer,
	traits::{DefensiveSaturating, Get},
	weights::WeightMeter,
};
use lx_primitives::{
	traits::{Calendar, OnRevenue, OnUsageSettled},
	Line, RelayId,
};

use crate::{
	Accounts, Batches, Config, Event, LinePages, Pallet, PostedBatch, Queue, QueueHead, QueueTail,
	Relays, WeightInfo, LINES_PER_PAGE,
};

/// The batch that is next to become final, and its place in its relay's log.
pub(crate) struct Due {
	pub(crate) relay: RelayId,
	pub(crate) sequence: u64,
	pub(crate) batch: PostedBatch,
}

impl<T: Config> Pallet<T> {
	/// Takes steps while there is something due and weight is left. Returns the weight used.
	pub(crate) fn settle_due() -> Weight {
		let limit = T::FinalisationWeight::get().max(Self::smallest_step());
		let mut meter = WeightMeter::with_limit(limit);
		while Self::settle_step(&mut meter) {}
		meter.consumed()
	}

	/// Takes a step, and says whether to go on.
	fn settle_step(meter: &mut WeightMeter) -> bool {
		if meter.try_consume(T::WeightInfo::next_due()).is_err() {
			return false;
		}
		let Some(due) = Self::next_due() else { return false };
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

	/// The batch at the head of the queue, if its challenge window is over.
	pub(crate) fn next_due() -> Option<Due> {
		let head = QueueHead::<T>::get();
		if head >= QueueTail::<T>::get() {
			return None;
		}
		let (relay, sequence) = Queue::<T>::get(head)?;
		let batch = Batches::<T>::get(relay, sequence)?;
		(batch.final_at <= T::Calendar::now()).then_some(Due { relay, sequence, batch })
	}

	/// Settles the next `count` lines of a page.
	fn settle_lines(due: Due, count: u32) {
		let (relay, sequence) = (due.relay, due.sequence);
		for Line { account, total } in Self::release_lines(due, count) {
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
			Accounts::<T>::mutate_extant(&line.account, |account| {
				account.pending = account.pending.defensive_saturating_sub(line.total.charge);
			});
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

	/// Takes a batch from the queue and pays its cost and its revenue.
	pub(crate) fn book(Due { relay, sequence, batch }: Due) {
		Queue::<T>::remove(QueueHead::<T>::get());
		QueueHead::<T>::mutate(|head| *head = head.defensive_saturating_add(1));
		Batches::<T>::remove(relay, sequence);
		let operator = Relays::<T>::mutate(relay, |info| {
			info.as_mut().map(|info| {
				info.pending_batches = info.pending_batches.defensive_saturating_sub(1);
				info.operator.clone()
			})
		});
		match operator {
			Some(operator) => Self::pay(&operator, batch.root.cost),
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
