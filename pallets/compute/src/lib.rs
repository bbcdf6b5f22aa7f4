//! # Proof of Compute
//!
//! Users prepay API calls; relays serve them off chain and post batches of metered usage; the
//! batches charge the users at once and become final by themselves after a challenge window.
//!
//! ## Terms
//!
//! * **Purse**: CRED that an account has moved here to pay calls at one relay, its API balance there.
//!   No other relay can charge it. Withdrawing it thaws for a delay, so that the relay can collect
//!   what it has already served; the same delay holds when a daily limit is lowered.
//! * **Sponsored purse**: one that somebody else has filled for the account's calls. Its owner cannot
//!   take anything out; what is left returns to who filled it. Calls that are paid from it are not
//!   told to [`Config::OnSettled`].
//! * **Relay**: serves calls and posts what it metered.
//! * **Attestor**: checks a relay's call log. A batch needs the signatures of a quorum of them.
//! * **Batch**: the next piece of a relay's call log: one line per account and payment, committed to
//!   by a Merkle-sum root over the calls. It is taken whole or not at all.
//! * **Final**: past the challenge window. Only then is usage settled and are providers paid.
//! * **Challenge**: a proof, by anybody, that a batch in its window is wrong. It reverses the batch
//!   and costs the relay its bond; one that proves nothing costs the challenger his stake.
//! * **Equivocation**: two signatures of one signer on different batches for the same place. It costs
//!   the signer its bond.
//!
//! ## Where the money is
//!
//! All CRED lies in the pallet's own account: the purses, what pending batches have charged,
//! the bonds, and what could not be paid out yet ([`Owed`]).
//!
//! ## Failure at settlement
//!
//! Nothing that goes wrong for one account stops the queue. Where [`Config::OnSettled`] fails for
//! a line, what it did is undone, [`Event::UsageNotSettled`] says so, and the charge is revenue all
//! the same: the call was served and paid. A payment that the asset refuses (it is below the
//! asset's minimum, say) stays in [`Owed`] and is retried with the next one.
//!
//! See the README for an example.

#![cfg_attr(not(feature = "std"), no_std)]
// The macro makes the enum of calls; a batch is moved once, when it is decoded.
#![allow(clippy::large_enum_variant)]

extern crate alloc;

mod accounts;
mod batches;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod challenges;
mod errors;
mod events;
mod invariants;
#[cfg(test)]
mod mock;
mod operators;
mod sponsors;
#[cfg(test)]
mod tests;
mod tick;
mod types;
pub mod weights;

use challenges::Reversed;
use frame_support::pallet_macros::import_section;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

