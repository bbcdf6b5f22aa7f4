//! The engine against a model that is too simple to be wrong: random operations, the same reports,
//! the same book.

mod naive;
mod random;

use lx_matching::{check, desk::Desk, CancelReason, Report, Side};
use naive::{Event, Naive};
use proptest::prelude::*;
use random::{operations, Operation, Step};

/// What a report says, but for the page, of which the model knows nothing.
fn event(report: &Report<u8>) -> Event {
	match *report {
		Report::Accepted { id, lots, .. } => Event::Accepted { id, lots },
		Report::Filled(fill) => Event::Filled {
			maker: fill.maker.id,
			tick: fill.maker.tick,
			left: fill.maker_left,
			taker: fill.taker,
			lots: fill.lots,
		},
		Report::Rested { place, lots, .. } => {
			Event::Rested { id: place.id, tick: place.tick, lots }
		},
		Report::TakerCancelled { id, lots, reason } => {
			Event::Cancelled { id, lots, left: 0, reason }
		},
		Report::MakerCancelled { place, lots, left, reason, .. } => {
			Event::Cancelled { id: place.id, lots, left, reason }
		},
	}
}

/// Lets both do the same and compares them.
fn step(desk: &mut Desk<u8>, naive: &mut Naive, step: &Step) -> Result<(), TestCaseError> {
	let context = step.context;
	desk.book.max_orders = step.max_orders;
	naive.max_orders = step.max_orders;
	desk.book.min_notional = step.min_notional.unwrap_or_default().into();
	naive.min_notional = step.min_notional.unwrap_or_default();
	let id =
		|index: usize| naive.ids().get(index % naive.ids().len().max(1)).copied().unwrap_or(99);
	let (expected, done) = match step.operation {
		Operation::Place(order) => {
			(naive.place(order, context), desk.place(order, context).map(|placed| placed.filled))
		},
		Operation::Cancel(index, reason) => {
			let id = id(index);
			(naive.cancel(id, reason), desk.cancel(id, reason).map(|()| 0))
		},
		Operation::Amend(index, change) => {
			let id = id(index);
			let done = desk.amend(id, change, context).map(|placed| placed.filled);
			(naive.amend(id, change, context), done)
		},
		Operation::Hold(owner, side, lots) => {
			desk.book.reducible.insert((owner, side), lots);
			naive.reducible.insert((owner, side == Side::Ask), lots);
			return Ok(());
		},
	};
	match expected {
		Ok((events, filled)) => {
			prop_assert_eq!(done, Ok(filled));
			let told: Vec<_> = desk.reports().iter().map(event).collect();
			prop_assert_eq!(told, events);
		},
		Err(rejection) => {
			prop_assert_eq!(done, Err(rejection.into()));
			prop_assert_eq!(desk.reports(), &[]);
		},
	}
	compare(desk, naive)
}

/// Both hold the same orders in the same sequence, and the book is sound.
fn compare(desk: &Desk<u8>, naive: &Naive) -> Result<(), TestCaseError> {
	let (bids, asks) = check(&desk.book).map_err(TestCaseError::fail)?;
	for (side, levels) in [(Side::Bid, bids), (Side::Ask, asks)] {
		let depth: Vec<_> = levels
			.iter()
			.map(|(tick, orders)| {
				(*tick, orders.iter().map(|order| order.lots).sum(), orders.len() as u32)
			})
			.collect();
		prop_assert_eq!(desk.depth(side).collect::<Vec<_>>(), depth);
		let flat: Vec<_> = levels
			.into_iter()
			.flat_map(|(tick, orders)| orders.into_iter().map(move |order| (tick, order)))
			.collect();
		prop_assert_eq!(flat, naive.side(side));
	}
	prop_assert_eq!(desk.len(), naive.ids().len());
	Ok(())
}

/// Lets both do all of it. When everything is cancelled in the end, nothing is left of the book.
fn run(steps: &[Step]) -> Result<(), TestCaseError> {
	run_with(Desk::default(), Naive::default(), steps)
}

fn run_with(mut desk: Desk<u8>, mut naive: Naive, steps: &[Step]) -> Result<(), TestCaseError> {
	for done in steps {
		step(&mut desk, &mut naive, done)?;
	}
	for id in naive.ids() {
		prop_assert_eq!(desk.cancel(id, CancelReason::Requested), Ok(()));
	}
	check(&desk.book).map_err(TestCaseError::fail)?;
	prop_assert_eq!(desk.book.parts(), (0, 0));
	Ok(())
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

	/// Few prices and small orders, so that everything happens.
	#[test]
	fn the_engine_does_what_the_model_does(steps in operations(5, 50, 120)) {
		run(&steps)?;
	}

	/// Owners that are one party two by two, and who do not trade with each other either.
	#[test]
	fn nobody_trades_with_his_other_accounts(steps in operations(5, 50, 120)) {
		let (mut desk, mut naive) = (Desk::default(), Naive::default());
		desk.book.same_party = |one, other| one % 2 == other % 2;
		naive.parties = Some(2);
		run_with(desk, naive, &steps)?;
	}

	/// Long queues at one price, so that pages are made, emptied from within, and fetched.
	#[test]
	fn queues_of_many_pages_keep_their_order(steps in operations(1, 92, 400)) {
		run(&steps)?;
	}

	/// Prices far apart, so that the index has many leaves.
	#[test]
	fn prices_far_apart_are_found(steps in operations(lx_matching::TICKS, 50, 80)) {
		run(&steps)?;
	}
}
