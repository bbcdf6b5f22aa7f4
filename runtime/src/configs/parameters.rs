//! The parameters of the protocol that can change without a new runtime.
//!
//! Durations are in hours of the chain's calendar, so that a chain with short days runs the same
//! rules faster.

use core::marker::PhantomData;
use frame_support::{
	dynamic_params::{dynamic_pallet_params, dynamic_params},
	traits::{AsEnsureOriginWithArg, Get},
};
use frame_system::EnsureRoot;
use lx_primitives::units::{Balance, Credits, Moment, CRED, LCO, USDT};

use crate::{weights, AccountId, Runtime, RuntimeEvent};

/// The parameters by theme.
#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic_params {
	use super::*;

	/// Transaction fees.
	#[dynamic_pallet_params]
	#[codec(index = 0)]
	pub mod fees {
		/// What one LCO counts for when a fee is paid in CRED or USDT, in µCRED.
		#[codec(index = 0)]
		pub static CreditsPerLco: Credits = CRED / 10;
	}

	/// Settlement of API usage.
	#[dynamic_pallet_params]
	#[codec(index = 1)]
	pub mod compute {
		/// How long a batch can be challenged before it is final.
		#[codec(index = 0)]
		pub static ChallengeWindowHours: u32 = 1;
		/// How long an API balance thaws before it can be withdrawn, so that its relay can collect what
		/// it served; at least two minutes.
		#[codec(index = 1)]
		pub static ThawHours: u32 = 1;
		/// What a relay puts at stake, in µCRED.
		#[codec(index = 2)]
		pub static RelayBond: Credits = 10_000 * CRED;
		/// What an attestor puts at stake, in µCRED.
		#[codec(index = 3)]
		pub static AttestorBond: Credits = 10_000 * CRED;
		/// What a challenger puts at stake, in µCRED.
		#[codec(index = 4)]
		pub static ChallengeBond: Credits = 100 * CRED;
		/// How long relays and attestors answer with their bonds after they have left.
		#[codec(index = 5)]
		pub static UnbondingHours: u32 = 7 * 24;
	}

	/// Custody of USDT.
	#[dynamic_pallet_params]
	#[codec(index = 2)]
	pub mod custody {
		/// How long a report of reserves counts.
		#[codec(index = 0)]
		pub static ReportHours: u32 = 24;
		/// How long custodians have to pay a withdrawal before it is refunded.
		#[codec(index = 1)]
		pub static WithdrawalHours: u32 = 7 * 24;
		/// The smallest withdrawal, in the smallest unit of USDT.
		#[codec(index = 2)]
		pub static MinWithdrawal: Balance = 10 * USDT;
	}

	/// The exchange.
	#[dynamic_pallet_params]
	#[codec(index = 3)]
	pub mod exchange {
		/// The smallest holding of LCO in a trading account, in planck.
		#[codec(index = 0)]
		pub static SmallestLco: Balance = LCO;
		/// The smallest holding of CRED in a trading account, in µCRED.
		#[codec(index = 1)]
		pub static SmallestCred: Balance = CRED / 10;
		/// The smallest holding of USDT in a trading account, in its smallest unit.
		#[codec(index = 2)]
		pub static SmallestUsdt: Balance = USDT / 10;
		/// The longest that a key may trade for an account before it has to be named anew.
		#[codec(index = 3)]
		pub static MaxSessionHours: u32 = 90 * 24;
		/// How many open orders a trading account may have; more than 128 are never possible.
		#[codec(index = 4)]
		pub static MaxOpenOrders: u32 = 100;
		/// What an owner of tier Lv1 pays of a market's fees, in percent; more than 100 is 100.
		#[codec(index = 5)]
		pub static FeePercentLv1: u8 = 100;
		/// What an owner of tier Lv2 pays of a market's fees, in percent.
		#[codec(index = 6)]
		pub static FeePercentLv2: u8 = 95;
		/// What an owner of tier Lv3 pays of a market's fees, in percent.
		#[codec(index = 7)]
		pub static FeePercentLv3: u8 = 85;
		/// What an owner of tier Lv4 pays of a market's fees, in percent.
		#[codec(index = 8)]
		pub static FeePercentLv4: u8 = 70;
		/// What an owner of tier Whale pays of a market's fees, in percent.
		#[codec(index = 9)]
		pub static FeePercentWhale: u8 = 70;
		/// What a stop-loss or a take-profit sets aside while it waits, in µCRED.
		#[codec(index = 10)]
		pub static TriggerDeposit: Credits = CRED;
	}
}

pub use dynamic_params::*;

const HOURS_PER_DAY: Moment = 24;

/// A number of calendar hours as milliseconds.
pub struct Hours<Number>(PhantomData<Number>);

impl<Number: Get<u32>> Get<Moment> for Hours<Number> {
	fn get() -> Moment {
		let day = pallet_calendar::DayLength::<Runtime>::get();
		// Rounded down: less than a millisecond.
		day.saturating_mul(Moment::from(Number::get())) / HOURS_PER_DAY
	}
}

impl pallet_parameters::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeParameters = RuntimeParameters;
	type AdminOrigin = AsEnsureOriginWithArg<EnsureRoot<AccountId>>;
	type WeightInfo = weights::pallet_parameters::WeightInfo<Runtime>;
}
