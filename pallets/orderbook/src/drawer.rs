//! Values of the state while a session has them: each is read once and written once, however often it
//! changes meanwhile.

use alloc::collections::BTreeMap;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::mem;
use scale_info::TypeInfo;

/// A stored value, and the block that has last changed it. A block writes it once: who changes it again
/// in that block causes no more work for the database, and does not pay for any.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Dated<Value, Block> {
	/// The number of the block.
	pub changed_in: Block,
	/// The value.
	pub value: Value,
}

/// What the state has under a key.
pub(crate) struct Found<Value> {
	value: Option<Value>,
	is_changed_before: bool,
}

impl<Value> Found<Value> {
	/// A value that may have been changed in this block before.
	pub(crate) fn dated<Block: PartialEq>(
		stored: Option<Dated<Value, Block>>,
		this_block: Block,
	) -> Self {
		let is_changed_before = stored.as_ref().is_some_and(|it| it.changed_in == this_block);
		Self { value: stored.map(|stored| stored.value), is_changed_before }
	}
}

impl<Value> From<Value> for Found<Value> {
	fn from(value: Value) -> Self {
		Self { value: Some(value), is_changed_before: false }
	}
}

/// How often the state is visited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Visits {
	/// How many values are looked at or changed.
	pub(crate) values: u32,
	/// How many of them the database may have to read.
	pub(crate) reads: u32,
	/// How many of them the database has to write.
	pub(crate) writes: u32,
}

impl Visits {
	/// So many values that are all read and written.
	pub(crate) const fn whole(values: u32) -> Self {
		Self { values, reads: values, writes: values }
	}

	/// Those and these.
	pub(crate) fn and(self, other: Self) -> Self {
		Self {
			values: self.values.saturating_add(other.values),
			reads: self.reads.saturating_add(other.reads),
			writes: self.writes.saturating_add(other.writes),
		}
	}
}

/// A value that is held.
struct Held<Value> {
	value: Option<Value>,
	/// Whether it was read: one that is only written need not be.
	is_read: bool,
	/// Whether the block has changed it before this session.
	is_changed_before: bool,
	is_changed: bool,
}

impl<Value> Held<Value> {
	fn read(Found { value, is_changed_before }: Found<Value>) -> Self {
		Self { value, is_read: true, is_changed_before, is_changed: false }
	}

	fn written(value: Option<Value>) -> Self {
		Self { value, is_read: false, is_changed_before: false, is_changed: true }
	}

	fn visits(&self) -> Visits {
		let counts = |is_so: bool| u32::from(is_so && !self.is_changed_before);
		Visits { values: 1, reads: counts(self.is_read), writes: counts(self.is_changed) }
	}
}

/// Values of one map.
pub(crate) struct Drawer<Key, Value> {
	held: BTreeMap<Key, Held<Value>>,
	/// What the operation at hand makes of some of them.
	draft: BTreeMap<Key, Option<Value>>,
}

impl<Key, Value> Default for Drawer<Key, Value> {
	fn default() -> Self {
		Self { held: BTreeMap::new(), draft: BTreeMap::new() }
	}
}

impl<Key: Ord + Clone, Value: Clone> Drawer<Key, Value> {
	/// What is under a key now; `read` asks the state, if nothing has before.
	pub(crate) fn get(&mut self, key: &Key, read: impl FnOnce() -> Found<Value>) -> Option<&Value> {
		match self.draft.get(key) {
			Some(draft) => draft.as_ref(),
			None => {
				let held = self.held.entry(key.clone());
				held.or_insert_with(|| Held::read(read())).value.as_ref()
			},
		}
	}

	/// The same, to change it.
	pub(crate) fn get_mut(
		&mut self,
		key: &Key,
		read: impl FnOnce() -> Found<Value>,
	) -> Option<&mut Value> {
		if !self.draft.contains_key(key) {
			let value = self.get(key, read).cloned();
			self.draft.insert(key.clone(), value);
		}
		self.draft.get_mut(key)?.as_mut()
	}

	/// Puts a value under a key, or nothing.
	pub(crate) fn put(&mut self, key: Key, value: Option<Value>) {
		self.draft.insert(key, value);
	}

	/// The operation at hand has done its work.
	pub(crate) fn keep(&mut self) {
		for (key, value) in mem::take(&mut self.draft) {
			match self.held.get_mut(&key) {
				Some(held) => {
					held.value = value;
					held.is_changed = true;
				},
				None => {
					self.held.insert(key, Held::written(value));
				},
			}
		}
	}

	/// The operation at hand has failed, and changes nothing.
	pub(crate) fn undo(&mut self) {
		self.draft.clear();
	}

	/// What this costs the state.
	pub(crate) fn visits(&self) -> Visits {
		self.held.values().map(Held::visits).fold(Visits::default(), Visits::and)
	}

	/// What was changed and kept.
	pub(crate) fn take_changes(&mut self) -> impl Iterator<Item = (Key, Option<Value>)> {
		let held = mem::take(&mut self.held).into_iter();
		held.filter(|(_, held)| held.is_changed).map(|(key, held)| (key, held.value))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// What the state has under key 1, changed in block 7.
	fn stored() -> Found<u8> {
		Found::dated(Some(Dated { changed_in: 7, value: 10 }), 8)
	}

	fn nothing() -> Found<u8> {
		Found::dated(None, 8)
	}

	#[test]
	fn a_value_is_read_once_and_written_once() {
		let mut drawer = Drawer::default();
		assert_eq!(drawer.get(&1, stored), Some(&10));
		*drawer.get_mut(&1, || unreachable!("it was read")).unwrap() = 11;
		drawer.keep();
		drawer.put(1, Some(12));
		assert_eq!(drawer.get(&1, || unreachable!("it was read")), Some(&12));
		drawer.keep();
		assert_eq!(drawer.visits(), Visits::whole(1));
		assert_eq!(drawer.take_changes().collect::<Vec<_>>(), [(1, Some(12))]);
	}

	#[test]
	fn what_fails_changes_nothing() {
		let mut drawer = Drawer::default();
		drawer.put(1, Some(11));
		drawer.keep();
		drawer.put(1, None);
		drawer.put(2, Some(20));
		*drawer.get_mut(&3, stored).unwrap() = 30;
		drawer.undo();
		assert_eq!(drawer.get(&1, || unreachable!("it was written")), Some(&11));
		assert_eq!(drawer.get(&2, nothing), None);
		assert_eq!(drawer.get(&3, || unreachable!("it was read")), Some(&10));
		// The first was written, the others were read.
		assert_eq!(drawer.visits(), Visits { values: 3, reads: 2, writes: 1 });
		assert_eq!(drawer.take_changes().collect::<Vec<_>>(), [(1, Some(11))]);
	}

	#[test]
	fn what_a_block_changes_again_costs_the_database_nothing() {
		let mut drawer = Drawer::default();
		let again = || Found::dated(Some(Dated { changed_in: 8, value: 10 }), 8);
		drawer.get_mut(&1, again);
		drawer.keep();
		assert_eq!(drawer.visits(), Visits { values: 1, reads: 0, writes: 0 });
		assert_eq!(drawer.take_changes().count(), 1);
	}
}
