//! The built-in demo provider: answers without any network, always in the same words to the same
//! request, so that a development relay works with nothing configured and tests can repeat it.

use async_trait::async_trait;
use futures::{stream, StreamExt};
use serde_json::{json, Value};

use super::{Answer, Events, Forwarded, Provider, UpstreamError, DONE};
use crate::metering::estimated_tokens;

/// The models whose names begin so are the demo's.
const PREFIX: &str = "lx-demo-";

/// Bytes of text in one token, by the rule of [`crate::metering`].
const BYTES_PER_TOKEN: usize = 4;

/// The most bytes of the question that the answer repeats.
const MAX_QUOTE: usize = 2_000;

/// The demo provider.
pub struct Demo;

#[async_trait]
impl Provider for Demo {
	fn name(&self) -> &str {
		"demo"
	}

	fn serves(&self, model: &str) -> Option<String> {
		model.starts_with(PREFIX).then(|| model.to_string())
	}

	async fn chat(&self, request: Forwarded) -> Result<Answer, UpstreamError> {
		let fields: Value = serde_json::from_str(&request.body)
			.map_err(|_| UpstreamError::Failed("its request is not JSON".into()))?;
		let completion = Completion::of(&fields);
		if request.is_streamed {
			return Ok(Answer::Stream(completion.stream()));
		}
		Ok(Answer::Whole(completion.whole().to_string().into()))
	}
}

struct Completion {
	id: String,
	model: Value,
	created: u64,
	text: String,
	finish_reason: &'static str,
	choices: u64,
	prompt_tokens: u32,
}

impl Completion {
	fn of(request: &Value) -> Self {
		let messages = request.get("messages").and_then(Value::as_array);
		let messages = messages.map(Vec::as_slice).unwrap_or_default();
		let prompt: u64 = messages.iter().map(text).map(|text| bytes(&text)).sum();
		let question = messages.iter().rev().find(|message| is_from(message, "user"));
		let answer = answer(&question.map(text).unwrap_or_default());
		let limit = ["max_completion_tokens", "max_tokens"]
			.iter()
			.find_map(|name| request.get(*name).and_then(Value::as_u64));
		let (text, is_cut) = cut(answer, limit);
		Self {
			id: format!("chatcmpl-{}", hex::encode(rand::random::<[u8; 16]>())),
			model: request.get("model").cloned().unwrap_or_default(),
			created: now(),
			text,
			finish_reason: if is_cut { "length" } else { "stop" },
			choices: request.get("n").and_then(Value::as_u64).unwrap_or(1),
			prompt_tokens: estimated_tokens(prompt),
		}
	}

	fn usage(&self) -> Value {
		let each = u64::from(estimated_tokens(bytes(&self.text)));
		let output = each.saturating_mul(self.choices);
		json!({
			"prompt_tokens": self.prompt_tokens,
			"completion_tokens": output,
			"total_tokens": output.saturating_add(self.prompt_tokens.into()),
			"prompt_tokens_details": {"cached_tokens": 0},
		})
	}

	fn whole(&self) -> Value {
		let choice = |index: u64| {
			json!({
				"index": index,
				"message": {"role": "assistant", "content": self.text, "refusal": null},
				"logprobs": null,
				"finish_reason": self.finish_reason,
			})
		};
		let mut whole = self.envelope("chat.completion");
		whole["choices"] = (0..self.choices).map(choice).collect();
		whole["usage"] = self.usage();
		whole
	}

	fn stream(self) -> Events {
		let mut events: Vec<String> = Vec::new();
		for index in 0..self.choices {
			let opening = json!({"role": "assistant", "content": ""});
			events.push(self.chunk(index, opening, None));
			let words = self.text.split_inclusive(' ');
			events.extend(words.map(|word| self.chunk(index, json!({"content": word}), None)));
			events.push(self.chunk(index, json!({}), Some(self.finish_reason)));
		}
		let mut report = self.envelope("chat.completion.chunk");
		report["choices"] = json!([]);
		report["usage"] = self.usage();
		events.push(report.to_string());
		events.push(DONE.into());
		stream::iter(events.into_iter().map(Ok)).boxed()
	}

	fn chunk(&self, index: u64, delta: Value, finish_reason: Option<&str>) -> String {
		let mut chunk = self.envelope("chat.completion.chunk");
		chunk["choices"] = json!([{
			"index": index, "delta": delta, "logprobs": null, "finish_reason": finish_reason,
		}]);
		chunk["usage"] = Value::Null;
		chunk.to_string()
	}

	fn envelope(&self, object: &str) -> Value {
		json!({
			"id": self.id,
			"object": object,
			"created": self.created,
			"model": self.model,
			"system_fingerprint": "lx-demo",
		})
	}
}

fn now() -> u64 {
	std::time::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_secs())
}

fn bytes(text: &str) -> u64 {
	u64::try_from(text.len()).unwrap_or(u64::MAX)
}

fn is_from(message: &Value, role: &str) -> bool {
	message.get("role").and_then(Value::as_str) == Some(role)
}

