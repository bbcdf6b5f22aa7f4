//! What is there before a measurement begins.

use alloc::vec::Vec;
use codec::Encode;
use frame_benchmarking::v2::*;
use frame_support::{
	storage::{storage_prefix, unhashed},
	traits::{
		fungibles::{Inspect, Mutate},
		EnsureOrigin, Get,
	},
	BoundedVec,
};
use lx_primitives::{
	call_log::MAX_LINES,
	merkle_sum::{prove, root, Node},
	proof::{CallProof, LineProof, MAX_LEAF_DEPTH, MAX_LINE_DEPTH},
	traits::Calendar,
	units::CRED,
	Batch, Credits, Header, Leaf, Line, ModelId, Moment, Payment, RelayId, Tier, Usage,
};
use sp_core::{crypto::KeyTypeId, sr25519, H256};

use crate::{
	tick::{Due, Next},
	*,
};

const KEY_TYPE: KeyTypeId = KeyTypeId(*b"lxcp");
pub(super) const RELAY: RelayId = 1_000_000;

/// The place of the batch that is measured: there is one before it.
pub(super) const SEQUENCE: u64 = 1;

pub(super) fn fund<T: Config>(who: &T::AccountId, amount: Credits) {
	let asset = T::CredAsset::get();
	let amount = amount.saturating_add(T::Assets::minimum_balance(asset));
	T::Assets::mint_into(asset, who, amount).expect("CRED can be minted");
}

pub(super) fn new_key() -> sr25519::Public {
	sp_io::crypto::sr25519_generate(KEY_TYPE, None)
}

pub(super) fn sign(key: &sr25519::Public, hash: &H256) -> sr25519::Signature {
	sp_io::crypto::sr25519_sign(KEY_TYPE, key, hash.as_bytes()).expect("the key is ours")
}

pub(super) fn user<T: Config>() -> T::AccountId {
	let who = whitelisted_caller();
	fund::<T>(&who, 1_000 * CRED);
	who
}

pub(super) fn admin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	T::AdminOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)
}

/// Something is owed to `who`, and the pallet can pay it.
pub(super) fn owe<T: Config>(who: &T::AccountId) {
	fund::<T>(&Pallet::<T>::account_id(), CRED);
	Owed::<T>::insert(who, CRED);
}

/// CRED free and CRED thawing, ready to be withdrawn, with as many former limits as may be.
fn full_purse(relay: RelayId) -> Purse {
	let former = FormerLimit { limit: Credits::MAX, until: Moment::MAX };
	Purse {
		free: CRED,
		thawing: CRED,
		daily_limit: CRED,
		former_limits: BoundedVec::truncate_from(alloc::vec![former; MAX_FORMER_LIMITS as usize]),
		..Purse::new(relay)
	}
}

/// An account with as many purses as may be, the one at [`RELAY`] the last.
pub(super) fn open<T: Config>(who: &T::AccountId) {
	frame_system::Pallet::<T>::inc_sufficients(who);
	fund::<T>(&Pallet::<T>::account_id(), 2 * CRED * Credits::from(MAX_PURSES));
	let purses = (RELAY..RELAY + MAX_PURSES).rev().map(full_purse).collect();
	let purses = BoundedVec::truncate_from(purses);
	Accounts::<T>::insert(who, ApiAccount { purses, ..Default::default() });
}

/// The purse at [`RELAY`].
pub(super) fn purse<T: Config>(who: &T::AccountId) -> Purse {
	let account = Accounts::<T>::get(who).expect("it has an API account");
	account.purse(RELAY).expect("it has a purse there").clone()
}

/// An account with as many purses as may be, of which the one at [`RELAY`] is sponsored.
pub(super) fn open_sponsored<T: Config>(who: &T::AccountId) {
	open::<T>(who);
	Accounts::<T>::mutate_extant(who, |account| {
		account.purse_mut(RELAY).expect("it was opened").is_sponsored = true;
	});
}

/// The sponsored purse at [`RELAY`].
pub(super) fn sponsored_purse<T: Config>(who: &T::AccountId) -> Purse {
	let account = Accounts::<T>::get(who).expect("it has an API account");
	account.purse_for(RELAY, Payment::Perk).expect("it is sponsored there").clone()
}

