//! What must stay true.

use alloc::collections::{BTreeMap, BTreeSet};
use frame_support::{ensure, traits::fungible::InspectHold};
use lx_primitives::{Balance, LaunchId, Moment, RelayId, Units};
use sp_runtime::DispatchError;

use crate::{
	Agenda, Announcements, Config, HoldReason, Launch, Launches, NextLaunchId, Pages, Pallet, Plan,
	Stage, Subscription, Subscriptions, Tally, MAX_LIVE,
};

impl<T: Config> Pallet<T> {
	/// Checks that every launch that is not over is planned, that its tally is that of its subscribers,
	/// that a quota is given out exactly, never claimed twice and never overdrawn at any relay, and that
	/// what subscriptions deposit is held.
	pub fn do_try_state() -> Result<(), DispatchError> {
		Self::ensure_planned()?;
		for (id, launch) in Launches::<T>::iter() {
			ensure!(id < NextLaunchId::<T>::get(), "a launch has an id that was not given yet");
			ensure!(launch.tally.first <= launch.total, "the first round gives more than there is");
			ensure!(launch.redeemed <= launch.total, "more is used than there is");
			match launch.stage {
				Stage::Expired { swept } => Self::ensure_swept(id, &launch, swept)?,
				Stage::Over | Stage::Reoffered(_) => {
					Self::ensure_swept(id, &launch, launch.pages())?;
				},
				_ => Self::ensure_tallied(id, &launch)?,
			}
			Self::ensure_not_overdrawn(id, &launch)?;
		}
		Self::ensure_deposited()
	}

	/// Each launch that is not over is planned once, with the time of what happens next.
	fn ensure_planned() -> Result<(), DispatchError> {
		let (announced, agenda) = (Announcements::<T>::get(), Agenda::<T>::get());
		let count = announced.len().saturating_add(agenda.len());
		ensure!(count <= MAX_LIVE as usize, "too many launches are live");
		let is_announced = |launch: &Launch| launch.stage == Stage::Announced;
		Self::ensure_plan(&announced, is_announced)?;
		Self::ensure_plan(&agenda, |launch| !is_announced(launch))
	}

	/// A plan is that of these launches.
	fn ensure_plan(plan: &Plan, of: impl Fn(&Launch) -> bool) -> Result<(), DispatchError> {
		let mut pairs = plan.iter().zip(plan.iter().skip(1));
		ensure!(pairs.all(|(first, second)| first.0 <= second.0), "a plan is out of order");
		let planned: BTreeMap<LaunchId, Moment> = plan.iter().map(|(at, id)| (*id, *at)).collect();
		ensure!(planned.len() == plan.len(), "a launch is planned twice");
		let expected: BTreeMap<LaunchId, Moment> = Launches::<T>::iter()
			.filter(|(_, launch)| of(launch))
			.filter_map(|(id, launch)| Some((id, next_of(&launch)?)))
			.collect();
		ensure!(planned == expected, "a plan is not what happens next");
		Ok(())
	}

	fn ensure_swept(id: LaunchId, launch: &Launch, swept: u32) -> Result<(), DispatchError> {
		let kept: BTreeSet<u32> = Pages::<T>::iter_key_prefix(id).collect();
		let needed: BTreeSet<u32> = (swept..launch.pages()).collect();
		ensure!(kept == needed, "the pages are not those that are not removed yet");
		Ok(())
	}

	/// The subscribers add up to the tally, and each knows its place. When the quota is divided, it is
	/// given out to the last unit, and nobody is given more than was asked for.
	fn ensure_tallied(id: LaunchId, launch: &Launch) -> Result<(), DispatchError> {
		let (mut tally, mut allocated) = (Tally::default(), 0u128);
		for page in 0..launch.pages() {
			let subscribers = Pages::<T>::get(id, page).ok_or("a page is missing")?;
			ensure!(subscribers.len() == launch.on_page(page) as usize, "a page is not full");
			for subscriber in subscribers {
				let place = tally.subscribers;
				tally.add(&subscriber)?;
				let known = Subscriptions::<T>::get(id, &subscriber.account);
				// One that was given nothing may be released.
				ensure!(
					known.as_ref().is_none_or(|known| known.place == place),
					"a subscriber is in another place"
				);
				let claimed = known.as_ref().map_or(0, Subscription::claimed);
				let Stage::Allocated(cut) = launch.stage else {
					ensure!(known.is_some(), "a subscriber has no subscription");
					ensure!(claimed == 0, "a quota is claimed before it is divided");
					continue;
				};
				let units = subscriber.allocated(&cut);
				let asked = subscriber.first.saturating_add(subscriber.wanted);
				ensure!(units <= asked, "a subscriber is given more than was asked for");
				ensure!(known.is_some() || units == 0, "a quota is lost");
				ensure!(claimed <= units, "more is claimed than a subscriber was given");
				allocated = allocated.saturating_add(units.into());
			}
		}
		ensure!(tally == launch.tally, "the tally is not that of the subscribers");
		let wanted = tally.wanted.saturating_add(tally.first.into());
		let is_exact = !matches!(launch.stage, Stage::Allocated(_))
			|| allocated == wanted.min(launch.total.into());
		ensure!(is_exact, "a quota is not given out to the last unit");
		let pages = Pages::<T>::iter_key_prefix(id).count();
		ensure!(pages == launch.pages() as usize, "there is a page too many");
		Ok(())
	}

	fn ensure_not_overdrawn(id: LaunchId, launch: &Launch) -> Result<(), DispatchError> {
		let (mut claimed, mut used): (Units, Units) = (0, 0);
		for Subscription { place, claims, .. } in Subscriptions::<T>::iter_prefix_values(id) {
			ensure!(place < launch.tally.subscribers, "a subscription has no place");
			let relays: BTreeSet<RelayId> = claims.iter().map(|claim| claim.relay).collect();
			ensure!(relays.len() == claims.len(), "a relay is claimed at twice");
			for claim in claims {
				ensure!(claim.units > 0, "nothing is claimed at a relay");
				ensure!(claim.used <= claim.units, "a quota is overdrawn at a relay");
				claimed = claimed.checked_add(claim.units).ok_or("what is claimed overflows")?;
				used = used.checked_add(claim.used).ok_or("what is used overflows")?;
			}
		}
		ensure!(claimed <= launch.total, "more is claimed than there is");
		ensure!(used <= launch.redeemed, "more is used than was redeemed");
		Ok(())
	}

	fn ensure_deposited() -> Result<(), DispatchError> {
		let mut deposits = BTreeMap::<T::AccountId, Balance>::new();
		for (launch, who, Subscription { deposit, .. }) in Subscriptions::<T>::iter() {
			let is_known = Launches::<T>::contains_key(launch);
			ensure!(is_known, "a subscription is to no launch");
			let sum = deposits.entry(who).or_default();
			*sum = sum.checked_add(deposit).ok_or("the deposits overflow")?;
		}
		for (who, deposit) in deposits {
			let held = T::Currency::balance_on_hold(&HoldReason::Subscription.into(), &who);
			ensure!(held == deposit, "what is held is not what subscriptions deposit");
		}
		Ok(())
	}
}

/// When something happens to a launch next.
fn next_of(launch: &Launch) -> Option<Moment> {
	match launch.stage {
		Stage::Announced => Some(launch.snapshot_at),
		Stage::Open { .. } | Stage::Filling(_) => Some(launch.closes_at()),
		Stage::Allocated(_) | Stage::Expired { .. } => Some(launch.offer.expires_at),
		Stage::Over | Stage::Reoffered(_) => None,
	}
}
