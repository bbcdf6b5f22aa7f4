//! Answers in one piece.

use axum::{
	body::Bytes,
	http::{HeaderValue, StatusCode},
	response::Response,
};
use serde_json::Value;

use super::{
	call::{tell_charge, Ending, OpenCall, MAX_KEPT},
	ApiError, SHOULD_RETRY,
};
use crate::{
	metering::{output_bytes, reported_usage, Metered},
	providers::UpstreamError,
};

/// Settles a call by its whole answer and hands the answer on.
pub(super) async fn respond(call: OpenCall, body: Bytes) -> Result<Response, ApiError> {
	let mut answer = match completion(&body) {
		Ok(answer) => answer,
		Err(error) => {
			call.fail(&error).await;
			return Err(error.into());
		},
	};
	if call.provider_model != call.request.model {
		answer["model"] = call.request.model.clone().into();
	}
	let text = answer.to_string();
	let ending = Ending {
		metered: metered(&call, &answer),
		is_whole: true,
		response_hash: call.response_hash().update(text.as_bytes()).finish(),
		provider_id: answer.get("id").and_then(Value::as_str).map(String::from),
		kept: (call.keeps_answer && text.len() <= MAX_KEPT)
			.then(|| ("application/json", text.clone().into_bytes())),
	};
	let charge = call.settle(ending).await.map_err(ApiError::final_answer)?;
	let mut response = super::json(StatusCode::OK, &answer);
	let headers = response.headers_mut();
	headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
	tell_charge(headers, charge);
	Ok(response)
}

/// The completion in `body`. An error that a provider sends as a success is an error.
fn completion(body: &[u8]) -> Result<Value, UpstreamError> {
	let answer: Value = serde_json::from_slice(body)
		.map_err(|_| UpstreamError::Failed("its answer is not JSON".into()))?;
	if answer.get("choices").is_some_and(Value::is_array) {
		Ok(answer)
	} else {
		Err(UpstreamError::Failed("its answer is not a completion".into()))
	}
}

fn metered(call: &OpenCall, answer: &Value) -> Metered {
	let bounds = &call.request.bounds;
	match reported_usage(answer) {
		Some(usage) => Metered::reported(usage, bounds),
		None => Metered::estimated(call.request.prompt_bytes, output_bytes(answer), bounds),
	}
}
