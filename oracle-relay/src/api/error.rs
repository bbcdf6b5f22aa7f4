//! Errors in the OpenAI shape.

use std::time::Duration;

use axum::{
	extract::rejection::{PathRejection, QueryRejection},
	http::{header::RETRY_AFTER, HeaderValue, StatusCode},
	response::{IntoResponse, Response},
};
use lx_primitives::{units::Moment, RelayId};
use serde_json::{json, Value};

use super::{losses::Debtor, pace::spell, SHOULD_RETRY};
use crate::{
	chain::ChainError, ledger::LedgerError, metering::request::Invalid, providers::UpstreamError,
};

const INVALID_REQUEST: &str = "invalid_request_error";
const SERVER_ERROR: &str = "server_error";

/// After how many seconds the chain may be back: a relay that has lost it tries as often.
const CHAIN_RETRY: u32 = 5;

/// An error as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
	/// The HTTP status.
	pub status: StatusCode,
	/// The class of error.
	pub kind: &'static str,
	/// The exact error.
	pub code: Option<String>,
	/// The offending parameter.
	pub param: Option<String>,
	/// What went wrong, for a person.
	pub message: String,
	/// Whether OpenAI's clients may try again; `None` leaves it to the status.
	pub should_retry: Option<bool>,
	/// After how many seconds it makes sense to try again.
	pub retry_after: Option<u32>,
}

impl ApiError {
	fn new(status: StatusCode, kind: &'static str, code: &str, message: impl Into<String>) -> Self {
		Self {
			status,
			kind,
			code: Some(code.into()),
			param: None,
			message: message.into(),
			should_retry: None,
			retry_after: None,
		}
	}

	fn at(mut self, param: &str) -> Self {
		self.param = Some(param.into());
		self
	}

	/// The error of a request that must not be made again: it cannot help, or may be charged twice.
	pub fn final_answer(mut self) -> Self {
		self.should_retry = Some(false);
		self
	}

	/// A request that cannot be understood.
	pub fn invalid(param: Option<&str>, message: impl Into<String>) -> Self {
		let error = Self::new(StatusCode::BAD_REQUEST, INVALID_REQUEST, "", message);
		Self { code: None, param: param.map(String::from), ..error }
	}

	/// A request whose signature does not verify.
	pub fn invalid_signature(message: impl Into<String>) -> Self {
		Self::new(StatusCode::BAD_REQUEST, INVALID_REQUEST, "invalid_signature", message)
			.at("signature")
	}

	/// A missing, unknown, revoked or expired key.
	pub fn invalid_key(message: impl Into<String>) -> Self {
		Self::new(StatusCode::UNAUTHORIZED, INVALID_REQUEST, "invalid_api_key", message)
	}

	/// An account that has prepaid nothing at this relay.
	pub fn no_purse(relay: RelayId) -> Self {
		let message = format!(
			"The account has no balance at this relay: top up first (Compute.top_up, relay {relay}), \
			 and wait until that is final."
		);
		Self::new(StatusCode::FORBIDDEN, INVALID_REQUEST, "no_purse", message)
	}

	/// An attestor whose signature does not count.
	pub fn not_in_quorum(attestor: u32) -> Self {
		let message = format!("Attestor {attestor} is not a member of the quorum.");
		Self::new(StatusCode::FORBIDDEN, INVALID_REQUEST, "not_in_quorum", message).at("attestor")
	}

	/// A model that does not exist for this caller.
	pub fn no_model(model: &str) -> Self {
		let message =
			format!("The model `{model}` does not exist or you do not have access to it.");
		Self::new(StatusCode::NOT_FOUND, INVALID_REQUEST, "model_not_found", message).at("model")
	}

	/// Something else that does not exist.
	pub fn not_found(what: &str) -> Self {
		let message = format!("There is no such {what}.");
		Self::new(StatusCode::NOT_FOUND, INVALID_REQUEST, "not_found", message)
	}

	/// A call that is in no batch, and never will be.
	pub fn void_call() -> Self {
		let message = "The call is void: nothing is charged for it, so it is in no batch.";
		Self::new(StatusCode::NOT_FOUND, INVALID_REQUEST, "call_void", message)
	}

	/// A call that is in no batch yet.
	pub fn waiting_call() -> Self {
		let message = "The call is not in a batch yet.";
		Self::new(StatusCode::NOT_FOUND, INVALID_REQUEST, "call_waiting", message)
	}

	/// A path that does not exist.
	pub fn unknown_route() -> Self {
		let message = "There is no such route; see /openapi.json.";
		Self::new(StatusCode::NOT_FOUND, INVALID_REQUEST, "unknown_url", message)
	}