/// The text of a message, its parts joined.
fn text(message: &Value) -> String {
	match message.get("content") {
		Some(Value::String(text)) => text.clone(),
		Some(Value::Array(parts)) => {
			let texts = parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str));
			texts.collect::<Vec<_>>().join(" ")
		},
		_ => String::new(),
	}
}

fn answer(question: &str) -> String {
	let words = match question.split_whitespace().count() {
		1 => "1 word".into(),
		words => format!("{words} words"),
	};
	let (quote, _) = truncate(question.trim(), MAX_QUOTE);
	format!(
		"This is the demo provider of an L-Exchange relay. It runs inside the relay and answers \
		 every question the same way. You asked, in {words}: {quote}"
	)
}

/// The text within `limit` tokens, and whether anything was cut off.
fn cut(text: String, limit: Option<u64>) -> (String, bool) {
	let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) else {
		return (text, false);
	};
	truncate(&text, limit.saturating_mul(BYTES_PER_TOKEN))
}

fn truncate(text: &str, max_bytes: usize) -> (String, bool) {
	if text.len() <= max_bytes {
		return (text.to_string(), false);
	}
	let end = (0..=max_bytes).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
	(text.get(..end).unwrap_or_default().to_string(), true)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::metering::{
		output_bytes, reported_usage,
		stream::{Chunk, StreamMeter},
		Metered,
	};
	use crate::pricing::Bounds;
	use futures::TryStreamExt;

	const WIDE: Bounds = Bounds { input: u32::MAX, output: u32::MAX };

	fn forwarded(request: Value, is_streamed: bool) -> Forwarded {
		Forwarded { body: request.to_string(), is_streamed }
	}

	async fn whole(request: Value) -> Value {
		let Ok(Answer::Whole(body)) = Demo.chat(forwarded(request, false)).await else {
			panic!("not whole")
		};
		serde_json::from_slice(&body).unwrap()
	}

	async fn streamed(request: Value) -> Vec<String> {
		let Ok(Answer::Stream(events)) = Demo.chat(forwarded(request, true)).await else {
			panic!("no stream")
		};
		events.try_collect().await.unwrap()
	}

	fn ask(extra: Value) -> Value {
		let mut request = json!({
			"model": "lx-demo-1",
			"messages": [{"role": "user", "content": "What is an order book?"}],
		});
		request.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
		request
	}

	#[tokio::test]
	async fn the_same_question_has_the_same_answer_in_a_completion_of_its_own() {
		let (first, second) = (whole(ask(json!({}))).await, whole(ask(json!({}))).await);
		assert_eq!(first["choices"], second["choices"]);
		assert_ne!(first["id"], second["id"]);
	}

	#[tokio::test]
	async fn it_reports_what_the_rule_of_metering_counts() {
		for extra in [json!({}), json!({"max_tokens": 3}), json!({"n": 2})] {
			let answer = whole(ask(extra)).await;
			let reported = reported_usage(&answer).unwrap();
			let each = answer["choices"].as_array().unwrap().len() as u64;
			let counted = Metered::estimated(22, output_bytes(&answer).div_ceil(each), &WIDE).usage;
			let lx_primitives::Usage::Tokens { input, output, .. } = counted else { panic!() };
			let output = output * u32::try_from(each).unwrap();
			let expected = lx_primitives::Usage::Tokens { input, cached_input: 0, output };
			assert_eq!(reported, expected);
		}
	}

	#[tokio::test]
	async fn a_limit_cuts_the_answer() {
		let answer = whole(ask(json!({"max_completion_tokens": 2}))).await;
		assert_eq!(answer["choices"][0]["message"]["content"], "This is ");
		assert_eq!(answer["choices"][0]["finish_reason"], "length");
		assert_eq!(answer["usage"]["completion_tokens"], 2);
	}

	#[tokio::test]
	async fn the_stream_adds_up_to_the_whole() {
		let mut events = streamed(ask(json!({}))).await;
		assert_eq!(events.pop().as_deref(), Some(DONE));
		let mut meter = StreamMeter::new(true, 1);
		let mut text = String::new();
		for event in events {
			let chunk: Value = serde_json::from_str(&event).unwrap();
			text += chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default();
			let Chunk::Forward(_, output) = meter.observe(chunk) else { panic!("withheld") };
			meter.delivered(&output);
		}
		let answer = whole(ask(json!({}))).await;
		assert_eq!(answer["choices"][0]["message"]["content"], text.as_str());
		let usage = reported_usage(&answer).unwrap();
		assert_eq!(meter.whole(0, &WIDE), Some(Metered { usage, estimated: false }));
		assert!(meter.is_complete());
	}

	#[test]
	fn the_words_of_a_question_are_counted() {
		assert!(answer("Hello").ends_with("You asked, in 1 word: Hello"));
		assert!(answer("Hello there").ends_with("You asked, in 2 words: Hello there"));
	}

	#[test]
	fn text_is_never_cut_inside_a_character() {
		assert_eq!(truncate("aé", 2), ("a".into(), true));
		assert_eq!(truncate("aé", 3), ("aé".into(), false));
	}

	#[test]
	fn only_demo_models_are_served() {
		assert!(Demo.serves("lx-demo-1").is_some());
		assert!(Demo.serves("gpt-4o").is_none());
	}
}
