//! Deposit, buy Credits, call the API, mine LCO, redeem: the whitepaper's loop on the real runtime.

use frame_support::traits::{
	fungibles::{Inspect as _, Mutate as _},
	tokens::{Fortitude, Precision, Preservation},
};
use l_exchange_runtime::{AccountId, Assets, Balances, Mining, Psm, Runtime, RuntimeEvent, System};
use lx_primitives::units::{Balance, CRED, CRED_ASSET, LCO, USDT, USDT_ASSET};
use scenarios::{
	money::{buy_credits, deposit, purse, top_up},
	relay::{self, price, Relay, TEN_DOLLARS},
	Chain, PAST_THE_WINDOW,
};
use sp_keyring::Sr25519Keyring::{self, Charlie, Eve, Ferdie};
use sp_runtime::{
	transaction_validity::{InvalidTransaction, TransactionValidityError},
	Permill,
};

fn lco(chain: &mut Chain, who: &AccountId) -> Balance {
	chain.with(|| Balances::free_balance(who))
}

#[test]
fn ten_dollars_of_calls_mine_a_hundred_lco() {
	let mut chain = Chain::development();
	let mut relay = Relay::default();
	let eve = Eve.to_account_id();

	deposit(&mut chain, Eve, 100 * USDT, b"tx-1");
	buy_credits(&mut chain, Eve, 50 * USDT);
	top_up(&mut chain, Eve, 20 * CRED);
	assert_eq!(lco(&mut chain, &eve), 0, "nobody owns LCO before a call");

	let price = price(&mut chain);
	let call = relay.call(eve.clone(), price, TEN_DOLLARS, chain.with(relay::now));
	assert_eq!((call.charge, call.cost), (10 * CRED, 6 * CRED));
	let post = chain.with(|| relay::post(relay.batch(&[call]), &[0, 2]));
	chain.submit_general(post).unwrap().unwrap();

	let purse = purse(&mut chain, &eve);
	assert_eq!((purse.free, purse.pending), (10 * CRED, 10 * CRED), "posting charges at once");
	assert_eq!(lco(&mut chain, &eve), 0, "nothing is mined within the challenge window");

	chain.wait(PAST_THE_WINDOW);
	assert_eq!(lco(&mut chain, &eve), 100 * LCO);
	let (minted, issuance) = chain.with(|| (Mining::minted(), Balances::total_issuance()));
	assert_eq!((minted, issuance), (100 * LCO, 100 * LCO));

	let paid = |chain: &mut Chain, who| chain.with(|| Assets::balance(CRED_ASSET, &who));
	assert_eq!(paid(&mut chain, Ferdie.to_account_id()), 6 * CRED, "the provider's cost");
	let platform = l_exchange_runtime::configs::RevenueAccount::get();
	assert_eq!(paid(&mut chain, platform), 4 * CRED, "the platform's margin");
}

#[test]
fn a_batch_settles_once() {
	let mut chain = Chain::development();
	let mut relay = Relay::default();
	deposit(&mut chain, Eve, 100 * USDT, b"tx-1");
	buy_credits(&mut chain, Eve, 50 * USDT);
	top_up(&mut chain, Eve, 30 * CRED);

	let price = price(&mut chain);
	let call = relay.call(Eve.to_account_id(), price, TEN_DOLLARS, chain.with(relay::now));
	let post = chain.with(|| relay::post(relay.batch(&[call]), &[0, 1]));
	chain.submit_general(post.clone()).unwrap().unwrap();
	assert_eq!(
		chain.submit_general(post),
		Err(TransactionValidityError::Invalid(InvalidTransaction::Stale)),
	);

	chain.wait(PAST_THE_WINDOW);
	let purse = purse(&mut chain, &Eve.to_account_id());
	assert_eq!((purse.free, purse.pending), (20 * CRED, 0));
	assert_eq!(lco(&mut chain, &Eve.to_account_id()), 100 * LCO);
}

#[test]
fn one_attestor_is_not_a_quorum() {
	let mut chain = Chain::development();
	let mut relay = Relay::default();
	deposit(&mut chain, Eve, 100 * USDT, b"tx-1");
	buy_credits(&mut chain, Eve, 50 * USDT);
	top_up(&mut chain, Eve, 30 * CRED);

	let price = price(&mut chain);
	let call = relay.call(Eve.to_account_id(), price, TEN_DOLLARS, chain.with(relay::now));
	let post = chain.with(|| relay::post(relay.batch(&[call]), &[1]));
	assert!(chain.submit_general(post).is_err());
	chain.wait(PAST_THE_WINDOW);
	assert_eq!(lco(&mut chain, &Eve.to_account_id()), 0);
}

