//! Whales decide, and nobody else, on the real runtime.

use frame_support::traits::{schedule::DispatchTime, Bounded, Get, QueryPreimage, VoteTally};
use l_exchange_runtime::{
	configs::{
		parameters::{fees, RuntimeParameters},
		ProxyType, PARAMETERS,
	},
	Balances, OriginCaller, Preimage, Referenda, Runtime, RuntimeCall, RuntimeEvent, StakingTiers,
	System, BLOCK_MILLIS,
};
use lx_primitives::{
	units::{CRED, LCO},
	Tier,
};
use pallet_conviction_voting::{AccountVote, Conviction, Vote};
use pallet_scheduler::Event::CallUnavailable as Missed;
use pallet_whale_voting::{Call, Error, Origin, PlannedUpgrade};
use scenarios::{
	relay,
	whales::{chain_with, enactment, mine, pass, propose, submit, vote, DAY, WHALE},
	Chain,
};
use sp_core::H256;
use sp_keyring::Sr25519Keyring::{self, Dave, Eve, Ferdie};
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	DispatchError, Perbill,
};

type Stake = pallet_staking_tiers::Call<Runtime>;

const WHALES: [Sr25519Keyring; 2] = [Eve, Ferdie];

/// Doubles what one LCO counts for when a fee is paid in CRED.
fn double_fee_price() -> pallet_parameters::Call<Runtime> {
	let price = fees::Parameters::CreditsPerLco(fees::CreditsPerLco, Some(CRED / 5));
	pallet_parameters::Call::set_parameter { key_value: RuntimeParameters::Fees(price) }
}

fn fee_price(chain: &mut Chain) -> u128 {
	chain.with(<fees::CreditsPerLco as Get<u128>>::get)
}

fn filtered() -> DispatchError {
	frame_system::Error::<Runtime>::CallFiltered.into()
}

#[test]
fn a_whale_proposes_and_whales_change_a_parameter() {
	let mut chain = chain_with(&WHALES);
	assert_eq!(fee_price(&mut chain), CRED / 10);
	let index = propose(&mut chain, Eve, Origin::Parameters, double_fee_price());
	vote(&mut chain, Eve, index, WHALE).unwrap();
	vote(&mut chain, Ferdie, index, WHALE / 2).unwrap();
	assert_eq!(fee_price(&mut chain), CRED / 10, "nothing changes before the time");
	assert_eq!(enactment(&mut chain), Ok(()));
	assert_eq!(fee_price(&mut chain), CRED / 5);
}

#[test]
fn each_track_does_what_is_its_own() {
	let mut chain = chain_with(&WHALES);
	let upgrade = Call::<Runtime>::authorize_upgrade { code_hash: H256::zero() };
	for power in [Origin::Parameters, Origin::Cancellation] {
		let passed = pass(&mut chain, &WHALES, power, upgrade.clone());
		assert_eq!(passed, Err(DispatchError::BadOrigin));
	}
	let passed = pass(&mut chain, &WHALES, Origin::Major, double_fee_price());
	assert_eq!(passed, Err(DispatchError::BadOrigin));
	assert_eq!(fee_price(&mut chain), CRED / 10);
}

#[test]
fn an_upgrade_waits_for_a_day_after_it_has_passed() {
	let mut chain = chain_with(&WHALES);
	let code_hash = H256::repeat_byte(7);
	let upgrade = Call::<Runtime>::authorize_upgrade { code_hash };
	assert_eq!(pass(&mut chain, &WHALES, Origin::Major, upgrade), Ok(()));
	let planned = chain.with(PlannedUpgrade::<Runtime>::get).expect("it was carried out");
	// It was carried out one block ago, when that block had no time of its own yet.
	let decided = chain.with(relay::now) - 2 * BLOCK_MILLIS;
	assert_eq!((planned.code_hash, planned.due), (code_hash, decided + DAY));
	while chain.with(relay::now) < planned.due {
		assert!(chain.with(System::authorized_upgrade).is_none());
		chain.block(Vec::new());
	}
	chain.block(Vec::new());
	assert!(!chain.with(PlannedUpgrade::<Runtime>::exists));
	let authorized = chain.with(System::authorized_upgrade).expect("it is due");
	assert_eq!(*authorized.code_hash(), code_hash);
}

