//! A scarce model is launched, divided among those who have staked, and served against their quotas, on
//! the real runtime.

use std::slice::from_ref;

use l_exchange_runtime::{Compute, Launchpad, Runtime};
use lx_primitives::{
	units::{Balance, CRED, CRED_ASSET, LCO},
	Claim, Leaf, ModelId, Moment, Payment, Rates, RelayId, Tier, Units, Usage,
};
use pallet_compute::{Fraud, Relays};
use pallet_launchpad::{Call, Error, Stage, Terms};
use pallet_whale_voting::Origin;
use scenarios::{
	dispute::{Dispute, CALLERS},
	relay::{self, Relay},
	whales::{by_guardian, mine, DAY},
};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	AccountId32, DispatchResult,
};

const EVE: Sr25519Keyring = CALLERS[0];
const ONE: Sr25519Keyring = CALLERS[1];

const TOTAL: Units = 160_000;

/// What the callers are given of that.
const GIVEN: [Units; 2] = [150_000, 10_000];

/// What things take, in ms: there are blocks of two seconds in between.
const A_WHILE: Moment = 60_000;

fn tokens(input: Balance, cached_input: Balance, output: Balance) -> Rates {
	Rates::Tokens { input, cached_input, output }
}

fn output(output: u32) -> Usage {
	Usage::Tokens { input: 0, cached_input: 0, output }
}

fn terms(now: Moment) -> Terms {
	let snapshot_at = now + DAY + A_WHILE;
	Terms {
		list: tokens(5_000_000, 2_500_000, 20_000_000),
		cost: tokens(3_000_000, 1_500_000, 12_000_000),
		snapshot_at,
		opens_at: snapshot_at,
		closes_at: snapshot_at + A_WHILE,
		expires_at: snapshot_at + 3 * A_WHILE,
	}
}

fn scarce() -> ModelId {
	b"scarce".to_vec().try_into().expect("the name is short")
}

fn submit(dispute: &mut Dispute, who: Sr25519Keyring, call: Call<Runtime>) -> DispatchResult {
	dispute.chain.submit(who, Some(CRED_ASSET), call).expect("it is valid")
}

fn stake(dispute: &mut Dispute, who: Sr25519Keyring, lco: Balance) {
	mine(&mut dispute.chain, who, lco + 10);
	let stake = pallet_staking_tiers::Call::<Runtime>::stake { amount: lco * LCO };
	let staked = dispute.chain.submit(who, Some(CRED_ASSET), stake).expect("it is valid");
	staked.expect("so much was mined");
}

fn wait_until(dispute: &mut Dispute, time: Moment) {
	let now = dispute.chain.with(relay::now);
	dispute.chain.wait(time.saturating_sub(now));
}

/// Launch 0 is open. Eve's stake weighs fifteen times as much as One's.
fn opened() -> (Dispute, Terms) {
	let mut dispute = Dispute::new();
	stake(&mut dispute, EVE, 50_000);
	stake(&mut dispute, ONE, 10_000);
	let terms = terms(dispute.chain.with(relay::now));
	let launch = Call::<Runtime>::launch { model: scarce(), total: TOTAL, terms };
	by_guardian(&mut dispute.chain, Origin::Parameters, launch).expect("it is announced in time");
	wait_until(&mut dispute, terms.opens_at);
	(dispute, terms)
}

/// Both can claim what they are given.
fn divided() -> (Dispute, Terms) {
	let (mut dispute, terms) = opened();
	for who in CALLERS {
		submit(&mut dispute, who, Call::subscribe { launch: 0, units: TOTAL }).unwrap();
	}
	wait_until(&mut dispute, terms.closes_at);
	(dispute, terms)
}

/// Both have claimed what they were given at the development relay.
fn claimed() -> (Dispute, Terms) {
	let (mut dispute, terms) = divided();
	for (who, units) in CALLERS.into_iter().zip(GIVEN) {
		claim(&mut dispute, who, 0, units).unwrap();
	}
	(dispute, terms)
}

fn claim(
	dispute: &mut Dispute,
	who: Sr25519Keyring,
	relay: RelayId,
	units: Units,
) -> DispatchResult {
	submit(dispute, who, Call::claim { launch: 0, relay, units })
}

