//! Calls that keep a batch from being signed. The relay is told which they are, so that it can leave
//! them out of the next one.

use std::{collections::BTreeMap, fmt};

use lx_primitives::CallId;

use super::refusal::{Refusal, Trouble};

/// What is wrong with some of the calls of a batch, one reason for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objections(BTreeMap<CallId, Refusal>);

impl Objections {
	/// Objects to `call`, if that has not been done.
	pub fn add(&mut self, call: &CallId, refusal: Refusal) {
		self.0.entry(*call).or_insert(refusal);
	}

	/// Objects to `call` where it does not stand `check`.
	pub fn note(&mut self, call: &CallId, check: Result<(), Refusal>) {
		if let Err(refusal) = check {
			self.add(call, refusal);
		}
	}

	/// `Ok` if there are none.
	pub fn raise(self) -> Result<(), Trouble> {
		if self.0.is_empty() {
			Ok(())
		} else {
			Err(Trouble::Objected(self))
		}
	}

	/// The calls in the order of their ids.
	pub fn calls(&self) -> impl Iterator<Item = &CallId> {
		self.0.keys()
	}

	/// The reasons in the order of the calls' ids.
	pub fn reasons(&self) -> impl Iterator<Item = &Refusal> {
		self.0.values()
	}
}

impl fmt::Display for Objections {
	fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
		match self.0.values().next() {
			Some(first) => {
				write!(formatter, "{} of its calls cannot be signed: {first}", self.0.len())
			},
			None => write!(formatter, "none of its calls is wrong"),
		}
	}
}
