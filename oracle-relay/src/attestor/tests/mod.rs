//! What is signed and what is not.

mod calls;
mod health;
mod keys;
mod objecting;
mod offers;
mod quotas;
mod server;
mod watching;

use lx_primitives::CallId;
use tempfile::TempDir;

use super::{
	case::Case,
	check::admit,
	fixtures::FakeBook,
	refusal::{Refusal, Trouble},
	store::Store,
};

async fn store() -> (TempDir, Store) {
	let folder = tempfile::tempdir().unwrap();
	let store = Store::open(folder.path()).await.unwrap();
	(folder, store)
}

/// Why a batch, or the first of its calls that is wrong, is refused with this record; `None` if it is
/// admitted.
async fn verdict(case: &Case, book: &FakeBook, store: &Store) -> Option<Refusal> {
	match admit(case, book, store).await {
		Ok(()) => None,
		Err(Trouble::Refused(refusal)) => Some(refusal),
		Err(Trouble::Objected(objections)) => objections.reasons().next().cloned(),
		Err(trouble) => panic!("{trouble}"),
	}
}

/// The calls of a batch to which an attestor objects that has signed nothing yet.
async fn objected(case: &Case, book: &FakeBook) -> Vec<CallId> {
	let (_folder, store) = store().await;
	match admit(case, book, &store).await {
		Err(Trouble::Objected(objections)) => objections.calls().copied().collect(),
		other => panic!("{other:?}"),
	}
}

/// Why a batch is refused by an attestor that has signed nothing yet; `None` if it is admitted.
async fn first_verdict(case: &Case, book: &FakeBook) -> Option<Refusal> {
	let (_folder, store) = store().await;
	verdict(case, book, &store).await
}
