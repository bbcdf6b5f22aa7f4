//! A book in memory with an index of its orders, for whoever knows only their ids.

use std::{collections::HashMap, hash::Hash, vec::Vec};

use crate::{
	amend, cancel, depth, memory::Memory, place, CancelReason, Change, Context, Failure, Lots,
	NewOrder, OrderId, Place, Placed, Rejection, Report, Side, Tick,
};

/// A book in memory with the places of its orders.
pub struct Desk<Owner> {
	/// The book.
	pub book: Memory<Owner>,
	places: HashMap<OrderId, Place>,
	reports: Vec<Report<Owner>>,
}

impl<Owner: Copy + Eq + Hash> Default for Desk<Owner> {
	fn default() -> Self {
		Self { book: Memory::default(), places: HashMap::new(), reports: Vec::new() }
	}
}

/// The result of an operation at a desk, whose listener never fails.
pub type Done<T> = Result<T, Failure<core::convert::Infallible>>;

impl<Owner: Copy + Eq + Hash> Desk<Owner> {
	/// Places an order.
	pub fn place(&mut self, order: NewOrder<Owner>, context: Context) -> Done<Placed> {
		self.run(|book, reports| {
			place(book, order, context, &mut |report| {
				reports.push(report);
				Ok(())
			})
		})
	}

	/// Cancels an order.
	pub fn cancel(&mut self, id: OrderId, reason: CancelReason) -> Done<()> {
		let place = self.locate(id)?;
		self.run(|book, reports| {
			cancel(book, place, reason, &mut |report| {
				reports.push(report);
				Ok(())
			})
		})?;
		Ok(())
	}

	/// Amends an order.
	pub fn amend(&mut self, id: OrderId, change: Change, context: Context) -> Done<Placed> {
		let place = self.locate(id)?;
		self.run(|book, reports| {
			amend(book, place, change, context, &mut |report| {
				reports.push(report);
				Ok(())
			})
		})
	}

	/// Where an order is.
	pub fn place_of(&self, id: OrderId) -> Option<Place> {
		self.places.get(&id).copied()
	}

	fn locate(&mut self, id: OrderId) -> Result<Place, Rejection> {
		self.reports.clear();
		self.place_of(id).ok_or(Rejection::UnknownOrder)
	}

	/// How many orders there are.
	pub fn len(&self) -> usize {
		self.places.len()
	}

	/// Whether there is none.
	pub fn is_empty(&self) -> bool {
		self.places.is_empty()
	}

	/// What the last operation has done, in order.
	pub fn reports(&self) -> &[Report<Owner>] {
		&self.reports
	}

	/// All prices of a side with how much there is and in how many orders, the best first.
	pub fn depth(&self, side: Side) -> impl Iterator<Item = (Tick, Lots, u32)> + '_ {
		depth(&self.book, side)
	}

	fn run<T>(
		&mut self,
		operate: impl FnOnce(&mut Memory<Owner>, &mut Vec<Report<Owner>>) -> Done<T>,
	) -> Done<T> {
		self.reports.clear();
		let done = operate(&mut self.book, &mut self.reports);
		for report in &self.reports {
			match report {
				Report::Rested { place, owner, .. } => {
					self.places.insert(place.id, *place);
					*self.book.orders.entry(*owner).or_default() += 1;
				},
				Report::Filled(fill) if fill.maker_left == 0 => {
					forget(&mut self.places, &mut self.book, fill.maker.id, fill.maker_owner);
				},
				Report::MakerCancelled { place, owner, left: 0, .. } => {
					forget(&mut self.places, &mut self.book, place.id, *owner);
				},
				_ => {},
			}
		}
		done
	}
}

fn forget<Owner: Copy + Eq + Hash>(
	places: &mut HashMap<OrderId, Place>,
	book: &mut Memory<Owner>,
	id: OrderId,
	owner: Owner,
) {
	places.remove(&id);
	if let Some(count) = book.orders.get_mut(&owner) {
		*count = count.saturating_sub(1);
		if *count == 0 {
			book.orders.remove(&owner);
		}
	}
}
