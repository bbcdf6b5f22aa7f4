#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod functions;
mod impls;
mod invariants;
mod reserve_backed;
mod tick;
pub mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use reserve_backed::ReserveBacked;
pub use types::{
	Address, Claim, Custodian, Network, PendingDeposit, Quorum, Reference, Report, ReserveStatus,
	Withdrawal, WithdrawalId, WithdrawalPage,
};
pub use weights::WeightInfo;

use frame_support::BoundedVec;
use sp_runtime::DispatchResult;

/// Creates the peg between USDT and Credits. The runtime implements it, as it knows both pallets.
pub trait SetUpPeg {
	/// Called once, at genesis, when the assets exist.
	fn set_up() -> DispatchResult;
}

/// No peg: for tests.
impl SetUpPeg for () {
	fn set_up() -> DispatchResult {
		Ok(())
	}
}

type AccountIdOf<T> = <T as frame_system::Config>::AccountId;

/// The custodians, as stored.
pub type MembersOf<T> = BoundedVec<Custodian<AccountIdOf<T>>, <T as Config>::MaxCustodians>;
/// The custodians and their threshold, as stored.
pub type QuorumOf<T> = Quorum<MembersOf<T>>;
/// A custodian's standing claims, as stored.
pub type ClaimsOf<T> = BoundedVec<Claim<AccountIdOf<T>>, <T as Config>::MaxOpenClaims>;
/// An open withdrawal, as stored.
pub type WithdrawalOf<T> =
	Withdrawal<AccountIdOf<T>, BoundedVec<types::Vote, <T as Config>::MaxCustodians>>;

