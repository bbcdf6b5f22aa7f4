//! The parameters of the protocol that can change without a new runtime.
//!
//! Durations are in hours of the chain's calendar, so that a chain with short days runs the same
//! rules faster.

use core::marker::PhantomData;
use frame_support::{
	dynamic_params::{dynamic_pallet_params, dynamic_params},
	traits::{AsEnsureOriginWithArg, Get},
};
use lx_primitives::units::{Balance, Credits, Moment, CRED, LCO, USDT};

use super::origins::ParameterOrigin;
use crate::{weights, BlockNumber, Runtime, RuntimeEvent, BLOCK_MILLIS};

/// The parameters by theme.
#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic_params {
	use super::*;

	/// Transaction fees.
	#[dynamic_pallet_params]
	#[codec(index = 0)]
	pub mod fees {
		/// What one LCO counts for when a fee is paid in CRED or USDT, in µCRED; from 0.001 to 10 CRED.
		#[codec(index = 0)]
		pub static CreditsPerLco: Credits = CRED / 10;
	}

	/// Settlement of API usage.
	#[dynamic_pallet_params]
	#[codec(index = 1)]
	pub mod compute {
		/// How long a batch can be challenged before it is final; from an hour to 24 hours of a clock.
		#[codec(index = 0)]
		pub static ChallengeWindowHours: u32 = 1;
		/// How long an API balance thaws before it can be withdrawn, so that its relay can collect what
		/// it served; from two minutes to 30 days.
		#[codec(index = 1)]
		pub static ThawHours: u32 = 1;
		/// What a relay puts at stake, in µCRED; from 100 to 1,000,000 CRED.
		#[codec(index = 2)]
		pub static RelayBond: Credits = 10_000 * CRED;
		/// What an attestor puts at stake, in µCRED; from 100 to 1,000,000 CRED.
		#[codec(index = 3)]
		pub static AttestorBond: Credits = 10_000 * CRED;
		/// What a challenger puts at stake, in µCRED; at most 1,000 CRED.
		#[codec(index = 4)]
		pub static ChallengeBond: Credits = 100 * CRED;
		/// How long relays and attestors answer with their bonds after they have left; from a day to 30.
		#[codec(index = 5)]
		pub static UnbondingHours: u32 = 7 * 24;
	}

	/// Custody of USDT.
	#[dynamic_pallet_params]
	#[codec(index = 2)]
	pub mod custody {
		/// How long a report of reserves counts; at most a day.
		#[codec(index = 0)]
		pub static ReportHours: u32 = 24;
		/// How long custodians have to pay a withdrawal before it is refunded; from a day to 30.
		#[codec(index = 1)]
		pub static WithdrawalHours: u32 = 7 * 24;
		/// The smallest withdrawal, in the smallest unit of USDT; from 1 to 100 USDT.
		#[codec(index = 2)]
		pub static MinWithdrawal: Balance = 10 * USDT;
	}

	/// The exchange.
	#[dynamic_pallet_params]
	#[codec(index = 3)]
	pub mod exchange {
		/// The smallest holding of LCO in a trading account, in planck; from 0.01 to 100 LCO.
		#[codec(index = 0)]
		pub static SmallestLco: Balance = LCO;
		/// The smallest holding of CRED in a trading account, in µCRED; from 0.01 to 100 CRED.
		#[codec(index = 1)]
		pub static SmallestCred: Balance = CRED / 10;
		/// The smallest holding of USDT in a trading account, in its smallest unit; from 0.01 to 100 USDT.
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
		/// What a stop-loss or a take-profit sets aside while it waits, in µCRED; from 0.1 to 100 CRED.
		#[codec(index = 10)]
		pub static TriggerDeposit: Credits = CRED;
	}

	/// The Compute Wars.
	#[dynamic_pallet_params]
	#[codec(index = 71)]
	pub mod wars {
		/// What the winners of a week share, beside what has rolled over, in planck; no more than the
		/// Ecosystem Fund has.
		#[codec(index = 0)]
		pub static WeeklyPrize: Balance = 1_000 * LCO;
		/// The most that the Ecosystem Fund pays for a champion's free calls, in µCRED.
		#[codec(index = 1)]
		pub static FreeCallsCap: Credits = 1_000 * CRED;
	}

	/// The weekly buyback. How much of the profit it spends is no parameter.
	#[dynamic_pallet_params]
	#[codec(index = 72)]
	pub mod buyback {
		/// How far back the average price looks; from an hour to seven days.
		#[codec(index = 0)]
		pub static AverageHours: u32 = 8;
		/// How many basis points over the average price it pays at most; more than 500 are never
		/// possible.
		#[codec(index = 1)]
		pub static MostOverAverage: u16 = 150;
		/// In how many slices a Friday's budget is spent; from 1 to 100.
		#[codec(index = 2)]
		pub static Slices: u32 = 24;
		/// The smallest slice, in µCRED: more than the market's smallest order by the price of a lot; at
		/// most 100 CRED.
		#[codec(index = 3)]
		pub static SmallestSlice: Credits = 2 * CRED;
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

/// A number of calendar hours as blocks, at least one.
pub struct Blocks<Number>(PhantomData<Number>);

impl<Number: Get<u32>> Get<BlockNumber> for Blocks<Number> {
	fn get() -> BlockNumber {
		let blocks = Hours::<Number>::get() / BLOCK_MILLIS;
		BlockNumber::try_from(blocks).unwrap_or(BlockNumber::MAX).max(1)
	}
}

/// What governance sets, up to what the code allows.
pub struct AtMost<Value, Limit>(PhantomData<(Value, Limit)>);

impl<T: Ord, Value: Get<T>, Limit: Get<T>> Get<T> for AtMost<Value, Limit> {
	fn get() -> T {
		Value::get().min(Limit::get())
	}
}

/// What governance sets, from what the code asks for.
pub struct AtLeast<Value, Limit>(PhantomData<(Value, Limit)>);

impl<T: Ord, Value: Get<T>, Limit: Get<T>> Get<T> for AtLeast<Value, Limit> {
	fn get() -> T {
		Value::get().max(Limit::get())
	}
}

/// What governance sets, between what the code asks for and what it allows.
pub type Within<Value, Least, Most> = AtLeast<AtMost<Value, Most>, Least>;

impl pallet_parameters::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeParameters = RuntimeParameters;
	type AdminOrigin = AsEnsureOriginWithArg<ParameterOrigin>;
	type WeightInfo = weights::pallet_parameters::WeightInfo<Runtime>;
}