/// What `who` has claimed at a relay.
fn at(dispute: &mut Dispute, relay: RelayId, who: Sr25519Keyring) -> Claim {
	let who = who.to_account_id();
	dispute.chain.with(|| Launchpad::claimed(0, who, relay)).expect("it was claimed")
}

/// A second relay, with the same key, at which One has a purse.
fn second_relay(dispute: &mut Dispute) -> Relay {
	dispute.chain.with(|| {
		let first = Relays::<Runtime>::get(0).expect("it is there from the beginning");
		pallet_compute::NextRelayId::<Runtime>::put(2);
		Relays::<Runtime>::insert(1, pallet_compute::Relay { bond: 0, ..first });
	});
	let top_up = pallet_compute::Call::<Runtime>::top_up { relay: 1, amount: CRED };
	let filled = dispute.chain.submit(ONE, Some(CRED_ASSET), top_up).expect("it is valid");
	filled.expect("so much is left");
	Relay::numbered(1)
}

/// A call of the scarce model by `who`, as the relay makes it.
fn call(dispute: &mut Dispute, who: Sr25519Keyring, usage: Usage) -> Leaf<AccountId32> {
	let account = who.to_account_id();
	let (time, tier, offer) = dispute.chain.with(|| {
		let offer = Launchpad::offer(0).expect("it was launched");
		(relay::now(), Compute::tier(account.clone()), offer)
	});
	let leaf = dispute.relay.call(account, (0, offer.price), usage, time);
	let charge = offer.price.charge(&usage, tier).expect("the usage is of the price's kind");
	Leaf { model: scarce(), payment: Payment::Quota(0), tier, charge, ..leaf }
}

/// A batch of these calls is kept out of every block, with this code, and the log stays where it is.
fn assert_refused(dispute: &mut Dispute, calls: &[Leaf<AccountId32>], code: u8) {
	let log = dispute.relay.clone();
	assert_refused_by(dispute, log, calls, code);
}

/// The same of another relay's log.
fn assert_refused_by(dispute: &mut Dispute, mut log: Relay, calls: &[Leaf<AccountId32>], code: u8) {
	let batch = dispute.chain.with(|| log.batch(calls));
	let refused = TransactionValidityError::Invalid(InvalidTransaction::Custom(code));
	assert_eq!(dispute.post_batch(batch), Err(refused));
}

#[test]
fn a_quota_is_divided_by_stake_and_used_through_the_relay() {
	let (mut dispute, terms) = claimed();
	let given = CALLERS.map(|who| {
		dispute.chain.with(|| Launchpad::allocation(0, who.to_account_id())).expect("it is divided")
	});
	assert_eq!(given, GIVEN);

	let before = dispute.purses()[1].0;
	let made = call(&mut dispute, ONE, output(6_000));
	// 6,000 tokens at 20 µCRED, of which Lv3 pays 85 %.
	assert_eq!((made.tier, made.charge, made.cost), (Tier::Lv3, 102_000, 72_000));
	dispute.post(&[made]);
	assert_eq!(dispute.purses()[1].0, before - 102_000);
	assert_eq!(at(&mut dispute, 0, ONE), Claim { relay: 0, units: 10_000, used: 6_000 });

	let more = call(&mut dispute, ONE, output(4_001));
	assert_refused(&mut dispute, &[more], 47);
	let other = Leaf { payment: Payment::Quota(1), ..call(&mut dispute, ONE, output(1)) };
	assert_refused(&mut dispute, &[other], 45);

	// The last moment is served, and posted when it is over.
	wait_until(&mut dispute, terms.expires_at - 2_000);
	let last = call(&mut dispute, ONE, output(4_000));
	wait_until(&mut dispute, terms.expires_at);
	dispute.post(&[last]);
	assert_eq!(at(&mut dispute, 0, ONE).left(), 0);
}

