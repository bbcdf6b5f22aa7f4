//! What the guardian does, and upgrades.

use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use lx_primitives::{
	traits::{Calendar, Stakes},
	Moment,
};
use sp_runtime::traits::Dispatchable;

use crate::{
	types::AuthorizedUpgrade, Config, Error, Event, GenesisConfig, Guardian, Origin, Pallet,
	PlannedUpgrade, SunsetWhales, Upgrade,
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_guard(power: Origin, call: <T as Config>::RuntimeCall) -> DispatchResult {
		call.dispatch(power.into()).map_err(|failed| failed.error)?;
		Self::deposit_event(Event::GuardianActed { power });
		Ok(())
	}

	pub(crate) fn do_authorize_upgrade(code_hash: T::Hash) -> DispatchResult {
		let now = T::Calendar::now();
		// Whoever does not want it can redeem for all of its delay.
		let from = Self::redemption_resumes().map_or(now, |resumes| resumes.max(now));
		Self::plan_upgrade(code_hash, from.saturating_add(T::UpgradeDelay::get()));
		Ok(())
	}

	fn plan_upgrade(code_hash: T::Hash, due: Moment) {
		PlannedUpgrade::<T>::put(Upgrade { code_hash, due });
		Self::deposit_event(Event::UpgradePlanned { code_hash, due });
	}

	/// Lets the upgrade that waits do so for as much longer as redemption is stopped from now on.
	pub(crate) fn postpone_upgrade() {
		if let Some(Upgrade { code_hash, due }) = PlannedUpgrade::<T>::get() {
			Self::plan_upgrade(code_hash, due.saturating_add(T::RedemptionStop::get()));
		}
	}

	pub(crate) fn do_cancel_upgrade() -> DispatchResult {
		ensure!(Self::call_off_upgrades(), Error::<T>::NoUpgrade);
		Ok(())
	}

	/// Calls off the upgrade that waits, and one that is due and was not applied. Says whether there was
	/// any.
	fn call_off_upgrades() -> bool {
		let waiting = PlannedUpgrade::<T>::take().map(|upgrade| upgrade.code_hash);
		let due = AuthorizedUpgrade::<T>::take().map(|(code_hash, _)| code_hash);
		for code_hash in waiting.into_iter().chain(due) {
			Self::deposit_event(Event::UpgradeCancelled { code_hash });
		}
		waiting.is_some() || due.is_some()
	}

	/// Ends the guardian's powers once there are enough whales, and what it has begun: else it would
	/// still change the chain.
	pub(crate) fn retire_guardian() {
		if !Guardian::<T>::exists() {
			return;
		}
		let whales = T::Stakes::totals().whale.stakers;
		if whales >= SunsetWhales::<T>::get() {
			Guardian::<T>::kill();
			Self::deposit_event(Event::GuardianRetired { whales });
			Self::call_off_upgrades();
		}
	}

	/// Authorises the upgrade that waits once it is due.
	pub(crate) fn authorize_due_upgrade() {
		let Some(upgrade) = PlannedUpgrade::<T>::get() else { return };
		if T::Calendar::now() >= upgrade.due {
			PlannedUpgrade::<T>::kill();
			// It must be a later version of this chain's code.
			frame_system::Pallet::<T>::do_authorize_upgrade(upgrade.code_hash, true);
		}
	}

	/// Builds the genesis state; panics, naming the fault, where the configuration is not sound.
	pub(crate) fn build_genesis(genesis: &GenesisConfig<T>) {
		let Some(guardian) = &genesis.guardian else { return };
		assert!(genesis.sunset_whales > 0, "whale voting genesis: the guardian has no time to act");
		Guardian::<T>::put(guardian);
		SunsetWhales::<T>::put(genesis.sunset_whales);
	}
}
