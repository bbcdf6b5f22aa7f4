//! # Proof of Compute
//!
//! Users prepay API calls; relays serve them off chain and post batches of metered usage; the
//! batches charge the users at once and become final by themselves after a challenge window.
//!
//! ## Terms
//!
//! * **API balance**: CRED that an account has moved here to pay calls. Withdrawing it thaws for a
//!   delay, so that a relay can collect what it has already served.
//! * **Relay**: serves calls and posts what it metered. It charges only accounts that have
//!   authorised it, and within their daily limit. When an account takes either back, the relay may
//!   still collect for the same delay.
//! * **Attestor**: checks a relay's call log. A batch needs the signatures of a quorum of them.
//! * **Batch**: the next piece of a relay's call log: one line per account, committed to by a
//!   Merkle-sum root over the calls. It is taken whole or not at all.
//! * **Final**: past the challenge window. Only then is usage settled and are providers paid.
//!
//! ## Where the money is
//!
//! All CRED lies in the pallet's own account: the API balances, what pending batches have charged,
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
mod invariants;
#[cfg(test)]
mod mock;
mod operators;
#[cfg(test)]
mod tests;
mod tick;
mod types;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;
	use frame_support::{pallet_prelude::*, traits::fungibles, DefaultNoBound, PalletId};
	use frame_system::pallet_prelude::*;
	use lx_primitives::{
		traits::{Calendar, OnRevenue, OnUsageSettled, Tiers},
		AssetId, Balance, Batch, Credits, Moment, RelayId, Tier,
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

		/// Told of each account's usage when it is final.
		type OnSettled: OnUsageSettled<Self::AccountId>;

		/// Told of a batch's revenue and cost when it is final.
		type OnRevenue: OnRevenue;

		/// Receives what is left of the charges after the providers' cost.
		type RevenueAccount: Get<Self::AccountId>;

		/// How long a batch can be challenged, in ms.
		type ChallengeWindow: Get<Moment>;

		/// How long relays may collect what they have served, in ms: how long a withdrawal thaws,
		/// and a relay or a daily limit that was taken back still counts.
		type ThawDelay: Get<Moment>;

		/// µCRED that a relay bonds.
		type RelayBond: Get<Credits>;

		/// µCRED that an attestor bonds.
		type AttestorBond: Get<Credits>;

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

	/// The batches in the order in which they become final, from [`QueueHead`] up to, but not
	/// including, [`QueueTail`].
	#[pallet::storage]
	pub type Queue<T: Config> = StorageMap<_, Twox64Concat, u64, (RelayId, u64), OptionQuery>;

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
		/// The first relays: operator and key. They are active and, as no CRED exists, unbonded.
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

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account has added to its API balance.
		ToppedUp {
			/// Whose balance.
			who: T::AccountId,
			/// µCRED added.
			amount: Credits,
		},
		/// A part of an API balance thaws; all that thaws may be withdrawn from `thaw_at` on.
		Thawing {
			/// Whose balance.
			who: T::AccountId,
			/// µCRED that began to thaw.
			amount: Credits,
			/// When all that thaws may be withdrawn.
			thaw_at: Moment,
		},
		/// What was thawing is free again.
		ThawCancelled {
			/// Whose balance.
			who: T::AccountId,
			/// µCRED that is free again.
			amount: Credits,
		},
		/// What has thawed was withdrawn.
		Withdrawn {
			/// Whose balance.
			who: T::AccountId,
			/// µCRED withdrawn.
			amount: Credits,
		},
		/// An account has named the relays that may charge it.
		Authorised {
			/// The account.
			who: T::AccountId,
			/// The relays; none other may charge what it serves from now on.
			relays: AuthorisedRelays,
			/// The most µCRED that may be charged in a day.
			daily_limit: Credits,
		},
		/// An account has revoked all its API keys and every relay's authorisation. Relays may
		/// still collect what they served before.
		KeysRevoked {
			/// The account.
			who: T::AccountId,
			/// The epoch that new keys must name.
			key_epoch: u32,
		},
		/// A relay has bonded and waits to be admitted.
		RelayRegistered {
			/// The relay.
			relay: RelayId,
			/// Who operates it.
			operator: T::AccountId,
			/// Signs its batches.
			key: sr25519::Public,
			/// µCRED bonded.
			bond: Credits,
		},
		/// Whether a relay may post has changed.
		RelayStatusSet {
			/// The relay.
			relay: RelayId,
			/// Its status.
			status: RelayStatus,
		},
		/// A relay is gone and its bond returned.
		RelayRetired {
			/// The relay.
			relay: RelayId,
			/// µCRED returned to its operator.
			bond: Credits,
		},
		/// An attestor has bonded.
		AttestorRegistered {
			/// The attestor.
			attestor: AttestorId,
			/// Who operates it.
			operator: T::AccountId,
			/// Signs batches.
			key: sr25519::Public,
			/// µCRED bonded.
			bond: Credits,
		},
		/// An attestor is gone and its bond returned.
		AttestorRetired {
			/// The attestor.
			attestor: AttestorId,
			/// µCRED returned to its operator.
			bond: Credits,
		},
		/// The quorum is now this one.
		QuorumSet {
			/// The members, in ascending order.
			members: Members,
			/// How many of them a batch needs.
			threshold: u32,
		},
		/// A batch has charged its accounts and waits to become final.
		BatchPosted {
			/// The relay.
			relay: RelayId,
			/// The batch's place in the relay's log.
			sequence: u64,
			/// What the relay and the attestors signed.
			hash: H256,
			/// µCRED charged.
			charge: Credits,
			/// µCRED owed to the providers.
			cost: Credits,
			/// How many calls it settles.
			calls: u32,
		},
		/// A batch is final: its usage is settled and its cost and revenue are booked.
		BatchFinal {
			/// The relay.
			relay: RelayId,
			/// The batch's place in the relay's log.
			sequence: u64,
			/// µCRED charged.
			charge: Credits,
			/// µCRED paid to the relay's operator.
			cost: Credits,
		},
		/// A final line could not be settled for its account: nothing is mined for it. Its charge
		/// is revenue all the same.
		UsageNotSettled {
			/// The relay.
			relay: RelayId,
			/// The batch's place in the relay's log.
			sequence: u64,
			/// Who was charged.
			account: T::AccountId,
			/// µCRED charged.
			charge: Credits,
			/// Why.
			error: DispatchError,
		},
		/// The revenue of a final batch was paid but could not be reported on.
		RevenueNotReported {
			/// The relay.
			relay: RelayId,
			/// The batch's place in the relay's log.
			sequence: u64,
			/// Why.
			error: DispatchError,
		},
		/// A payment could not be made yet. It is retried with the next one, or by a claim.
		PaymentDeferred {
			/// Who is owed.
			who: T::AccountId,
			/// All that is owed to them, in µCRED.
			owed: Credits,
		},
		/// What was owed is paid.
		Claimed {
			/// Who was paid.
			who: T::AccountId,
			/// µCRED paid.
			amount: Credits,
		},
	}

	/// Why a call fails. The index of an error is also the code with which the transaction pool
	/// refuses a batch for that reason (`InvalidTransaction::Custom`), so the order is kept. A batch
	/// whose sequence is used up is refused as `Stale`, one that comes too early in a block as
	/// `Future`.
	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// No such relay.
		UnknownRelay,
		/// The relay may not post.
		RelayNotActive,
		/// The batch is not the relay's next.
		WrongSequence,
		/// The batch does not name the hash of the batch before it.
		WrongPrevious,
		/// Too many of the relay's batches wait to become final.
		TooManyPending,
		/// The batch has no lines.
		EmptyBatch,
		/// Fewer attestors have signed than the quorum needs.
		TooFewSignatures,
		/// An attestor has signed twice.
		DuplicateSigner,
		/// No such attestor, or it is not a member of the quorum.
		UnknownAttestor,
		/// The relay's signature is not one over this batch.
		BadRelaySignature,
		/// An attestor's signature is not one over this batch.
		BadSignature,
		/// The root is not that of the lines, or a sum overflows.
		RootMismatch,
		/// The lines are not in ascending order of accounts, or an account has two.
		LinesNotSorted,
		/// A line stands for no call.
		EmptyLine,
		/// A line costs more than it charges.
		CostAboveCharge,
		/// The account has no API balance.
		NoAccount,
		/// The account has not authorised the relay, or the time is over in which the relay might
		/// collect what it served before it was taken off.
		RelayNotAuthorised,
		/// The charge is above the account's API balance.
		Overcharge,
		/// The charge is above what is left of the account's daily limit.
		DailyLimitExceeded,
		/// A top-up is at least the asset's minimum balance.
		BelowMinimum,
		/// The amount is zero.
		ZeroAmount,
		/// The free API balance is too low.
		InsufficientBalance,
		/// Nothing thaws.
		NothingThawing,
		/// The thaw is not over.
		StillThawing,
		/// A relay can be made active or suspended, unless it is retiring.
		InvalidStatus,
		/// Only the operator may do this.
		NotOperator,
		/// The threshold is at least one and at most the number of members.
		InvalidThreshold,
		/// A new member of the quorum must hold the attestors' bond.
		NotBonded,
		/// Two members of the quorum share a key.
		DuplicateMember,
		/// The attestor is a member of the quorum, or a batch that it may have signed is not final.
		AttestorNeeded,
		/// Nothing is owed to the account.
		NothingOwed,
		/// An account names at most [`MAX_AUTHORISED`] relays, and those that it has taken off
		/// count until they have collected: wait until their time is over.
		TooManyAuthorised,
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
		/// Move `amount` µCRED from the wallet into the API balance.
		///
		/// State: 1 read and 1 write of `Accounts`, a transfer of CRED; the system account when
		/// the API account is new.
		#[pallet::call_index(0)]
		pub fn top_up(origin: OriginFor<T>, amount: Credits) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_top_up(who, amount)
		}

		/// Begin to withdraw `amount` µCRED. The delay starts again for all that thaws, and what
		/// thaws may still be charged.
		///
		/// State: 1 read and 1 write of `Accounts`, 1 read of the time.
		#[pallet::call_index(1)]
		pub fn thaw(origin: OriginFor<T>, amount: Credits) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_thaw(who, amount)
		}

		/// Make all that thaws free again.
		///
		/// State: 1 read and 1 write of `Accounts`.
		#[pallet::call_index(2)]
		pub fn cancel_thaw(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_cancel_thaw(who)
		}

		/// Move all that has thawed back to the wallet. An account that is empty then, with no
		/// charge pending and no key ever revoked, is closed: its authorisations end.
		///
		/// State: 1 read and 1 write of `Accounts`, 1 read of the time, a transfer of CRED; the
		/// system account when the API account is closed.
		#[pallet::call_index(3)]
		pub fn withdraw(origin: OriginFor<T>) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_withdraw(who)
		}

		/// Name the relays that may charge the account, in place of those named before, and the
		/// most µCRED that may be charged in a day. What was charged today still counts.
		///
		/// This applies at once to all that is served from now on. What was served before can
		/// still be charged for [`Config::ThawDelay`]: by the relays that are no longer named, and
		/// up to the limit before if that was higher.
		///
		/// State: 1 read and 1 write of `Accounts`, 1 read of `Relays` for each relay, 1 read of
		/// the time.
		#[pallet::call_index(4)]
		pub fn authorise(
			origin: OriginFor<T>,
			relays: AuthorisedRelays,
			daily_limit: Credits,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_authorise(who, relays, daily_limit)
		}

		/// Revoke every API key and every relay's authorisation at once. What was served before
		/// can still be charged for [`Config::ThawDelay`].
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

		/// Admit or suspend a relay.
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

		/// Take a relay out of service for good, by its operator. Its bond is returned when
		/// nothing of it is pending: at once, or by calling again when its last batch is final.
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
		/// must hold the bond that [`Config::AttestorBond`] asks for today.
		///
		/// State: 1 read and 1 write of `Quorum`, 1 read of `Attestors` for each member, 1 read
		/// and 1 write of it for each that leaves, 1 read of `QueueTail`.
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
		/// State: 1 read and 1 write of `Accounts` for each line, 1 write of `LinePages` for each
		/// 100 lines; 1 read of `Attestors` for each signature; 1 read and 1 write of `Relays` and
		/// of `QueueTail`, 1 read of `Quorum`, of the genesis hash, of the time and of the day, 1
		/// write of `Batches` and of `Queue`. The check before costs the same reads.
		#[pallet::call_index(11)]
		#[pallet::weight(T::WeightInfo::post_batch(
			batch.lines.len() as u32,
			signatures.len() as u32,
		))]
		#[pallet::authorize(Self::authorize_batch)]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_post_batch(
			batch.lines.len() as u32,
			signatures.len() as u32,
		))]
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
		/// when it is not a member of the quorum and every batch that it may have signed is final.
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
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The API balance of `who`, and what may be charged to it.
		pub fn account(who: T::AccountId) -> Option<ApiAccount> {
			Accounts::<T>::get(who)
		}

		/// The tier that calls of `who` are priced at now.
		pub fn tier(who: T::AccountId) -> Tier {
			T::Tiers::tier(&who)
		}

		/// The sequence of the next batch of `relay`, and the hash that it must name as the one
		/// before it.
		pub fn next_batch(relay: RelayId) -> Option<(u64, H256)> {
			Relays::<T>::get(relay).map(|relay| (relay.next_sequence, relay.last_batch))
		}
	}
}
