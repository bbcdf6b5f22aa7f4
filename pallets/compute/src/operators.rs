//! Relays, attestors and the quorum.

use frame_support::{
	ensure,
	pallet_prelude::{DispatchResult, Zero},
	traits::Get,
};
use lx_primitives::{
	traits::{ActiveRelays, Calendar},
	Credits, Moment, RelayId,
};
use sp_core::{sr25519, H256};
use sp_runtime::{traits::EnsureAdd, DispatchError};

use crate::{
	Attestor, AttestorId, AttestorQuorum, Attestors, Config, Error, Event, GenesisConfig, Members,
	NextAttestorId, NextRelayId, Pallet, QueueHead, QueueTail, Quorum, Relay, RelayStatus, Relays,
};

impl<T: Config> ActiveRelays for Pallet<T> {
	fn is_active(relay: RelayId) -> bool {
		Self::active_relay(relay).is_ok()
	}
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_register_relay(
		operator: T::AccountId,
		key: sr25519::Public,
	) -> DispatchResult {
		let bond = T::RelayBond::get();
		Self::take_from(&operator, bond)?;
		// Nobody can prove that a provider was paid: whoever is not trusted sends his bills.
		let payee = T::RevenueAccount::get();
		let relay = Self::add_relay(operator.clone(), payee, key, bond, RelayStatus::Registered)?;
		Self::deposit_event(Event::RelayRegistered { relay, operator, key, bond });
		Ok(())
	}

	pub(crate) fn do_set_relay_status(relay: RelayId, status: RelayStatus) -> DispatchResult {
		ensure!(
			matches!(status, RelayStatus::Active | RelayStatus::Suspended),
			Error::<T>::InvalidStatus
		);
		Relays::<T>::try_mutate(relay, |info| {
			let info = info.as_mut().ok_or(Error::<T>::UnknownRelay)?;
			ensure!(info.status != RelayStatus::Retiring, Error::<T>::InvalidStatus);
			let has_bond = info.bond >= T::RelayBond::get();
			ensure!(has_bond || status == RelayStatus::Suspended, Error::<T>::NotBonded);
			info.status = status;
			Ok::<_, Error<T>>(())
		})?;
		Self::deposit_event(Event::RelayStatusSet { relay, status });
		Ok(())
	}

	pub(crate) fn do_retire_relay(operator: T::AccountId, relay: RelayId) -> DispatchResult {
		let mut info = Relays::<T>::get(relay).ok_or(Error::<T>::UnknownRelay)?;
		ensure!(info.operator == operator, Error::<T>::NotOperator);
		if info.status == RelayStatus::Retiring {
			let is_over = T::Calendar::now() >= info.bonded_until;
			ensure!(is_over && info.pending_batches.is_zero(), Error::<T>::StillBonded);
			Relays::<T>::remove(relay);
			Self::pay(&operator, info.bond);
			Self::deposit_event(Event::RelayRetired { relay, bond: info.bond });
		} else {
			info.status = RelayStatus::Retiring;
			info.bonded_until = Self::bonded_until();
			Relays::<T>::insert(relay, info);
			Self::deposit_event(Event::RelayStatusSet { relay, status: RelayStatus::Retiring });
		}
		Ok(())
	}

	pub(crate) fn do_set_payee(relay: RelayId, payee: T::AccountId) -> DispatchResult {
		Relays::<T>::try_mutate(relay, |info| {
			info.as_mut().ok_or(Error::<T>::UnknownRelay)?.payee = payee.clone();
			Ok::<_, Error<T>>(())
		})?;
		Self::deposit_event(Event::PayeeSet { relay, payee });
		Ok(())
	}

	/// How long one that leaves now answers for what it has signed.
	fn bonded_until() -> Moment {
		T::Calendar::now().saturating_add(T::UnbondingDelay::get())
	}

	pub(crate) fn do_register_attestor(
		operator: T::AccountId,
		key: sr25519::Public,
	) -> DispatchResult {
		let bond = T::AttestorBond::get();
		Self::take_from(&operator, bond)?;
		let attestor = Self::add_attestor(operator.clone(), key, bond)?;
		Self::deposit_event(Event::AttestorRegistered { attestor, operator, key, bond });
		Ok(())
	}

	pub(crate) fn do_retire_attestor(
		operator: T::AccountId,
		attestor: AttestorId,
	) -> DispatchResult {
		let info = Attestors::<T>::get(attestor).ok_or(Error::<T>::UnknownAttestor)?;
		ensure!(info.operator == operator, Error::<T>::NotOperator);
		ensure!(!Quorum::<T>::get().members.contains(&attestor), Error::<T>::AttestorNeeded);
		ensure!(QueueHead::<T>::get() >= info.signed_until, Error::<T>::AttestorNeeded);
		ensure!(T::Calendar::now() >= info.bonded_until, Error::<T>::StillBonded);
		Attestors::<T>::remove(attestor);
		Self::pay(&operator, info.bond);
		Self::deposit_event(Event::AttestorRetired { attestor, bond: info.bond });
		Ok(())
	}

