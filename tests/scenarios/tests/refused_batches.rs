//! What an account allows is all that a batch can charge, however many have signed it; and how large
//! a batch may be.

use codec::{Decode, Encode};
use frame_support::{
	dispatch::{DispatchClass, GetDispatchInfo},
	traits::{fungibles::Mutate, tokens::Preservation, Authorize, PalletInfoAccess},
};
use l_exchange_runtime::{Assets, Compute, Runtime, RuntimeCall, RuntimeOrigin};
use lx_primitives::{
	call_log::MAX_LINES,
	merkle_sum::Node,
	pricing::Usage,
	units::{CRED, CRED_ASSET, LCO, USDT},
	Batch, Header, Leaf, Line, Payment,
};
use pallet_compute::{Call, MAX_QUORUM};
use scenarios::{
	dispute::{Dispute, CALLERS},
	money::{buy_credits, deposit, purse},
	relay::{self, lines, price, Relay},
	PAST_THE_WINDOW,
};
use sp_core::sr25519::Signature;
use sp_keyring::Sr25519Keyring::Dave;
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	AccountId32,
};

/// The index of `post_batch` among the pallet's calls.
const POST_BATCH: u8 = 11;

/// An hour of a development chain is short: this is as long as a purse thaws at least.
const PAST_THE_THAW: u64 = 130_000;

/// Expects a batch of these calls to be kept out of every block, with this code.
fn expect_refusal(dispute: &mut Dispute, calls: &[Leaf<AccountId32>], code: u8) {
	let before = dispute.purses();
	let batch = dispute.chain.with(|| Relay::default().batch(calls));
	let refused = TransactionValidityError::Invalid(InvalidTransaction::Custom(code));
	assert_eq!(dispute.post_batch(batch), Err(refused));
	assert_eq!(dispute.purses(), before);
}

#[test]
fn a_batch_beyond_what_an_account_allows_is_refused_whole() {
	let mut dispute = Dispute::new();
	let mut too_many = dispute.calls();
	too_many.extend((0..5).map(|_| dispute.call(CALLERS[0])).collect::<Vec<_>>());
	expect_refusal(&mut dispute, &too_many, 17);

	let limit = Call::<Runtime>::set_daily_limit { relay: 0, limit: 15 * CRED };
	let fee = Some(CRED_ASSET);
	dispute.chain.submit(CALLERS[0], fee, limit).unwrap().unwrap();
	// The relay may still collect what it served before.
	dispute.chain.wait(PAST_THE_THAW);
	let mut over_the_limit = dispute.calls();
	over_the_limit.push(dispute.call(CALLERS[0]));
	expect_refusal(&mut dispute, &over_the_limit, 18);
	let within = dispute.calls();
	dispute.post(&within);
}

#[test]
fn what_was_served_before_a_revocation_is_collected_and_nothing_after() {
	let mut dispute = Dispute::new();
	let fee = Some(CRED_ASSET);
	let revoke = Call::<Runtime>::revoke_keys {};
	dispute.chain.submit(CALLERS[0], fee, revoke).unwrap().unwrap();
	let served_before = dispute.calls();
	dispute.post(&served_before);
	dispute.chain.wait(PAST_THE_THAW);
	let served_after = dispute.calls();
	let before = dispute.purses();
	let batch = dispute.chain.with(|| dispute.relay.batch(&served_after));
	let overcharge = TransactionValidityError::Invalid(InvalidTransaction::Custom(17));
	assert_eq!(dispute.post_batch(batch), Err(overcharge));
	assert_eq!(dispute.purses(), before);
}

