//! What the calendar offers to other pallets.

use frame_support::traits::Time;
use lx_primitives::{traits::Calendar, Moment};

use crate::{Config, Pallet};

impl<T: Config> Calendar for Pallet<T> {
	fn now() -> Moment {
		T::Time::now()
	}

	fn day() -> u32 {
		Self::day()
	}

	fn week() -> u32 {
		Self::week()
	}
}
