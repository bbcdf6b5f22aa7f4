//! Where the poster, the attestors and the waiting readers tell each other that something is new. What
//! it is stands in the ledger.

use std::time::Duration;

use tokio::{
	sync::{watch, Notify},
	time::timeout,
};

/// The board.
#[derive(Debug)]
pub struct Board {
	opened: watch::Sender<()>,
	signed: Notify,
}

impl Default for Board {
	fn default() -> Self {
		Self { opened: watch::Sender::new(()), signed: Notify::new() }
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
}
