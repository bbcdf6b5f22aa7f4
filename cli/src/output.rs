//! What a command prints: its result on standard output, as text or as JSON, and its progress on
//! standard error.

use std::io::{self, Write};

use serde_json::{json, Value};

use crate::{advice::Advice, args::Global, chain::submit::Done};

/// How to print.
#[derive(Clone, Copy)]
pub struct Output {
	json: bool,
	quiet: bool,
}

/// What a command has to say.
pub struct Reply {
	/// For people.
	text: String,
	/// For scripts.
	json: Value,
	/// What `--quiet` prints instead of the text.
	essence: Option<String>,
}

impl Reply {
	/// A reply.
	pub fn new(text: impl Into<String>, json: Value) -> Self {
		Self { text: text.into(), json, essence: None }
	}

	/// The reply of a command that sent a transaction: `text`, what it cost and where it is.
	pub fn done(text: impl Into<String>, done: &Done, mut json: Value) -> Self {
		let fee = done.fee.map_or("no fee".into(), |fee| format!("fee {fee}"));
		let text = format!("{}\n{fee}, block {:?}", text.into(), done.block);
		json["block"] = json!(format!("{:?}", done.block));
		json["fee"] = json!(done.fee);
		Self::new(text, json)
	}

	/// Makes `--quiet` print only `essence`.
	pub fn with_essence(mut self, essence: impl Into<String>) -> Self {
		self.essence = Some(essence.into());
		self
	}
}

impl Output {
	/// As the options say.
	pub fn new(options: &Global) -> Self {
		Self { json: options.json, quiet: options.quiet }
	}

	/// Says on standard error what is going on.
	pub fn progress(self, text: &str) {
		if !self.quiet {
			eprintln!("{text}");
		}
	}

	/// Prints a result. Fails if nobody reads it.
	pub fn print(self, reply: &Reply) -> io::Result<()> {
		let mut out = io::stdout().lock();
		match &reply.essence {
			_ if self.json => writeln!(out, "{}", reply.json),
			Some(essence) if self.quiet => writeln!(out, "{essence}"),
			_ => writeln!(out, "{}", reply.text),
		}
	}

	/// Prints an error: on standard error for people, on standard output for scripts.
	pub fn fail(self, error: &anyhow::Error) {
		if self.json {
			// Where nobody reads it, the text below remains.
			let _ = writeln!(io::stdout(), "{}", error_json(error));
		}
		eprintln!("error: {error:#}");
	}
}

/// Whether the reader of the output has gone, as `head` does when it has seen enough.
pub fn is_unread(error: &anyhow::Error) -> bool {
	let error = error.downcast_ref::<io::Error>();
	error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn error_json(error: &anyhow::Error) -> Value {
	match error.downcast_ref::<Advice>() {
		Some(advice) => json!({ "error": { "problem": advice.problem, "next": advice.next } }),
		None => json!({ "error": { "problem": format!("{error:#}"), "next": null } }),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::advice::advise;

	#[test]
	fn scripts_get_problem_and_way_out_apart() {
		let json = error_json(&advise("no money", "get some"));
		assert_eq!(json["error"]["problem"], "no money");
		assert_eq!(json["error"]["next"], "get some");
		assert_eq!(error_json(&anyhow::anyhow!("odd"))["error"]["next"], Value::Null);
	}
}
