//! `POST /v1/chat/completions`.

use std::sync::Arc;

use axum::{
	body::Bytes,
	extract::{Request, State},
	http::HeaderMap,
	response::{IntoResponse, Response},
};

use super::{
	auth::authenticate,
	body,
	call::{self, OpenCall, Opened},
	idempotency::Idempotency,
	stream, whole, ApiError,
};
use crate::{app::App, metering::request::ChatRequest, providers::Answer};

/// Serves a chat completion. The work goes on when the client leaves, so that what a provider has
/// begun is metered to its end.
pub(super) async fn completions(
	State(app): State<Arc<App>>,
	request: Request,
) -> Result<Response, ApiError> {
	let headers = request.headers().clone();
	let body = body(&app, request).await?;
	let work = app.tasks.spawn(serve(app.clone(), headers, body));
	work.await.unwrap_or_else(|_| Err(ApiError::internal()))
}

async fn serve(app: Arc<App>, headers: HeaderMap, body: Bytes) -> Result<Response, ApiError> {
	let caller = authenticate(&app, &headers).await?;
	let request = ChatRequest::parse(&body, app.limits.default_max_tokens)?;
	let idempotency = Idempotency::read(&headers, &body)?;
	if let Some(idempotency) = &idempotency {
		if let Some(replay) = idempotency.replay(&app, &caller.key.key_hash).await? {
			return Ok(replay);
		}
	}
	match call::open(&app, &caller, request, &body, idempotency.as_ref()).await? {
		Opened::Call(call) => Ok(answer(call).await),
		Opened::Repeated => {
			let message = "The call with this idempotency key is still under way.";
			Err(ApiError::conflict("call_in_progress", message))
		},
	}
}

/// Sends an open call, and names it in the response whatever comes of it.
async fn answer(call: Box<OpenCall>) -> Response {
	let id = call.id;
	let answered = forward(call).await;
	let mut response = answered.unwrap_or_else(ApiError::into_response);
	call::name(response.headers_mut(), &id);
	response
}

async fn forward(call: Box<OpenCall>) -> Result<Response, ApiError> {
	if let Err(error) = call.app.ledger.mark_sent(call.id).await {
		call.void("it could not be noted as sent").await;
		return Err(error.into());
	}
	match call.provider.chat(call.forwarded()).await {
		Ok(Answer::Whole(body)) => whole::respond(*call, body).await,
		Ok(Answer::Stream(events)) => stream::respond(*call, events).await,
		Err(error) => {
			call.void(&error.to_string()).await;
			Err(error.into())
		},
	}
}