#[test]
fn no_relay_serves_what_another_is_paid_for() {
	let (mut dispute, _) = divided();
	let mut second = second_relay(&mut dispute);
	let unknown = claim(&mut dispute, ONE, 2, 1);
	assert_eq!(unknown, Err(Error::<Runtime>::RelayNotActive.into()));
	claim(&mut dispute, ONE, 0, 6_000).unwrap();

	let there = call(&mut dispute, ONE, output(4_000));
	assert_refused_by(&mut dispute, second.clone(), from_ref(&there), 45);
	let more = claim(&mut dispute, ONE, 1, 4_001);
	assert_eq!(more, Err(Error::<Runtime>::ClaimTooLarge.into()));
	claim(&mut dispute, ONE, 1, 4_000).unwrap();

	// Both serve to the last unit before either has posted, and both are paid.
	let here = call(&mut dispute, ONE, output(6_000));
	let beyond = [here.clone(), call(&mut dispute, ONE, output(1))];
	assert_refused(&mut dispute, &beyond, 47);
	dispute.post(&[here]);
	let batch = dispute.chain.with(|| second.batch(&[there]));
	dispute.post_batch(batch).expect("it is valid").expect("it succeeds");
	let left = [0, 1].map(|relay| at(&mut dispute, relay, ONE).left());
	assert_eq!(left, [0, 0]);
}

#[test]
fn a_quota_is_used_by_whoever_has_claimed_it_and_in_time() {
	let (mut dispute, terms) = divided();
	claim(&mut dispute, EVE, 0, GIVEN[0]).unwrap();
	let others = call(&mut dispute, ONE, output(1));
	assert_refused(&mut dispute, std::slice::from_ref(&others), 45);
	claim(&mut dispute, ONE, 0, GIVEN[1]).unwrap();
	// It was made in time, and relays may collect for two minutes after the expiry.
	wait_until(&mut dispute, terms.expires_at + 125_000);
	assert_refused(&mut dispute, &[others], 46);
	assert_eq!(at(&mut dispute, 0, ONE).left(), GIVEN[1]);
}

#[test]
fn only_lv3_subscribes_once_and_in_time() {
	let (mut dispute, terms) = opened();
	let subscribe = |units| Call::<Runtime>::subscribe { launch: 0, units };
	// Dave has challenged, and staked nothing.
	let dave = Sr25519Keyring::Dave;
	let low = submit(&mut dispute, dave, subscribe(1));
	assert_eq!(low, Err(Error::<Runtime>::TierTooLow.into()));
	submit(&mut dispute, ONE, subscribe(1)).unwrap();
	let again = submit(&mut dispute, ONE, subscribe(1));
	assert_eq!(again, Err(Error::<Runtime>::AlreadySubscribed.into()));
	wait_until(&mut dispute, terms.closes_at);
	let late = submit(&mut dispute, EVE, subscribe(1));
	assert_eq!(late, Err(Error::<Runtime>::WindowOver.into()));
}

#[test]
fn what_is_served_without_a_quota_is_reversed() {
	let (mut dispute, _) = claimed();
	let calls = [
		Leaf { payment: Payment::Purse, ..call(&mut dispute, EVE, output(1_000)) },
		call(&mut dispute, ONE, output(1_000)),
	];
	let wrong = dispute.chain.with(|| dispute.relay.batch(&calls));
	dispute.expect_reversal(wrong, Fraud::WrongPrice(relay::proof(&calls, 0)));
	assert_eq!(at(&mut dispute, 0, ONE).used, 0);
}

#[test]
fn what_is_left_is_offered_again() {
	let (mut dispute, terms) = claimed();
	let made = call(&mut dispute, EVE, output(60_000));
	dispute.post(&[made]);
	let reoffer = |dispute: &mut Dispute| {
		let terms = self::terms(dispute.chain.with(relay::now));
		let reoffer = Call::<Runtime>::reoffer { launch: 0, terms };
		by_guardian(&mut dispute.chain, Origin::Parameters, reoffer)
	};
	wait_until(&mut dispute, terms.expires_at);
	assert_eq!(reoffer(&mut dispute), Err(Error::<Runtime>::NotOver.into()));
	// Relays may collect for two minutes at least, however short the calendar's hours are.
	dispute.chain.wait(130_000);
	reoffer(&mut dispute).expect("it is over");
	let again = dispute.chain.with(|| Launchpad::launch_of(1)).expect("it is announced");
	assert_eq!((again.total, again.stage), (TOTAL - 60_000, Stage::Announced));
	for who in CALLERS {
		let release = Call::release { launch: 0, who: who.to_account_id() };
		submit(&mut dispute, Sr25519Keyring::Dave, release).unwrap();
	}
}