#[test]
fn whales_call_an_upgrade_off_while_it_waits() {
	let mut chain = chain_with(&WHALES);
	let upgrade = Call::<Runtime>::authorize_upgrade { code_hash: H256::repeat_byte(7) };
	assert_eq!(pass(&mut chain, &WHALES, Origin::Major, upgrade), Ok(()));
	let planned = chain.with(PlannedUpgrade::<Runtime>::get).expect("it was carried out");
	let cancel = Call::<Runtime>::cancel_upgrade {};
	assert_eq!(pass(&mut chain, &WHALES, Origin::Cancellation, cancel), Ok(()));
	assert!(chain.with(relay::now) < planned.due, "it was in time");
	assert!(!chain.with(PlannedUpgrade::<Runtime>::exists));
	chain.wait(2 * DAY);
	assert!(chain.with(System::authorized_upgrade).is_none());
}

/// The shortest track is no shorter way to anything else.
#[test]
fn a_cancellation_without_an_upgrade_or_of_something_else_does_nothing() {
	let mut chain = chain_with(&WHALES);
	let cancel = Call::<Runtime>::cancel_upgrade {};
	let passed = pass(&mut chain, &WHALES, Origin::Cancellation, cancel);
	assert_eq!(passed, Err(Error::<Runtime>::NoUpgrade.into()));
	let index = propose(&mut chain, Eve, Origin::Parameters, double_fee_price());
	let cancel = pallet_referenda::Call::<Runtime>::cancel { index };
	let passed = pass(&mut chain, &WHALES, Origin::Cancellation, cancel);
	assert_eq!(passed, Err(DispatchError::BadOrigin));
	assert!(chain.with(|| Referenda::ensure_ongoing(index)).is_ok());
	let passed = pass(&mut chain, &WHALES, Origin::Cancellation, double_fee_price());
	assert_eq!(passed, Err(DispatchError::BadOrigin));
	assert_eq!(fee_price(&mut chain), CRED / 10);
}

/// Neither what others have staked nor what is not staked makes a majority harder to reach.
#[test]
fn support_is_a_share_of_what_whales_have_staked() {
	let mut chain = chain_with(&WHALES);
	mine(&mut chain, Dave, 500_000);
	submit(&mut chain, Dave, Stake::stake { amount: WHALE - LCO }).unwrap();
	let index = propose(&mut chain, Eve, Origin::Parameters, double_fee_price());
	vote(&mut chain, Eve, index, WHALE / 2).unwrap();
	let referendum = chain.with(|| Referenda::ensure_ongoing(index)).expect("it is");
	let support = chain.with(|| referendum.tally.support(PARAMETERS));
	assert_eq!(support, Perbill::from_percent(25));
}

#[test]
fn only_whales_propose_and_vote() {
	let mut chain = chain_with(&WHALES);
	mine(&mut chain, Dave, 110_000);
	let submit_remark = pallet_referenda::Call::<Runtime>::submit {
		proposal_origin: Box::new(OriginCaller::WhaleVoting(Origin::Parameters)),
		proposal: Bounded::Inline(Default::default()),
		enactment_moment: DispatchTime::After(0),
	};
	assert_eq!(submit(&mut chain, Dave, submit_remark), Err(DispatchError::BadOrigin));
	let index = propose(&mut chain, Eve, Origin::Parameters, double_fee_price());
	let refused = vote(&mut chain, Dave, index, LCO);
	assert_eq!(refused, Err(Error::<Runtime>::NotWhale.into()));
}

#[test]
fn nothing_is_proposed_as_root_or_as_somebody() {
	let mut chain = chain_with(&WHALES);
	let signed = frame_system::RawOrigin::Signed(Dave.to_account_id());
	for raw in [frame_system::RawOrigin::Root, signed] {
		let proposal = pallet_referenda::Call::<Runtime>::submit {
			proposal_origin: Box::new(OriginCaller::system(raw)),
			proposal: Bounded::Inline(Default::default()),
			enactment_moment: DispatchTime::After(0),
		};
		let no_track = pallet_referenda::Error::<Runtime>::NoTrack.into();
		assert_eq!(submit(&mut chain, Eve, proposal), Err(no_track));
	}
}

