//! What becomes of launches by itself, in metered steps.

use frame_support::{
	defensive,
	traits::{DefensiveSaturating, Get},
	weights::{Weight, WeightMeter},
};
use lx_math::allocation::{Cut, Search};
use lx_primitives::{
	traits::{Calendar, Stakes},
	LaunchId, Moment, Units,
};

use crate::{
	types::schedule, Agenda, Announcements, Config, Event, Filling, Launch, Launches, Pages,
	Pallet, Plan, Stage, WeightInfo, SUBSCRIBERS_PER_PAGE,
};

impl<T: Config> Pallet<T> {
	/// Takes the snapshots that are due, then steps while something is due and weight is left.
	pub(crate) fn advance(weight: &mut WeightMeter) {
		// Before everything else: with the block's transactions it changes what is staked.
		while Self::snapshot_step(weight) {}
		let limit = T::StepWeight::get().max(Self::smallest_step()).min(weight.remaining());
		let mut meter = WeightMeter::with_limit(limit);
		while Self::step(&mut meter) {}
		weight.consume(meter.consumed());
	}

	/// Enough for any step.
	fn smallest_step() -> Weight {
		let count = T::WeightInfo::count(SUBSCRIBERS_PER_PAGE);
		T::WeightInfo::next_due()
			.saturating_add(T::WeightInfo::turn())
			.saturating_add(count.max(T::WeightInfo::sweep()))
	}

	/// Takes a snapshot, and says whether there may be another one to be taken.
	fn snapshot_step(meter: &mut WeightMeter) -> bool {
		let Some((id, launch)) = Self::next_due(Announcements::<T>::get, meter) else {
			return false;
		};
		Announcements::<T>::mutate(|plan| plan.retain(|(_, planned)| *planned != id));
		Self::take_snapshot(id, launch);
		true
	}

	/// Takes a step of the launch to which something happens first, and says whether to go on.
	fn step(meter: &mut WeightMeter) -> bool {
		let Some((id, launch)) = Self::next_due(Agenda::<T>::get, meter) else { return false };
		match launch.stage {
			Stage::Open { .. } => Self::close(id, launch),
			Stage::Filling(filling) => return Self::fill(id, launch, filling, meter),
			Stage::Allocated(_) => Self::expire(id, launch),
			Stage::Expired { swept } => return Self::sweep(id, launch, swept, meter),
			Stage::Announced | Stage::Over | Stage::Reoffered(_) => {
				defensive!("it is not in the agenda");
				Self::strike(id);
			},
		}
		true
	}

	/// The launch to which something happens now, if there is weight to let it happen.
	pub(crate) fn next_due(
		plan: impl FnOnce() -> Plan,
		meter: &mut WeightMeter,
	) -> Option<(LaunchId, Launch)> {
		meter.try_consume(T::WeightInfo::next_due()).ok()?;
		let (at, id) = *plan().first()?;
		if at > T::Calendar::now() {
			return None;
		}
		meter.try_consume(T::WeightInfo::turn()).ok()?;
		Some((id, Launches::<T>::get(id)?))
	}

	/// Strikes a launch out of the agenda.
	fn strike(id: LaunchId) {
		Agenda::<T>::mutate(|agenda| agenda.retain(|(_, planned)| *planned != id));
	}

	/// Stores a launch to which the next thing happens at `at`.
	fn put(id: LaunchId, launch: Launch, at: Moment) {
		Launches::<T>::insert(id, launch);
		Self::strike(id);
		if !Agenda::<T>::mutate(|plan| schedule(plan, at, id)) {
			defensive!("there is room for as many launches as are announced");
		}
	}

	/// Notes what the whole network has staked. The block's transactions come after it, so this is what
	/// was staked before the first block at or after the snapshot's time.
	fn take_snapshot(id: LaunchId, mut launch: Launch) {
		let network = T::Stakes::totals().launch_weight();
		launch.stage = Stage::Open { network };
		let closes_at = launch.closes_at();
		Self::put(id, launch, closes_at);
		Self::deposit_event(Event::SnapshotTaken { launch: id, network });
	}

	/// Ends subscription. If there is enough for everybody, nothing has to be divided.
	fn close(id: LaunchId, mut launch: Launch) {
		let (subscribers, left) = (launch.tally.subscribers, launch.left());
		Self::deposit_event(Event::Closed { launch: id, subscribers });
		if launch.tally.wanted <= left.into() {
			return Self::allocate(id, launch, Cut::ALL);
		}
		let search = Search::new(left, launch.tally.least);
		launch.stage = Stage::Filling(Filling { search, page: 0 });
		Launches::<T>::insert(id, launch);
	}

	/// Counts as many pages as the weight allows, and says whether to go on.
	fn fill(
		id: LaunchId,
		mut launch: Launch,
		mut filling: Filling,
		meter: &mut WeightMeter,
	) -> bool {
		while meter.try_consume(T::WeightInfo::count(launch.on_page(filling.page))).is_ok() {
			Self::count(id, &mut filling);
			if filling.page < launch.pages() {
				continue;
			}
			filling.page = 0;
			if let Some(cut) = filling.search.turn() {
				Self::allocate(id, launch, cut);
				return true;
			}
		}
		launch.stage = Stage::Filling(filling);
		Launches::<T>::insert(id, launch);
		false
	}

	/// Counts the subscribers of the next page.
	pub(crate) fn count(id: LaunchId, filling: &mut Filling) {
		for subscriber in Pages::<T>::get(id, filling.page).unwrap_or_default() {
			filling.search.count(&subscriber.share());
		}
		filling.page = filling.page.defensive_saturating_add(1);
	}

	/// Lets subscribers claim what `cut` gives them.
	fn allocate(id: LaunchId, mut launch: Launch, cut: Cut) {
		let second = launch.tally.wanted.min(launch.left().into());
		// What is left is of that type.
		let second = Units::try_from(second).unwrap_or(Units::MAX);
		let units = launch.tally.first.saturating_add(second);
		launch.stage = Stage::Allocated(cut);
		let expires_at = launch.offer.expires_at;
		Self::put(id, launch, expires_at);
		Self::deposit_event(Event::Allocated { launch: id, units });
	}

	/// Begins to remove what nobody needs any more.
	fn expire(id: LaunchId, mut launch: Launch) {
		launch.stage = Stage::Expired { swept: 0 };
		Launches::<T>::insert(id, launch);
		Self::deposit_event(Event::Expired { launch: id });
	}

	/// Removes as many pages as the weight allows, and says whether to go on.
	fn sweep(id: LaunchId, mut launch: Launch, from: u32, meter: &mut WeightMeter) -> bool {
		let mut swept = from;
		while swept < launch.pages() && meter.try_consume(T::WeightInfo::sweep()).is_ok() {
			Pages::<T>::remove(id, swept);
			swept = swept.defensive_saturating_add(1);
		}
		let is_over = swept >= launch.pages();
		launch.stage = if is_over { Stage::Over } else { Stage::Expired { swept } };
		Launches::<T>::insert(id, launch);
		if is_over {
			Self::strike(id);
		}
		is_over
	}
}
