//! A call from its reservation to its settlement.

use std::{
	sync::{Arc, OnceLock},
	time::{Duration, Instant},
};

use axum::http::{HeaderMap, HeaderValue};
use codec::Encode;
use lx_primitives::{
	call_log::call_id,
	units::{Credits, Moment},
	CallId, Leaf, ModelId, Payment, Tier, Usage,
};
use sp_core::{crypto::AccountId32, H256};
use tokio::time::timeout;

use super::{
	auth::Caller,
	idempotency::Idempotency,
	losses::Debtor,
	places::Part,
	shortage::unpaid,
	terms::{self, Terms},
	ApiError,
};
use crate::{
	app::App,
	attest::receipt::{self, ucred},
	hash::Hasher,
	ledger::{Left, NewCall, Reservation, Settlement},
	metering::{estimated_tokens, request::ChatRequest, Metered},
	pricing::{model_id, Bounds},
	providers::{Forwarded, Provider, UpstreamError},
	tasks::now,
};

/// The most bytes of an answer that are kept for a repeated request.
pub(super) const MAX_KEPT: usize = 1024 * 1024;

/// How long an answer waits for the ledger to note that nothing is charged.
const NOTED_WITHIN: Duration = Duration::from_secs(5);

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
	/// How it is paid.
	pub payment: Payment,
	account: AccountId32,
	key: H256,
	/// Who costs what it costs and nobody pays.
	debtors: Vec<Debtor>,
	model: ModelId,
	terms: Terms,
	tier: Tier,
	salt: [u8; 32],
	request_hash: H256,
	time: Moment,
	/// When the provider was asked; from then on it may bill the call.
	asked_at: OnceLock<Instant>,
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
	let debtors = Debtor::of(&caller.key);
	ensure_rested(app, &debtors)?;
	let unknown = || ApiError::no_model(&request.model);
	let allowed = &caller.key.models;
	if !allowed.is_empty() && !allowed.contains(&request.model) {
		return Err(unknown());
	}
	let terms = terms::find(app, caller, &request.model, &request.bounds).await?;
	let terms = terms.ok_or_else(unknown)?;
	let model = model_id(&request.model).ok_or_else(unknown)?;
	let (provider, provider_model) = app.providers.find(&request.model).ok_or_else(unknown)?;
	// That of the finalised block whose time is the call's: so the chain will tell it for that time.
	let tier = caller.account.tiers.current;
	let most = worst_case(&request.bounds, &terms, tier)?;
	let salt: [u8; 32] = rand::random();
	let call = OpenCall {
		app: app.clone(),
		id: call_id(head.time, rand::random()),
		provider,
		provider_model,
		keeps_answer: idempotency.is_some(),
		payment: terms.payment(),
		account: caller.key.account.clone(),
		key: caller.key.key_hash,
		debtors,
		model,
		terms,
		tier,
		salt,
		request_hash: salted(&salt).update(body).finish(),
		time: now(),
		asked_at: OnceLock::new(),
		request,
		_place: place,
	};
	reserve(call, caller, most, idempotency).await
}

/// Refuses a call of those who have cost too much.
fn ensure_rested(app: &App, debtors: &[Debtor]) -> Result<(), ApiError> {
	let now = now();
	debtors.iter().try_for_each(|debtor| match app.losses.rest(debtor, now) {
		Some(rest) => Err(ApiError::resting(debtor, rest)),
		None => Ok(()),
	})
}

/// Reserves the most that a call may cost: of what the Ecosystem Fund has prepaid for the caller, if
/// that covers it and the model is open to everybody, else of the caller's own purse.
async fn reserve(
	mut call: OpenCall,
	caller: &Caller,
	most: Credits,
	idempotency: Option<&Idempotency>,
) -> Result<Opened, ApiError> {
	let app = call.app.clone();
	let own = call.payment;
	let is_covered = own == Payment::Purse
		&& caller.has_free_calls(app.signer.id())
		&& most <= caller.account.servable(Payment::Perk);
	let mut refused = Reservation::Insufficient(Left::default());
	for payment in is_covered.then_some(Payment::Perk).into_iter().chain([own]) {
		call.payment = payment;
		match app.ledger.reserve(call.reservation(caller, most, idempotency)).await? {
			Reservation::Reserved => return Ok(Opened::Call(Box::new(call))),
			Reservation::Repeated => return Ok(Opened::Repeated),
			other => refused = other,
		}
	}
	app.metrics.calls_unpaid.add(1);
	Err(unpaid(refused, most, &call.terms, &caller.account, app.signer.id()))
}

