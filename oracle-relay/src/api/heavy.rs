//! Reads of the call log that take long, which anybody may ask for: so many at a time, and the others
//! wait for their turn. Attestors have turns of their own, so that nobody keeps them from signing.

use std::{sync::Arc, time::Duration};

use axum::http::HeaderMap;
use tokio::{
	sync::{OwnedSemaphorePermit, Semaphore},
	time::timeout,
};

use super::ApiError;
use crate::{
	app::App,
	attest::question::{asker, Asked, ATTESTOR},
	tasks::now,
};

/// How long a read waits for its turn before its client is told to come back.
const PATIENCE: Duration = Duration::from_secs(3);

/// How many strangers read at a time, and how many members of the quorum: together fewer than the
/// ledger has readers, so that calls always find one.
const STRANGERS: usize = 2;
const MEMBERS: usize = 1;

/// The most strangers that wait for a batch at the same time.
const WAITERS: usize = 256;

/// Turns to read much of the call log.
pub struct Turns {
	/// Anybody's.
	pub strangers: Arc<Semaphore>,
	/// Those of members of the quorum.
	pub members: Arc<Semaphore>,
	/// Leaves for strangers to wait for a batch.
	pub waiters: Arc<Semaphore>,
}

impl Default for Turns {
	fn default() -> Self {
		let permits = |most| Arc::new(Semaphore::new(most));
		Self { strangers: permits(STRANGERS), members: permits(MEMBERS), waiters: permits(WAITERS) }
	}
}

/// Those who wait for their turns.
pub(super) struct Queue(Arc<Semaphore>);

impl Queue {
	/// A turn for a read that anybody asks for.
	pub async fn admit(&self) -> Result<OwnedSemaphorePermit, ApiError> {
		timeout(PATIENCE, self.turn()).await.unwrap_or_else(|_| Err(ApiError::busy()))
	}

	/// A turn, however long that takes: for whoever has a good key, or was admitted.
	pub async fn turn(&self) -> Result<OwnedSemaphorePermit, ApiError> {
		self.0.clone().acquire_owned().await.map_err(|_| ApiError::internal())
	}
}

/// Where a call's holder waits, and everybody who is no member of the quorum.
pub(super) fn strangers(app: &App) -> Queue {
	Queue(app.turns.strangers.clone())
}

/// Where whoever asks waits for a turn.
pub(super) fn queue(app: &App, headers: &HeaderMap) -> Queue {
	if is_member(app, headers) {
		Queue(app.turns.members.clone())
	} else {
		strangers(app)
	}
}

/// Leave to wait for a batch; `None` if too many strangers do. A member always has it.
pub(super) fn wait(app: &App, headers: &HeaderMap) -> Option<Option<OwnedSemaphorePermit>> {
	if is_member(app, headers) {
		Some(None)
	} else {
		app.turns.waiters.clone().try_acquire_owned().ok().map(Some)
	}
}

fn is_member(app: &App, headers: &HeaderMap) -> bool {
	let Some(value) = headers.get(ATTESTOR).and_then(|value| value.to_str().ok()) else {
		return false;
	};
	let Ok(snapshot) = app.chain.snapshot() else { return false };
	let head = snapshot.head();
	let asked = Asked { genesis: head.genesis, relay: app.signer.id() };
	asker(value, |id| head.quorum.members.get(&id).copied(), &asked, now()).is_some()
}
