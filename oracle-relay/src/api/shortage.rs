//! What a call is told that may cost or use more than is left: how much is missing of what, and what helps.

use lx_primitives::{units::Credits, RelayId};

use super::{
	terms::{QuotaUse, Terms},
	ApiError,
};
use crate::{
	chain::ApiAccount,
	ledger::{Left, Reservation},
};

/// Refuses a call that may cost up to `most`, or use more of its quota, than is left at this `relay`.
pub(super) fn unpaid(
	refused: Reservation,
	most: Credits,
	terms: &Terms,
	account: &ApiAccount,
	relay: RelayId,
) -> ApiError {
	if let (Reservation::QuotaExceeded(left), Some(quota)) = (refused, &terms.quota) {
		return used_up(left, quota, relay);
	}
	let (what, left, remedy) = shortage(refused, account);
	let free = left.free;
	let problem = format!("This call may cost up to {most} µCRED and {what} leaves {free} µCRED");
	too_little(&problem, most, left, "µCRED", remedy)
}

/// Refuses a call that may use more than is left of what was claimed of its quota here.
fn used_up(left: Left, QuotaUse { launch, units, .. }: &QuotaUse, relay: RelayId) -> ApiError {
	let free = left.free;
	let problem = format!(
		"This model is served against quotas only. This call may use up to {units} units, and what you \
		 have claimed of launch {launch} at this relay leaves {free}"
	);
	let remedy = format!(
		"Claim more here, if you were given more (`lx launch claim {launch} --relay-id {relay}`; what \
		 was claimed at another relay is used there)"
	);
	too_little(&problem, (*units).into(), left, "units", &remedy)
}

/// Refuses a call that needs more than is left: for as long as others are under way, if those hold it.
fn too_little(problem: &str, needed: u128, left: Left, unit: &str, remedy: &str) -> ApiError {
	let Left { free, reserved } = left;
	let is_passing = free.saturating_add(reserved) >= needed;
	let under_way = match reserved {
		0 => String::new(),
		reserved => format!(
			"; calls under way have reserved {reserved} {unit} more, and free what they do not use"
		),
	};
	let remedy = if is_passing { "Try again when they have ended" } else { remedy };
	let message =
		format!("{problem}{under_way}. {remedy}, or set a lower `max_completion_tokens`.");
	if is_passing {
		ApiError::quota_in_use(message)
	} else {
		ApiError::quota(message)
	}
}

/// What is too small for a call, what is left of it, and what helps.
fn shortage(refused: Reservation, account: &ApiAccount) -> (String, Left, &'static str) {
	let of_today = account.daily_limit.saturating_sub(account.spent_today);
	let left = match refused {
		Reservation::KeyCapReached(left) => {
			return ("your API key's spending cap".into(), left, "Make another key");
		},
		Reservation::Insufficient(left) => left,
		Reservation::Reserved | Reservation::Repeated | Reservation::QuotaExceeded(_) => {
			Left::default()
		},
	};
	if of_today < account.free {
		return ("your daily limit".into(), left, "Raise it, wait for the next day");
	}
	match account.thawing {
		0 => ("your balance".into(), left, "Top up"),
		thawing => (
			format!("your balance, of which {thawing} µCRED are on their way out,"),
			left,
			"Put those back with `lx withdraw --cancel`, top up",
		),
	}
}
