//! What is told to other pallets.

use frame_support::{ensure, traits::DefensiveSaturating, weights::Weight};
use lx_primitives::{traits::Quotas, LaunchId, Offer, QuotaError, RelayId, Units};
use sp_runtime::traits::EnsureAddAssign;

use crate::{Config, Launch, Launches, Pallet, Subscription, Subscriptions, WeightInfo};

impl<T: Config> Quotas<T::AccountId> for Pallet<T> {
	fn offer(launch: LaunchId) -> Option<Offer> {
		Launches::<T>::get(launch).map(|launch| launch.offer)
	}

	fn may_redeem(
		who: &T::AccountId,
		launch: LaunchId,
		relay: RelayId,
		units: Units,
	) -> Result<(), QuotaError> {
		Self::redeemed(who, launch, relay, units).map(drop)
	}

	fn redeem(
		who: &T::AccountId,
		launch: LaunchId,
		relay: RelayId,
		units: Units,
	) -> Result<(), QuotaError> {
		let (after, subscription) = Self::redeemed(who, launch, relay, units)?;
		Launches::<T>::insert(launch, after);
		Subscriptions::<T>::insert(launch, who, subscription);
		Ok(())
	}

	fn restore(who: &T::AccountId, launch: LaunchId, relay: RelayId, units: Units) {
		Launches::<T>::mutate_extant(launch, |launch| {
			launch.redeemed = launch.redeemed.defensive_saturating_sub(units);
		});
		// It is gone if it was released meanwhile: then nothing of it could be used again.
		Subscriptions::<T>::mutate(launch, who, |subscription| {
			let claim = subscription.as_mut().and_then(|found| found.claim_at_mut(relay));
			if let Some(claim) = claim {
				claim.used = claim.used.defensive_saturating_sub(units);
			}
		});
	}

	fn offer_weight() -> Weight {
		T::WeightInfo::offer()
	}

	fn redeem_weight() -> Weight {
		T::WeightInfo::redeem()
	}
}

impl<T: Config> Pallet<T> {
	/// A launch and what `who` has to do with it after `units` of what was claimed at `relay` were used.
	fn redeemed(
		who: &T::AccountId,
		id: LaunchId,
		relay: RelayId,
		units: Units,
	) -> Result<(Launch, Subscription), QuotaError> {
		let mut launch = Launches::<T>::get(id).ok_or(QuotaError::Missing)?;
		let mut subscription = Subscriptions::<T>::get(id, who).ok_or(QuotaError::Missing)?;
		let claim = subscription.claim_at_mut(relay).ok_or(QuotaError::Missing)?;
		ensure!(Self::may_be_used(&launch), QuotaError::Expired);
		claim.take(units)?;
		launch.redeemed.ensure_add_assign(units).map_err(|_| QuotaError::Exceeded)?;
		Ok((launch, subscription))
	}
}