#[test]
fn credits_redeem_one_to_one() {
	let mut chain = Chain::development();
	deposit(&mut chain, Eve, 100 * USDT, b"tx-1");
	buy_credits(&mut chain, Eve, 50 * USDT);
	let eve = Eve.to_account_id();
	let before = chain.with(|| Assets::balance(USDT_ASSET, &eve));

	let redeem = pallet_psm::Call::<Runtime>::redeem {
		internal_asset: CRED_ASSET,
		external_asset: USDT_ASSET,
		internal_amount: 20 * CRED,
		max_fee: Permill::zero(),
	};
	chain.submit(Eve, Some(CRED_ASSET), redeem).unwrap().unwrap();
	assert_eq!(chain.with(|| Assets::balance(USDT_ASSET, &eve)), before + 20 * USDT);
}

#[test]
fn usdt_sent_to_the_peg_buys_nothing_and_every_credit_still_redeems() {
	let mut chain = Chain::development();
	deposit(&mut chain, Eve, 100 * USDT, b"tx-1");
	buy_credits(&mut chain, Eve, 50 * USDT);
	let peg = Psm::psm_account(&CRED_ASSET);
	let in_peg = |chain: &mut Chain| chain.with(|| Assets::balance(USDT_ASSET, &peg));

	let gift = pallet_assets::Call::<Runtime>::transfer {
		id: USDT_ASSET.into(),
		target: peg.clone().into(),
		amount: 7 * USDT,
	};
	chain.submit(Eve, Some(USDT_ASSET), gift).unwrap().unwrap();
	assert_eq!(in_peg(&mut chain), 57 * USDT);
	assert_eq!(chain.with(|| Assets::total_issuance(CRED_ASSET)), 50 * CRED);

	let redeem = pallet_psm::Call::<Runtime>::redeem {
		internal_asset: CRED_ASSET,
		external_asset: USDT_ASSET,
		internal_amount: 50 * CRED,
		max_fee: Permill::zero(),
	};
	chain.submit(Eve, Some(USDT_ASSET), redeem).unwrap().unwrap();
	assert_eq!(in_peg(&mut chain), 7 * USDT, "50 Credits were 50 USDT");
	let (credits, owed) = chain.with(|| {
		let owed = pallet_psm::PsmDebt::<Runtime>::get(CRED_ASSET, USDT_ASSET);
		(Assets::total_issuance(CRED_ASSET), owed)
	});
	assert_eq!((credits, owed), (0, 0));
}

#[test]
fn stale_reserves_stop_minting_and_never_redemption() {
	let mut chain = Chain::development();
	deposit(&mut chain, Eve, 100 * USDT, b"tx-1");
	buy_credits(&mut chain, Eve, 50 * USDT);
	// A day of the development calendar makes every report stale.
	chain.wait(90_000);

	let mint = pallet_psm::Call::<Runtime>::mint {
		internal_asset: CRED_ASSET,
		external_asset: USDT_ASSET,
		external_amount: USDT,
		max_fee: Permill::zero(),
	};
	let refused = chain.submit(Eve, Some(USDT_ASSET), mint).unwrap().unwrap_err();
	assert_eq!(refused, pallet_custody::Error::<Runtime>::ReservesStale.into());
	let redeem = pallet_psm::Call::<Runtime>::redeem {
		internal_asset: CRED_ASSET,
		external_asset: USDT_ASSET,
		internal_amount: 20 * CRED,
		max_fee: Permill::zero(),
	};
	chain.submit(Eve, Some(CRED_ASSET), redeem).unwrap().unwrap();
}

