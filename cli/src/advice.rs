//! Errors for people: what went wrong, and what to do next.

use std::fmt;

/// A problem with its way out.
#[derive(Debug)]
pub struct Advice {
	/// What went wrong.
	pub problem: String,
	/// What to do about it.
	pub next: String,
}

impl fmt::Display for Advice {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}\n  next: {}", self.problem, self.next)
	}
}

impl std::error::Error for Advice {}

/// An error that says what to do next.
pub fn advise(problem: impl Into<String>, next: impl Into<String>) -> anyhow::Error {
	Advice { problem: problem.into(), next: next.into() }.into()
}

/// The cause of an error that only passes others on.
pub fn innermost(error: &dyn std::error::Error) -> String {
	let mut error = error;
	while let Some(cause) = error.source() {
		error = cause;
	}
	error.to_string()
}
