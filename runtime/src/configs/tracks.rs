//! What whales vote on, on which track, and how long that takes.

use alloc::borrow::Cow;
use frame_support::traits::{ConstU32, Get};
use lx_primitives::units::LCO;
use pallet_referenda::{Curve, Track, TrackInfo, TracksInfo};
use pallet_whale_voting::Origin;
use sp_runtime::{str_array, Perbill};

use super::parameters::Blocks;
use crate::{Balance, BlockNumber, OriginCaller};

/// The track of major decisions.
pub const MAJOR: u16 = 0;

/// The track of parameters.
pub const PARAMETERS: u16 = 1;

/// The track of calling off an upgrade.
pub const CANCELLATION: u16 = 2;

/// How many tracks there are.
pub(super) const TRACKS: u32 = 3;

/// How many proposals of a track are decided at a time; the others queue. Fewer than an account can vote
/// on, and so many that whoever wants to hold up the others has to deposit for each of them.
pub(super) const MAX_DECIDING: u32 = 50;

/// The tracks. Their periods follow the chain's calendar.
pub struct Tracks;

impl TracksInfo<Balance, BlockNumber> for Tracks {
	type Id = u16;
	type RuntimeOrigin = OriginCaller;

	fn tracks() -> impl Iterator<Item = Cow<'static, Track<u16, Balance, BlockNumber>>> {
		let tracks = [(MAJOR, major()), (PARAMETERS, parameters()), (CANCELLATION, cancellation())];
		tracks.into_iter().map(|(id, info)| Cow::Owned(Track { id, info }))
	}

	/// Nothing is carried out as root, or as somebody's signature.
	fn track_for(origin: &OriginCaller) -> Result<u16, ()> {
		match origin {
			OriginCaller::WhaleVoting(Origin::Major) => Ok(MAJOR),
			OriginCaller::WhaleVoting(Origin::Parameters) => Ok(PARAMETERS),
			OriginCaller::WhaleVoting(Origin::Cancellation) => Ok(CANCELLATION),
			// What the measurements of the SDK propose.
			#[cfg(feature = "runtime-benchmarks")]
			OriginCaller::system(frame_system::RawOrigin::Root) => Ok(MAJOR),
			_ => Err(()),
		}
	}
}

fn major() -> TrackInfo<Balance, BlockNumber> {
	TrackInfo {
		name: str_array("major"),
		max_deciding: MAX_DECIDING,
		decision_deposit: 1_000 * LCO,
		prepare_period: Blocks::<ConstU32<12>>::get(),
		decision_period: Blocks::<ConstU32<{ 28 * 24 }>>::get(),
		confirm_period: Blocks::<ConstU32<24>>::get(),
		min_enactment_period: Blocks::<ConstU32<24>>::get(),
		min_approval: falling(80, 60),
		min_support: falling(60, 20),
	}
}

fn parameters() -> TrackInfo<Balance, BlockNumber> {
	TrackInfo {
		name: str_array("parameters"),
		max_deciding: MAX_DECIDING,
		decision_deposit: 100 * LCO,
		prepare_period: Blocks::<ConstU32<2>>::get(),
		decision_period: Blocks::<ConstU32<{ 7 * 24 }>>::get(),
		confirm_period: Blocks::<ConstU32<12>>::get(),
		min_enactment_period: Blocks::<ConstU32<6>>::get(),
		min_approval: falling(66, 51),
		min_support: falling(50, 10),
	}
}

/// All of it takes less than an upgrade waits, and what it needs at last is what the upgrade needed.
fn cancellation() -> TrackInfo<Balance, BlockNumber> {
	TrackInfo {
		name: str_array("cancellation"),
		max_deciding: MAX_DECIDING,
		decision_deposit: 1_000 * LCO,
		prepare_period: Blocks::<ConstU32<1>>::get(),
		decision_period: Blocks::<ConstU32<12>>::get(),
		confirm_period: Blocks::<ConstU32<3>>::get(),
		min_enactment_period: Blocks::<ConstU32<1>>::get(),
		min_approval: falling(80, 60),
		min_support: falling(60, 20),
	}
}

/// What is needed falls from so many percent to so many, evenly over the decision's time.
const fn falling(from: u32, to: u32) -> Curve {
	Curve::LinearDecreasing {
		length: Perbill::from_percent(100),
		floor: Perbill::from_percent(to),
		ceil: Perbill::from_percent(from),
	}
}