#[test]
fn nobody_votes_with_more_than_the_stake() {
	let mut chain = chain_with(&WHALES);
	let index = propose(&mut chain, Eve, Origin::Parameters, double_fee_price());
	let refused = vote(&mut chain, Eve, index, WHALE + 1);
	assert_eq!(refused, Err(Error::<Runtime>::VoteAboveStake.into()));
	let unaffordable = vote(&mut chain, Eve, index, 2 * WHALE);
	let insufficient = pallet_conviction_voting::Error::<Runtime>::InsufficientFunds.into();
	assert_eq!(unaffordable, Err(insufficient));
}

#[test]
fn nobody_votes_by_delegation() {
	let mut chain = chain_with(&WHALES);
	mine(&mut chain, Dave, 10);
	let delegate: RuntimeCall = pallet_conviction_voting::Call::<Runtime>::delegate {
		class: PARAMETERS,
		to: Ferdie.to_account_id().into(),
		conviction: Conviction::None,
		balance: WHALE,
	}
	.into();
	assert_eq!(submit(&mut chain, Eve, delegate.clone()), Err(filtered()));

	let calls = vec![delegate.clone()];
	let batch = pallet_utility::Call::<Runtime>::batch_all { calls };
	assert_eq!(submit(&mut chain, Eve, batch), Err(filtered()));

	let add = pallet_proxy::Call::<Runtime>::add_proxy {
		delegate: Dave.to_account_id().into(),
		proxy_type: ProxyType::Any,
		delay: 0,
	};
	submit(&mut chain, Eve, add).unwrap();
	let proxy = pallet_proxy::Call::<Runtime>::proxy {
		real: Eve.to_account_id().into(),
		force_proxy_type: None,
		call: Box::new(delegate),
	};
	submit(&mut chain, Dave, proxy).unwrap();
	let refused = pallet_proxy::Event::ProxyExecuted { result: Err(filtered()) };
	assert!(chain.events().contains(&RuntimeEvent::Proxy(refused)));
	let undelegate = pallet_conviction_voting::Call::<Runtime>::undelegate { class: PARAMETERS };
	assert_eq!(submit(&mut chain, Eve, undelegate), Err(filtered()));
}

#[test]
fn nobody_votes_on_what_is_over_or_never_was() {
	let mut chain = chain_with(&WHALES);
	let not_ongoing = Err(pallet_conviction_voting::Error::<Runtime>::NotOngoing.into());
	assert_eq!(vote(&mut chain, Eve, 0, LCO), not_ongoing);
	assert_eq!(pass(&mut chain, &WHALES, Origin::Parameters, double_fee_price()), Ok(()));
	assert_eq!(vote(&mut chain, Eve, 0, LCO), not_ongoing);
}

/// What is voted on.
fn text() -> Vec<u8> {
	codec::Encode::encode(&RuntimeCall::from(double_fee_price()))
}

#[test]
fn a_text_that_was_taken_away_is_not_carried_out() {
	let mut chain = chain_with(&WHALES);
	let index = propose(&mut chain, Eve, Origin::Parameters, double_fee_price());
	for whale in WHALES {
		vote(&mut chain, whale, index, WHALE).unwrap();
	}
	let hash = BlakeTwo256::hash(&text());
	submit(&mut chain, Eve, pallet_preimage::Call::<Runtime>::unnote_preimage { hash }).unwrap();
	let is_missed = (0..200).any(|_| {
		chain.block(Vec::new());
		let mut events = chain.events().iter();
		events.any(|event| matches!(event, RuntimeEvent::Scheduler(Missed { .. })))
	});
	assert!(is_missed, "it was not to be found when it was due");
	assert_eq!(fee_price(&mut chain), CRED / 10);
}

/// Whoever brings what is waited for pays nothing; whoever brings it again would fill blocks for that.
#[test]
fn a_text_that_has_passed_is_brought_without_a_fee_once() {
	let mut chain = chain_with(&WHALES);
	mine(&mut chain, Dave, 10);
	let index = propose(&mut chain, Eve, Origin::Parameters, double_fee_price());
	for whale in WHALES {
		vote(&mut chain, whale, index, WHALE).unwrap();
	}
	let hash = BlakeTwo256::hash(&text());
	submit(&mut chain, Eve, pallet_preimage::Call::<Runtime>::unnote_preimage { hash }).unwrap();
	let has_passed = (0..200).any(|_| {
		chain.block(Vec::new());
		chain.with(|| Preimage::is_requested(&hash))
	});
	assert!(has_passed, "it waits to be carried out");

	let note = || pallet_preimage::Call::<Runtime>::note_preimage { bytes: text() };
	let daves = |chain: &mut Chain| chain.with(|| Balances::free_balance(Dave.to_account_id()));
	let before = daves(&mut chain);
	submit(&mut chain, Dave, note()).unwrap();
	assert_eq!(daves(&mut chain), before);
	assert_eq!(submit(&mut chain, Dave, note()), Err(filtered()));
	assert!(daves(&mut chain) < before, "he pays for what was refused");
	assert_eq!(enactment(&mut chain), Ok(()));
	assert_eq!(fee_price(&mut chain), CRED / 5);
}