	/// A path that exists for another method.
	pub fn wrong_method() -> Self {
		let message = "This route does not take this method; see /openapi.json.";
		Self::new(StatusCode::METHOD_NOT_ALLOWED, INVALID_REQUEST, "method_not_allowed", message)
	}

	/// A body over the limit.
	pub fn too_large(most: u32) -> Self {
		let message = format!("The request body is larger than {most} bytes.");
		Self::new(StatusCode::PAYLOAD_TOO_LARGE, INVALID_REQUEST, "request_too_large", message)
	}

	/// A body that takes too long to arrive.
	pub fn slow_body() -> Self {
		let message = "The request body did not arrive in time.";
		Self::new(StatusCode::REQUEST_TIMEOUT, INVALID_REQUEST, "request_timeout", message)
	}

	/// A client that closed its connection before it was answered. Nobody reads this.
	pub fn client_left() -> Self {
		let message = "The client closed the connection.";
		Self::new(StatusCode::BAD_REQUEST, INVALID_REQUEST, "client_left", message)
	}

	/// A balance or a limit that does not cover the call. OpenAI's own status and code, because
	/// clients know them; they would try again, which cannot help.
	pub fn quota(message: impl Into<String>) -> Self {
		let kind = "insufficient_quota";
		Self::new(StatusCode::TOO_MANY_REQUESTS, kind, kind, message).final_answer()
	}

	/// As [`ApiError::quota`], where calls under way hold what is missing: it may be free in a moment.
	pub fn quota_in_use(message: impl Into<String>) -> Self {
		Self { should_retry: Some(true), retry_after: Some(1), ..Self::quota(message) }
	}

	/// A request that contradicts an earlier one.
	pub fn conflict(code: &str, message: impl Into<String>) -> Self {
		Self::new(StatusCode::CONFLICT, INVALID_REQUEST, code, message).final_answer()
	}

	/// An idempotency key that was used for another request.
	pub fn reused_idempotency_key() -> Self {
		let message = "This idempotency key was used with another request body.";
		let code = "idempotency_key_reused";
		Self::new(StatusCode::UNPROCESSABLE_ENTITY, INVALID_REQUEST, code, message)
			.at("Idempotency-Key")
			.final_answer()
	}

	/// Too much of something at once, which passes soon.
	fn at_capacity(message: &str) -> Self {
		let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, SERVER_ERROR, "overloaded", message);
		Self { retry_after: Some(1), ..error }
	}

	/// Too many calls at once.
	pub fn overloaded() -> Self {
		Self::at_capacity("The relay serves too many calls now. Please try again.")
	}

	/// Too many reads of the call log at once.
	pub fn busy() -> Self {
		Self::at_capacity("Too many others read the relay's call log now. Please try again.")
	}

	/// More calls of one account at once than it may have. OpenAI's own status and code, because
	/// clients know to try again later.
	pub fn too_many_calls(most: u32) -> Self {
		let message = format!(
			"Your account has {most} calls under way here, which is the most that it may have. \
			 Please wait for one of them to end."
		);
		Self::new(StatusCode::TOO_MANY_REQUESTS, "requests", "rate_limit_exceeded", message)
	}

	/// An account or a key that has cost the relay too much, and rests for so many milliseconds.
	pub fn resting(debtor: &Debtor, rest: Moment) -> Self {
		let whose = match debtor {
			Debtor::All | Debtor::Account(_) => "your account",
			Debtor::Key(..) => "your API key, for its spending cap,",
		};
		let seconds = u32::try_from(rest.div_ceil(1_000)).unwrap_or(u32::MAX);
		let message = format!(
			"Too many answers to {whose} broke off while the provider may bill them: they took too \
			 long, or their client left before the end. Please try again in {seconds} seconds, and \
			 stream long answers."
		);
		let kind = "rate_limit_exceeded";
		let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "requests", kind, message);
		Self { retry_after: Some(seconds), ..error }
	}

	/// More calls of one account than it may make a minute.
	pub fn too_often(most: u32, wait: Duration) -> Self {
		let message = format!(
			"Your account may make {most} calls a minute here. Please try again in {}.",
			spell(wait)
		);
		let code = "rate_limit_exceeded";
		let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "requests", code, message);
		let seconds = u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX);
		Self { retry_after: Some(seconds.max(1)), ..error }
	}

	/// Too many bytes of bodies on their way in.
	pub fn too_much_arriving() -> Self {
		Self::at_capacity("The relay is sent too much at once now. Please try again.")
	}

	/// More bytes of bodies of one account on their way in than it may have.
	pub fn sending_too_much(most: u64) -> Self {
		let message = format!(
			"Your account is sending more than {most} bytes of requests at once. Please wait for \
			 some of them to arrive."
		);
		Self::new(StatusCode::TOO_MANY_REQUESTS, "requests", "rate_limit_exceeded", message)
	}

	/// The chain cannot be read as it is now, so neither balances nor prices are known.
	pub fn chain_unreachable() -> Self {
		let message = "The relay cannot reach the chain, or the chain has finalised nothing for a \
			while, so that it knows neither balances nor prices. Please try again.";
		let code = "chain_unreachable";
		let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, SERVER_ERROR, code, message);
		Self { retry_after: Some(CHAIN_RETRY), ..error }
	}

	/// The chain does not let this relay post.
	pub fn relay_inactive() -> Self {
		let message = "This relay is not active on the chain.";
		Self::new(StatusCode::SERVICE_UNAVAILABLE, SERVER_ERROR, "relay_inactive", message)
	}

	/// A fault of the relay itself.
	pub fn internal() -> Self {
		let message = "The relay had an error while processing your request.";
		Self::new(StatusCode::INTERNAL_SERVER_ERROR, SERVER_ERROR, "internal_error", message)
	}

	/// A provider that failed.
	pub fn upstream(message: impl Into<String>) -> Self {
		Self::new(StatusCode::BAD_GATEWAY, SERVER_ERROR, "upstream_error", message)
	}

	/// The error as JSON.
	pub fn to_json(&self) -> Value {
		json!({"error": {
			"message": self.message,
			"type": self.kind,
			"param": self.param,
			"code": self.code,
		}})
	}
}

