//! What the calls do.

use frame_support::{
	ensure,
	pallet_prelude::DispatchResult,
	traits::{fungible::MutateHold, tokens::Precision, Get},
};
use lx_math::allocation::proportion;
use lx_primitives::{
	traits::{ActiveRelays, Calendar, Prices, Stakes},
	Balance, Claim, LaunchId, ModelId, Moment, Offer, Price, RelayId, Tier, Units,
};
use sp_runtime::{
	traits::{EnsureAddAssign, Zero},
	ArithmeticError, DispatchError,
};

use crate::{
	types::schedule, Agenda, Announcements, Config, Error, Event, HoldReason, Launch, Launches,
	NextLaunchId, Pages, Pallet, Stage, Subscriber, Subscription, Subscriptions, Tally, Terms,
	MAX_LIVE, MAX_SUBSCRIBERS, SUBSCRIBERS_PER_PAGE,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_launch(model: ModelId, total: Units, terms: Terms) -> DispatchResult {
		let is_name = !model.is_empty() && core::str::from_utf8(&model).is_ok();
		ensure!(is_name, Error::<T>::InvalidModelName);
		ensure!(!total.is_zero(), Error::<T>::ZeroUnits);
		Self::announce(model, total, terms).map(drop)
	}

	pub(crate) fn do_reoffer(id: LaunchId, terms: Terms) -> DispatchResult {
		let mut launch = Launches::<T>::get(id).ok_or(Error::<T>::UnknownLaunch)?;
		let is_reoffered = matches!(launch.stage, Stage::Reoffered(_));
		ensure!(!is_reoffered, Error::<T>::AlreadyReoffered);
		let is_over = launch.stage == Stage::Over && !Self::may_be_used(&launch);
		ensure!(is_over, Error::<T>::NotOver);
		let units = launch.total.saturating_sub(launch.redeemed);
		ensure!(!units.is_zero(), Error::<T>::NothingLeft);
		let again = Self::announce(launch.offer.model.clone(), units, terms)?;
		launch.stage = Stage::Reoffered(again);
		Launches::<T>::insert(id, launch);
		Self::deposit_event(Event::Reoffered { launch: id, again, units });
		Ok(())
	}

	fn announce(model: ModelId, total: Units, terms: Terms) -> Result<LaunchId, DispatchError> {
		ensure!(!T::Prices::knows(&model), Error::<T>::ModelListed);
		let now = T::Calendar::now();
		Self::ensure_timely(&terms, now)?;
		let price = Price { list: terms.list, cost: terms.cost, active_from: terms.closes_at };
		ensure!(price.is_profitable(), Error::<T>::CostTooHigh);
		ensure!(price.cost.is_never_free(), Error::<T>::FreeOfCharge);
		let id = Self::new_id()?;
		Self::plan_snapshot(id, terms.snapshot_at)?;
		let launch = Launch {
			offer: Offer { model: model.clone(), price, expires_at: terms.expires_at },
			total,
			announced_at: now,
			snapshot_at: terms.snapshot_at,
			opens_at: terms.opens_at,
			stage: Stage::Announced,
			tally: Tally::default(),
			redeemed: 0,
		};
		Launches::<T>::insert(id, launch);
		Self::deposit_event(Event::Announced { launch: id, model, total });
		Ok(id)
	}

	fn ensure_timely(terms: &Terms, now: Moment) -> Result<(), Error<T>> {
		ensure!(terms.is_in_order(), Error::<T>::WrongTimes);
		let notice = terms.snapshot_at.saturating_sub(now);
		ensure!(notice >= T::ShortestNotice::get().max(1), Error::<T>::NoticeTooShort);
		let window = terms.closes_at.saturating_sub(now);
		ensure!(window <= T::LongestWindow::get(), Error::<T>::WindowTooLong);
		let life = terms.expires_at.saturating_sub(now);
		ensure!(life <= T::LongestLife::get(), Error::<T>::LifeTooLong);
		Ok(())
	}

	fn new_id() -> Result<LaunchId, ArithmeticError> {
		NextLaunchId::<T>::try_mutate(|next| {
			let id = *next;
			next.ensure_add_assign(1)?;
			Ok(id)
		})
	}

	fn plan_snapshot(id: LaunchId, at: Moment) -> Result<(), Error<T>> {
		let others = Agenda::<T>::get().len();
		Announcements::<T>::try_mutate(|plan| {
			let live = plan.len().saturating_add(others);
			let has_room = live < MAX_LIVE as usize && schedule(plan, at, id);
			ensure!(has_room, Error::<T>::TooManyLaunches);
			Ok(())
		})
	}

	pub(crate) fn do_subscribe(who: T::AccountId, id: LaunchId, units: Units) -> DispatchResult {
		let mut launch = Launches::<T>::get(id).ok_or(Error::<T>::UnknownLaunch)?;
		let network = Self::ensure_open(&launch)?;
		ensure!(!units.is_zero(), Error::<T>::ZeroUnits);
		ensure!(units <= launch.total, Error::<T>::RequestTooLarge);
		let is_new = !Subscriptions::<T>::contains_key(id, &who);
		ensure!(is_new, Error::<T>::AlreadySubscribed);
		let place = launch.tally.subscribers;
		ensure!(place < MAX_SUBSCRIBERS, Error::<T>::TooManySubscribers);
		let weight = Self::weight_of(&who, &launch)?;
		// Rounded down. The weights are no more than the network's, so that this is there for all.
		let first = proportion(launch.total, weight, network).min(units).min(launch.left());
		let wanted = units.saturating_sub(first);
		let subscriber = Subscriber { account: who.clone(), weight, first, wanted };
		launch.tally.add(&subscriber)?;
		Self::append(id, place, subscriber)?;
		let deposit = T::Deposit::get();
		T::Currency::hold(&HoldReason::Subscription.into(), &who, deposit)
			.map_err(|_| Error::<T>::InsufficientFunds)?;
		Subscriptions::<T>::insert(id, &who, Subscription::new(place, deposit));
		Launches::<T>::insert(id, launch);
		Self::deposit_event(Event::Subscribed { launch: id, who, units, weight, first });
		Ok(())
	}

	/// Fails unless one can subscribe. Returns what the whole network counts for.
	fn ensure_open(launch: &Launch) -> Result<Balance, Error<T>> {
		let now = T::Calendar::now();
		match launch.stage {
			Stage::Announced => Err(Error::<T>::NotOpen),
			Stage::Open { .. } if now < launch.opens_at => Err(Error::<T>::NotOpen),
			Stage::Open { network } if now < launch.closes_at() => Ok(network),
			_ => Err(Error::<T>::WindowOver),
		}
	}

	/// What the stake of `who` counts for: the least of the time from the announcement to the snapshot,
	/// at the tier that it makes.
	fn weight_of(who: &T::AccountId, launch: &Launch) -> Result<Balance, Error<T>> {
		let weighs_now = !Tier::launch_weight(T::Stakes::staked(who)).is_zero();
		ensure!(weighs_now, Error::<T>::TierTooLow);
		let lowest = T::Stakes::lowest_stake(who, launch.announced_at, launch.snapshot_at);
		let weight = Tier::launch_weight(lowest);
		ensure!(!weight.is_zero(), Error::<T>::NoWeight);
		Ok(weight)
	}

	fn append(
		id: LaunchId,
		place: u32,
		subscriber: Subscriber<T::AccountId>,
	) -> Result<(), Error<T>> {
		Pages::<T>::try_mutate(id, place / SUBSCRIBERS_PER_PAGE, |page| {
			let page = page.get_or_insert_default();
			page.try_push(subscriber).map_err(|_| Error::<T>::TooManySubscribers)
		})
	}

	/// The subscriber at `place`.
	pub(crate) fn subscriber(id: LaunchId, place: u32) -> Option<Subscriber<T::AccountId>> {
		let page = Pages::<T>::get(id, place / SUBSCRIBERS_PER_PAGE)?;
		page.into_iter().nth((place % SUBSCRIBERS_PER_PAGE) as usize)
	}

	/// Units that the subscriber at `place` is given, in a launch whose quota is divided and has not
	/// expired.
	pub(crate) fn given(id: LaunchId, launch: &Launch, place: u32) -> Option<Units> {
		let Stage::Allocated(cut) = launch.stage else { return None };
		Some(Self::subscriber(id, place)?.allocated(&cut))
	}

	pub(crate) fn do_claim(
		who: T::AccountId,
		id: LaunchId,
		relay: RelayId,
		units: Units,
	) -> DispatchResult {
		let launch = Launches::<T>::get(id).ok_or(Error::<T>::UnknownLaunch)?;
		Self::ensure_claimable(&launch)?;
		ensure!(!units.is_zero(), Error::<T>::ZeroUnits);
		ensure!(T::Relays::is_active(relay), Error::<T>::RelayNotActive);
		let mut subscription =
			Subscriptions::<T>::get(id, &who).ok_or(Error::<T>::NotSubscribed)?;
		let given = Self::given(id, &launch, subscription.place);
		let given = given.ok_or(Error::<T>::NotSubscribed)?;
		let unclaimed = given.saturating_sub(subscription.claimed());
		ensure!(units <= unclaimed, Error::<T>::ClaimTooLarge);
		Self::add_claim(&mut subscription, relay, units)?;
		Subscriptions::<T>::insert(id, &who, subscription);
		Self::deposit_event(Event::Claimed { launch: id, who, relay, units });
		Ok(())
	}

	/// Fails unless what subscribers are given can be claimed.
	fn ensure_claimable(launch: &Launch) -> Result<(), Error<T>> {
		match launch.stage {
			Stage::Announced | Stage::Open { .. } | Stage::Filling(_) => {
				Err(Error::<T>::NotAllocated)
			},
			Stage::Allocated(_) if T::Calendar::now() < launch.offer.expires_at => Ok(()),
			_ => Err(Error::<T>::Expired),
		}
	}

	/// Adds to what a subscription has claimed at `relay`.
	fn add_claim(
		subscription: &mut Subscription,
		relay: RelayId,
		units: Units,
	) -> Result<(), DispatchError> {
		if let Some(claim) = subscription.claim_at_mut(relay) {
			claim.units.ensure_add_assign(units)?;
			return Ok(());
		}
		let added = subscription.claims.try_push(Claim { relay, units, used: 0 });
		added.map_err(|_| Error::<T>::TooManyRelays.into())
	}

	pub(crate) fn do_release(who: T::AccountId, id: LaunchId) -> DispatchResult {
		let launch = Launches::<T>::get(id).ok_or(Error::<T>::UnknownLaunch)?;
		let subscription = Subscriptions::<T>::get(id, &who).ok_or(Error::<T>::NotSubscribed)?;
		let is_past = Self::is_past(&launch);
		let is_nothing = || Self::given(id, &launch, subscription.place) == Some(0);
		ensure!(is_past || is_nothing(), Error::<T>::StillInUse);
		let deposit = subscription.deposit;
		T::Currency::release(&HoldReason::Subscription.into(), &who, deposit, Precision::Exact)?;
		Subscriptions::<T>::remove(id, &who);
		Self::deposit_event(Event::Released { launch: id, who, deposit });
		Ok(())
	}

	/// Whether nothing of a launch can be posted any more, and the chain, which may be late, needs none of
	/// its subscribers.
	fn is_past(launch: &Launch) -> bool {
		let is_ended =
			matches!(launch.stage, Stage::Expired { .. } | Stage::Over | Stage::Reoffered(_));
		!Self::may_be_used(launch) && is_ended
	}

	/// Whether relays may still post what was used in a launch.
	pub(crate) fn may_be_used(launch: &Launch) -> bool {
		let collected = launch.offer.expires_at.saturating_add(T::Grace::get());
		T::Calendar::now() <= collected && !matches!(launch.stage, Stage::Reoffered(_))
	}
}
