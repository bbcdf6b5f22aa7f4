//! A call from its reservation to its settlement.

use std::sync::Arc;

use axum::http::HeaderMap;
use codec::Encode;
use lx_primitives::{
	call_log::call_id,
	units::{Credits, Moment},
	CallId, Leaf, ModelId, Tier, Usage,
};
use sp_core::{crypto::AccountId32, H256};

use super::{auth::Caller, idempotency::Idempotency, places::Part, ApiError};
use crate::{
	app::App,
	attest::receipt::ucred,
	chain::ApiAccount,
	hash::Hasher,
	ledger::{Left, NewCall, Reservation, Settlement},
	metering::{estimated_tokens, request::ChatRequest, Metered},
	pricing::{model_id, Bounds, Listing},
	providers::{Forwarded, Provider, UpstreamError},
	tasks::now,
};

/// The most bytes of an answer that are kept for a repeated request.
pub(super) const MAX_KEPT: usize = 1024 * 1024;

/// A call whose worst case is reserved.
pub(super) struct OpenCall {
	pub app: Arc<App>,
	pub id: CallId,
	pub request: ChatRequest,
	pub provider: Arc<dyn Provider>,
	/// The provider's name for the model.
	pub provider_model: String,
	/// Whether the answer is to be kept for a repeated request.
	pub keeps_answer: bool,
	account: AccountId32,
	key: H256,
	model: ModelId,
	listing: Listing,
	tier: Tier,
	salt: [u8; 32],
	request_hash: H256,
	time: Moment,
	_place: Part,
}

/// What came of opening a call.
pub(super) enum Opened {
	/// It may be sent.
	Call(Box<OpenCall>),
	/// The idempotency key was used just now.
	Repeated,
}

/// Prices a request and reserves its worst case. The call keeps its `place` to its end.
pub(super) async fn open(
	app: &Arc<App>,
	caller: &Caller,
	request: ChatRequest,
	body: &[u8],
	idempotency: Option<&Idempotency>,
	place: Part,
) -> Result<Opened, ApiError> {
	let head = caller.snapshot.head();
	if !head.relay.as_ref().is_some_and(|relay| relay.is_active) {
		return Err(ApiError::relay_inactive());
	}
	ensure_rested(app, &caller.key.account)?;
	let unknown = || ApiError::no_model(&request.model);
	let allowed = &caller.key.models;
	if !allowed.is_empty() && !allowed.contains(&request.model) {
		return Err(unknown());
	}
	let listing = *head.registry.get(&request.model).ok_or_else(unknown)?;
	let model = model_id(&request.model).ok_or_else(unknown)?;
	let (provider, provider_model) = app.providers.find(&request.model).ok_or_else(unknown)?;
	let tier = caller.account.tier;
	let reserve = reserve(&request.bounds, &listing, tier)?;
	let salt: [u8; 32] = rand::random();
	let call = OpenCall {
		app: app.clone(),
		id: call_id(head.time, rand::random()),
		provider,
		provider_model,
		keeps_answer: idempotency.is_some(),
		account: caller.key.account.clone(),
		key: caller.key.key_hash,
		model,
		listing,
		tier,
		salt,
		request_hash: salted(&salt).update(body).finish(),
		time: now(),
		request,
		_place: place,
	};
	match app.ledger.reserve(call.reservation(caller, reserve, idempotency)).await? {
		Reservation::Reserved => Ok(Opened::Call(Box::new(call))),
		Reservation::Repeated => Ok(Opened::Repeated),
		refused => {
			app.metrics.calls_unpaid.add(1);
			Err(unpaid(refused, reserve, &caller.account))
		},
	}
}

/// Refuses an account that has cost too much.
fn ensure_rested(app: &App, account: &AccountId32) -> Result<(), ApiError> {
	let rest = app.losses.rest(account, now());
	rest.map_or(Ok(()), |rest| Err(ApiError::resting(rest)))
}

fn reserve(bounds: &Bounds, listing: &Listing, tier: Tier) -> Result<Credits, ApiError> {
	bounds
		.reservation(&listing.price, tier)
		.ok_or_else(|| ApiError::invalid(Some("model"), "This model is not metered in tokens."))
}

