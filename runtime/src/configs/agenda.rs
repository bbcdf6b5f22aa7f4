//! Where what referenda schedule finds room.

use frame_support::{
	dispatch::DispatchClass,
	traits::{
		schedule::{
			v3::{Anon, Named, TaskName},
			DispatchTime, Period, Priority,
		},
		Bounded, QueryPreimage,
	},
};
use pallet_referenda::Call;
use pallet_scheduler::TaskAddress;
use sp_runtime::{DispatchError, DispatchResult};

use super::tracks::{MAX_DECIDING, TRACKS};
use crate::{BlockNumber, OriginCaller, Preimage, Runtime, RuntimeCall, Scheduler, System};

type Hashing = <Runtime as frame_system::Config>::Hashing;
type DatabaseWeight = <Runtime as frame_system::Config>::DbWeight;

/// How many calls can be scheduled for one block.
pub const MAX_SCHEDULED: u32 = 512;

/// How many of them can be reminders of referenda. There is room for as many decisions as are made at a
/// time, and for what gives back as many places on the tracks.
pub const MAX_REMINDERS: u32 = MAX_SCHEDULED - 2 * TRACKS * MAX_DECIDING;

/// In how many blocks room is looked for.
const LOOK_AHEAD: BlockNumber = 8;

/// The scheduler, as referenda see it.
///
/// They do not notice where it has no room. Whoever pays for many proposals has many reminders in a block
/// of his choice, so those do not fill it. A reminder that is lost is made up for by the next vote; what
/// has passed, or a place on a track, would be lost for ever.
pub struct Agenda;

impl Anon<BlockNumber, RuntimeCall, OriginCaller> for Agenda {
	type Address = TaskAddress<BlockNumber>;
	type Hasher = Hashing;

	fn schedule(
		when: DispatchTime<BlockNumber>,
		periodic: Option<Period<BlockNumber>>,
		priority: Priority,
		origin: OriginCaller,
		call: Bounded<RuntimeCall, Hashing>,
	) -> Result<Self::Address, DispatchError> {
		let most = if is_reminder(&call) { MAX_REMINDERS } else { MAX_SCHEDULED };
		let when = first_with_room(when, most)?;
		<Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::schedule(
			when, periodic, priority, origin, call,
		)
	}

	fn cancel(address: Self::Address) -> DispatchResult {
		<Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::cancel(address)
	}

	fn reschedule(
		address: Self::Address,
		when: DispatchTime<BlockNumber>,
	) -> Result<Self::Address, DispatchError> {
		<Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::reschedule(address, when)
	}

	fn next_dispatch_time(address: Self::Address) -> Result<BlockNumber, DispatchError> {
		<Scheduler as Anon<BlockNumber, RuntimeCall, OriginCaller>>::next_dispatch_time(address)
	}
}

impl Named<BlockNumber, RuntimeCall, OriginCaller> for Agenda {
	type Address = TaskAddress<BlockNumber>;
	type Hasher = Hashing;

	fn schedule_named(
		id: TaskName,
		when: DispatchTime<BlockNumber>,
		periodic: Option<Period<BlockNumber>>,
		priority: Priority,
		origin: OriginCaller,
		call: Bounded<RuntimeCall, Hashing>,
	) -> Result<Self::Address, DispatchError> {
		let when = first_with_room(when, MAX_SCHEDULED)?;
		<Scheduler as Named<BlockNumber, RuntimeCall, OriginCaller>>::schedule_named(
			id, when, periodic, priority, origin, call,
		)
	}

	fn cancel_named(id: TaskName) -> DispatchResult {
		<Scheduler as Named<BlockNumber, RuntimeCall, OriginCaller>>::cancel_named(id)
	}

	fn reschedule_named(
		id: TaskName,
		when: DispatchTime<BlockNumber>,
	) -> Result<Self::Address, DispatchError> {
		<Scheduler as Named<BlockNumber, RuntimeCall, OriginCaller>>::reschedule_named(id, when)
	}

	fn next_dispatch_time(id: TaskName) -> Result<BlockNumber, DispatchError> {
		<Scheduler as Named<BlockNumber, RuntimeCall, OriginCaller>>::next_dispatch_time(id)
	}
}

/// Whether a call only reminds of a referendum. It is short, so it is not looked up.
fn is_reminder(call: &Bounded<RuntimeCall, Hashing>) -> bool {
	let call = <Preimage as QueryPreimage>::peek(call);
	matches!(call, Ok((RuntimeCall::Referenda(Call::nudge_referendum { .. }), _)))
}

/// The first block from `when` on for which fewer than `most` calls are scheduled.
fn first_with_room(
	when: DispatchTime<BlockNumber>,
	most: u32,
) -> Result<DispatchTime<BlockNumber>, DispatchError> {
	let first = when.evaluate(System::block_number());
	for block in (0..LOOK_AHEAD).map(|ahead| first.saturating_add(ahead)) {
		let scheduled = pallet_scheduler::Agenda::<Runtime>::decode_len(block).unwrap_or_default();
		if scheduled < most as usize {
			return Ok(DispatchTime::At(block));
		}
		// Whoever schedules something is weighed with one look.
		System::register_extra_weight_unchecked(
			DatabaseWeight::get().reads(1),
			DispatchClass::Mandatory,
		);
	}
	Err(DispatchError::Exhausted)
}
