//! Writing what was done.

use std::io::{self, Write};

use super::{parse::Name, REPORT};
use crate::{check, desk::Desk, CancelReason, Fill, Rejection, Report, Side};

pub(super) fn report(report: &Report<Name>, output: &mut impl Write) -> io::Result<()> {
	write!(output, "{REPORT}")?;
	match report {
		Report::Accepted { id, owner, side, lots } => {
			writeln!(output, "accepted {id} {} {} {lots}", owner.as_str(), verb(*side))
		},
		Report::Filled(Fill { maker, maker_left, taker, lots, .. }) => {
			let (id, tick) = (maker.id, maker.tick);
			writeln!(output, "filled {id} by {taker}: {lots} @ {tick}, {maker_left} left")
		},
		Report::Rested { place, owner, lots, .. } => {
			writeln!(output, "rested {} {}: {lots} @ {}", place.id, owner.as_str(), place.tick)
		},
		Report::TakerCancelled { id, lots, reason } => {
			writeln!(output, "cancelled {id}: {lots}, {}", why(*reason))
		},
		Report::MakerCancelled { place, owner, lots, left, reason } => {
			let (id, tick, owner, why) = (place.id, place.tick, owner.as_str(), why(*reason));
			writeln!(output, "cancelled {id} {owner}: {lots} @ {tick}, {left} left, {why}")
		},
	}
}

pub(super) fn rejection(rejection: Rejection, output: &mut impl Write) -> io::Result<()> {
	let why = match rejection {
		Rejection::ZeroLots => "it is for nothing",
		Rejection::TickOutOfRange => "its price is out of range",
		Rejection::Expired => "its time is over",
		Rejection::WouldTrade => "it would trade",
		Rejection::CannotFill { .. } => "it cannot be filled whole",
		Rejection::NothingToReduce => "there is nothing to reduce",
		Rejection::TooManyLots => "it is for too much",
		Rejection::UnknownOrder => "there is no such order",
		Rejection::NoChange => "it changes nothing",
		Rejection::TooManyOrders => "its owner has too many orders",
	};
	rejected(why, output)
}

pub(super) fn rejected(why: &str, output: &mut impl Write) -> io::Result<()> {
	writeln!(output, "{REPORT}rejected: {why}")
}

/// All levels, asks above bids as on a screen: the best ones meet in the middle.
pub(super) fn book(desk: &Desk<Name>, output: &mut impl Write) -> io::Result<()> {
	let (bids, asks) = check(&desk.book).map_err(io::Error::other)?;
	if bids.is_empty() && asks.is_empty() {
		return writeln!(output, "{REPORT}empty");
	}
	let asks = asks.iter().rev().map(|level| ("ask", level));
	for (side, (tick, orders)) in asks.chain(bids.iter().map(|level| ("bid", level))) {
		let lots = orders.iter().fold(0u64, |sum, order| sum.saturating_add(order.lots));
		writeln!(output, "{REPORT}{side} {tick}: {lots} in {}", orders.len())?;
	}
	Ok(())
}

fn verb(side: Side) -> &'static str {
	match side {
		Side::Bid => "buy",
		Side::Ask => "sell",
	}
}

fn why(reason: CancelReason) -> &'static str {
	match reason {
		CancelReason::Requested => "requested",
		CancelReason::Unfilled => "unfilled",
		CancelReason::SelfTrade => "self-trade",
		CancelReason::Expired => "expired",
		CancelReason::MatchLimit => "match limit",
		CancelReason::NothingToReduce => "nothing to reduce",
		CancelReason::Replaced => "replaced",
		CancelReason::Dust => "too little to stay",
	}
}