impl IntoResponse for ApiError {
	fn into_response(self) -> Response {
		let mut response = super::json(self.status, &self.to_json());
		if let Some(should_retry) = self.should_retry {
			let value = if should_retry { "true" } else { "false" };
			response.headers_mut().insert(SHOULD_RETRY, HeaderValue::from_static(value));
		}
		if let Some(seconds) = self.retry_after {
			response.headers_mut().insert(RETRY_AFTER, seconds.into());
		}
		response
	}
}

impl From<Invalid> for ApiError {
	fn from(invalid: Invalid) -> Self {
		let code = invalid.code.map(String::from);
		Self { code, ..Self::invalid(invalid.param.as_deref(), invalid.message) }
	}
}

impl From<PathRejection> for ApiError {
	fn from(rejection: PathRejection) -> Self {
		Self::invalid(None, rejection.body_text())
	}
}

impl From<QueryRejection> for ApiError {
	fn from(rejection: QueryRejection) -> Self {
		Self::invalid(None, rejection.body_text())
	}
}

impl From<LedgerError> for ApiError {
	fn from(error: LedgerError) -> Self {
		tracing::error!(%error, "a request failed");
		Self::internal()
	}
}

impl From<ChainError> for ApiError {
	fn from(error: ChainError) -> Self {
		match &error {
			// Whoever follows the chain says it once, and there may be very many requests.
			ChainError::Unreachable(_) => tracing::debug!(%error, "a request failed"),
			_ => tracing::warn!(%error, "a request failed"),
		}
		Self::chain_unreachable()
	}
}

impl From<UpstreamError> for ApiError {
	fn from(error: UpstreamError) -> Self {
		match error {
			UpstreamError::Unreachable => Self::upstream("The provider cannot be reached."),
			UpstreamError::Timeout => timeout(),
			UpstreamError::Refused { status, error } => refused(status, error.as_ref()),
			UpstreamError::Failed(problem) => {
				tracing::warn!(problem, "the provider failed");
				Self::upstream("The provider failed to answer.")
			},
		}
	}
}

fn timeout() -> ApiError {
	let message = "The provider did not answer in time.";
	ApiError::new(StatusCode::GATEWAY_TIMEOUT, SERVER_ERROR, "upstream_timeout", message)
}

/// What the client did wrong comes back as the provider said it; anything else, such as the relay's
/// own key being refused, is not the client's affair.
fn refused(status: u16, error: Option<&Value>) -> ApiError {
	let text = |name: &str| error.and_then(|error| error.get(name)).and_then(Value::as_str);
	match status {
		400 | 413 | 415 | 422 => {
			let message = text("message").unwrap_or("The provider refused the request.");
			let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
			ApiError {
				code: text("code").map(String::from),
				param: text("param").map(String::from),
				..ApiError::new(status, INVALID_REQUEST, "", message)
			}
		},
		429 => {
			let message = "The provider takes no more requests now. Please try again later.";
			let kind = "rate_limit_exceeded";
			ApiError::new(StatusCode::TOO_MANY_REQUESTS, "requests", kind, message)
		},
		408 | 504 => timeout(),
		_ => {
			tracing::warn!(status, ?error, "the provider refused a request");
			ApiError::upstream("The provider failed to answer.")
		},
	}
}
