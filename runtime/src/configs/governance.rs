//! How whales decide: referenda, votes, preimages, the scheduler; and how calls are stopped.

use frame_support::{
	parameter_types,
	traits::{
		fungible::HoldConsideration, AsEnsureOriginWithArg, ConstU32, EqualPrivilegeOnly, Get,
		LinearStoragePrice, QueryPreimage, TypedGet,
	},
	weights::Weight,
};
use frame_system::{EnsureRootWithSuccess, EnsureWithSuccess};
use lx_primitives::units::LCO;
use pallet_whale_voting::{EnsureWhale, PollIndex, Proposals, Turnout};
use sp_runtime::Perbill;

use super::{
	accounts::{deposit, BYTE},
	agenda::{Agenda, MAX_SCHEDULED},
	filter::{CannotBePaused, RunsInSafeMode},
	origins::{CancellationOrigin, MajorOrigin, NobodysOrigin, ParameterOrigin},
	parameters::{Blocks, Hours},
	system::Weights,
	tracks::{Tracks, TRACKS},
	vote_weights::VoteWeights,
};
use crate::{
	weights, AccountId, Balance, Balances, BlockNumber, Calendar, OriginCaller, Preimage,
	Referenda, Runtime, RuntimeCall, RuntimeEvent, RuntimeHoldReason, RuntimeOrigin, StakingTiers,
	System, WhaleVoting,
};

/// How many votes of an account can stand on each track.
const MAX_VOTES: u32 = 64;

/// Hours of safe mode.
type SafeModeHours = ConstU32<24>;
/// Hours for which an upgrade waits.
type UpgradeHours = ConstU32<24>;
/// Hours for which safe mode can stop redemption.
type RedemptionStopHours = ConstU32<24>;
/// Hours after which it can do so again.
type RedemptionRestHours = ConstU32<{ 7 * 24 }>;
/// Hours for which a vote with conviction is locked, times what the conviction says.
type VoteLockHours = ConstU32<{ 7 * 24 }>;
/// Hours in which a referendum must begin to be decided.
type UndecidingHours = ConstU32<{ 14 * 24 }>;

parameter_types! {
	pub const SubmissionDeposit: Balance = 10 * LCO;
	pub const PreimageBase: Balance = deposit(2, 64);
	pub const PreimageByte: Balance = BYTE;
	pub const PreimageHold: RuntimeHoldReason =
		RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
	/// The share of a block that scheduled calls may take.
	pub ScheduledWeight: Weight = Perbill::from_percent(50) * Weights::get().max_block;
}

impl pallet_whale_voting::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type MajorOrigin = MajorOrigin;
	type CancellationOrigin = CancellationOrigin;
	type Tiers = StakingTiers;
	type Stakes = StakingTiers;
	type Proposals = Readable;
	type Calendar = Calendar;
	type MaxStanding = ConstU32<{ TRACKS * MAX_VOTES }>;
	type UpgradeDelay = Hours<UpgradeHours>;
	type RedemptionStop = Hours<RedemptionStopHours>;
	type RedemptionRest = Hours<RedemptionRestHours>;
	type WeightInfo = weights::pallet_whale_voting::WeightInfo<Runtime>;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = crate::benchmarks::Whales;
}

/// The proposals whose text is on the chain, with the length that was submitted.
pub struct Readable;

impl Proposals for Readable {
	fn is_readable(poll: PollIndex) -> bool {
		let Ok(referendum) = Referenda::ensure_ongoing(poll) else { return true };
		let proposal = referendum.proposal;
		proposal
			.lookup_hash()
			.is_none_or(|hash| <Preimage as QueryPreimage>::len(&hash) == proposal.lookup_len())
	}
}

impl pallet_preimage::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::pallet_preimage::WeightInfo<Runtime>;
	type Currency = Balances;
	type ManagerOrigin = NobodysOrigin;
	type Consideration = HoldConsideration<
		AccountId,
		Balances,
		PreimageHold,
		LinearStoragePrice<PreimageBase, PreimageByte, Balance>,
	>;
}

impl pallet_scheduler::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeOrigin = RuntimeOrigin;
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type MaximumWeight = ScheduledWeight;
	type ScheduleOrigin = NobodysOrigin;
	type OriginPrivilegeCmp = EqualPrivilegeOnly;
	type MaxScheduledPerBlock = ConstU32<MAX_SCHEDULED>;
	type WeightInfo = weights::pallet_scheduler::WeightInfo<Runtime>;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

impl pallet_referenda::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = weights::pallet_referenda::WeightInfo<Runtime>;
	type Scheduler = Agenda;
	type Currency = Balances;
	type SubmitOrigin = AsEnsureOriginWithArg<EnsureWhale<Runtime>>;
	type CancelOrigin = MajorOrigin;
	// It would take the deposits of those who lost.
	type KillOrigin = NobodysOrigin;
	type Slash = ();
	type Votes = Balance;
	type Tally = pallet_conviction_voting::TallyOf<Runtime>;
	type SubmissionDeposit = SubmissionDeposit;
	type MaxQueued = ConstU32<100>;
	type UndecidingTimeout = Blocks<UndecidingHours>;
	type AlarmInterval = ConstU32<1>;
	type Tracks = Tracks;
	type Preimages = Preimage;
	type BlockNumberProvider = System;
}

impl pallet_conviction_voting::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = VoteWeights;
	type Currency = Balances;
	type Polls = Referenda;
	type MaxTurnout = Turnout<Runtime>;
	type MaxVotes = ConstU32<MAX_VOTES>;
	type VoteLockingPeriod = Blocks<VoteLockHours>;
	type BlockNumberProvider = System;
	type VotingHooks = WhaleVoting;
}

/// For how many blocks safe mode lasts.
pub struct SafeModeBlocks;

impl TypedGet for SafeModeBlocks {
	type Type = BlockNumber;

	fn get() -> BlockNumber {
		Blocks::<SafeModeHours>::get()
	}
}

impl pallet_safe_mode::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WhitelistedCalls = RunsInSafeMode;
	type EnterDuration = Blocks<SafeModeHours>;
	type ExtendDuration = Blocks<SafeModeHours>;
	// Nobody can buy it.
	type EnterDepositAmount = ();
	type ExtendDepositAmount = ();
	type ForceEnterOrigin = EnsureWithSuccess<ParameterOrigin, AccountId, SafeModeBlocks>;
	// It ends, and is entered anew by a new decision.
	type ForceExtendOrigin = EnsureRootWithSuccess<AccountId, SafeModeBlocks>;
	type ForceExitOrigin = ParameterOrigin;
	type ForceDepositOrigin = NobodysOrigin;
	type Notify = WhaleVoting;
	type ReleaseDelay = ();
	type WeightInfo = weights::pallet_safe_mode::WeightInfo<Runtime>;
}

impl pallet_tx_pause::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PauseOrigin = MajorOrigin;
	type UnpauseOrigin = MajorOrigin;
	type WhitelistedCalls = CannotBePaused;
	type MaxNameLen = ConstU32<256>;
	type WeightInfo = weights::pallet_tx_pause::WeightInfo<Runtime>;
}
