//! What must stay true.

use alloc::collections::BTreeSet;
use frame_support::{ensure, traits::Get};
use lx_primitives::{
	traits::{Stakes, Tiers},
	Tier,
};
use sp_runtime::DispatchError;

use crate::{Config, Guardian, Pallet, Standing, SunsetWhales};

impl<T: Config> Pallet<T> {
	/// Checks that every vote that stands is backed by its voter's stake, and that a guardian's powers
	/// will end.
	pub fn do_try_state() -> Result<(), DispatchError> {
		let is_bounded = !Guardian::<T>::exists() || SunsetWhales::<T>::get() > 0;
		ensure!(is_bounded, "the guardian stays for ever");
		ensure!(
			T::RedemptionRest::get() > T::RedemptionStop::get(),
			"redemption could be stopped for ever"
		);
		for (who, votes) in Standing::<T>::iter() {
			let polls = votes.iter().map(|(poll, _)| poll).collect::<BTreeSet<_>>();
			ensure!(!polls.is_empty() && polls.len() == votes.len(), "votes are counted wrongly");
			ensure!(T::Tiers::tier(&who) == Tier::Whale, "a vote stands that is not a whale's");
			let staked = T::Stakes::staked(&who);
			let is_backed = votes.iter().all(|(_, balance)| *balance <= staked);
			ensure!(is_backed, "a vote stands that is above its voter's stake");
		}
		Ok(())
	}
}
