#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod errors;
mod events;
mod functions;
mod impls;
mod invariants;
mod tick;
mod types;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

use frame_support::pallet_macros::import_section;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

/// Prepares measurements.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper<AccountId> {
	/// Makes it `now`.
	fn set_time(now: lx_primitives::Moment);
	/// Gives `who` LCO, of which so many planck are staked and as many again are free.
	fn stake(who: &AccountId, planck: lx_primitives::Balance);
	/// A relay that serves calls.
	fn active_relay() -> lx_primitives::RelayId;
}

/// The pallet: its settings, stored data, events, errors and calls.
#[import_section(events::events)]
#[import_section(errors::errors)]
#[frame_support::pallet]
pub mod pallet {
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{fungible::MutateHold, StorageVersion},
		weights::WeightMeter,
	};
	use frame_system::pallet_prelude::*;
	use lx_primitives::{
		traits::{ActiveRelays, Calendar, Prices, Quotas, Stakes},
		Balance, Claim, LaunchId, ModelId, Moment, Offer, RelayId, Units,
	};

	use crate::{Launch, Page, Plan, Stage, Subscription, Terms, WeightInfo};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	/// The pallet's type.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The pallet's settings.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// The L-Coin, in which deposits are held.
		type Currency: MutateHold<Self::AccountId, Balance = Balance, Reason: From<HoldReason>>;

		/// Announces launches.
		type AdminOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Tells the time.
		type Calendar: Calendar;

		/// Tells what accounts have staked, and had.
		type Stakes: Stakes<Self::AccountId>;

		/// Tells which models are open to everybody.
		type Prices: Prices;

		/// Tells at which relays quotas can be claimed.
		type Relays: ActiveRelays;

		/// Planck that a subscriber deposits for a place in the state, and as many claims as may be.
		#[pallet::constant]
		type Deposit: Get<Balance>;

		/// The least time from an announcement to the snapshot, in ms. At least one: what is staked when
		/// a launch is announced has to stay.
		type ShortestNotice: Get<Moment>;

		/// The longest time from an announcement to the end of subscription, in ms: for so long it is
		/// remembered who had staked what.
		type LongestWindow: Get<Moment>;

		/// The longest time from an announcement to the expiry, in ms: for so long deposits wait, and a
		/// launch leaves room for one less.
		type LongestLife: Get<Moment>;

		/// How long relays may post what was used of a quota before it expired, in ms.
		type Grace: Get<Moment>;

		/// The most weight that a block spends on launches, beside snapshots. A value too small for a
		/// single step counts as that step.
		type StepWeight: Get<Weight>;

		/// What the calls and the steps weigh.
		type WeightInfo: WeightInfo;

		/// Prepares measurements.
		#[cfg(feature = "runtime-benchmarks")]
		type BenchmarkHelper: crate::BenchmarkHelper<Self::AccountId>;
	}

	/// Why LCO is held.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// A subscription takes a place in the state.
		#[codec(index = 0)]
		Subscription,
	}

	/// Every launch there was: what was served in it has a price for as long as anybody may ask.
	#[pallet::storage]
	pub type Launches<T: Config> = StorageMap<_, Twox64Concat, LaunchId, Launch, OptionQuery>;

	/// The id of the next launch. An id is never given twice.
	#[pallet::storage]
	pub type NextLaunchId<T: Config> = StorageValue<_, LaunchId, ValueQuery>;

	/// When the launches that are announced have their snapshots.
	#[pallet::storage]
	pub type Announcements<T: Config> = StorageValue<_, Plan, ValueQuery>;

	/// What happens next to the launches that had their snapshot and are not over.
	#[pallet::storage]
	pub type Agenda<T: Config> = StorageValue<_, Plan, ValueQuery>;

	/// Who has subscribed, in the order in which they did: by launch and page. Removed when the launch
	/// expires.
	#[pallet::storage]
	pub type Pages<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		LaunchId,
		Twox64Concat,
		u32,
		Page<T::AccountId>,
		OptionQuery,
	>;

	/// What accounts have to do with launches. Each is paid by its deposit.
	#[pallet::storage]
	pub type Subscriptions<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		LaunchId,
		Blake2_128Concat,
		T::AccountId,
		Subscription,
		OptionQuery,
	>;

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		/// Takes the snapshots that are due, at most [`MAX_LIVE`](crate::MAX_LIVE); then divides quotas
		/// and removes what has expired, within [`Config::StepWeight`]. It runs before the
		/// transactions of its block, at the block's time.
		fn on_poll(_: BlockNumberFor<T>, weight: &mut WeightMeter) {
			Self::advance(weight);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Announce a launch of `total` units of `model`, which must never have been open to everybody.
		/// From now on it counts what accounts have staked.
		///
		/// State: 1 read and 1 write of `NextLaunchId` and of `Announcements`, 1 write of `Launches`, 1
		/// read of `Agenda`, of the time and of the price registry.
		#[pallet::call_index(0)]
		pub fn launch(
			origin: OriginFor<T>,
			model: ModelId,
			total: Units,
			terms: Terms,
		) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_launch(model, total, terms)
		}

		/// Ask for `units` of a launch, once, between its opening and its closing. It takes tier Lv3, now
		/// and all the time from the announcement to the snapshot, and a deposit.
		///
		/// State: 1 read and 1 write of `Launches`, of `Pages` and of `Subscriptions`, 1 read of the
		/// time and 2 of the caller's stake, a hold of LCO.
		#[pallet::call_index(1)]
		pub fn subscribe(origin: OriginFor<T>, launch: LaunchId, units: Units) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_subscribe(who, launch, units)
		}

		/// Take `units` of what the caller was given, so that they can be used at `relay` until the launch
		/// expires. At no other relay can they, then or later. What was claimed before stays as it is.
		///
		/// State: 1 read of `Launches` and of `Pages`, 1 read and 1 write of `Subscriptions`, 1 read of
		/// the time and of the relay.
		#[pallet::call_index(2)]
		pub fn claim(
			origin: OriginFor<T>,
			launch: LaunchId,
			relay: RelayId,
			units: Units,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_claim(who, launch, relay, units)
		}

		/// Remove the subscription of `who`, who gets the deposit back: when nothing can be used of it
		/// any more, or when nothing was given. Anyone may call it.
		///
		/// State: 1 read of `Launches` and of `Pages`, 1 read and 1 write of `Subscriptions`, 1 read of the
		/// time and of [`Config::Grace`], a release of LCO.
		#[pallet::call_index(3)]
		pub fn release(
			origin: OriginFor<T>,
			launch: LaunchId,
			who: T::AccountId,
		) -> DispatchResult {
			ensure_signed(origin)?;
			Self::do_release(who, launch)
		}

		/// Offer again, in a launch of its own, what was not used of one that is over, and of which
		/// nothing more can be posted.
		///
		/// State: as for [`Pallet::launch`], with 1 read and 1 write of `Launches` more.
		#[pallet::call_index(4)]
		pub fn reoffer(origin: OriginFor<T>, launch: LaunchId, terms: Terms) -> DispatchResult {
			T::AdminOrigin::ensure_origin(origin)?;
			Self::do_reoffer(launch, terms)
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// A launch.
		pub fn launch_of(launch: LaunchId) -> Option<Launch> {
			Launches::<T>::get(launch)
		}

		/// The launches that are not over, at most [`MAX_LIVE`](crate::MAX_LIVE).
		pub fn live() -> Vec<(LaunchId, Launch)> {
			let planned = Announcements::<T>::get().into_iter().chain(Agenda::<T>::get());
			let found = planned.map(|(_, id)| Some((id, Launches::<T>::get(id)?)));
			found.flatten().collect()
		}

		/// The launches whose quotas can be used now, with what they offer.
		pub fn redeemable() -> Vec<(LaunchId, Offer)> {
			let now = T::Calendar::now();
			let live = Self::live().into_iter();
			let is_redeemable = |launch: &Launch| {
				matches!(launch.stage, Stage::Allocated(_)) && now < launch.offer.expires_at
			};
			live.filter(|(_, launch)| is_redeemable(launch))
				.map(|(id, launch)| (id, launch.offer))
				.collect()
		}

		/// What a launch offers, or offered.
		pub fn offer(launch: LaunchId) -> Option<Offer> {
			<Self as Quotas<_>>::offer(launch)
		}

		/// What `who` has to do with a launch.
		pub fn subscription(launch: LaunchId, who: T::AccountId) -> Option<Subscription> {
			Subscriptions::<T>::get(launch, who)
		}

		/// What `who` has claimed of a launch at `relay`.
		pub fn claimed(launch: LaunchId, who: T::AccountId, relay: RelayId) -> Option<Claim> {
			Subscriptions::<T>::get(launch, who)?.claim_at(relay).copied()
		}

		/// The units of a launch that `who` can use at `relay`, or could use just now: as many as that
		/// relay's batches may use. None where nothing was claimed there.
		pub fn usable(launch: LaunchId, who: T::AccountId, relay: RelayId) -> Units {
			let is_used =
				Launches::<T>::get(launch).is_some_and(|launch| Self::may_be_used(&launch));
			let claim = Self::claimed(launch, who, relay).filter(|_| is_used);
			claim.map_or(0, |claim| claim.left())
		}

		/// What `who` is given of a launch whose quota is divided, until it expires. It can be claimed,
		/// beside what has been.
		pub fn allocation(launch: LaunchId, who: T::AccountId) -> Option<Units> {
			let Subscription { place, .. } = Subscriptions::<T>::get(launch, who)?;
			Self::given(launch, &Launches::<T>::get(launch)?, place)
		}
	}
}
