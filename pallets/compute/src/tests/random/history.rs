//! What relays have posted, and what can be proven of it.

use lx_primitives::{
	call_log::{call_id, call_time, leaves_root},
	proof::{CallProof, Opening, SumProof},
	Credits, Header, Leaf, RelayId, Usage,
};
use proptest::sample::Index;
use sp_core::sr25519;
use sp_runtime::DispatchResult;

use crate::{
	mock::*, AttestorId, Attestors, Batches, Fraud, Quorum, RelayStatus, Relays, Settled, Signer,
};

/// What a relay does wrong in a batch, or is said to have done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wrong {
	RepeatedCall,
	SettledCall,
	Price,
	Time,
	Sum,
}

/// A line, and a call in it.
type Place = (u32, u32);

struct Posted {
	header: Header,
	log: Log,
}

/// The batches that the chain has taken.
#[derive(Default)]
pub struct History(Vec<Posted>);

pub fn relay_key(relay: RelayId) -> sr25519::Pair {
	if relay == 0 {
		relay_pair()
	} else {
		pair(101)
	}
}

/// The members whose keys follow from their ids, and whose signatures count.
pub fn signers() -> Vec<AttestorId> {
	let counts = |id: &AttestorId| {
		*id < 3 && Attestors::<Test>::get(id).is_some_and(|attestor| !attestor.is_suspended)
	};
	Quorum::<Test>::get().members.into_iter().filter(counts).collect()
}

fn is_priced_right(leaf: &Leaf<AccountId>) -> bool {
	let Usage::Units(units) = leaf.usage else { return false };
	let (rate, cost_rate, since) = match leaf.payment.quota() {
		Some(_) => (SCARCE_RATE, SCARCE_COST_RATE, START),
		None => (RATE, COST_RATE, 0),
	};
	let is_right = |amount: Credits, rate: Credits| amount == rate * Credits::from(units);
	let is_offered = call_time(&leaf.call_id) >= since;
	is_offered && is_right(leaf.charge, rate) && is_right(leaf.cost, cost_rate)
}

fn stands(Posted { header, .. }: &&Posted) -> bool {
	Batches::<Test>::contains_key(header.relay, header.sequence)
		|| Settled::<Test>::contains_key(header.relay, header.sequence)
}

fn places(log: &Log) -> impl Iterator<Item = (Place, &Leaf<AccountId>)> {
	(0u32..).zip(&log.0).flat_map(|(line, calls)| {
		(0u32..).zip(calls).map(move |(index, leaf)| ((line, index), leaf))
	})
}

fn find(log: &Log, is_it: impl Fn(Place, &Leaf<AccountId>) -> bool) -> Option<Place> {
	places(log).find(|(place, leaf)| is_it(*place, leaf)).map(|(place, _)| place)
}

/// The place of a call in one log, and that of a call with the same id in the other.
fn shared(log: &Log, other: &Log, may_be: impl Fn(Place, Place) -> bool) -> Option<(Place, Place)> {
	places(log).find_map(|(here, leaf)| {
		let is_it = |there, same: &Leaf<_>| same.call_id == leaf.call_id && may_be(here, there);
		Some((here, find(other, is_it)?))
	})
}

/// The sum of the first line, as it is.
fn first_sum(log: &Log) -> SumProof<AccountId> {
	let opening = match &log.0[0][..] {
		[leaf] => Opening::Leaf(leaf.clone()),
		calls => {
			let (left, right) = calls.split_at(calls.len().next_power_of_two() / 2);
			Opening::Inner(leaves_root(left).unwrap(), leaves_root(right).unwrap())
		},
	};
	SumProof { line: log.line(0), steps: Default::default(), opening }
}

impl Posted {
	fn call(&self, (line, index): Place) -> CallProof<AccountId> {
		self.log.call(line, index)
	}

	/// Says that this batch is wrong so, with the best proof there is, and whether it is one.
	fn accuse(&self, wrong: Wrong, history: &History) -> (Fraud<AccountId>, bool) {
		match wrong {
			Wrong::RepeatedCall => {
				let found = shared(&self.log, &self.log, |here, there| here != there);
				let (here, there) = found.unwrap_or_default();
				let fraud = Fraud::RepeatedCall { call: self.call(here), again: self.call(there) };
				(fraud, found.is_some())
			},
			Wrong::SettledCall => self.accuse_of_settled_call(history),
			Wrong::Price => {
				let found = find(&self.log, |_, leaf| !is_priced_right(leaf));
				(Fraud::WrongPrice(self.call(found.unwrap_or_default())), found.is_some())
			},
			Wrong::Time => {
				let found = find(&self.log, |_, leaf| !self.header.spans(&leaf.call_id));
				(Fraud::WrongTime(self.call(found.unwrap_or_default())), found.is_some())
			},
			Wrong::Sum => (Fraud::WrongSum(first_sum(&self.log)), false),
		}
	}

