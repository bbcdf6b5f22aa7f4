//! Whales, what they propose and pass, and the guardian that acts before there are enough of them.

use codec::Encode;
use frame_support::{
	dispatch::GetDispatchInfo,
	traits::{schedule::DispatchTime, Bounded, QueryPreimage},
};
use l_exchange_runtime::{
	genesis_presets::development_guardian, Mining, OriginCaller, Preimage, Runtime, RuntimeCall,
	RuntimeEvent,
};
use lx_primitives::{
	traits::OnUsageSettled,
	units::{Balance, CRED},
	Moment, Tier,
};
use pallet_conviction_voting::{AccountVote, Conviction, Vote};
use pallet_whale_voting::Origin;
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie};
use sp_runtime::{
	traits::{BlakeTwo256, Hash},
	DispatchResult,
};

use crate::Chain;

/// What a whale has staked.
pub const WHALE: Balance = Tier::Whale.min_stake();

/// The length of a day of a development chain.
pub const DAY: Moment = 85_715;

/// Mines so many whole LCO for `who`, in the first epoch of the emission: ten for each CRED.
pub fn mine(chain: &mut Chain, who: Sr25519Keyring, lco: u128) {
	chain
		.with(|| Mining::on_usage_settled(&who.to_account_id(), lco * CRED / 10))
		.expect("the reward is above the existential deposit");
}

/// Makes `who` a whale, with 10,000 LCO beside its stake for deposits and fees.
pub fn make_whale(chain: &mut Chain, who: Sr25519Keyring) {
	mine(chain, who, 110_000);
	let stake = pallet_staking_tiers::Call::<Runtime>::stake { amount: WHALE };
	submit(chain, who, stake).expect("so much was mined");
}

/// A development chain with these whales.
pub fn chain_with(whales: &[Sr25519Keyring]) -> Chain {
	let mut chain = Chain::development();
	for whale in whales {
		make_whale(&mut chain, *whale);
	}
	chain
}

/// Makes a block of one transaction of `who`, whose fee is LCO.
pub fn submit(
	chain: &mut Chain,
	who: Sr25519Keyring,
	call: impl Into<RuntimeCall>,
) -> DispatchResult {
	chain.submit(who, None, call).expect("it is valid")
}

/// Lets `who` put the text of `call` on the chain, if it is not there, and propose to do it in the name
/// of `power`. Returns the referendum's number.
pub fn propose(
	chain: &mut Chain,
	who: Sr25519Keyring,
	power: Origin,
	call: impl Into<RuntimeCall>,
) -> u32 {
	let text = call.into().encode();
	let (hash, len) = (BlakeTwo256::hash(&text), text.len() as u32);
	if chain.with(|| <Preimage as QueryPreimage>::len(&hash)).is_none() {
		let note = pallet_preimage::Call::<Runtime>::note_preimage { bytes: text };
		submit(chain, who, note).expect("the text is new");
	}
	let proposal = pallet_referenda::Call::<Runtime>::submit {
		proposal_origin: Box::new(OriginCaller::WhaleVoting(power)),
		proposal: Bounded::Lookup { hash, len },
		enactment_moment: DispatchTime::After(0),
	};
	submit(chain, who, proposal).expect("a whale may propose");
	let index = submitted(chain);
	let deposit = pallet_referenda::Call::<Runtime>::place_decision_deposit { index };
	submit(chain, who, deposit).expect("the whale has enough");
	index
}

/// The referendum that was submitted in the last block.
fn submitted(chain: &Chain) -> u32 {
	let mut indices = chain.events().iter().filter_map(|event| match event {
		RuntimeEvent::Referenda(pallet_referenda::Event::Submitted { index, .. }) => Some(*index),
		_ => None,
	});
	indices.next().expect("a referendum was submitted")
}

/// A vote for something with `balance`, without conviction.
pub fn aye(balance: Balance) -> AccountVote<Balance> {
	AccountVote::Standard { vote: Vote { aye: true, conviction: Conviction::None }, balance }
}

/// Lets `who` vote for a referendum with `balance`.
pub fn vote(
	chain: &mut Chain,
	who: Sr25519Keyring,
	poll_index: u32,
	balance: Balance,
) -> DispatchResult {
	let vote = pallet_conviction_voting::Call::<Runtime>::vote { poll_index, vote: aye(balance) };
	submit(chain, who, vote)
}

/// Waits until what has passed is carried out, and says what came of it.
pub fn enactment(chain: &mut Chain) -> DispatchResult {
	for _ in 0..200 {
		chain.block(Vec::new());
		// Only what a referendum decides is scheduled under a name.
		let done = chain.events().iter().find_map(|event| match event {
			RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched {
				id: Some(_),
				result,
				..
			}) => Some(*result),
			_ => None,
		});
		if let Some(result) = done {
			return result;
		}
	}
	panic!("nothing was carried out");
}

/// Lets `whales` propose and pass `call` in the name of `power`, and says what came of it.
pub fn pass(
	chain: &mut Chain,
	whales: &[Sr25519Keyring],
	power: Origin,
	call: impl Into<RuntimeCall>,
) -> DispatchResult {
	let proposer = *whales.first().expect("there is a whale");
	let index = propose(chain, proposer, power, call);
	for whale in whales {
		vote(chain, *whale, index, WHALE).expect("a whale votes with its stake");
	}
	let result = enactment(chain);
	let refund = pallet_referenda::Call::<Runtime>::refund_decision_deposit { index };
	submit(chain, proposer, refund).expect("the referendum is over");
	result
}

/// Lets Alice and Bob, who are two of the development guardian's three, do `call` in the name of
/// `power`, and says what came of it.
pub fn by_guardian(
	chain: &mut Chain,
	power: Origin,
	call: impl Into<RuntimeCall>,
) -> DispatchResult {
	let call = Box::new(call.into());
	let guard: RuntimeCall = pallet_whale_voting::Call::<Runtime>::guard { power, call }.into();
	let guardian = development_guardian();
	for (who, others) in [(Alice, [Bob, Charlie]), (Bob, [Alice, Charlie])] {
		mine(chain, who, 10);
		let mut other_signatories = others.map(|other| other.to_account_id()).to_vec();
		other_signatories.sort();
		let (maybe_timepoint, max_weight) = chain.with(|| {
			let mut open = pallet_multisig::Multisigs::<Runtime>::iter_prefix_values(&guardian);
			(open.next().map(|operation| operation.when), guard.get_dispatch_info().call_weight)
		});
		let approve = pallet_multisig::Call::<Runtime>::as_multi {
			threshold: 2,
			other_signatories,
			maybe_timepoint,
			call: Box::new(guard.clone()),
			max_weight,
		};
		submit(chain, who, approve).expect("the signatory approves");
	}
	let mut results = chain.events().iter().filter_map(|event| match event {
		RuntimeEvent::Multisig(pallet_multisig::Event::MultisigExecuted { result, .. }) => {
			Some(*result)
		},
		_ => None,
	});
	results.next().expect("two of three have approved")
}