fn unpaid(refused: Reservation, reserve: Credits, account: &ApiAccount) -> ApiError {
	let (what, left, remedy) = shortage(refused, account);
	let Left { free, reserved } = left;
	let is_passing = free.saturating_add(reserved) >= reserve;
	let under_way = match reserved {
		0 => String::new(),
		reserved => format!(
			"; calls under way have reserved {reserved} µCRED more, and free what they do not use"
		),
	};
	let remedy = if is_passing { "Try again when they have ended" } else { remedy };
	let message = format!(
		"This call may cost up to {reserve} µCRED and {what} leaves {free} µCRED{under_way}. {remedy}, \
		 or set a lower `max_completion_tokens`."
	);
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
		Reservation::Reserved | Reservation::Repeated => Left::default(),
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

/// A hash that begins with the call's salt.
fn salted(salt: &[u8; 32]) -> Hasher {
	let mut hasher = Hasher::default();
	hasher.update(salt);
	hasher
}

/// How a call ended.
pub(super) struct Ending {
	pub metered: Metered,
	pub response_hash: H256,
	pub provider_id: Option<String>,
	/// Content type and body of the answer, for a repeated request.
	pub kept: Option<(&'static str, Vec<u8>)>,
}

impl OpenCall {
	fn reservation(
		&self,
		caller: &Caller,
		reserve: Credits,
		idempotency: Option<&Idempotency>,
	) -> NewCall {
		NewCall {
			call_id: self.id,
			key_hash: self.key,
			account: self.account.clone(),
			model: self.request.model.clone(),
			reserve,
			chargeable: caller.account.servable(),
			next_sequence: caller.snapshot.head().next_sequence(),
			salt: self.salt,
			time: self.time,
			idempotency_key: idempotency.map(|given| given.key.clone()),
			body_hash: idempotency.map(|given| given.body_hash).unwrap_or_default(),
		}
	}

	/// A hash of the response, to be fed with what is delivered.
	pub(super) fn response_hash(&self) -> Hasher {
		salted(&self.salt)
	}

	/// Takes out what goes to the provider.
	pub(super) fn forwarded(&mut self) -> Forwarded {
		let body = self.request.forwarded(&self.provider_model);
		Forwarded { body, is_streamed: self.request.stream }
	}

	/// Charges what was used, and returns it.
	pub(super) async fn settle(&self, ending: Ending) -> Result<Credits, ApiError> {
		let Metered { usage, estimated } = ending.metered;
		let price = &self.listing.price;
		// Usage within the bounds was priced when it was reserved.
		let charge = price.charge(&usage, self.tier).ok_or_else(ApiError::internal)?;
		let leaf = Leaf {
			call_id: self.id,
			account: self.account.clone(),
			key: self.key,
			model: self.model.clone(),
			usage,
			price_version: self.listing.version,
			tier: self.tier,
			charge,
			cost: price.cost(&usage).ok_or_else(ApiError::internal)?,
			estimated,
			request_hash: self.request_hash,
			response_hash: ending.response_hash,
		};
		let settlement = Settlement {
			call_id: self.id,
			charge,
			estimated,
			leaf: leaf.encode(),
			provider_id: ending.provider_id,
			time: now(),
			outcome: ending.kept.map(|(content_type, body)| (content_type.into(), body)),
		};
		self.app.ledger.settle(settlement).await?;
		self.app.losses.make_up(&self.account, charge);
		let metrics = &self.app.metrics;
		let settled = if estimated { &metrics.calls_estimated } else { &metrics.calls_reported };
		settled.add(1);
		metrics.charged.add(u64::try_from(charge).unwrap_or(u64::MAX));
		Ok(charge)
	}

	/// Charges nothing, since the provider has failed.
	pub(super) async fn fail(&self, error: &UpstreamError) {
		let reason = error.to_string();
		match error {
			// It has not begun to answer, so it bills nothing.
			UpstreamError::Refused { .. } => self.void(&reason).await,
			UpstreamError::Timeout | UpstreamError::Failed(_) => self.write_off(&reason).await,
		}
	}

	/// Charges nothing, although the provider may bill the call: it has heard of it.
	pub(super) async fn write_off(&self, reason: &str) {
		let cost = self.possible_bill();
		self.app.losses.add(&self.account, cost, now());
		self.app.metrics.written_off.add(u64::try_from(cost).unwrap_or(u64::MAX));
		self.void(reason).await;
	}

	/// µCRED that the provider may bill for an answer that nobody has: for the prompt, and for the
	/// output that it makes in the time that it has.
	fn possible_bill(&self) -> Credits {
		let usage = Usage::Tokens {
			input: estimated_tokens(self.request.prompt_bytes),
			cached_input: 0,
			output: self.app.limits.max_whole_tokens,
		};
		// Usage within the bounds was priced when it was reserved.
		self.listing.price.cost(&self.request.bounds.clip(usage)).unwrap_or_default()
	}

	/// Charges nothing.
	pub(super) async fn void(&self, reason: &str) {
		self.app.metrics.calls_void.add(1);
		if let Err(error) = self.app.ledger.void(self.id, now(), reason).await {
			tracing::error!(call = %hex::encode(self.id), %error, "a call could not be voided");
		}
	}
}

/// Puts the call's id into a response's headers.
pub(super) fn name(headers: &mut HeaderMap, id: &CallId) {
	if let Ok(value) = format!("0x{}", hex::encode(id)).parse() {
		headers.insert(super::CALL_ID, value);
	}
}

/// Puts what a call is charged into a response's headers.
pub(super) fn tell_charge(headers: &mut HeaderMap, charge: Credits) {
	headers.insert(super::CHARGE, ucred(charge).into());
}
