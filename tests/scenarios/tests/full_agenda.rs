//! Whoever has many proposals fills blocks with their reminders. What has passed is carried out on its block
//! all the same, and gives its place on the track back.

use frame_support::traits::{schedule::DispatchTime, Bounded, Get};
use l_exchange_runtime::{
	configs::{
		parameters::{fees, RuntimeParameters},
		Tracks, MAJOR, MAX_REMINDERS, PARAMETERS,
	},
	BlockNumber, OriginCaller, Referenda, Runtime, RuntimeCall, RuntimeEvent, System,
};
use lx_primitives::units::CRED;
use pallet_referenda::{DecidingCount, Event, ReferendumCount, TracksInfo};
use pallet_scheduler::Agenda;
use pallet_whale_voting::Origin;
use scenarios::{
	whales::{chain_with, enactment, mine, propose, submit, vote, WHALE},
	Chain,
};
use sp_keyring::Sr25519Keyring::{self, Eve, Ferdie};

type Call = pallet_referenda::Call<Runtime>;

const WHALES: [Sr25519Keyring; 2] = [Eve, Ferdie];

/// More proposals than calls can be scheduled for a block.
const MANY: u32 = 600;

fn number(chain: &mut Chain) -> BlockNumber {
	chain.with(System::block_number)
}

/// A chain on which a change of a parameter is confirmed from its last block on, and the block in which it
/// passes. Ferdie can pay for many proposals.
fn confirming() -> (Chain, BlockNumber) {
	let mut chain = chain_with(&WHALES);
	mine(&mut chain, Ferdie, 610_000);
	let price = fees::Parameters::CreditsPerLco(fees::CreditsPerLco, Some(CRED / 5));
	let key_value = RuntimeParameters::Fees(price);
	let change = pallet_parameters::Call::<Runtime>::set_parameter { key_value };
	let index = propose(&mut chain, Eve, Origin::Parameters, change);
	vote(&mut chain, Ferdie, index, WHALE).unwrap();
	let started = RuntimeEvent::Referenda(Event::ConfirmStarted { index });
	let is_confirming = (0..20).any(|_| {
		chain.block(Vec::new());
		chain.events().contains(&started)
	});
	assert!(is_confirming);
	let track = chain.with(|| Tracks::info(PARAMETERS)).expect("there is such a track");
	let passes = number(&mut chain) + track.confirm_period;
	(chain, passes)
}

/// Lets Ferdie propose so much at once that all of it is to be reminded of in the block `due`.
fn fill(chain: &mut Chain, due: BlockNumber) {
	let track = chain.with(|| Tracks::info(MAJOR)).expect("there is such a track");
	while number(chain) + 1 < due - track.prepare_period {
		chain.block(Vec::new());
	}
	let first = chain.with(ReferendumCount::<Runtime>::get);
	let proposal = || Call::submit {
		proposal_origin: Box::new(OriginCaller::WhaleVoting(Origin::Major)),
		proposal: Bounded::Inline(Default::default()),
		enactment_moment: DispatchTime::After(0),
	};
	at_once(chain, (0..MANY).map(|_| proposal()));
	assert_eq!(number(chain) + track.prepare_period, due);
	let indices = first..first + MANY;
	at_once(chain, indices.map(|index| Call::place_decision_deposit { index }));
}

fn at_once(chain: &mut Chain, calls: impl Iterator<Item = Call>) {
	let calls = calls.map(RuntimeCall::from).collect();
	submit(chain, Ferdie, pallet_utility::Call::<Runtime>::batch_all { calls }).unwrap();
}

/// How many calls are scheduled for each of three blocks.
fn scheduled(chain: &mut Chain, first: BlockNumber) -> [u32; 3] {
	let agenda = |block| Agenda::<Runtime>::get(block).iter().flatten().count() as u32;
	chain.with(|| [first, first + 1, first + 2].map(agenda))
}

fn fee_price(chain: &mut Chain) -> u128 {
	chain.with(<fees::CreditsPerLco as Get<u128>>::get)
}

#[test]
fn what_has_passed_is_carried_out_on_a_block_full_of_reminders() {
	let (mut chain, passes) = confirming();
	let track = chain.with(|| Tracks::info(PARAMETERS)).expect("there is such a track");
	let due = passes + track.min_enactment_period;
	fill(&mut chain, due);
	let rest = MANY - 2 * MAX_REMINDERS;
	assert_eq!(scheduled(&mut chain, due), [MAX_REMINDERS, MAX_REMINDERS, rest]);
	assert_eq!(fee_price(&mut chain), CRED / 10);
	assert_eq!(enactment(&mut chain), Ok(()));
	assert_eq!(number(&mut chain), due);
	assert_eq!(fee_price(&mut chain), CRED / 5);
}

#[test]
fn a_place_on_a_track_is_free_again_after_a_block_full_of_reminders() {
	let (mut chain, passes) = confirming();
	let due = passes + 1;
	fill(&mut chain, due);
	let deciding = |chain: &mut Chain, track| chain.with(|| DecidingCount::<Runtime>::get(track));
	assert_eq!(deciding(&mut chain, PARAMETERS), 1);
	while number(&mut chain) < passes {
		chain.block(Vec::new());
	}
	let rest = MANY - 2 * MAX_REMINDERS;
	assert_eq!(scheduled(&mut chain, due), [MAX_REMINDERS + 1, MAX_REMINDERS, rest]);
	chain.block(Vec::new());
	assert_eq!(deciding(&mut chain, PARAMETERS), 0);
	let most = chain.with(|| Tracks::info(MAJOR)).expect("there is such a track").max_deciding;
	assert_eq!(deciding(&mut chain, MAJOR), most, "who was reminded of is decided");
}

/// What is put off is not forgotten: the last of all proposals waits to be decided.
#[test]
fn a_reminder_that_finds_no_room_comes_later() {
	let (mut chain, passes) = confirming();
	let due = passes + 1;
	fill(&mut chain, due);
	let last = chain.with(ReferendumCount::<Runtime>::get) - 1;
	let waits = |chain: &mut Chain| {
		let referendum = chain.with(|| Referenda::ensure_ongoing(last));
		referendum.expect("it is not over").in_queue
	};
	while number(&mut chain) < due + 1 {
		chain.block(Vec::new());
	}
	assert!(!waits(&mut chain));
	chain.block(Vec::new());
	assert!(waits(&mut chain));
}