/// So many accounts with a CRED each at the relay, paid for by Dave.
fn crowd(dispute: &mut Dispute, size: u32) -> Vec<AccountId32> {
	deposit(&mut dispute.chain, Dave, 5_010 * USDT, b"for-the-crowd");
	buy_credits(&mut dispute.chain, Dave, 5_009 * USDT);
	let crowd: Vec<_> = (0..size).map(account).collect();
	dispute.chain.with(|| {
		for who in &crowd {
			let all = Preservation::Expendable;
			let dave = Dave.to_account_id();
			<Assets as Mutate<_>>::transfer(CRED_ASSET, &dave, who, 2 * CRED, all).unwrap();
			Compute::top_up(RuntimeOrigin::signed(who.clone()), 0, CRED).unwrap();
		}
	});
	crowd
}

fn account(number: u32) -> AccountId32 {
	let mut bytes = [0xc0; 32];
	bytes[..4].copy_from_slice(&number.to_be_bytes());
	bytes.into()
}

/// A call of an account that costs half a CRED.
fn small_call(dispute: &mut Dispute, who: AccountId32) -> Leaf<AccountId32> {
	let price = price(&mut dispute.chain);
	let usage = Usage::Tokens { input: 0, cached_input: 0, output: 50_000 };
	let time = dispute.chain.with(relay::now);
	dispute.relay.call(who, price, usage, time)
}

#[test]
fn a_batch_at_the_size_limit_settles_and_one_above_cannot_be_said() {
	let mut dispute = Dispute::new();
	let crowd = crowd(&mut dispute, MAX_LINES + 1);
	let mut calls: Vec<_> = crowd.iter().map(|who| small_call(&mut dispute, who.clone())).collect();
	let too_many = lines(&calls);
	calls.pop();

	let batch = dispute.chain.with(|| dispute.relay.batch(&calls));
	let Call::post_batch { batch, relay_signature, signatures } =
		dispute.chain.with(|| relay::post(batch, &[0, 1]))
	else {
		panic!("it posts a batch");
	};
	// The same call as it is sent, with any number of lines.
	let sent = |lines: &[Line<AccountId32>]| {
		let signed = (relay_signature, signatures.clone());
		let indices = [Compute::index() as u8, POST_BATCH];
		(indices, batch.header, lines, signed).encode()
	};
	let fits = RuntimeCall::decode(&mut &sent(&batch.lines)[..]).unwrap();
	assert!(RuntimeCall::decode(&mut &sent(&too_many)[..]).is_err());

	dispute.chain.submit_general(fits).unwrap().unwrap();
	let before = dispute.settled();
	dispute.chain.wait(2 * PAST_THE_WINDOW);
	let charge = u128::from(MAX_LINES) * CRED / 2;
	let mined = charge / CRED * 10 * LCO;
	assert_eq!(dispute.settled(), (before.0 + mined, before.1 + charge * 4 / 10));
	for who in &crowd[..MAX_LINES as usize] {
		let purse = purse(&mut dispute.chain, who);
		assert_eq!((purse.free, purse.pending), (CRED / 2, 0));
	}
}

/// A relay would post it again and again, and none of its accounts would ever be charged.
#[test]
fn the_heaviest_batch_finds_room_in_a_block() {
	let line = |number| Line {
		account: account(number),
		payment: Payment::Quota(0),
		total: Node::default(),
	};
	let lines: Vec<_> = (0..MAX_LINES).map(line).collect();
	let nobodys = Signature::from_raw([0; 64]);
	let signatures: Vec<_> = (0..MAX_QUORUM).map(|attestor| (attestor, nobodys)).collect();
	let post = RuntimeCall::Compute(Call::post_batch {
		batch: Batch { header: Header::default(), lines: lines.try_into().unwrap() },
		relay_signature: nobodys,
		signatures: signatures.try_into().unwrap(),
	});
	let weight = post.get_dispatch_info().call_weight.saturating_add(post.weight_of_authorize());
	let limits = <Runtime as frame_system::Config>::BlockWeights::get();
	let most = limits.get(DispatchClass::Normal).max_extrinsic.unwrap();
	assert!(weight.all_lte(most), "{weight} of {most}");
}
