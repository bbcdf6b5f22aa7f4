//! What votes weigh: the SDK's own measurements, and what this chain's hook adds to them.
//!
//! They are not measured as a whole: the SDK's benchmarks delegate, and vote with all that an account
//! has, which is refused here.

use frame_support::weights::Weight;
use pallet_conviction_voting::{weights::SubstrateWeight, WeightInfo};
use pallet_whale_voting::WeightInfo as _;

use crate::{weights, Runtime};

type Sdk = SubstrateWeight<Runtime>;
type Hook = weights::pallet_whale_voting::WeightInfo<Runtime>;

/// What it reads to know whether a proposal is readable: the referendum, and its text's status in both
/// of the places where that can be.
const READ_PROPOSAL: u64 = 3;

/// Weight functions for `pallet_conviction_voting`.
pub struct VoteWeights;

fn before_vote() -> Weight {
	let proposal = <Runtime as frame_system::Config>::DbWeight::get().reads(READ_PROPOSAL);
	Hook::before_vote().saturating_add(proposal)
}

impl WeightInfo for VoteWeights {
	fn vote_new() -> Weight {
		Sdk::vote_new().saturating_add(before_vote())
	}

	fn vote_existing() -> Weight {
		Sdk::vote_existing().saturating_add(before_vote())
	}

	fn remove_vote() -> Weight {
		Sdk::remove_vote().saturating_add(Hook::remove_vote())
	}

	fn remove_other_vote() -> Weight {
		Sdk::remove_other_vote().saturating_add(Hook::remove_vote())
	}

	fn delegate(votes: u32) -> Weight {
		Sdk::delegate(votes)
	}

	fn undelegate(votes: u32) -> Weight {
		Sdk::undelegate(votes)
	}

	fn unlock() -> Weight {
		Sdk::unlock()
	}
}
