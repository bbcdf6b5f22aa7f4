//! How long safe mode can stop redemption.

use frame_support::traits::{Get, SafeModeNotify};
use lx_primitives::{traits::Calendar, Moment};

use crate::{Config, Event, Pallet, RedemptionStopped};

impl<T: Config> SafeModeNotify for Pallet<T> {
	/// Redemption stops too, unless it was stopped not long ago: entering again does not prolong it. An
	/// upgrade that waits leaves as much time to redeem as before.
	fn entered() {
		let now = T::Calendar::now();
		let is_rested = RedemptionStopped::<T>::get()
			.is_none_or(|since| now.saturating_sub(since) >= T::RedemptionRest::get());
		if is_rested {
			RedemptionStopped::<T>::put(now);
			let until = now.saturating_add(T::RedemptionStop::get());
			Self::deposit_event(Event::RedemptionStopped { until });
			Self::postpone_upgrade();
		}
	}

	fn exited() {}
}

impl<T: Config> Pallet<T> {
	/// Whether safe mode stops redemption too, if it is entered now. Reads when it last began to do so,
	/// and the length of a day and the time if it ever did.
	pub fn stops_redemption() -> bool {
		Self::redemption_resumes().is_some_and(|resumes| T::Calendar::now() < resumes)
	}

	/// From when on safe mode does not stop redemption, if it ever did.
	pub(crate) fn redemption_resumes() -> Option<Moment> {
		let since = RedemptionStopped::<T>::get()?;
		Some(since.saturating_add(T::RedemptionStop::get()))
	}
}