pub(super) fn add_relay<T: Config>(operator: T::AccountId, key: sr25519::Public) {
	let bond = T::RelayBond::get();
	fund::<T>(&Pallet::<T>::account_id(), bond);
	let relay = Relay {
		payee: operator.clone(),
		operator,
		key,
		bond,
		status: RelayStatus::Active,
		next_sequence: SEQUENCE,
		last_batch: H256::zero(),
		pending_batches: 0,
		accountable_from: 0,
		bonded_until: 0,
	};
	Relays::<T>::insert(RELAY, relay);
	NextRelayId::<T>::put(RELAY + 1);
}

pub(super) fn add_attestors<T: Config>(operator: &T::AccountId, first: AttestorId) -> Members {
	let bond = T::AttestorBond::get();
	let ids = first..first + MAX_QUORUM;
	for id in ids.clone() {
		fund::<T>(&Pallet::<T>::account_id(), bond);
		let attestor = Attestor {
			operator: operator.clone(),
			key: new_key(),
			bond,
			is_suspended: false,
			signed_until: 0,
			accountable_from: 0,
			bonded_until: 0,
		};
		Attestors::<T>::insert(id, attestor);
	}
	NextAttestorId::<T>::put(first + MAX_QUORUM);
	BoundedVec::truncate_from(ids.collect())
}

pub(super) fn lines<T: Config>(count: u32) -> Vec<Line<T::AccountId>> {
	let hash = H256::repeat_byte(1);
	let total = Node { hash, charge: CRED, cost: CRED / 2, calls: 1, units: 0 };
	let mut lines = (0..count)
		.map(|index| account::<T::AccountId>("user", index, 0))
		.map(|account| Line { account, payment: Payment::Purse, total })
		.collect::<Vec<_>>();
	lines.sort_by(|low, high| low.account.cmp(&high.account));
	for line in &lines {
		open::<T>(&line.account);
	}
	lines
}

/// A call of `post_batch` with `l` lines and `s` signatures.
pub(super) fn batch_call<T: Config>(l: u32, s: u32) -> Call<T> {
	let relay_key = new_key();
	add_relay::<T>(account("operator", 0, 0), relay_key);
	let members = add_attestors::<T>(&account("attestor", 0, 0), 0);
	Quorum::<T>::put(AttestorQuorum { members: members.clone(), threshold: s });
	let now = T::Calendar::now();
	let header =
		Header { relay: RELAY, sequence: SEQUENCE, time: now, oldest: now, ..Default::default() };
	let mut batch = Batch { header, lines: BoundedVec::truncate_from(lines::<T>(l)) };
	batch.header.root = batch.computed_root().expect("the sums are small");
	let hash = batch.header.hash(&Pallet::<T>::genesis_hash());
	let relay_signature = sign(&relay_key, &hash);
	let signatures = members.into_iter().take(s as usize).map(|id| {
		let attestor = Attestors::<T>::get(id).expect("it was added");
		(id, sign(&attestor.key, &hash))
	});
	let signatures = BoundedVec::truncate_from(signatures.collect());
	Call::post_batch { batch, relay_signature, signatures }
}

/// Gives the measured batch the place of the queue that is looked at next.
pub(super) fn enqueue<T: Config>() {
	let place = QueueTail::<T>::get();
	Queue::<T>::insert(place, (RELAY, SEQUENCE));
	QueueHead::<T>::put(place);
	QueueTail::<T>::put(place + 1);
}

/// A batch of `lines` that waits to become final, their charges pending.
pub(super) fn pending_batch<T: Config>(lines: &[Line<T::AccountId>], final_at: Moment) {
	for line in lines {
		Accounts::<T>::mutate_extant(&line.account, |account| {
			let purse = account.purse_mut(RELAY).expect("it was opened");
			purse.pending = core::mem::take(&mut purse.free);
		});
	}
	Relays::<T>::mutate_extant(RELAY, |relay| relay.pending_batches = 1);
	let posted = PostedBatch {
		hash: H256::zero(),
		root: root(lines.iter().map(Line::node).collect()).expect("the sums are small"),
		oldest: 0,
		time: 0,
		final_at,
		lines: lines.len() as u32,
		settled_lines: 0,
	};
	Batches::<T>::insert(RELAY, SEQUENCE, posted);
	for (page, lines) in (0u32..).zip(lines.chunks(LINES_PER_PAGE as usize)) {
		let page_of_lines = LinePage::<T::AccountId>::truncate_from(lines.to_vec());
		LinePages::<T>::insert((RELAY, SEQUENCE, page), page_of_lines);
	}
	enqueue::<T>();
}