fn worst_case(bounds: &Bounds, terms: &Terms, tier: Tier) -> Result<Credits, ApiError> {
	bounds
		.reservation(&terms.price, tier)
		.ok_or_else(|| ApiError::invalid(Some("model"), "This model is not metered in tokens."))
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
	/// The answer did not break off.
	pub is_whole: bool,
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
			payment: self.payment,
			model: self.request.model.clone(),
			reserve,
			chargeable: caller.account.servable(self.payment),
			next_sequence: caller.snapshot.head().next_sequence(),
			units: self.terms.quota.map_or(0, |quota| quota.units),
			usable: self.terms.quota.map_or(0, |quota| quota.usable),
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

	/// Notes that the provider is asked now.
	pub(super) fn note_asked(&self) {
		self.asked_at.get_or_init(Instant::now);
	}

	/// Charges what was used, and returns it.
	pub(super) async fn settle(&self, ending: Ending) -> Result<Credits, ApiError> {
		let Metered { usage, estimated } = ending.metered;
		let price = &self.terms.price;
		// Usage within the bounds was priced when it was reserved.
		let charge = price.charge(&usage, self.tier).ok_or_else(ApiError::internal)?;
		let cost = price.cost(&usage).ok_or_else(ApiError::internal)?;
		if !ending.is_whole {
			// Before the ledger is waited for, since the provider has stopped.
			self.lose(self.possible_bill(usage).saturating_sub(cost));
		}
		let leaf = Leaf {
			call_id: self.id,
			account: self.account.clone(),
			payment: self.payment,
			key: self.key,
			model: self.model.clone(),
			usage,
			price_version: self.terms.price_version,
			tier: self.tier,
			charge,
			cost,
			estimated,
			request_hash: self.request_hash,
			response_hash: ending.response_hash,
		};
		let settlement = Settlement {
			call_id: self.id,
			charge,
			units: leaf.units(),
			estimated,
			leaf: leaf.encode(),
			provider_id: ending.provider_id,
			time: now(),
			outcome: ending.kept.map(|(content_type, body)| (content_type.into(), body)),
		};
		self.app.ledger.settle(settlement).await?;
		if ending.is_whole {
			for debtor in &self.debtors {
				self.app.losses.make_up(debtor, charge);
			}
		}
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
			// It has not begun to answer, or not even heard of it, so it bills nothing.
			UpstreamError::Refused { .. } | UpstreamError::Unreachable => self.void(&reason).await,
			UpstreamError::Timeout | UpstreamError::Failed(_) => self.write_off(&reason).await,
		}
	}

	/// Charges nothing, although the provider may bill the call if it was asked.
	pub(super) async fn write_off(&self, reason: &str) {
		let input = estimated_tokens(self.request.prompt_bytes);
		self.lose(self.possible_bill(Usage::Tokens { input, cached_input: 0, output: 0 }));
		self.void(reason).await;
	}

	/// µCRED that the provider may bill for the input of `usage`, and for the output of each choice,
	/// seen or not, that it may have made in the time since it was asked.
	fn possible_bill(&self, usage: Usage) -> Credits {
		let Usage::Tokens { input, cached_input, .. } = usage else { return 0 };
		let Some(asked_at) = self.asked_at.get() else { return 0 };
		let made = self.app.limits.made_in(asked_at.elapsed());
		let output = made.saturating_mul(self.request.choices);
		let usage = self.request.bounds.clip(Usage::Tokens { input, cached_input, output });
		// Usage within the bounds was priced when it was reserved.
		self.terms.price.cost(&usage).unwrap_or_default()
	}

	/// Notes that the call may have cost so much that nobody pays.
	fn lose(&self, cost: Credits) {
		let now = now();
		for debtor in &self.debtors {
			self.app.losses.add(debtor, cost, now);
		}
		if self.app.losses.add(&Debtor::All, cost, now) {
			tracing::warn!("calls of all accounts cost very much that nobody pays");
		}
		self.app.metrics.written_off.add(u64::try_from(cost).unwrap_or(u64::MAX));
	}

	/// Charges nothing. The ledger notes that even if it takes longer than an answer can wait.
	pub(super) async fn void(&self, reason: &str) {
		self.app.metrics.calls_void.add(1);
		let (app, id, time, reason) = (self.app.clone(), self.id, now(), reason.to_owned());
		let noting = tokio::spawn(async move {
			if let Err(error) = app.ledger.void(id, time, &reason).await {
				tracing::error!(call = %hex::encode(id), %error, "a call could not be voided");
			}
		});
		if timeout(NOTED_WITHIN, noting).await.is_err() {
			tracing::warn!(call = %hex::encode(id), "a call is not voided yet");
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

/// Puts how a call is paid into a response's headers.
pub(super) fn tell_payment(headers: &mut HeaderMap, payment: Payment) {
	headers.insert(super::PAYMENT, HeaderValue::from_static(receipt::payment(payment)));
}
