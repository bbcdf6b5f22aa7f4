//! Upstreams that answer calls.

pub mod demo;
pub mod openai;

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use serde_json::Value;

/// A streamed answer: the data of each server-sent event.
pub type Events = BoxStream<'static, Result<String, UpstreamError>>;

/// The data of the event that ends a stream.
pub const DONE: &str = "[DONE]";

/// The most bytes that a whole answer, or a refusal, may have.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// A chat completion request as a provider gets it.
#[derive(Clone, Debug)]
pub struct Forwarded {
	/// The request, as JSON.
	pub body: String,
	/// Whether it asks for a stream.
	pub is_streamed: bool,
}

/// An answer of a provider that has accepted a call.
pub enum Answer {
	/// The whole completion, as JSON.
	Whole(Bytes),
	/// A stream of chunks.
	Stream(Events),
}

/// Why a provider did not answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum UpstreamError {
	/// There is no connection to it, so it has not heard of the call.
	#[error("the provider cannot be reached")]
	Unreachable,
	/// It was silent for too long.
	#[error("the provider did not answer in time")]
	Timeout,
	/// It refused the request.
	#[error("the provider refused the request with status {status}")]
	Refused {
		/// The HTTP status of the refusal.
		status: u16,
		/// What it said, where it said it in the OpenAI shape.
		error: Option<Value>,
	},
	/// The connection failed, or the answer cannot be understood.
	#[error("the provider failed: {0}")]
	Failed(String),
}

/// Answers calls.
#[async_trait]
pub trait Provider: Send + Sync {
	/// The provider's name, for the log and the list of models.
	fn name(&self) -> &str;
	/// The provider's own name for `model`; `None` if it does not serve it.
	fn serves(&self, model: &str) -> Option<String>;
	/// Sends a chat completion request; the answer is a stream if the request asks for one.
	async fn chat(&self, request: Forwarded) -> Result<Answer, UpstreamError>;
}

/// The providers in the order in which they are asked for a model.
#[derive(Clone, Default)]
pub struct Providers(Vec<Arc<dyn Provider>>);

impl Providers {
	/// The providers in the order in which they are asked.
	pub fn new(providers: Vec<Arc<dyn Provider>>) -> Self {
		Self(providers)
	}

	/// Who serves `model`, and under which name.
	pub fn find(&self, model: &str) -> Option<(Arc<dyn Provider>, String)> {
		self.0.iter().find_map(|provider| Some((provider.clone(), provider.serves(model)?)))
	}
}

/// The models of a provider: public names and the provider's own, or every model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelMap(BTreeMap<String, String>);

impl ModelMap {
	/// From entries `NAME` or `NAME=PROVIDERS_NAME`; none means every model.
	pub fn parse(entries: &[String]) -> Self {
		let pair = |entry: &String| match entry.split_once('=') {
			Some((name, own)) => (name.to_string(), own.to_string()),
			None => (entry.clone(), entry.clone()),
		};
		Self(entries.iter().map(pair).collect())
	}

	/// The provider's own name for `model`.
	pub fn get(&self, model: &str) -> Option<String> {
		if self.0.is_empty() {
			return Some(model.to_string());
		}
		self.0.get(model).cloned()
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn without_a_map_every_model_keeps_its_name() {
		assert_eq!(ModelMap::default().get("any").as_deref(), Some("any"));
	}

	#[test]
	fn with_a_map_only_its_models_are_served() {
		let map = ModelMap::parse(&["a".into(), "b=real-b".into()]);
		assert_eq!(map.get("a").as_deref(), Some("a"));
		assert_eq!(map.get("b").as_deref(), Some("real-b"));
		assert_eq!(map.get("c"), None);
	}
}
