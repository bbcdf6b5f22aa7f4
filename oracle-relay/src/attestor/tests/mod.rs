//! What is signed and what is not.

mod calls;
mod health;
mod keys;
mod offers;
mod server;
mod watching;

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

/// Why a batch is refused with this record; `None` if it is admitted.
async fn verdict(case: &Case, book: &FakeBook, store: &Store) -> Option<Refusal> {
	match admit(case, book, store).await {
		Ok(()) => None,
		Err(Trouble::Refused(refusal)) => Some(refusal),
		Err(trouble) => panic!("{trouble}"),
	}
}

/// Why a batch is refused by an attestor that has signed nothing yet; `None` if it is admitted.
async fn first_verdict(case: &Case, book: &FakeBook) -> Option<Refusal> {
	let (_folder, store) = store().await;
	verdict(case, book, &store).await
}