#[test]
fn one_custodian_cannot_credit_and_a_reference_credits_once() {
	let mut chain = Chain::development();
	deposit(&mut chain, Eve, 100 * USDT, b"tx-1");
	let attest = |reference: &[u8]| pallet_custody::Call::<Runtime>::attest_deposit {
		network: b"tron".to_vec().try_into().unwrap(),
		reference: reference.to_vec().try_into().unwrap(),
		account: Eve.to_account_id(),
		amount: 100 * USDT,
	};
	let again = chain.submit(Charlie, None, attest(b"tx-1"));
	assert!(!matches!(again, Ok(Ok(()))), "the reference was credited before");
	chain.submit(Charlie, None, attest(b"tx-2")).unwrap().unwrap();
	assert_eq!(chain.with(|| Assets::balance(USDT_ASSET, Eve.to_account_id())), 100 * USDT);
}

#[test]
fn a_user_without_lco_pays_fees_in_what_they_have() {
	let mut chain = Chain::development();
	deposit(&mut chain, Eve, 100 * USDT, b"tx-1");
	let remark = || frame_system::Call::<Runtime>::remark { remark: vec![0; 8] };
	assert_eq!(
		chain.submit(Eve, None, remark()),
		Err(TransactionValidityError::Invalid(InvalidTransaction::Payment)),
		"there is no LCO to pay with",
	);
	chain.submit(Eve, Some(USDT_ASSET), remark()).unwrap().unwrap();
	let left = chain.with(|| Assets::balance(USDT_ASSET, Eve.to_account_id()));
	assert!(left < 100 * USDT && left > 99 * USDT, "the fee is small: {left} left");
	let supply = chain.with(|| Assets::total_issuance(USDT_ASSET));
	assert_eq!(supply, 100 * USDT, "a fee moves USDT, it does not burn it");
	assert!(
		!chain.events().iter().any(|event| matches!(event, RuntimeEvent::Balances(_))),
		"LCO takes no part in it"
	);
}

#[test]
fn nobody_can_burn_credits_and_strand_their_usdt() {
	let mut chain = Chain::development();
	deposit(&mut chain, Eve, 100 * USDT, b"tx-1");
	buy_credits(&mut chain, Eve, 50 * USDT);
	let filtered = frame_system::Error::<Runtime>::CallFiltered.into();
	let touch = pallet_assets::Call::<Runtime>::touch { id: CRED_ASSET.into() };
	assert_eq!(chain.submit(Eve, Some(USDT_ASSET), touch), Ok(Err(filtered)));
	let refund = pallet_assets::Call::<Runtime>::refund { id: CRED_ASSET.into(), allow_burn: true };
	assert_eq!(chain.submit(Eve, Some(USDT_ASSET), refund), Ok(Err(filtered)));
	assert_eq!(chain.with(|| Assets::total_issuance(CRED_ASSET)), 50 * CRED);
}

#[test]
fn an_old_transaction_is_not_valid_in_an_accounts_next_life() {
	let mut chain = Chain::development();
	deposit(&mut chain, Eve, 100 * USDT, b"tx-1");
	// More transactions than blocks in its life: all of them in one block.
	let first = chain.with(|| System::account_nonce(Eve.to_account_id()));
	let burst: Vec<_> = (0u32..6)
		.map(|index| {
			chain.sign_as(Eve, first + index.into(), Some(USDT_ASSET), pay_ferdie().into())
		})
		.collect();
	for outcome in chain.block(burst.clone()) {
		outcome.unwrap().unwrap();
	}
	reap(&mut chain, Eve);

	// Anybody brings it back at once, with the smallest amount, and its owner funds it later.
	deposit(&mut chain, Eve, 1, b"tx-2");
	deposit(&mut chain, Eve, 100 * USDT, b"tx-3");
	for transaction in burst {
		assert_eq!(
			chain.submit_raw(transaction),
			Err(TransactionValidityError::Invalid(InvalidTransaction::Stale)),
		);
	}
	chain.submit(Eve, Some(USDT_ASSET), pay_ferdie()).unwrap().unwrap();
}

fn pay_ferdie() -> pallet_assets::Call<Runtime> {
	pallet_assets::Call::transfer {
		id: USDT_ASSET.into(),
		target: Ferdie.to_account_id().into(),
		amount: USDT,
	}
}

/// Takes all that `who` has.
fn reap(chain: &mut Chain, who: Sr25519Keyring) {
	let who = who.to_account_id();
	chain.with(|| {
		let left = Assets::balance(USDT_ASSET, &who);
		let (all, force) = (Preservation::Expendable, Fortitude::Force);
		Assets::burn_from(USDT_ASSET, &who, left, all, Precision::Exact, force).unwrap();
		assert!(!System::account_exists(&who));
	});
}