#[import_section(events::events)]
#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;
	use frame_support::{pallet_prelude::*, traits::fungibles, DefaultNoBound, PalletId};
	use frame_system::pallet_prelude::*;
	use lx_primitives::{
		traits::{Calendar, OnRevenue, OnUsageSettled, Prices, Quotas, Tiers},
		AssetId, Balance, Batch, Credits, Moment, RelayId, Tier, TierHistory,
	};
	use sp_core::{sr25519, H256};

	use super::*;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config<Hash = H256> {
		/// Holds the CRED.
		type Assets: fungibles::Mutate<Self::AccountId, AssetId = AssetId, Balance = Balance>;

		/// The asset id of CRED.
		type CredAsset: Get<AssetId>;

		/// Admits and suspends relays, and names the quorum.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Tells the time and the day.
		type Calendar: Calendar;

		/// Tells the tier that relays must price an account's calls at.
		type Tiers: Tiers<Self::AccountId>;

		/// Tells what a call costs.
		type Prices: Prices;

		/// Keeps the quotas of models that are not open to everybody.
		type Quotas: Quotas<Self::AccountId>;

		/// Told of each account's usage when it is final.
		type OnSettled: OnUsageSettled<Self::AccountId>;

		/// Told of a batch's revenue and cost when it is final.
		type OnRevenue: OnRevenue;

		/// Receives what is left of the charges after the providers' cost.
		type RevenueAccount: Get<Self::AccountId>;

		/// How long a batch can be challenged, in ms.
		type ChallengeWindow: Get<Moment>;

		/// How long relays may collect what they have served, in ms: how long a withdrawal thaws,
		/// and a daily limit that was lowered still counts. Longer than
		/// [`BATCH_LIFETIME`](lx_primitives::call_log::BATCH_LIFETIME), or a batch that was taken over by
		/// a withdrawal holds up its relay.
		type ThawDelay: Get<Moment>;

		/// µCRED that a relay bonds.
		type RelayBond: Get<Credits>;

		/// µCRED that an attestor bonds.
		type AttestorBond: Get<Credits>;

		/// How long a relay and an attestor answer with their bonds after they have left, in ms: so long
		/// somebody has to find out what they have signed.
		type UnbondingDelay: Get<Moment>;

		/// µCRED that a challenger stakes.
		type ChallengeBond: Get<Credits>;

		/// The Risk Reserve Fund, which receives what is slashed and not awarded.
		type RiskReserve: Get<Self::AccountId>;

		/// The most weight that a block spends on making batches final. A value too small for a
		/// single step counts as that step, so that it slows settlement and never stops it.
		type FinalisationWeight: Get<Weight>;

		/// Names the pallet's account.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// What the calls and the steps of settlement weigh.
		type WeightInfo: WeightInfo;
	}

	/// API balances. An account that is here holds a sufficient reference on its system account, so
	/// that its nonce never starts again.
	#[pallet::storage]
	pub type Accounts<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, ApiAccount, OptionQuery>;

	/// The relays.
	#[pallet::storage]
	pub type Relays<T: Config> =
		StorageMap<_, Twox64Concat, RelayId, Relay<T::AccountId>, OptionQuery>;

	/// The id of the next relay. An id is never given twice.
	#[pallet::storage]
	pub type NextRelayId<T: Config> = StorageValue<_, RelayId, ValueQuery>;

	/// The attestors.
	#[pallet::storage]
	pub type Attestors<T: Config> =
		StorageMap<_, Twox64Concat, AttestorId, Attestor<T::AccountId>, OptionQuery>;

	/// The id of the next attestor. An id is never given twice.
	#[pallet::storage]
	pub type NextAttestorId<T: Config> = StorageValue<_, AttestorId, ValueQuery>;

	/// Whose signatures a batch needs.
	#[pallet::storage]
	pub type Quorum<T: Config> = StorageValue<_, AttestorQuorum, ValueQuery>;

	/// The batches that are not final, by relay and sequence.
	#[pallet::storage]
	pub type Batches<T: Config> =
		StorageDoubleMap<_, Twox64Concat, RelayId, Twox64Concat, u64, PostedBatch, OptionQuery>;

	/// The lines of the batches that are not final, by relay, sequence and page. A page goes when
	/// its last line is settled.
	#[pallet::storage]
	pub type LinePages<T: Config> = StorageNMap<
		_,
		(NMapKey<Twox64Concat, RelayId>, NMapKey<Twox64Concat, u64>, NMapKey<Twox64Concat, u32>),
		LinePage<T::AccountId>,
		OptionQuery,
	>;

	/// The batches that are final and still remembered, by relay and sequence.
	#[pallet::storage]
	pub type Settled<T: Config> =
		StorageDoubleMap<_, Twox64Concat, RelayId, Twox64Concat, u64, SettledBatch, OptionQuery>;

	/// The batches in the order in which they were posted. From [`QueueFront`] on they are final and
	/// wait to be forgotten, from [`QueueHead`] on they wait to become final, up to, but not
	/// including, [`QueueTail`]. The place of one that was reversed leads to nothing.
	#[pallet::storage]
	pub type Queue<T: Config> = StorageMap<_, Twox64Concat, u64, (RelayId, u64), OptionQuery>;

	/// The place of the batch that is forgotten next.
	#[pallet::storage]
	pub type QueueFront<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// The place of the batch that becomes final next.
	#[pallet::storage]
	pub type QueueHead<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// The place that the next batch takes.
	#[pallet::storage]
	pub type QueueTail<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// µCRED of revenue, cost or bonds that could not be paid out yet.
	#[pallet::storage]
	pub type Owed<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, Credits, ValueQuery>;

	/// The pallet at genesis.
	#[pallet::genesis_config]
	#[derive(DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// The first relays: operator and key. They are active and, as no CRED exists, unbonded; the
		/// providers' cost is paid to their operators.
		pub relays: Vec<(T::AccountId, sr25519::Public)>,
		/// The first attestors: operator and key. All are members of the quorum, and unbonded.
		pub attestors: Vec<(T::AccountId, sr25519::Public)>,
		/// How many of the attestors a batch needs; 0 only where there are none.
		pub threshold: u32,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			Pallet::<T>::build_genesis(self);
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Makes due batches final, within [`Config::FinalisationWeight`].
		fn on_initialize(_: BlockNumberFor<T>) -> Weight {
			Self::settle_due()
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Move `amount` µCRED from the wallet into the purse at `relay`, which may charge it from then
		/// on. Where an account has all the purses that it may have, a new one takes the place of those
		/// that are empty, and their daily limits are forgotten.
		///
		/// State: 1 read of `Relays`, 1 read and 1 write of `Accounts`, a transfer of CRED; the system
		/// account when the API account is new.
		#[pallet::call_index(0)]
		pub fn top_up(origin: OriginFor<T>, relay: RelayId, amount: Credits) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_top_up(who, relay, amount)
		}

		/// Begin to withdraw `amount` µCRED from the purse at `relay`. The delay starts again for all
		/// that thaws in it, and until it is over the relay may charge it for what it served before.
		///
		/// State: 1 read and 1 write of `Accounts`, 1 read of the time.
		#[pallet::call_index(1)]
		pub fn thaw(origin: OriginFor<T>, relay: RelayId, amount: Credits) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_thaw(who, relay, amount)
		}

		/// Make all that thaws in the purse at `relay` free again.
		///
		/// State: 1 read and 1 write of `Accounts`.
		#[pallet::call_index(2)]
		pub fn cancel_thaw(origin: OriginFor<T>, relay: RelayId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_cancel_thaw(who, relay)
		}

		/// Move all that has thawed in the purse at `relay` back to the wallet. A purse that is empty
		/// then, with no charge pending, is closed, and its daily limit forgotten; so is an account
		/// without purses that has never revoked its keys.
		///
		/// State: 1 read and 1 write of `Accounts`, 1 read of the time, a transfer of CRED; the
		/// system account when the API account is closed.
		#[pallet::call_index(3)]
		pub fn withdraw(origin: OriginFor<T>, relay: RelayId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(who, relay)
		}

		/// Let at most `limit` µCRED a day be charged to the purse at `relay`; a new purse has no
		/// limit but what is in it. What was charged today still counts.
		///
		/// This applies at once to all that is served from now on. What was served before can still
		/// be charged for [`Config::ThawDelay`] up to the limit before, if that was higher.
		///
		/// State: 1 read and 1 write of `Accounts`, 1 read of the time.
		#[pallet::call_index(4)]
		pub fn set_daily_limit(
			origin: OriginFor<T>,
			relay: RelayId,
			limit: Credits,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_daily_limit(who, relay, limit)
		}

		/// Revoke every API key at once, and begin to thaw every purse. What was served before can
		/// still be charged for [`Config::ThawDelay`], and for as long they cannot be revoked again; a
		/// single key is revoked at its relay.
		///
		/// State: 1 read and 1 write of `Accounts`, 1 read of the time.
		#[pallet::call_index(5)]
		pub fn revoke_keys(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_revoke_keys(who)
		}

		/// Register a relay that signs with `key`, bonding [`Config::RelayBond`] for it. It may
		/// post when it has been admitted.
		///
		/// State: 1 read and 1 write of `NextRelayId`, 1 write of `Relays`, a transfer of CRED.
		#[pallet::call_index(6)]
		pub fn register_relay(origin: OriginFor<T>, key: sr25519::Public) -> DispatchResult {
			let operator = ensure_signed(origin)?;
			Self::do_register_relay(operator, key)
		}

		/// Admit or suspend a relay. One that is admitted must hold the bond that [`Config::RelayBond`]
		/// asks for today.
		///
		/// State: 1 read and 1 write of `Relays`.
		#[pallet::call_index(7)]
		pub fn set_relay_status(
			origin: OriginFor<T>,
			relay: RelayId,
			status: RelayStatus,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_relay_status(relay, status)
		}

		/// Take a relay out of service for good, by its operator. It answers with its bond for another
		/// [`Config::UnbondingDelay`]; the bond is returned by calling again when that is over and its
		/// last batch is final.
		///
		/// State: 1 read and 1 write of `Relays`; to return the bond, 1 read and 1 write of `Owed`
		/// and a transfer of CRED.
		#[pallet::call_index(8)]
		pub fn retire_relay(origin: OriginFor<T>, relay: RelayId) -> DispatchResult {
			let operator = ensure_signed(origin)?;
			Self::do_retire_relay(operator, relay)
		}

		/// Register an attestor that signs with `key`, bonding [`Config::AttestorBond`] for it. Its
		/// signatures count when it has been made a member of the quorum.
		///
		/// State: 1 read and 1 write of `NextAttestorId`, 1 write of `Attestors`, a transfer of
		/// CRED.
		#[pallet::call_index(9)]
		pub fn register_attestor(origin: OriginFor<T>, key: sr25519::Public) -> DispatchResult {
			let operator = ensure_signed(origin)?;
			Self::do_register_attestor(operator, key)
		}

		/// Let batches need the signatures of `threshold` of `members` from now on. A new member
		/// must hold the bond that [`Config::AttestorBond`] asks for today; so must one that was
		/// suspended, and its signatures count again.
		///
		/// State: 1 read and 1 write of `Quorum`, 1 read and 1 write of `Attestors` for each member
		/// and for each that leaves, 1 read of `QueueTail`.
		#[pallet::call_index(10)]
		pub fn set_quorum(
			origin: OriginFor<T>,
			members: Members,
			threshold: u32,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_quorum(members, threshold)
		}

		/// Post a relay's next batch: it charges each of its accounts at once, and waits to become
		/// final. Needs no account: the relay's and the attestors' signatures authorise it, and it
		/// pays no fee.
		///
		/// It is checked in full before it enters a block, so that one that would fail cannot take
		/// up space there for nothing, and again when it is dispatched.
		///
		/// State: 1 read and 1 write of `Accounts` for each account, and what [`Config::Quotas`] reads
		/// and writes for each line with a quota; 1 write of `LinePages` for each 100 lines; 1 read of
		/// `Attestors` for each signature; 1 read and 1 write of `Relays` and of `QueueTail`, 1 read of
		/// `Quorum`, of the genesis hash, of the time and of the day, 1 write of `Batches` and of
		/// `Queue`. The check before costs the same reads.
		#[pallet::call_index(11)]
		#[pallet::weight(Pallet::<T>::post_weight(batch, signatures))]
		#[pallet::authorize(Self::authorize_batch)]
		#[pallet::weight_of_authorize(Pallet::<T>::authorize_weight(batch, signatures))]
		pub fn post_batch(
			origin: OriginFor<T>,
			batch: Batch<T::AccountId>,
			relay_signature: sr25519::Signature,
			signatures: Signatures,
		) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_post_batch(&batch, &relay_signature, &signatures)
		}

		/// Take an attestor out of service for good, by its operator, and return its bond. Only
		/// when it has not been a member of the quorum for [`Config::UnbondingDelay`] and every batch
		/// that it may have signed is final.
		///
		/// State: 1 read and 1 write of `Attestors`, 1 read of `Quorum` and of `QueueHead`, 1 read
		/// and 1 write of `Owed`, a transfer of CRED.
		#[pallet::call_index(12)]
		pub fn retire_attestor(origin: OriginFor<T>, attestor: AttestorId) -> DispatchResult {
			let operator = ensure_signed(origin)?;
			Self::do_retire_attestor(operator, attestor)
		}

		/// Pay `who` what could not be paid before. Anyone may call it.
		///
		/// State: 1 read and 1 write of `Owed`, a transfer of CRED.
		#[pallet::call_index(13)]
		pub fn claim(origin: OriginFor<T>, who: T::AccountId) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_claim(who)
		}

		/// Prove that a batch in its challenge window is wrong. Anyone may, and stakes
		/// [`Config::ChallengeBond`] for it.
		///
		/// A proof gives every account of the batch back what it was charged, suspends the relay and
		/// takes its bond: half goes to the challenger, rounded down, the rest to the Risk Reserve
		/// Fund. What proves nothing succeeds as a call, because it costs the challenger his stake:
		/// [`Event::ChallengeFailed`] says why. A challenge of a batch that cannot be challenged
		/// fails, and costs nothing but its fee.
		///
		/// State: 1 read and 1 write of `Batches` and of `Relays`, 1 read and 1 write of `Accounts`
		/// for each line, 1 read and 1 write of `LinePages` for each 100 lines, 1 read of `Batches`,
		/// of `Settled` or of the price registry and the payer's tiers, up to four transfers of CRED;
		/// what [`Config::Quotas`] reads and writes for each line with a quota.
		#[pallet::call_index(14)]
		// Batches must not be able to crowd out what is proven against them.
		#[pallet::weight((
			Pallet::<T>::challenge_weight(Reversed::MOST),
			DispatchClass::Operational,
		))]
		pub fn challenge(
			origin: OriginFor<T>,
			relay: RelayId,
			sequence: u64,
			fraud: Fraud<T::AccountId>,
		) -> DispatchResultWithPostInfo {
			let challenger = ensure_signed(origin)?;
			Self::do_challenge(challenger, relay, sequence, &fraud)
		}

		/// Prove that a relay or an attestor has signed two batches for one place of a relay's log.
		/// Anyone may. It costs the signer its bond as a challenge does; a relay is suspended, and what
		/// it posted for that place is reversed if its challenge window lasts; an attestor's signatures
		/// no longer count.
		///
		/// State: as for [`Pallet::challenge`] where a batch is reversed, otherwise 1 read and 1 write
		/// of `Relays` or of `Attestors` and two transfers of CRED.
		#[pallet::call_index(15)]
		#[pallet::weight((
			Pallet::<T>::report_weight(Reversed::MOST),
			DispatchClass::Operational,
		))]
		pub fn report_equivocation(
			origin: OriginFor<T>,
			equivocation: Equivocation,
		) -> DispatchResultWithPostInfo {
			let reporter = ensure_signed(origin)?;
			Self::do_report_equivocation(reporter, &equivocation)
		}

		/// Raise the bond of a relay to [`Config::RelayBond`], by its operator.
		///
		/// State: 1 read and 1 write of `Relays`, a transfer of CRED.
		#[pallet::call_index(16)]
		pub fn bond_relay(origin: OriginFor<T>, relay: RelayId) -> DispatchResult {
			let operator = ensure_signed(origin)?;
			Self::do_bond_relay(operator, relay)
		}

		/// Raise the bond of an attestor to [`Config::AttestorBond`], by its operator.
		///
		/// State: 1 read and 1 write of `Attestors`, a transfer of CRED.
		#[pallet::call_index(17)]
		pub fn bond_attestor(origin: OriginFor<T>, attestor: AttestorId) -> DispatchResult {
			let operator = ensure_signed(origin)?;
			Self::do_bond_attestor(operator, attestor)
		}

		/// Name who is paid the providers' cost of what a relay serves, from its next batch that becomes
		/// final. At first that is [`Config::RevenueAccount`], to which a relay sends its providers'
		/// bills; to pay the operator is to trust that they exist.
		///
		/// State: 1 read and 1 write of `Relays`.
		#[pallet::call_index(18)]
		pub fn set_payee(
			origin: OriginFor<T>,
			relay: RelayId,
			payee: T::AccountId,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_set_payee(relay, payee)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The purses of `who`, and the epoch of its API keys.
		pub fn account(who: T::AccountId) -> Option<ApiAccount> {
			Accounts::<T>::get(who)
		}

		/// The last moment at which `who` cannot revoke its keys again; `None` if it has never revoked
		/// any.
		pub fn keys_collected_until(who: T::AccountId) -> Option<Moment> {
			Accounts::<T>::get(who).as_ref().and_then(Self::collected_until)
		}

		/// µCRED that a challenge stakes now.
		pub fn challenge_bond() -> Credits {
			T::ChallengeBond::get()
		}

		/// The tier that calls of `who` are priced at now.
		pub fn tier(who: T::AccountId) -> Tier {
			T::Tiers::tier(&who)
		}

		/// The tier that calls of `who` made at `time` are priced at, for a time of the last
		/// [`TIER_MEMORY`](lx_primitives::TIER_MEMORY).
		pub fn tier_at(who: T::AccountId, time: Moment) -> Tier {
			T::Tiers::tier_at(&who, time)
		}

		/// The tier of `who` and those that it had: what [`Pallet::tier_at`] answers for every time.
		pub fn tier_history(who: T::AccountId) -> TierHistory {
			T::Tiers::tier_history(&who)
		}

		/// The sequence of the next batch of `relay`, and the hash that it must name as the one
		/// before it.
		pub fn next_batch(relay: RelayId) -> Option<(u64, H256)> {
			Relays::<T>::get(relay).map(|relay| (relay.next_sequence, relay.last_batch))
		}
	}
}
