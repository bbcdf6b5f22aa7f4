//! Reading operations.

use std::{format, string::String};

use crate::{Change, Lots, Moment, NewOrder, OrderId, SelfTrade, Side, Tick, TimeInForce};

/// The most letters of a name.
const NAME: usize = 16;

/// An owner's name, in a fixed number of bytes, so that names take no memory of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Name {
	bytes: [u8; NAME],
	length: u8,
}

impl Name {
	pub(super) fn as_str(&self) -> &str {
		let bytes = self.bytes.get(..usize::from(self.length)).unwrap_or_default();
		core::str::from_utf8(bytes).unwrap_or_default()
	}

	/// Whether both are accounts of one owner.
	pub(super) fn is_same_party(&self, other: &Self) -> bool {
		self.as_str().split('/').next() == other.as_str().split('/').next()
	}
}

/// What a line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
	Operation(Operation),
	Time(Moment),
	MaxMatches(Option<u32>),
	MaxOrders(Option<u32>),
	MinNotional(u128),
	Hold(Name, Side, Lots),
	Book,
}

/// Something that is done to the book.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Operation {
	Place(NewOrder<Name>),
	Cancel(OrderId),
	Expire(OrderId),
	Amend(OrderId, Change),
}

type Parsed<T> = Result<T, String>;

/// Reads a line; `None` if it says nothing.
pub(super) fn parse(line: &str) -> Parsed<Option<Line>> {
	let text = line.split('#').next().unwrap_or_default();
	let mut words = Words(text.split_whitespace());
	let Some(first) = words.0.next() else { return Ok(None) };
	let line = match first {
		"buy" => place(Side::Bid, &mut words)?,
		"sell" => place(Side::Ask, &mut words)?,
		"cancel" => Line::Operation(Operation::Cancel(words.number("an order's id")?)),
		"expire" => Line::Operation(Operation::Expire(words.number("an order's id")?)),
		"amend" => amend(&mut words)?,
		"time" => Line::Time(words.number("milliseconds")?),
		"max-matches" => Line::MaxMatches(words.limit()?),
		"max-orders" => Line::MaxOrders(words.limit()?),
		"min-notional" => Line::MinNotional(words.number("ticks times lots")?),
		"hold" => Line::Hold(words.name()?, words.side()?, words.number("lots")?),
		"book" => Line::Book,
		other => return Err(format!("`{other}` is no operation")),
	};
	words.end()?;
	Ok(Some(line))
}

fn place(side: Side, words: &mut Words<'_>) -> Parsed<Line> {
	let owner = words.name()?;
	let (lots, tick) = words.terms()?;
	let Manner { time_in_force, self_trade, reduce_only } = words.manner()?;
	Ok(Line::Operation(Operation::Place(NewOrder {
		owner,
		side,
		tick,
		lots,
		time_in_force,
		self_trade,
		reduce_only,
	})))
}

fn amend(words: &mut Words<'_>) -> Parsed<Line> {
	let id = words.number("an order's id")?;
	let (lots, tick) = words.terms()?;
	let Manner { time_in_force, self_trade, reduce_only } = words.manner()?;
	if reduce_only {
		return Err("an order stays reduce-only, or does not become it".into());
	}
	let change = Change { tick, lots, time_in_force, self_trade };
	Ok(Line::Operation(Operation::Amend(id, change)))
}

/// How an order behaves.
struct Manner {
	time_in_force: TimeInForce,
	self_trade: SelfTrade,
	reduce_only: bool,
}

/// What is left of a line.
struct Words<'a>(core::str::SplitWhitespace<'a>);

