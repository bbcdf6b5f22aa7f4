//! `GET /v1/balance`.

use std::sync::Arc;

use axum::{
	extract::State,
	http::{HeaderMap, StatusCode},
	response::Response,
};
use lx_primitives::{units::Credits, Payment};
use serde_json::json;

use super::{auth::authenticate, ApiError};
use crate::{app::App, attest::receipt::ucred};

/// What the caller's account has, as the relay would charge it now.
pub(super) async fn balance(
	State(app): State<Arc<App>>,
	headers: HeaderMap,
) -> Result<Response, ApiError> {
	let caller = authenticate(&app, &headers).await?;
	let (account, key, head) = (&caller.account, &caller.key, caller.snapshot.head());
	let next = head.next_sequence();
	let held = app.ledger.held(&key.account, Payment::Purse, next).await?;
	let sponsored = app.ledger.held(&key.account, Payment::Perk, next).await?;
	let free_calls = match caller.has_free_calls(app.signer.id()) {
		true => account.servable(Payment::Perk).saturating_sub(sponsored.all()),
		false => 0,
	};
	let pending = held.settled.saturating_add(account.pending);
	let mines = lx_math::emission::reward(head.cumulative, pending);
	let balance = json!({
		"object": "lx.balance",
		"account": key.account.to_string(),
		"block": head.number,
		"available_ucred": ucred(account.servable(Payment::Purse).saturating_sub(held.all())),
		"free_calls_ucred": ucred(free_calls),
		"reserved_ucred": ucred(held.reserved),
		"pending_ucred": ucred(pending),
		"unposted_ucred": ucred(held.settled),
		"free_ucred": ucred(account.free),
		"thawing_ucred": ucred(account.thawing),
		"daily_limit_ucred": (account.daily_limit < Credits::MAX).then(|| ucred(account.daily_limit)),
		"spent_today_ucred": ucred(account.spent_today),
		"key": {
			"key_hash": key.key_hash,
			"spending_cap_ucred": key.spending_cap.map(ucred),
			"spent_ucred": ucred(key.held),
		},
		// What the pending charges would mine if they became final next. Too large for a JSON
		// number.
		"pending_mines_planck": mines.to_string(),
	});
	Ok(super::json(StatusCode::OK, &balance))
}