/// The pallet: its settings, stored data, events, errors and calls.
#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			fungibles::{Inspect, Mutate},
			StorageVersion,
		},
	};
	use frame_system::pallet_prelude::*;
	use lx_primitives::{traits::Calendar, AssetId, Balance, Moment};

	use super::{types::*, ClaimsOf, QuorumOf, SetUpPeg, WeightInfo, WithdrawalOf};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet's type.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The pallet's settings. Those that are not constants are read at use, so they may be
	/// parameters.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The assets. Nothing else may mint or burn USDT.
		type Assets: Mutate<Self::AccountId, AssetId = AssetId, Balance = Balance>;
		/// The on-chain receipt of custody USDT.
		#[pallet::constant]
		type UsdtAsset: Get<AssetId>;
		/// Appoints custodians and sets the daily cap.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;
		/// The chain's calendar.
		type Calendar: Calendar;
		/// The most custodians.
		#[pallet::constant]
		type MaxCustodians: Get<u32>;
		/// The most claims that one custodian keeps standing.
		#[pallet::constant]
		type MaxOpenClaims: Get<u32>;
		/// The most withdrawals that are open at a time.
		#[pallet::constant]
		type MaxOpenWithdrawals: Get<u32>;
		/// How long a report of reserves counts, in milliseconds.
		type ReportLifetime: Get<Moment>;
		/// How long custodians have to pay a withdrawal before it is refunded, in milliseconds.
		type WithdrawalTimeout: Get<Moment>;
		/// The smallest withdrawal.
		type MinWithdrawal: Get<Balance>;
		/// The most refunds in a block.
		type RefundsPerBlock: Get<u32>;
		/// Creates the peg at genesis.
		type Peg: SetUpPeg;
		/// How long the work takes.
		type WeightInfo: WeightInfo;
	}

	/// The custodians in office, each with its last report of the reserves, and how many of them
	/// must agree.
	#[pallet::storage]
	pub type Custodians<T: Config> = StorageValue<_, QuorumOf<T>, ValueQuery>;

	/// The seat that the next appointed custodian gets.
	#[pallet::storage]
	pub type NextSeat<T: Config> = StorageValue<_, Seat, ValueQuery>;

	/// What each custodian claims of deposits that are not credited yet, oldest first; one claim at
	/// most for a deposit.
	#[pallet::storage]
	pub type Claims<T: Config> = StorageMap<_, Twox64Concat, Seat, ClaimsOf<T>, ValueQuery>;

	/// Deposits that were credited: for ever, so that none is credited again.
	#[pallet::storage]
	pub type Credited<T: Config> =
		StorageMap<_, Blake2_128Concat, (Network, Reference), (), OptionQuery>;

	/// External payments and the withdrawals they paid: for ever, so that none pays another.
	#[pallet::storage]
	pub type PaidWith<T: Config> =
		StorageMap<_, Blake2_128Concat, (Network, Reference), WithdrawalId, OptionQuery>;

	/// The most USDT that is credited in a day.
	#[pallet::storage]
	pub type DailyCap<T: Config> = StorageValue<_, Balance, ValueQuery>;

	/// USDT credited on the last day on which any was.
	#[pallet::storage]
	pub type CreditedOn<T: Config> = StorageValue<_, DayTotal, ValueQuery>;

	/// Withdrawals that are neither paid nor refunded.
	///
	/// Each holds at least [`Config::MinWithdrawal`] of burned USDT, so filling this map ties up
	/// money, and [`Config::MaxOpenWithdrawals`] bounds it whatever the price.
	#[pallet::storage]
	pub type Withdrawals<T: Config> =
		StorageMap<_, Twox64Concat, WithdrawalId, WithdrawalOf<T>, OptionQuery>;

	/// The order of [`Withdrawals`] and their sum.
	#[pallet::storage]
	pub type Queue<T: Config> = StorageValue<_, WithdrawalQueue, ValueQuery>;

	/// All that ever came in and went out.
	#[pallet::storage]
	pub type Ledger<T: Config> = StorageValue<_, Totals, ValueQuery>;

	/// How custody starts.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The custodians; without any, nothing can be deposited until some are appointed.
		pub custodians: Vec<T::AccountId>,
		/// How many of them must agree: more than half. Ignored without custodians.
		pub threshold: u32,
		/// The most USDT that is credited in a day.
		pub daily_cap: Balance,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			DailyCap::<T>::put(self.daily_cap);
			if !self.custodians.is_empty() {
				let members = BoundedVec::try_from(self.custodians.clone())
					.expect("genesis names at most `MaxCustodians` custodians");
				Pallet::<T>::do_set_custodians(members, self.threshold)
					.expect("genesis names each custodian once, and a majority as threshold");
			}
			// A genesis without assets has nothing to peg.
			if T::Assets::asset_exists(T::UsdtAsset::get()) {
				T::Peg::set_up().expect("the peg can be created at genesis");
			}
		}
	}

	/// What happened.
	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A custodian attested a deposit.
		DepositAttested {
			/// The custodian.
			custodian: T::AccountId,
			/// What it says.
			claim: Claim<T::AccountId>,
		},
		/// A custodian's oldest claim made room for a new one. It can be attested again.
		ClaimDisplaced {
			/// The custodian.
			custodian: T::AccountId,
			/// The claim that no longer stands.
			claim: Claim<T::AccountId>,
		},
		/// A quorum attested a deposit: the USDT was minted.
		DepositCredited {
			/// Who has the USDT.
			who: T::AccountId,
			/// How much.
			amount: Balance,
			/// Where it was deposited.
			network: Network,
			/// The external deposit.
			reference: Reference,
		},
		/// A custodian reported the reserves.
		ReservesReported {
			/// The custodian.
			custodian: T::AccountId,
			/// USDT in custody, less what was paid out since it was computed.
			amount: Balance,
		},
		/// USDT was burned, to be paid out on another network.
		WithdrawalRequested {
			/// Identifies the withdrawal.
			id: WithdrawalId,
			/// Who asked for it.
			who: T::AccountId,
			/// What was burned and is to be paid.
			amount: Balance,
			/// Where to pay.
			network: Network,
			/// Whom to pay.
			address: Address,
			/// When it is refunded unless it is paid.
			refund_at: Moment,
		},
		/// A custodian attested the payout of a withdrawal.
		PayoutAttested {
			/// Identifies the withdrawal.
			id: WithdrawalId,
			/// The custodian.
			custodian: T::AccountId,
			/// The external payment.
			reference: Reference,
		},
		/// A quorum attested the payout of a withdrawal: it is settled.
		WithdrawalPaid {
			/// Identifies the withdrawal.
			id: WithdrawalId,
			/// Who had asked for it.
			who: T::AccountId,
			/// What was paid.
			amount: Balance,
			/// Where it was paid.
			network: Network,
			/// The external payment.
			reference: Reference,
		},
		/// A withdrawal was not paid in time: its USDT was minted again.
		WithdrawalRefunded {
			/// Identifies the withdrawal.
			id: WithdrawalId,
			/// Who has the USDT back.
			who: T::AccountId,
			/// How much.
			amount: Balance,
		},
		/// A refund failed because of the account's state. The withdrawal goes on under a new id at
		/// the end of the queue, with its time starting anew.
		RefundDeferred {
			/// What identified the withdrawal.
			id: WithdrawalId,
			/// What identifies it from now on.
			new_id: WithdrawalId,
			/// Why the refund failed.
			error: DispatchError,
		},
		/// Custodians were appointed.
		CustodiansSet {
			/// All custodians in office.
			custodians: Vec<T::AccountId>,
			/// How many of them must agree.
			threshold: u32,
		},
		/// The daily cap was set.
		DailyCapSet {
			/// The most USDT that is credited in a day.
			cap: Balance,
		},
	}

	/// Why a call failed.
	#[pallet::error]
	pub enum Error<T> {
		/// The signer is not a custodian in office.
		NotCustodian,
		/// A network's name is 1 to 16 lower-case letters, digits and hyphens.
		InvalidNetwork,
		/// A reference is 1 to 96 visible ASCII characters.
		InvalidReference,
		/// An address is 1 to 96 visible ASCII characters.
		InvalidAddress,
		/// The deposit is smaller than the asset's minimum balance.
		DepositTooSmall,
		/// The deposit was credited before.
		AlreadyCredited,
		/// The custodian says this already, and it does not complete a quorum.
		AlreadyAttested,
		/// The deposit exceeds what is left of the daily cap.
		DailyCapExceeded,
		/// Fewer custodians than a quorum have reported the reserves lately.
		ReservesStale,
		/// The attested reserves would not cover the USDT that exists and the pending withdrawals.
		ReservesShort,
		/// The withdrawal is smaller than the minimum.
		WithdrawalTooSmall,
		/// Too many withdrawals are open.
		TooManyWithdrawals,
		/// There is no such open withdrawal: never requested, or paid, or refunded.
		UnknownWithdrawal,
		/// The external payment has paid another withdrawal.
		ReferenceUsed,
		/// The threshold must be more than half of the custodians, and not more than all of them.
		InvalidThreshold,
		/// A custodian is named twice.
		DuplicateCustodian,
		/// More is said to be paid out than this chain has settled.
		PaidOutAhead,
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::refund_expired()
		}

		fn integrity_test() {
			assert!(T::MaxCustodians::get() > 0, "custody needs custodians");
			assert!(T::MaxOpenClaims::get() > 0, "a custodian needs room for a claim");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// A custodian attests an external deposit. When a quorum attests the same, the USDT is
		/// minted to `account`, once for ever.
		///
		/// To attest the same again is allowed only when it completes the quorum, for example after
		/// the threshold was lowered. Attesting something else of the same deposit corrects what
		/// was said. If the custodian already has the most claims standing, its oldest one makes
		/// room. Attesting with a quorum fails, and changes nothing, while the daily cap or the
		/// reserves do not allow the deposit or `account` cannot receive it.
		///
		/// Feeless unless it corrects or displaces a claim, or would fail.
		///
		/// n custodians: reads n + 8, writes n + 6 at most.
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::attest_deposit())]
		#[pallet::feeless_if(|
			origin: &OriginFor<T>,
			network: &Network,
			reference: &Reference,
			account: &T::AccountId,
			amount: &Balance,
		| -> bool {
			let (network, reference) = (network.clone(), reference.clone());
			let claim = Claim { network, reference, account: account.clone(), amount: *amount };
			Pallet::<T>::is_free_deposit_attestation(origin, &claim)
		})]
		pub fn attest_deposit(
			origin: OriginFor<T>,
			network: Network,
			reference: Reference,
			account: T::AccountId,
			amount: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_attest_deposit(who, Claim { network, reference, account, amount })
		}

		/// A custodian reports the USDT in custody, counting what was sent for withdrawals that are
		/// still open on this chain. The report replaces the custodian's last one.
		///
		/// `paid_out` is [`Totals::paid_out`] of [`Ledger`] at the block from which the custodian
		/// computed `amount`. A payout that is settled after that block is taken out of the reports
		/// that stand. This one does not stand yet and would count money that is gone, so the chain
		/// stores `amount` less what was paid out since. A report can only be counted down: a
		/// `paid_out` larger than the chain's own is refused.
		///
		/// Feeless once a block, unless it would fail.
		///
		/// Reads 3, writes 1.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::report_reserves())]
		#[pallet::feeless_if(|
			origin: &OriginFor<T>,
			_amount: &Balance,
			paid_out: &Balance,
		| -> bool {
			Pallet::<T>::is_free_report(origin, *paid_out)
		})]
		pub fn report_reserves(
			origin: OriginFor<T>,
			amount: Balance,
			paid_out: Balance,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_report_reserves(who, amount, paid_out)
		}

		/// Burns `amount` of the signer's USDT, to be paid to `address` on `network`, or refunded
		/// after a timeout. What would be left below the asset's minimum balance is withdrawn too.
		///
		/// Reads 6, writes 5.
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::request_withdrawal())]
		pub fn request_withdrawal(
			origin: OriginFor<T>,
			amount: Balance,
			network: Network,
			address: Address,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_request_withdrawal(who, amount, network, address)
		}

		/// A custodian attests that a withdrawal was paid. When a quorum attests the same external
		/// payment, the withdrawal is settled. A payment settles one withdrawal, for ever.
		///
		/// Repeating and correcting follow the rules of [`Pallet::attest_deposit`].
		///
		/// Feeless unless it corrects, or would fail.
		///
		/// Reads 5, writes 5 at most.
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::attest_payout())]
		#[pallet::feeless_if(|
			origin: &OriginFor<T>,
			withdrawal_id: &WithdrawalId,
			reference: &Reference,
		| -> bool {
			Pallet::<T>::is_free_payout_attestation(origin, *withdrawal_id, reference)
		})]
		pub fn attest_payout(
			origin: OriginFor<T>,
			withdrawal_id: WithdrawalId,
			reference: Reference,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_attest_payout(who, withdrawal_id, reference)
		}

		/// Appoints the custodians: `members`, of whom `threshold` must agree.
		///
		/// Who stays keeps its claims, votes and report. Who leaves loses their effect for good,
		/// even if it is appointed again. Claims that reach a lowered threshold take effect when a
		/// custodian attests them again.
		///
		/// n members: reads n + 2, writes n + 2, and one more for each custodian that leaves.
		#[pallet::call_index(4)]
		#[pallet::weight(T::WeightInfo::set_custodians(members.len() as u32))]
		pub fn set_custodians(
			origin: OriginFor<T>,
			members: BoundedVec<T::AccountId, T::MaxCustodians>,
			threshold: u32,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_custodians(members, threshold)
		}

		/// Sets the most USDT that is credited in a day; 0 stops deposits. It counts from now on,
		/// with what was credited today.
		///
		/// Writes 1.
		#[pallet::call_index(5)]
		#[pallet::weight(T::WeightInfo::set_daily_cap())]
		pub fn set_daily_cap(origin: OriginFor<T>, cap: Balance) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			DailyCap::<T>::put(cap);
			Self::deposit_event(Event::DailyCapSet { cap });
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The reserves and what they must cover.
		pub fn reserves() -> ReserveStatus {
			Self::reserve_status()
		}

		/// USDT that can still be credited today.
		pub fn left_today() -> Balance {
			DailyCap::<T>::get().saturating_sub(Self::credited_today().amount)
		}

		/// Whether a deposit has been credited.
		pub fn is_credited(network: Network, reference: Reference) -> bool {
			Credited::<T>::contains_key((network, reference))
		}

		/// The queue of deposits that wait for more custodians.
		pub fn pending_deposits() -> Vec<PendingDeposit<T::AccountId>> {
			Self::list_pending_deposits()
		}

		/// The queue of open withdrawals from the id `from` on, at most `limit` of them.
		pub fn pending_withdrawals(
			from: WithdrawalId,
			limit: u32,
		) -> WithdrawalPage<WithdrawalOf<T>> {
			Self::list_withdrawals(from, limit)
		}

		/// The withdrawal that an external payment has paid.
		pub fn paid_withdrawal(network: Network, reference: Reference) -> Option<WithdrawalId> {
			PaidWith::<T>::get((network, reference))
		}
	}
}
