//! What must stay true.

use frame_support::{ensure, traits::fungible::InspectHold};
use lx_primitives::{traits::Calendar, StakeTotals};
use sp_runtime::DispatchError;

use crate::{types::Staker, Config, HoldReason, Pallet, Stakers, Totals};

impl<T: Config> Pallet<T> {
	/// Checks that of each account what is staked and what is being unstaked is held, that what is
	/// known of it is sound, and that the totals are the sums.
	pub fn do_try_state() -> Result<(), DispatchError> {
		let mut totals = StakeTotals::default();
		for (who, staker) in Stakers::<T>::iter() {
			let held = T::Currency::balance_on_hold(&HoldReason::Stake.into(), &who);
			ensure!(
				staker.held() == Some(held),
				"what is held is not what is staked and being unstaked"
			);
			Self::ensure_sound(&staker)?;
			totals.restake(0, staker.staked)?;
		}
		ensure!(totals == Totals::<T>::get(), "the totals are not the sums of the stakes");
		Ok(())
	}

	fn ensure_sound(staker: &Staker) -> Result<(), DispatchError> {
		let Staker { unstaking, former, .. } = staker;
		ensure!(unstaking.iter().all(|part| part.amount > 0), "nothing is being unstaked");
		let last = former.last().ok_or("it is not known since when an account has staked")?;
		ensure!(last.until <= T::Calendar::now(), "a stake ended in the future");
		let mut pairs = former.iter().zip(former.iter().skip(1));
		ensure!(
			pairs.all(|(first, second)| first.until < second.until),
			"former stakes are out of order"
		);
		Ok(())
	}
}
