//! A relay with something to lose, two accounts that call it, and one who watches it.

use l_exchange_runtime::{
	configs::{RevenueAccount, RiskReserveAccount},
	Assets, Mining, Runtime, RuntimeEvent,
};
use lx_primitives::{
	merkle_sum::Node,
	units::{Balance, CRED, CRED_ASSET, USDT},
	Batch, Credits, Header, Leaf, Price,
};
use pallet_compute::{Call, Error, Event, Fraud, Relay as Registered, RelayStatus};
use sp_keyring::Sr25519Keyring::{self, Dave, Eve, Ferdie, One};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	AccountId32,
};

use crate::{
	money::{buy_credits, deposit, purse, top_up},
	relay::{self, Relay, TEN_DOLLARS},
	Chain, Outcome, PAST_THE_WINDOW,
};

/// The accounts that call the relay.
pub const CALLERS: [Sr25519Keyring; 2] = [Eve, One];

/// What each of them has at the relay.
pub const PURSE: Credits = 50 * CRED;

/// What the relay stands to lose.
pub const BOND: Credits = 10_000 * CRED;

/// What a challenge stakes.
pub const STAKE: Credits = 100 * CRED;

/// Who watches.
pub const CHALLENGER: Sr25519Keyring = Dave;

/// A development chain with a bonded relay.
pub struct Dispute {
	/// The chain.
	pub chain: Chain,
	/// The relay's log.
	pub relay: Relay,
	price: (u32, Price),
}

impl Dispute {
	/// Its batches can be challenged in the block after theirs, and are final soon.
	#[allow(clippy::new_without_default)]
	pub fn new() -> Self {
		let mut chain = Chain::development();
		for (who, amount) in [(Ferdie, 10_010), (Dave, 1_010), (Eve, 60), (One, 60)] {
			deposit(&mut chain, who, amount * USDT, format!("for-{who}").as_bytes());
			buy_credits(&mut chain, who, (amount - 1) * USDT);
		}
		let bond = Call::<Runtime>::bond_relay { relay: 0 };
		chain.submit(Ferdie, Some(CRED_ASSET), bond).expect("it is valid").expect("it succeeds");
		for who in CALLERS {
			top_up(&mut chain, who, PURSE);
		}
		let price = relay::price(&mut chain);
		Self { chain, relay: Relay::default(), price }
	}

	/// A call of $10 by `who`, made now.
	pub fn call(&mut self, who: Sr25519Keyring) -> Leaf<AccountId32> {
		let time = self.chain.with(relay::now);
		self.relay.call(who.to_account_id(), self.price, TEN_DOLLARS, time)
	}

	/// One call of each caller.
	pub fn calls(&mut self) -> Vec<Leaf<AccountId32>> {
		CALLERS.map(|who| self.call(who)).to_vec()
	}

	/// Posts a batch of `calls`, whatever they say.
	pub fn post(&mut self, calls: &[Leaf<AccountId32>]) -> Batch<AccountId32> {
		let batch = self.chain.with(|| self.relay.batch(calls));
		self.post_batch(batch.clone()).expect("it is valid").expect("it succeeds");
		batch
	}

	/// Posts a batch.
	pub fn post_batch(&mut self, batch: Batch<AccountId32>) -> Outcome {
		let post = self.chain.with(|| relay::post(batch, &[0, 1]));
		self.chain.submit_general(post)
	}

	/// Dave challenges a batch of the relay.
	pub fn challenge(&mut self, sequence: u64, fraud: Fraud<AccountId32>) -> Outcome {
		let challenge = Call::<Runtime>::challenge { relay: 0, sequence, fraud };
		self.chain.submit(CHALLENGER, Some(CRED_ASSET), challenge)
	}

	/// What each caller has free and pending.
	pub fn purses(&mut self) -> [(Credits, Credits); 2] {
		CALLERS.map(|who| {
			let purse = purse(&mut self.chain, &who.to_account_id());
			(purse.free, purse.pending)
		})
	}

	/// The CRED of `who`.
	pub fn credits(&mut self, who: &AccountId32) -> Balance {
		self.chain.with(|| Assets::balance(CRED_ASSET, who))
	}

	/// The CRED of the Risk Reserve Fund.
	pub fn reserve(&mut self) -> Balance {
		self.credits(&RiskReserveAccount::get())
	}

	/// What the challenger has and has paid as the fee of the last block.
	pub fn challengers(&mut self) -> Balance {
		let left = self.credits(&CHALLENGER.to_account_id());
		let fees = self.chain.events().iter().map(|event| match event {
			RuntimeEvent::AssetTxPayment(pallet_asset_tx_payment::Event::AssetTxFeePaid {
				who,
				actual_fee,
				..
			}) if *who == CHALLENGER.to_account_id() => *actual_fee,
			_ => 0,
		});
		left + fees.sum::<Balance>()
	}

	/// The relay's registration.
	pub fn registered(&mut self) -> Registered<AccountId32> {
		self.chain
			.with(|| pallet_compute::Relays::<Runtime>::get(0))
			.expect("the relay is registered")
	}

	/// Whether the last block has this event.
	pub fn has(&self, event: Event<Runtime>) -> bool {
		self.chain.events().contains(&RuntimeEvent::Compute(event))
	}

	/// Posts a batch that is wrong, proves it, and expects all that follows.
	pub fn expect_reversal(&mut self, wrong: Batch<AccountId32>, fraud: Fraud<AccountId32>) {
		let (before, had) = (self.purses(), self.credits(&CHALLENGER.to_account_id()));
		let Header { sequence, root: Node { charge, .. }, .. } = wrong.header;
		let hash = self.chain.with(|| wrong.header.hash(&relay::genesis_hash()));
		self.post_batch(wrong).expect("it is valid").expect("the quorum has signed it");
		let taken = self.purses().iter().map(|(_, pending)| pending).sum::<Credits>();
		assert_eq!(taken, charge, "posting charges at once");

		self.challenge(sequence, fraud.clone()).expect("it is valid").expect("it is proven");
		assert!(self.has(Event::BatchReversed { relay: 0, sequence, hash, charge }));
		assert_eq!(self.purses(), before, "each caller has back what was charged");
		assert_eq!(self.challengers(), had + BOND / 2, "the stake is back, and half of the bond");
		self.expect_punished_relay();

		let settled = self.settled();
		self.chain.wait(2 * PAST_THE_WINDOW);
		assert_eq!(self.settled(), settled, "nothing is mined or earned by it");
		let again = self.challenge(sequence, fraud).expect("it is valid");
		assert_eq!(again, Err(Error::<Runtime>::NotPending.into()));
	}

	/// Expects that the relay has lost its bond and cannot post.
	pub fn expect_punished_relay(&mut self) {
		let reporter = CHALLENGER.to_account_id();
		assert!(self.has(Event::RelayPunished { relay: 0, slashed: BOND, reporter }));
		assert_eq!(self.reserve(), BOND / 2);
		let relay = self.registered();
		assert_eq!((relay.status, relay.bond), (RelayStatus::Suspended, 0));
		let honest = self.calls();
		let batch = self.chain.with(|| self.relay.batch(&honest));
		let not_active = TransactionValidityError::Invalid(InvalidTransaction::Custom(1));
		assert_eq!(self.post_batch(batch), Err(not_active));
	}

	/// The LCO that were ever mined, and the CRED that the platform has earned.
	pub fn settled(&mut self) -> (Balance, Credits) {
		(self.chain.with(Mining::minted), self.credits(&RevenueAccount::get()))
	}
}