#[test]
fn nobody_votes_for_a_text_that_is_not_there() {
	let mut chain = chain_with(&WHALES);
	let index = propose(&mut chain, Eve, Origin::Parameters, double_fee_price());
	let text = text();
	let hash = BlakeTwo256::hash(&text);
	let remove = pallet_preimage::Call::<Runtime>::unnote_preimage { hash };
	submit(&mut chain, Eve, remove).unwrap();
	let refused = vote(&mut chain, Ferdie, index, WHALE);
	assert_eq!(refused, Err(Error::<Runtime>::StalePreimage.into()));
	// Who takes away the text cannot keep the others from being against it.
	let nay = pallet_conviction_voting::Call::<Runtime>::vote {
		poll_index: index,
		vote: AccountVote::Standard {
			vote: Vote { aye: false, conviction: Conviction::None },
			balance: WHALE,
		},
	};
	submit(&mut chain, Ferdie, nay).unwrap();

	let note = pallet_preimage::Call::<Runtime>::note_preimage { bytes: text.clone() };
	submit(&mut chain, Eve, note).unwrap();
	vote(&mut chain, Ferdie, index, WHALE).unwrap();
	let other_length = pallet_referenda::Call::<Runtime>::submit {
		proposal_origin: Box::new(OriginCaller::WhaleVoting(Origin::Parameters)),
		proposal: Bounded::Lookup { hash, len: text.len() as u32 + 1 },
		enactment_moment: DispatchTime::After(0),
	};
	let different = pallet_referenda::Error::<Runtime>::PreimageStoredWithDifferentLength.into();
	assert_eq!(submit(&mut chain, Eve, other_length), Err(different));
}

#[test]
fn a_whale_with_many_proposals_does_not_hold_up_the_others() {
	let mut chain = chain_with(&WHALES);
	let propose_upgrade = |chain: &mut Chain, who, byte| {
		let code_hash = H256::repeat_byte(byte);
		propose(chain, who, Origin::Major, Call::<Runtime>::authorize_upgrade { code_hash })
	};
	for byte in 0..5 {
		propose_upgrade(&mut chain, Eve, byte);
	}
	let index = propose_upgrade(&mut chain, Ferdie, 9);
	chain.wait(DAY);
	let referendum = chain.with(|| Referenda::ensure_ongoing(index)).expect("it is not over");
	assert!(referendum.deciding.is_some(), "it is being decided");
}

#[test]
fn a_vote_that_stands_keeps_its_stake() {
	let mut chain = chain_with(&WHALES);
	let index = propose(&mut chain, Eve, Origin::Parameters, double_fee_price());
	submit(&mut chain, Eve, Stake::stake { amount: LCO }).unwrap();
	vote(&mut chain, Eve, index, LCO).unwrap();
	let kept = Err(Error::<Runtime>::VoteStands.into());
	assert_eq!(submit(&mut chain, Eve, Stake::request_unstake { amount: LCO + 1 }), kept);
	submit(&mut chain, Eve, Stake::request_unstake { amount: LCO }).unwrap();
	assert_eq!(submit(&mut chain, Eve, Stake::request_unstake { amount: 1 }), kept);
	assert_eq!(chain.with(|| StakingTiers::tier(Eve.to_account_id())), Tier::Whale);

	let remove = pallet_conviction_voting::Call::<Runtime>::remove_vote { class: None, index };
	submit(&mut chain, Eve, remove).unwrap();
	submit(&mut chain, Eve, Stake::request_unstake { amount: WHALE }).unwrap();
	let refused = vote(&mut chain, Eve, index, LCO);
	assert_eq!(refused, Err(Error::<Runtime>::NotWhale.into()));
}
