//! Operations as lines of text, and what they do: for scenarios that people write and for streams of any
//! length. See [`HELP`] for the language.

mod parse;
mod print;

use std::{
	io::{self, BufRead, Write},
	string::String,
};

use crate::{desk::Desk, find, CancelReason, Context, Failure, OrderId};
use parse::{parse, Line, Name, Operation};

/// The language.
pub const HELP: &str = include_str!("help.txt");

/// What a line of output begins with that tells what an operation did. Input that begins so is left
/// out, so that a scenario holds both.
pub const REPORT: &str = "-> ";

/// Why a replay has ended.
#[derive(Debug)]
pub enum Stopped {
	/// Reading or writing has failed.
	Io(io::Error),
	/// A line says nothing that is understood.
	Line {
		/// Its number, from 1 on.
		number: u64,
		/// What is wrong with it.
		problem: String,
	},
}

impl From<io::Error> for Stopped {
	fn from(error: io::Error) -> Self {
		Self::Io(error)
	}
}

/// Runs the operations of `input` on an empty book and writes what they do. With `is_echo`, what was
/// read is written too, so that a scenario that is right comes out as it went in.
pub fn replay(
	mut input: impl BufRead,
	mut output: impl Write,
	is_echo: bool,
) -> Result<(), Stopped> {
	let mut replay =
		Replay { desk: Desk::default(), context: Context { now: 0, max_matches: None } };
	replay.desk.book.same_party = Name::is_same_party;
	let (mut line, mut number) = (String::new(), 0u64);
	loop {
		line.clear();
		number = number.saturating_add(1);
		if input.read_line(&mut line).map_err(|error| unread(error, number))? == 0 {
			return Ok(output.flush()?);
		}
		let text = line.trim_end();
		if text.starts_with(REPORT) {
			continue;
		}
		if is_echo {
			writeln!(output, "{text}")?;
		}
		match parse(text) {
			Ok(Some(operation)) => replay.run(operation, &mut output)?,
			Ok(None) => {},
			Err(problem) => return Err(Stopped::Line { number, problem }),
		}
	}
}

/// Why a line cannot be read.
fn unread(error: io::Error, number: u64) -> Stopped {
	if error.kind() == io::ErrorKind::InvalidData {
		return Stopped::Line { number, problem: "it is no text in UTF-8".into() };
	}
	error.into()
}

/// A book and the circumstances.
struct Replay {
	desk: Desk<Name>,
	context: Context,
}

impl Replay {
	/// Whether there is an order whose time is not over.
	fn lives(&self, id: OrderId) -> bool {
		let order = self.desk.place_of(id).and_then(|place| find(&self.desk.book, place));
		order.is_some_and(|order| self.context.now < order.expires_at)
	}

	fn run(&mut self, line: Line, output: &mut impl Write) -> Result<(), Stopped> {
		let operation = match line {
			Line::Time(now) => {
				self.context.now = now;
				return Ok(());
			},
			Line::MaxMatches(most) => {
				self.context.max_matches = most;
				return Ok(());
			},
			Line::MaxOrders(most) => {
				self.desk.book.max_orders = most;
				return Ok(());
			},
			Line::MinNotional(least) => {
				self.desk.book.min_notional = least;
				return Ok(());
			},
			Line::Hold(name, side, lots) => {
				self.desk.book.reducible.insert((name, side), lots);
				return Ok(());
			},
			Line::Book => return Ok(print::book(&self.desk, output)?),
			Line::Operation(Operation::Expire(id)) if self.lives(id) => {
				return Ok(print::rejected("its time is not over", output)?);
			},
			Line::Operation(operation) => operation,
		};
		let done = match operation {
			Operation::Place(order) => self.desk.place(order, self.context).map(drop),
			Operation::Cancel(id) => self.desk.cancel(id, CancelReason::Requested),
			Operation::Expire(id) => self.desk.cancel(id, CancelReason::Expired),
			Operation::Amend(id, change) => self.desk.amend(id, change, self.context).map(drop),
		};
		match done {
			Ok(()) => {
				for report in self.desk.reports() {
					print::report(report, output)?;
				}
				Ok(())
			},
			Err(Failure::Rejected(rejection)) => Ok(print::rejection(rejection, output)?),
			Err(Failure::Listener(never)) => match never {},
			Err(Failure::Corrupt) => Err(io::Error::other("the book contradicts itself").into()),
		}
	}
}
