//! Where the poster, the attestors and the waiting readers tell each other that something is new. What
//! it is stands in the ledger, but for objections: attestors repeat those.

use std::{
	collections::{BTreeMap, BTreeSet},
	sync::{Mutex, MutexGuard, PoisonError},
	time::Duration,
};

use lx_primitives::CallId;
use sp_core::H256;
use tokio::{
	sync::{watch, Notify},
	time::timeout,
};

/// What attestors object to in one batch.
#[derive(Debug, Default)]
struct Objected {
	batch: H256,
	calls: BTreeMap<u32, BTreeSet<CallId>>,
}

/// The most calls of which it is counted how often they kept a batch from being signed.
const MAX_COUNTED: usize = 10_000;

/// The board.
#[derive(Debug)]
pub struct Board {
	opened: watch::Sender<()>,
	signed: Notify,
	objected: Mutex<Objected>,
	/// How many batches a call has kept from being signed. Whoever starts again is patient again.
	in_the_way: Mutex<BTreeMap<CallId, u32>>,
	/// Why batches wait for attestors, if they do.
	waits: Mutex<Option<String>>,
}

impl Default for Board {
	fn default() -> Self {
		Self {
			opened: watch::Sender::new(()),
			signed: Notify::new(),
			objected: Mutex::default(),
			in_the_way: Mutex::default(),
			waits: Mutex::default(),
		}
	}
}

impl Board {
	/// A batch waits for signatures.
	pub fn announce_batch(&self) {
		self.opened.send_replace(());
	}

	/// An attestor has signed.
	pub fn announce_signature(&self) {
		self.signed.notify_one();
	}

	/// Changes whenever a batch is announced.
	pub fn batches(&self) -> watch::Receiver<()> {
		self.opened.subscribe()
	}

	/// Waits for a signature, but not longer than `most`.
	pub async fn signature(&self, most: Duration) {
		// Whether one came or the time is over, there is something to look at.
		let _ = timeout(most, self.signed.notified()).await;
	}

	/// Notes to which calls of the open batch an attestor objects, in the place of what it said before.
	/// What was said of another batch is forgotten.
	pub fn object(&self, batch: H256, attestor: u32, calls: BTreeSet<CallId>) {
		let mut objected = self.objected();
		if objected.batch != batch {
			*objected = Objected { batch, ..Objected::default() };
		}
		objected.calls.insert(attestor, calls);
	}

	/// To which calls of a batch attestors object.
	pub fn objections(&self, batch: &H256) -> BTreeMap<u32, BTreeSet<CallId>> {
		let objected = self.objected();
		if objected.batch == *batch {
			objected.calls.clone()
		} else {
			BTreeMap::new()
		}
	}

	/// Counts that a call has kept a batch from being signed; returns how many it has by now.
	pub fn count(&self, call: &CallId) -> u32 {
		let mut counts = self.in_the_way.lock().unwrap_or_else(PoisonError::into_inner);
		if counts.len() >= MAX_COUNTED {
			counts.clear();
		}
		let count = counts.entry(*call).or_default();
		*count = count.saturating_add(1);
		*count
	}

	/// Notes why batches wait for attestors, or that they do not.
	pub fn note_wait(&self, why: Option<String>) {
		*self.waits() = why;
	}

	/// Why batches wait for attestors, if they do.
	pub fn wait(&self) -> Option<String> {
		self.waits().clone()
	}

	fn waits(&self) -> MutexGuard<'_, Option<String>> {
		self.waits.lock().unwrap_or_else(PoisonError::into_inner)
	}

	fn objected(&self) -> MutexGuard<'_, Objected> {
		self.objected.lock().unwrap_or_else(PoisonError::into_inner)
	}
}