impl Words<'_> {
	fn next(&mut self, what: &str) -> Parsed<&str> {
		self.0.next().ok_or_else(|| format!("{what} is missing"))
	}

	fn number<T: core::str::FromStr>(&mut self, what: &str) -> Parsed<T> {
		let word = self.next(what)?;
		word.parse().map_err(|_| format!("`{word}` is not {what}"))
	}

	fn limit(&mut self) -> Parsed<Option<u32>> {
		let word = self.next("a number, or off,")?;
		if word == "off" {
			return Ok(None);
		}
		word.parse().map(Some).map_err(|_| format!("`{word}` is neither a number nor off"))
	}

	fn name(&mut self) -> Parsed<Name> {
		let word = self.next("a name")?;
		let mut name = Name { length: word.len() as u8, ..Name::default() };
		match name.bytes.get_mut(..word.len()) {
			Some(bytes) => bytes.copy_from_slice(word.as_bytes()),
			None => return Err(format!("the name `{word}` has more than {NAME} letters")),
		}
		Ok(name)
	}

	fn side(&mut self) -> Parsed<Side> {
		match self.next("buy or sell")? {
			"buy" => Ok(Side::Bid),
			"sell" => Ok(Side::Ask),
			other => Err(format!("`{other}` is neither buy nor sell")),
		}
	}

	/// `LOTS @ TICK`.
	fn terms(&mut self) -> Parsed<(Lots, Tick)> {
		let lots = self.number("lots")?;
		match self.next("@")? {
			"@" => Ok((lots, self.number("a tick")?)),
			other => Err(format!("`{other}` stands where `@` should")),
		}
	}

	fn manner(&mut self) -> Parsed<Manner> {
		let (mut lives, mut meets, mut reduces) = (None, None, None);
		while let Some(word) = self.0.next() {
			let is_first = match word {
				"gtc" => set(&mut lives, TimeInForce::GoodTilCancelled),
				"gtt" => set(&mut lives, TimeInForce::GoodTilTime(self.number("a time")?)),
				"post-only" => set(&mut lives, TimeInForce::PostOnly),
				"ioc" => set(&mut lives, TimeInForce::ImmediateOrCancel),
				"fok" => set(&mut lives, TimeInForce::FillOrKill),
				"cancel-taker" => set(&mut meets, SelfTrade::CancelTaker),
				"cancel-maker" => set(&mut meets, SelfTrade::CancelMaker),
				"cancel-both" => set(&mut meets, SelfTrade::CancelBoth),
				"decrement" => set(&mut meets, SelfTrade::Decrement),
				"reduce-only" => set(&mut reduces, ()),
				other => return Err(format!("`{other}` is no word of an order")),
			};
			if !is_first {
				return Err(format!("`{word}` says anew what a word before it has said"));
			}
		}
		Ok(Manner {
			time_in_force: lives.unwrap_or(TimeInForce::GoodTilCancelled),
			self_trade: meets.unwrap_or(SelfTrade::CancelTaker),
			reduce_only: reduces.is_some(),
		})
	}

	fn end(&mut self) -> Parsed<()> {
		match self.0.next() {
			None => Ok(()),
			Some(word) => Err(format!("`{word}` is too much")),
		}
	}
}

/// Notes what a word says, and whether none has said it before.
fn set<T>(said: &mut Option<T>, value: T) -> bool {
	said.replace(value).is_none()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn problem(line: &str) -> String {
		parse(line).unwrap_err()
	}

	#[test]
	fn remarks_and_empty_lines_say_nothing() {
		for line in ["", "  ", "# buy ann 1 @ 1", "   # so"] {
			assert_eq!(parse(line), Ok(None));
		}
		assert_eq!(parse("time 7 # late"), Ok(Some(Line::Time(7))));
	}

	#[test]
	fn what_is_wrong_is_said() {
		assert_eq!(problem("bye"), "`bye` is no operation");
		assert_eq!(problem("buy"), "a name is missing");
		assert_eq!(problem("buy ann ten @ 5"), "`ten` is not lots");
		assert_eq!(problem("buy ann 10 at 5"), "`at` stands where `@` should");
		assert_eq!(problem("buy ann 10 @ -5"), "`-5` is not a tick");
		assert_eq!(problem("buy ann 10 @ 5 soon"), "`soon` is no word of an order");
		assert_eq!(
			problem("buy an-owner-whose-name-is-long 1 @ 1").split(' ').next_back(),
			Some("letters")
		);
		for (line, word) in [
			("buy ann 1 @ 1 gtc ioc", "ioc"),
			("amend 1 2 @ 3 gtt 5 decrement gtt 6", "gtt"),
			("sell ann 1 @ 1 cancel-both fok decrement", "decrement"),
			("sell ann 1 @ 1 reduce-only reduce-only", "reduce-only"),
		] {
			let expected = format!("`{word}` says anew what a word before it has said");
			assert_eq!(problem(line), expected);
		}
		assert_eq!(problem("cancel 5 6"), "`6` is too much");
		assert_eq!(problem("max-orders many"), "`many` is neither a number nor off");
		assert!(problem("amend 1 2 @ 3 reduce-only").contains("reduce-only"));
	}

	#[test]
	fn a_name_of_any_length_is_refused_or_kept() {
		for length in [1, 15, 16] {
			let name = "a".repeat(length);
			let line = parse(&format!("hold {name} sell 5")).unwrap().unwrap();
			let Line::Hold(kept, Side::Ask, 5) = line else { panic!("it is held: {line:?}") };
			assert_eq!(kept.as_str(), name);
		}
		for length in [17, 255, 256, 272] {
			assert!(parse(&format!("hold {} sell 5", "a".repeat(length))).is_err());
		}
	}
}