	pub(crate) fn do_set_quorum(mut members: Members, threshold: u32) -> DispatchResult {
		members.sort();
		let current = Quorum::<T>::get().members;
		let required = T::AttestorBond::get();
		Self::ensure_quorum(&members, threshold, |id, attestor| {
			let stays = current.contains(&id) && !attestor.is_suspended;
			stays || attestor.bond >= required
		})?;
		// What a leaving member has signed may still be queued, or be found out.
		let (tail, bonded_until) = (QueueTail::<T>::get(), Self::bonded_until());
		for leaving in current.iter().filter(|id| !members.contains(id)) {
			Attestors::<T>::mutate_extant(leaving, |attestor| {
				attestor.signed_until = tail;
				attestor.bonded_until = bonded_until;
			});
		}
		for member in &members {
			Attestors::<T>::mutate_extant(member, |attestor| attestor.is_suspended = false);
		}
		Quorum::<T>::put(AttestorQuorum { members: members.clone(), threshold });
		Self::deposit_event(Event::QuorumSet { members, threshold });
		Ok(())
	}

	pub(crate) fn do_bond_relay(who: T::AccountId, relay: RelayId) -> DispatchResult {
		let mut info = Relays::<T>::get(relay).ok_or(Error::<T>::UnknownRelay)?;
		ensure!(info.operator == who, Error::<T>::NotOperator);
		let added = Self::raise_bond(&who, &mut info.bond, T::RelayBond::get())?;
		Relays::<T>::insert(relay, info);
		Self::deposit_event(Event::RelayBonded { relay, added });
		Ok(())
	}

	pub(crate) fn do_bond_attestor(who: T::AccountId, id: AttestorId) -> DispatchResult {
		let mut info = Attestors::<T>::get(id).ok_or(Error::<T>::UnknownAttestor)?;
		ensure!(info.operator == who, Error::<T>::NotOperator);
		let added = Self::raise_bond(&who, &mut info.bond, T::AttestorBond::get())?;
		Attestors::<T>::insert(id, info);
		Self::deposit_event(Event::AttestorBonded { attestor: id, added });
		Ok(())
	}

	/// Raises a bond to what is required, and says by how much.
	fn raise_bond(
		who: &T::AccountId,
		bond: &mut Credits,
		required: Credits,
	) -> Result<Credits, DispatchError> {
		let missing = required.saturating_sub(*bond);
		ensure!(!missing.is_zero(), Error::<T>::BondComplete);
		Self::take_from(who, missing)?;
		*bond = required;
		Ok(missing)
	}

	/// Refuses a quorum that nobody's signatures would meet, one that names a key twice, and
	/// members that are not `is_bonded`.
	fn ensure_quorum(
		members: &Members,
		threshold: u32,
		is_bonded: impl Fn(AttestorId, &Attestor<T::AccountId>) -> bool,
	) -> DispatchResult {
		ensure!(threshold > 0 && threshold as usize <= members.len(), Error::<T>::InvalidThreshold);
		let mut keys = alloc::collections::BTreeSet::new();
		for id in members {
			let attestor = Attestors::<T>::get(id).ok_or(Error::<T>::UnknownAttestor)?;
			ensure!(is_bonded(*id, &attestor), Error::<T>::NotBonded);
			ensure!(keys.insert(attestor.key), Error::<T>::DuplicateMember);
		}
		Ok(())
	}

	fn add_relay(
		operator: T::AccountId,
		payee: T::AccountId,
		key: sr25519::Public,
		bond: Credits,
		status: RelayStatus,
	) -> Result<RelayId, DispatchError> {
		let id = NextRelayId::<T>::get();
		NextRelayId::<T>::put(id.ensure_add(1)?);
		let relay = Relay {
			operator,
			payee,
			key,
			bond,
			status,
			next_sequence: 0,
			last_batch: H256::zero(),
			pending_batches: 0,
			accountable_from: 0,
			bonded_until: 0,
		};
		Relays::<T>::insert(id, relay);
		Ok(id)
	}

	fn add_attestor(
		operator: T::AccountId,
		key: sr25519::Public,
		bond: Credits,
	) -> Result<AttestorId, DispatchError> {
		let id = NextAttestorId::<T>::get();
		NextAttestorId::<T>::put(id.ensure_add(1)?);
		let attestor = Attestor {
			operator,
			key,
			bond,
			is_suspended: false,
			signed_until: 0,
			accountable_from: 0,
			bonded_until: 0,
		};
		Attestors::<T>::insert(id, attestor);
		Ok(id)
	}

	/// Builds the genesis state; panics, naming the fault, where the configuration is not sound.
	pub(crate) fn build_genesis(genesis: &GenesisConfig<T>) {
		let check = |result: DispatchResult, what: &str| {
			assert!(result.is_ok(), "compute genesis: {what}: {result:?}");
		};
		for (operator, key) in &genesis.relays {
			let payee = operator.clone();
			let added = Self::add_relay(operator.clone(), payee, *key, 0, RelayStatus::Active);
			check(added.map(drop), "relay");
		}
		let mut members = Members::default();
		for (operator, key) in &genesis.attestors {
			let added = Self::add_attestor(operator.clone(), *key, 0).map(|id| {
				assert!(members.try_push(id).is_ok(), "compute genesis: too many attestors");
			});
			check(added, "attestor");
		}
		if genesis.threshold > 0 || !members.is_empty() {
			let threshold = genesis.threshold;
			check(Self::ensure_quorum(&members, threshold, |_, _| true), "quorum");
			Quorum::<T>::put(AttestorQuorum { members, threshold });
		}
	}
}