	fn accuse_of_settled_call(&self, history: &History) -> (Fraud<AccountId>, bool) {
		let Header { relay, sequence, .. } = self.header;
		let before = || history.of(relay).filter(move |other| other.header.sequence < sequence);
		let shared_with = |earlier: &Self| shared(&self.log, &earlier.log, |_, _| true);
		let found = before()
			.filter(stands)
			.find_map(|earlier| shared_with(earlier).map(|places| (earlier, places)));
		// Else it is one that was reversed, or has other calls, or comes no earlier.
		let (earlier, (here, there)) = found.unwrap_or_else(|| {
			let earlier = before().next().unwrap_or(self);
			(earlier, shared_with(earlier).unwrap_or_default())
		});
		let fraud = Fraud::SettledCall {
			call: self.call(here),
			earlier: earlier.header.sequence,
			before: earlier.call(there),
		};
		(fraud, found.is_some())
	}
}

impl History {
	fn of(&self, relay: RelayId) -> impl DoubleEndedIterator<Item = &Posted> {
		self.0.iter().filter(move |posted| posted.header.relay == relay)
	}

	/// Posts the next batch of a relay, with something wrong in it or not.
	pub fn post(
		&mut self,
		relay: RelayId,
		mut calls: Vec<Leaf<AccountId>>,
		wrong: Option<Wrong>,
	) -> DispatchResult {
		if let Some(wrong) = wrong {
			self.falsify(relay, &mut calls, wrong);
		}
		let oldest = calls.iter().map(|leaf| call_time(&leaf.call_id)).min();
		let log = Log::new(calls);
		let mut batch = batch_of(relay, log.lines());
		batch.header.oldest =
			oldest.unwrap_or(batch.header.time) + u64::from(wrong == Some(Wrong::Time));
		let header = batch.header;
		sign_by(batch, &relay_key(relay), &signers()).post()?;
		self.0.push(Posted { header, log });
		Ok(())
	}

	fn falsify(&self, relay: RelayId, calls: &mut Vec<Leaf<AccountId>>, wrong: Wrong) {
		let Some(first) = calls.first_mut() else { return };
		match wrong {
			Wrong::RepeatedCall => {
				let again = first.clone();
				calls.push(again);
			},
			Wrong::SettledCall => {
				calls.extend(self.of(relay).next_back().map(|posted| posted.log.0[0][0].clone()));
			},
			Wrong::Price => first.charge += 1,
			Wrong::Time => {
				first.call_id = call_id(call_time(&first.call_id) - 1, [0xff; 10]);
			},
			// The lines follow from the calls.
			Wrong::Sum => (),
		}
	}

	/// Challenges a batch, and checks that it is reversed if, and only if, it is wrong so.
	pub fn challenge(&self, who: AccountId, which: &Index, wrong: Wrong) -> DispatchResult {
		if self.0.is_empty() {
			return Ok(());
		}
		let posted = which.get(&self.0);
		let Header { relay, sequence, .. } = posted.header;
		let (fraud, is_true) = posted.accuse(wrong, self);
		Compute::challenge(signed(who), relay, sequence, fraud).map_err(|failed| failed.error)?;
		assert_eq!(Batches::<Test>::contains_key(relay, sequence), !is_true, "{wrong:?}");
		if is_true {
			assert_punished(relay);
		}
		Ok(())
	}

	/// Reports that a relay or an attestor has signed another batch for the place of the relay's
	/// last, or that it has signed that one twice.
	pub fn report(
		&self,
		who: AccountId,
		relay: RelayId,
		attestor: Option<AttestorId>,
		is_true: bool,
	) -> DispatchResult {
		let last = self.of(relay).next_back().map(|posted| posted.header);
		let header = last.unwrap_or_else(|| batch_of(relay, vec![line(ALICE, 1)]).header);
		let (by, key) = match attestor {
			Some(id) => (Signer::Attestor(id), attestor_pair(id)),
			None => (Signer::Relay, relay_key(relay)),
		};
		let mut signed_both = equivocation(by, &key, header);
		if !is_true {
			signed_both.second = signed_both.first;
		}
		let reported = Compute::report_equivocation(signed(who), signed_both);
		assert!(is_true || reported.is_err());
		reported.map_err(|failed| failed.error)?;
		match attestor {
			Some(id) => {
				let attestor = Attestors::<Test>::get(id).unwrap();
				assert_eq!((attestor.is_suspended, attestor.bond), (true, 0));
			},
			None => {
				assert_punished(relay);
				let pending = Batches::<Test>::get(relay, header.sequence);
				assert!(pending.is_none_or(|batch| batch.final_at <= Now::get()));
			},
		}
		Ok(())
	}
}

fn assert_punished(relay: RelayId) {
	let relay = Relays::<Test>::get(relay).unwrap();
	assert_ne!(relay.status, RelayStatus::Active);
	assert_eq!(relay.bond, 0);
}
