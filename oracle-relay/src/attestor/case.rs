//! What a relay shows of a batch.

use std::collections::{BTreeMap, HashMap};

use lx_primitives::{
	call_log::leaves_root, grant::Grant, units::Credits, CallId, Header, Leaf, Line,
};
use sp_core::{
	crypto::{AccountId32, Ss58Codec},
	sr25519, H256,
};

/// Calls, grouped by the line that charges them.
pub type CallsByLine = Vec<Vec<Leaf<AccountId32>>>;

/// A batch without its calls.
#[derive(Clone, Debug)]
pub struct Offer {
	/// What is to be signed.
	pub header: Header,
	/// The relay's own signature over the header's hash.
	pub relay_signature: sr25519::Signature,
	/// What it charges to each account, in each way of payment.
	pub lines: Vec<Line<AccountId32>>,
}

/// A batch with everything that is needed to check it.
#[derive(Clone, Debug)]
pub struct Case {
	/// The batch.
	pub offer: Offer,
	/// Its calls.
	pub calls: CallsByLine,
	/// What the payers' wallets have signed, by the hash of the key.
	pub grants: HashMap<H256, SignedGrant>,
}

impl Case {
	/// All its calls in order.
	pub fn leaves(&self) -> impl Iterator<Item = &Leaf<AccountId32>> {
		self.calls.iter().flatten()
	}
}

/// A grant with its evidence.
#[derive(Clone, Debug)]
pub struct SignedGrant {
	/// What the key may do.
	pub grant: Grant,
	/// Who pays, read from the grant.
	pub account: AccountId32,
	/// The wallet's signature.
	pub signature: Vec<u8>,
}

impl SignedGrant {
	/// `None` if the grant names no account.
	pub fn new(grant: Grant, signature: Vec<u8>) -> Option<Self> {
		let account = AccountId32::from_ss58check(&grant.account).ok()?;
		Some(Self { grant, account, signature })
	}
}

/// What is written down of a batch.
#[derive(Clone, Debug)]
pub struct Entry {
	/// The batch.
	pub header: Header,
	/// What is signed.
	pub hash: H256,
	/// Its calls, in order.
	pub calls: Vec<Spent>,
}

/// What is written down of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spent {
	/// The call.
	pub call: CallId,
	/// The key by which it was made.
	pub key: H256,
	/// What it is charged.
	pub charge: Credits,
}

impl Entry {
	/// The entry of a batch that holds `calls`.
	pub fn new(header: Header, hash: H256, calls: &CallsByLine) -> Self {
		let spent = |leaf: &Leaf<AccountId32>| Spent {
			call: leaf.call_id,
			key: leaf.key,
			charge: leaf.charge,
		};
		Self { header, hash, calls: calls.iter().flatten().map(spent).collect() }
	}

	/// What each key spends in it.
	pub fn spending(&self) -> BTreeMap<H256, Credits> {
		let mut spending = BTreeMap::new();
		for Spent { key, charge, .. } in &self.calls {
			let spent: &mut Credits = spending.entry(*key).or_default();
			*spent = spent.saturating_add(*charge);
		}
		spending
	}

	/// The last calls of `key`, those without which it would spend less by at least `excess`.
	pub fn beyond(&self, key: &H256, excess: Credits) -> Vec<CallId> {
		let mut left = excess;
		let of_key = self.calls.iter().rev().filter(|spent| spent.key == *key);
		of_key
			.take_while(|spent| {
				let is_beyond = left > 0;
				left = left.saturating_sub(spent.charge);
				is_beyond
			})
			.map(|spent| spent.call)
			.collect()
	}
}

/// The line that charges `calls`; `None` if there are none, or if they belong to several lines.
pub fn line_of(calls: &[Leaf<AccountId32>]) -> Option<Line<AccountId32>> {
	let Leaf { account, payment, .. } = calls.first()?;
	let (account, total) = (account.clone(), leaves_root(calls)?);
	let line = Line { account, payment: *payment, total };
	calls.iter().all(|leaf| line.is_of(leaf)).then_some(line)
}
