//! What a command prints: its result on standard output, as text or as JSON, and its progress on
//! standard error.

use std::{
	ffi::OsString,
	io::{self, Write},
};

use clap::error::ErrorKind;
use serde_json::{json, Value};

use crate::{
	advice::{advise, Advice},
	args::Global,
	chain::submit::Done,
};

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

	/// The same, without progress.
	pub fn silenced(self) -> Self {
		Self { quiet: true, ..self }
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

/// So many of something, which is called otherwise where it is one.
pub fn count(number: impl TryInto<u64>, one: &str, many: &str) -> String {
	// There is no platform where a length is more.
	let number: u64 = number.try_into().unwrap_or(u64::MAX);
	match number {
		1 => format!("1 {one}"),
		number => format!("{number} {many}"),
	}
}

/// Tells a script what is wrong with its arguments, if they ask for JSON. Clap tells people itself.
pub fn refuse(error: &clap::Error, arguments: impl IntoIterator<Item = OsString>) {
	if error.use_stderr() && ask_for_json(arguments) {
		let _ = writeln!(io::stdout(), "{}", error_json(&unreadable(error)));
	}
}

/// Whether arguments ask for JSON, also where the others cannot be read.
fn ask_for_json(arguments: impl IntoIterator<Item = OsString>) -> bool {
	let mut options = arguments.into_iter().take_while(|argument| argument != "--");
	options.any(|argument| argument == "--json")
}

/// An error of clap: what is wrong, and after an empty line how it is written.
fn unreadable(error: &clap::Error) -> anyhow::Error {
	let text = error.to_string();
	let text = text.strip_prefix("error: ").unwrap_or(&text).trim_end();
	let (problem, next) = match error.kind() {
		// Here clap says nothing but the help.
		ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => ("a command is missing", text),
		_ => text.split_once("\n\n").unwrap_or((text, "`lx --help` shows what there is")),
	};
	advise(problem, next.trim_start())
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
	use clap::{CommandFactory, Parser};

	use super::*;
	use crate::args::Cli;

	#[test]
	fn scripts_get_problem_and_way_out_apart() {
		let json = error_json(&advise("no money", "get some"));
		assert_eq!(json["error"]["problem"], "no money");
		assert_eq!(json["error"]["next"], "get some");
		assert_eq!(error_json(&anyhow::anyhow!("odd"))["error"]["next"], Value::Null);
	}

	#[test]
	fn arguments_that_cannot_be_read_are_told_in_the_same_shape() {
		for (line, problem, next) in [
			("lx top-up 1e3 --json", "invalid value '1e3' for '<AMOUNT>': write", "--help"),
			("lx top-up --json", "required arguments were not provided", "Usage: lx"),
			("lx --json fly", "unrecognized subcommand 'fly'", "Usage: lx"),
			("lx key --json", "requires a subcommand", "Usage: lx"),
		] {
			let error = Cli::try_parse_from(line.split_whitespace()).unwrap_err();
			assert!(error.use_stderr(), "{line}");
			let json = error_json(&unreadable(&error));
			for (field, part) in [("problem", problem), ("next", next)] {
				let text = json["error"][field].as_str().unwrap();
				assert!(text.contains(part), "{line}: {text}");
				assert_eq!(text, text.trim(), "{line}");
			}
		}
		let kind = ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
		let json = error_json(&unreadable(&Cli::command().error(kind, "Usage: lx <COMMAND>")));
		assert_eq!(json["error"]["problem"], "a command is missing");
		assert!(json["error"]["next"].as_str().unwrap().contains("Usage: lx <COMMAND>"));
	}

	#[test]
	fn one_is_not_called_as_many_are() {
		let counted = |number: u32| count(number, "batch", "batches");
		assert_eq!([0, 1, 2].map(counted), ["0 batches", "1 batch", "2 batches"]);
		assert_eq!(count([7].len(), "block", "blocks"), "1 block");
	}

	#[test]
	fn arguments_ask_for_json_wherever_they_say_so() {
		let ask = |line: &str| ask_for_json(line.split_whitespace().map(OsString::from));
		assert!(ask("lx fly --json") && ask("lx --json"));
		assert!(!ask("lx fly") && !ask("lx verify -- --json") && !ask("lx --account=--json"));
	}
}