/// A batch of a full page that is due.
pub(super) fn due_batch<T: Config>() -> Due {
	add_relay::<T>(account("operator", 0, 0), Default::default());
	pending_batch::<T>(&lines::<T>(LINES_PER_PAGE), 0);
	match Pallet::<T>::next_due() {
		Next::Due(due) => due,
		_ => unreachable!("it was just queued"),
	}
}

/// A final batch that is remembered until `until`.
pub(super) fn remember<T: Config>(sequence: u64, root: Node, lines: u32, until: Moment) {
	let settled = SettledBatch { hash: H256::zero(), root, lines, until };
	Settled::<T>::insert(RELAY, sequence, settled);
}

/// `entry` as the first of so many that its proof has `depth` siblings: those, and the root.
fn first_of(entry: Node, depth: u32) -> (Vec<Node>, Node) {
	let mut root = entry;
	let siblings = (0..depth).map(|level| {
		let hash = H256::repeat_byte(2);
		let sibling = Node { hash, charge: 0, cost: 0, calls: 1 << level, units: 0 };
		root = Node::join(&root, &sibling).expect("the sums are small");
		sibling
	});
	(siblings.collect(), root)
}

fn leaf<AccountId>(account: AccountId) -> Leaf<AccountId> {
	Leaf {
		call_id: [1; 16],
		account,
		payment: Payment::Purse,
		key: H256::repeat_byte(3),
		model: ModelId::truncate_from(alloc::vec![b'm'; 64]),
		usage: Usage::Tokens { input: 1, cached_input: 1, output: 1 },
		price_version: 1,
		tier: Tier::Lv1,
		charge: CRED,
		cost: CRED / 2,
		estimated: false,
		request_hash: H256::repeat_byte(4),
		response_hash: H256::repeat_byte(5),
	}
}

/// Makes the first of `lines` one of as many calls as a batch may have, and proves the first call.
pub(super) fn prove_call<AccountId: Encode + Clone>(
	lines: &mut [Line<AccountId>],
) -> CallProof<AccountId> {
	let first = lines.first_mut().expect("there are lines");
	let leaf = leaf(first.account.clone());
	let (siblings, total) = first_of(leaf.node(), MAX_LEAF_DEPTH);
	first.total = total;
	let line = first.clone();
	let line_siblings = prove(lines.iter().map(Line::node).collect(), 0).expect("it is there");
	CallProof {
		leaf,
		index: 0,
		siblings: BoundedVec::truncate_from(siblings),
		line: LineProof { line, index: 0, siblings: BoundedVec::truncate_from(line_siblings) },
	}
}

/// That a final batch of as many lines as may be has settled `call` already.
pub(super) fn settled_before<T: Config>(call: &CallProof<T::AccountId>) -> Fraud<T::AccountId> {
	let (siblings, root) = first_of(call.line.line.node(), MAX_LINE_DEPTH);
	let siblings = BoundedVec::truncate_from(siblings);
	let line = LineProof { siblings, ..call.line.clone() };
	let earlier = SEQUENCE - 1;
	remember::<T>(earlier, root, MAX_LINES, Moment::MAX);
	Fraud::SettledCall { call: call.clone(), earlier, before: CallProof { line, ..call.clone() } }
}

/// Whoever is paid for a proof gets what was owed before, too.
pub(super) fn owe_payees<T: Config>(reporter: &T::AccountId) -> [T::AccountId; 2] {
	let payees = [reporter.clone(), T::RiskReserve::get()];
	payees.iter().for_each(owe::<T>);
	payees
}

/// The measured batch is gone and paid back, its relay punished, and nothing owed to `payees`.
pub(super) fn assert_reversed<T: Config>(lines: &[Line<T::AccountId>], payees: &[T::AccountId]) {
	assert!(!Batches::<T>::contains_key(RELAY, SEQUENCE));
	assert_eq!(LinePages::<T>::iter().count(), 0);
	let is_refunded = |purse: Purse| (purse.free, purse.pending) == (CRED, 0);
	assert!(lines.iter().all(|line| is_refunded(purse::<T>(&line.account))));
	let relay = Relays::<T>::get(RELAY).expect("it stays registered");
	assert_eq!((relay.status, relay.bond), (RelayStatus::Suspended, 0));
	assert!(payees.iter().all(|who| !Owed::<T>::contains_key(who)));
}

/// The clock of a runtime that is measured stands at 0, before which nothing ends.
pub(super) fn start_clock() {
	unhashed::put::<Moment>(&storage_prefix(b"Timestamp", b"Now"), &1);
}
