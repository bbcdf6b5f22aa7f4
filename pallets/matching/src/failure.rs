//! Why an operation ends without a result.

use crate::Rejection;

/// The book contradicts itself. Nothing that the engine does leads to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrupt;

/// Why an operation has failed. What it has told the book is to be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure<E> {
	/// It is not accepted.
	Rejected(Rejection),
	/// Whoever was told of it could not go along.
	Listener(E),
	/// The book contradicts itself.
	Corrupt,
}

impl<E> From<Rejection> for Failure<E> {
	fn from(rejection: Rejection) -> Self {
		Self::Rejected(rejection)
	}
}

impl<E> From<Corrupt> for Failure<E> {
	fn from(Corrupt: Corrupt) -> Self {
		Self::Corrupt
	}
}
