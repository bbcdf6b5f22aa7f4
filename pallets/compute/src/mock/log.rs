//! Calls, and batches of them.

use frame_support::traits::Authorize;
use lx_primitives::{
	call_log::{call_id, leaves_root},
	proof::{CallProof, LineProof},
	Batch, Credits, Header, Leaf, Line, ModelId, Payment, RelayId, Tier, Usage,
};
use sp_core::{sr25519, Pair, H256};
use sp_runtime::{
	transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
	BoundedVec, DispatchResult,
};

use super::*;
use crate::{Equivocation, Signatures, SignedHeader, Signer};

pub fn model() -> ModelId {
	b"model".to_vec().try_into().unwrap()
}

/// A model that is served against quotas of [`LAUNCH`] only.
pub fn scarce() -> ModelId {
	b"scarce".to_vec().try_into().unwrap()
}

/// A call of `units` made now, priced as the registry says.
pub fn call(account: AccountId, units: u32) -> Leaf<AccountId> {
	Calls::mutate(|calls| *calls += 1);
	let mut random = [0; 10];
	random[..8].copy_from_slice(&Calls::get().to_be_bytes());
	Leaf {
		call_id: call_id(Now::get(), random),
		account,
		payment: Payment::Purse,
		key: H256::repeat_byte(5),
		model: model(),
		usage: Usage::Units(units),
		price_version: 1,
		tier: Tier::Lv1,
		charge: RATE * Credits::from(units),
		cost: COST_RATE * Credits::from(units),
		estimated: false,
		request_hash: H256::zero(),
		response_hash: H256::zero(),
	}
}

/// A call of `units` made now against a quota of [`LAUNCH`], priced as it says.
pub fn scarce_call(account: AccountId, units: u32) -> Leaf<AccountId> {
	Leaf {
		payment: Payment::Quota(LAUNCH),
		model: scarce(),
		price_version: 0,
		charge: SCARCE_RATE * Credits::from(units),
		cost: SCARCE_COST_RATE * Credits::from(units),
		..call(account, units)
	}
}

/// A line of one call, with a cost of 60 %.
pub fn line(account: AccountId, charge: Credits) -> Line<AccountId> {
	line_by(Payment::Purse, account, charge)
}

/// The same, paid by whoever sponsors the account.
pub fn free_line(account: AccountId, charge: Credits) -> Line<AccountId> {
	line_by(Payment::Perk, account, charge)
}

fn line_by(payment: Payment, account: AccountId, charge: Credits) -> Line<AccountId> {
	let cost = charge * 6 / 10;
	let leaf = Leaf { payment, charge, cost, ..call(account.clone(), 0) };
	Line { account, payment, total: leaf.node() }
}

/// The calls of a batch, by line.
#[derive(Clone)]
pub struct Log(pub Vec<Vec<Leaf<AccountId>>>);

impl Log {
	/// Groups calls by account and payment.
	pub fn new(mut calls: Vec<Leaf<AccountId>>) -> Self {
		let line = |call: &Leaf<AccountId>| (call.account.clone(), call.payment);
		calls.sort_by_key(line);
		Self(calls.chunk_by(|a, b| line(a) == line(b)).map(<[_]>::to_vec).collect())
	}

	pub fn lines(&self) -> Vec<Line<AccountId>> {
		let line = |calls: &Vec<Leaf<AccountId>>| Line {
			account: calls[0].account.clone(),
			payment: calls[0].payment,
			total: leaves_root(calls).unwrap(),
		};
		self.0.iter().map(line).collect()
	}

	pub fn line(&self, index: u32) -> LineProof<AccountId> {
		LineProof::new(&self.lines(), index).unwrap()
	}

	pub fn call(&self, line: u32, index: u32) -> CallProof<AccountId> {
		CallProof::new(&self.lines(), line, &self.0[line as usize], index).unwrap()
	}

	/// Posts these calls as the next batch of relay 0.
	pub fn post(&self) {
		post(self.lines()).unwrap();
	}
}

/// The next batch of relay 0.
pub fn batch(lines: Vec<Line<AccountId>>) -> Batch<AccountId> {
	batch_of(0, lines)
}

pub fn batch_of(relay: RelayId, mut lines: Vec<Line<AccountId>>) -> Batch<AccountId> {
	lines.sort_by(|low, high| low.key().cmp(&high.key()));
	let (sequence, previous) = Compute::next_batch(relay).unwrap_or_default();
	let now = Now::get();
	let header =
		Header { relay, sequence, previous, time: now, oldest: now, root: Default::default() };
	seal(Batch { header, lines: BoundedVec::truncate_from(lines) })
}

/// Makes the root that of the lines.
pub fn seal(mut batch: Batch<AccountId>) -> Batch<AccountId> {
	batch.header.root = batch.computed_root().unwrap_or_default();
	batch
}

/// A batch with its signatures.
#[derive(Clone)]
pub struct Signed {
	pub batch: Batch<AccountId>,
	pub relay_signature: sr25519::Signature,
	pub signatures: Signatures,
}

/// What is signed of a batch.
pub fn hash(header: &Header) -> H256 {
	header.hash(&System::block_hash(0))
}

/// Signs with relay 0's key and the attestors' 0 and 1.
pub fn sign(batch: Batch<AccountId>) -> Signed {
	sign_by(batch, &relay_pair(), &[0, 1])
}

pub fn sign_by(batch: Batch<AccountId>, relay: &sr25519::Pair, attestors: &[AttestorId]) -> Signed {
	let hash = hash(&batch.header);
	let signatures = attestors.iter().map(|id| (*id, attestor_pair(*id).sign(hash.as_bytes())));
	Signed {
		batch,
		relay_signature: relay.sign(hash.as_bytes()),
		signatures: BoundedVec::truncate_from(signatures.collect()),
	}
}

pub fn sign_header(header: Header, pair: &sr25519::Pair) -> SignedHeader {
	SignedHeader { header, signature: pair.sign(hash(&header).as_bytes()) }
}

/// `by`, whose key is `pair`, has signed this header, and another one for the same place.
pub fn equivocation(by: Signer, pair: &sr25519::Pair, header: Header) -> Equivocation {
	let other = Header { oldest: header.oldest - 1, ..header };
	Equivocation { by, first: sign_header(header, pair), second: sign_header(other, pair) }
}

impl Signed {
	pub fn call(self) -> crate::Call<Test> {
		let Self { batch, relay_signature, signatures } = self;
		crate::Call::post_batch { batch, relay_signature, signatures }
	}

	/// Dispatches it as the transaction extension does once it has let it pass.
	pub fn post(self) -> DispatchResult {
		let origin = frame_system::RawOrigin::Authorized.into();
		Compute::post_batch(origin, self.batch, self.relay_signature, self.signatures)
	}

	pub fn authorize(
		&self,
		source: TransactionSource,
	) -> Result<ValidTransaction, TransactionValidityError> {
		self.clone().call().authorize(source).unwrap().map(|(valid, _)| valid)
	}
}

/// Posts the next batch of relay 0.
pub fn post(lines: Vec<Line<AccountId>>) -> DispatchResult {
	sign(batch(lines)).post()
}
