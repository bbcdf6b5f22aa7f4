//! What happened.

use frame_support::pallet_macros::pallet_section;

/// The part of the pallet that declares its events.
#[pallet_section]
mod events {
	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An account has added to a purse.
		ToppedUp {
			/// Whose balance.
			who: T::AccountId,
			/// The relay that may charge it.
			relay: RelayId,
			/// µCRED added.
			amount: Credits,
		},
		/// A part of a purse thaws; all that thaws in it may be withdrawn from `thaw_at` on.
		Thawing {
			/// Whose balance.
			who: T::AccountId,
			/// The relay that may charge it.
			relay: RelayId,
			/// µCRED that began to thaw.
			amount: Credits,
			/// When all that thaws may be withdrawn.
			thaw_at: Moment,
		},
		/// What was thawing is free again.
		ThawCancelled {
			/// Whose balance.
			who: T::AccountId,
			/// The relay that may charge it.
			relay: RelayId,
			/// µCRED that is free again.
			amount: Credits,
		},
		/// What has thawed was withdrawn.
		Withdrawn {
			/// Whose balance.
			who: T::AccountId,
			/// The relay that may charge it.
			relay: RelayId,
			/// µCRED withdrawn.
			amount: Credits,
		},
		/// A purse has a new daily limit.
		DailyLimitSet {
			/// Whose purse.
			who: T::AccountId,
			/// The relay that may charge it.
			relay: RelayId,
			/// The most µCRED that may be charged in a day, for what is served from now on.
			limit: Credits,
		},
		/// An account has revoked all its API keys, and all its purses thaw. Relays may still collect
		/// what they served before.
		KeysRevoked {
			/// The account.
			who: T::AccountId,
			/// The epoch that new keys must name.
			key_epoch: u32,
			/// When what is left may be withdrawn.
			thaw_at: Moment,
		},
		/// Somebody has filled a purse for the calls of another.
		Sponsored {
			/// Whose calls.
			who: T::AccountId,
			/// The relay that may charge it.
			relay: RelayId,
			/// µCRED that are free in it.
			free: Credits,
		},
		/// Nothing more is served from a sponsored purse. Its relay may still collect what it served
		/// before.
		SponsorshipEnded {
			/// Whose calls it paid.
			who: T::AccountId,
			/// The relay that may charge it.
			relay: RelayId,
			/// When what is left may return to who filled it.
			thaw_at: Moment,
		},
		/// What was left in a sponsored purse has returned to who filled it, and the purse is closed.
		SponsorshipReturned {
			/// Whose calls it paid.
			who: T::AccountId,
			/// The relay that could charge it.
			relay: RelayId,
			/// µCRED returned.
			amount: Credits,
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
		/// A relay's bond is complete again.
		RelayBonded {
			/// The relay.
			relay: RelayId,
			/// µCRED added.
			added: Credits,
		},
		/// An attestor's bond is complete again.
		AttestorBonded {
			/// The attestor.
			attestor: AttestorId,
			/// µCRED added.
			added: Credits,
		},
		/// The providers' cost of what a relay serves is paid to somebody else.
		PayeeSet {
			/// The relay.
			relay: RelayId,
			/// Who is paid.
			payee: T::AccountId,
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
		/// A batch was proven wrong: its accounts have back what it charged.
		BatchReversed {
			/// The relay.
			relay: RelayId,
			/// The batch's place in the relay's log.
			sequence: u64,
			/// What the relay and the attestors signed.
			hash: H256,
			/// µCRED given back.
			charge: Credits,
		},
		/// A relay was proven to have posted a wrong batch, or to have signed two for one place. It is
		/// suspended, and its bond is gone: half to the reporter, half to the Risk Reserve Fund.
		RelayPunished {
			/// The relay.
			relay: RelayId,
			/// µCRED of its bond.
			slashed: Credits,
			/// Who proved it.
			reporter: T::AccountId,
		},
		/// An attestor was proven to have signed two batches for one place. Its signatures no longer
		/// count, and its bond is gone as a relay's is.
		AttestorPunished {
			/// The attestor.
			attestor: AttestorId,
			/// µCRED of its bond.
			slashed: Credits,
			/// Who proved it.
			reporter: T::AccountId,
		},
		/// A challenge proved nothing, and its stake went to the Risk Reserve Fund.
		ChallengeFailed {
			/// Who challenged.
			challenger: T::AccountId,
			/// The relay.
			relay: RelayId,
			/// The challenged batch's place in the relay's log.
			sequence: u64,
			/// Why it proves nothing.
			flaw: Flaw,
			/// µCRED lost.
			stake: Credits,
		},
		/// What was owed is paid.
		Claimed {
			/// Who was paid.
			who: T::AccountId,
			/// µCRED paid.
			amount: Credits,
		},
	}
}
