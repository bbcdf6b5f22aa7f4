//! Metering: what a call may use at most, and what it used.
//!
//! # Counting without a tokenizer
//!
//! The provider's own report of a whole answer decides. Where there is none, tokens are counted by
//! one rule that anybody can repeat: **a token is four bytes of UTF-8 text, and a started token
//! counts**. Of a prompt that is the text in the messages, tools, functions and response format; an
//! image, a sound or a file (a part of the type `image_url`, `input_audio` or `file`) counts as
//! **1,000 tokens**, and its payload is no text. Of an answer it is every string in the messages or
//! deltas of its choices, whatever field holds it, except `role`, `id`, `type` and `index`.
//!
//! A reservation instead needs a bound that always holds, and takes every byte of the request for a
//! token, because no tokenizer makes more tokens than bytes.

pub mod complexity;
mod messages;
mod parameters;
mod prompt;
pub mod request;
pub mod stream;
mod whole;

use lx_primitives::Usage;
use serde_json::Value;

use crate::pricing::Bounds;

/// Bytes of text that count as a token where the provider reports no usage.
const BYTES_PER_TOKEN: u64 = 4;

/// Tokens in `bytes` bytes of text, by the rule of this module; rounded up.
pub fn estimated_tokens(bytes: u64) -> u32 {
	u32::try_from(bytes.div_ceil(BYTES_PER_TOKEN)).unwrap_or(u32::MAX)
}

/// What a call used, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metered {
	/// Within the call's bounds.
	pub usage: Usage,
	/// The relay counted, because the provider did not report a whole answer.
	pub estimated: bool,
}

impl Metered {
	/// What the provider reported.
	pub fn reported(usage: Usage, bounds: &Bounds) -> Self {
		Self { usage: bounds.clip(usage), estimated: false }
	}

	/// What the relay counts for a prompt and the output that was delivered.
	pub fn estimated(prompt_bytes: u64, output_bytes: u64, bounds: &Bounds) -> Self {
		let usage = Usage::Tokens {
			input: estimated_tokens(prompt_bytes),
			cached_input: 0,
			output: estimated_tokens(output_bytes),
		};
		Self { usage: bounds.clip(usage), estimated: true }
	}

	/// What counts of an answer that broke off after the provider had reported `so_far`: its count
	/// of the prompt, and of its output no more than what was delivered.
	pub fn interrupted(so_far: Usage, output_bytes: u64, bounds: &Bounds) -> Self {
		let usage = match so_far {
			Usage::Tokens { input, cached_input, output } => Usage::Tokens {
				input,
				cached_input,
				output: output.min(estimated_tokens(output_bytes)),
			},
			units => units,
		};
		Self { usage: bounds.clip(usage), estimated: true }
	}
}

/// The usage in `answer`, a completion or a chunk of one; `None` if it reports none that can be
/// used. A reported zero is a report.
pub fn reported_usage(answer: &Value) -> Option<Usage> {
	let usage = answer.get("usage")?;
	let prompt = count(usage.get("prompt_tokens")?)?;
	let output = count(usage.get("completion_tokens")?)?;
	let cached = usage
		.pointer("/prompt_tokens_details/cached_tokens")
		.and_then(count)
		.unwrap_or(0)
		.min(prompt);
	Some(Usage::Tokens { input: prompt.saturating_sub(cached), cached_input: cached, output })
}

fn count(value: &Value) -> Option<u32> {
	value.as_u64().map(|count| u32::try_from(count).unwrap_or(u32::MAX))
}

/// Bytes of text in the choices of `answer`, whether they are whole messages or deltas.
pub fn output_bytes(answer: &Value) -> u64 {
	let choices = answer.get("choices").and_then(Value::as_array);
	let messages = choices.into_iter().flatten().filter_map(message);
	messages.map(message_bytes).fold(0, u64::saturating_add)
}

fn message(choice: &Value) -> Option<&Value> {
	let given = |name: &str| choice.get(name).filter(|message| !message.is_null());
	given("message").or_else(|| given("delta"))
}

/// Bytes of all the text in a message or a part of one, but for what only gives it structure. A
/// field that nobody knows is text, because the client can read it.
fn message_bytes(message: &Value) -> u64 {
	const STRUCTURE: [&str; 4] = ["role", "id", "type", "index"];
	match message {
		Value::Array(items) => items.iter().map(message_bytes).fold(0, u64::saturating_add),
		Value::Object(fields) => {
			let texts = fields.iter().filter(|(name, _)| !STRUCTURE.contains(&name.as_str()));
			texts.map(|(_, value)| message_bytes(value)).fold(0, u64::saturating_add)
		},
		other => text_bytes(other),
	}
}

/// Bytes of all the text in `value`: a string, or the strings in a list or an object.
fn text_bytes(value: &Value) -> u64 {
	match value {
		Value::String(text) => u64::try_from(text.len()).unwrap_or(u64::MAX),
		Value::Array(items) => items.iter().map(text_bytes).fold(0, u64::saturating_add),
		Value::Object(fields) => fields.values().map(text_bytes).fold(0, u64::saturating_add),
		_ => 0,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	const WIDE: Bounds = Bounds { input: u32::MAX, output: u32::MAX };

	#[test]
	fn a_started_token_counts() {
		assert_eq!([0, 1, 4, 5, 8].map(estimated_tokens), [0, 1, 1, 2, 2]);
		assert_eq!(estimated_tokens(u64::MAX), u32::MAX);
	}

	#[test]
	fn cached_input_is_counted_once() {
		let answer = json!({"usage": {
			"prompt_tokens": 10, "completion_tokens": 3,
			"prompt_tokens_details": {"cached_tokens": 4},
		}});
		let expected = Usage::Tokens { input: 6, cached_input: 4, output: 3 };
		assert_eq!(reported_usage(&answer), Some(expected));
	}

	#[test]
	fn more_cached_than_prompted_is_all_cached() {
		let answer = json!({"usage": {
			"prompt_tokens": 2, "completion_tokens": 0,
			"prompt_tokens_details": {"cached_tokens": 9},
		}});
		let expected = Usage::Tokens { input: 0, cached_input: 2, output: 0 };
		assert_eq!(reported_usage(&answer), Some(expected));
	}

	#[test]
	fn a_reported_zero_is_a_report() {
		let answer = json!({"usage": {"prompt_tokens": 0, "completion_tokens": 0}});
		let zero = Usage::Tokens { input: 0, cached_input: 0, output: 0 };
		assert_eq!(reported_usage(&answer), Some(zero));
	}

	#[test]
	fn a_report_that_cannot_be_read_is_none() {
		for usage in [
			json!(null),
			json!({}),
			json!({"prompt_tokens": 1}),
			json!({"prompt_tokens": -1, "completion_tokens": 1}),
			json!({"prompt_tokens": "1", "completion_tokens": 1}),
			json!({"prompt_tokens": 1.5, "completion_tokens": 1}),
		] {
			assert_eq!(reported_usage(&json!({"usage": usage})), None, "{usage}");
		}
	}

	#[test]
	fn a_report_beyond_the_request_is_clipped() {
		let bounds = Bounds { input: 5, output: 2 };
		let usage = Usage::Tokens { input: 10, cached_input: 3, output: 9 };
		let expected = Usage::Tokens { input: 2, cached_input: 3, output: 2 };
		assert_eq!(Metered::reported(usage, &bounds).usage, expected);
	}

	#[test]
	fn of_an_interrupted_answer_the_smaller_output_counts() {
		for (reported, delivered_bytes, expected) in [(9, 8, 2), (1, 8, 1), (9, 0, 0)] {
			let so_far = Usage::Tokens { input: 5, cached_input: 3, output: reported };
			let usage = Usage::Tokens { input: 5, cached_input: 3, output: expected };
			let metered = Metered::interrupted(so_far, delivered_bytes, &WIDE);
			assert_eq!(metered, Metered { usage, estimated: true });
		}
	}

	#[test]
	fn an_interrupted_answer_is_clipped_too() {
		let bounds = Bounds { input: 5, output: 1 };
		let so_far = Usage::Tokens { input: 10, cached_input: 0, output: 9 };
		let expected = Usage::Tokens { input: 5, cached_input: 0, output: 1 };
		assert_eq!(Metered::interrupted(so_far, 100, &bounds).usage, expected);
	}

	#[test]
	fn whatever_a_client_can_read_is_output() {
		for (delta, bytes) in [
			(json!({"role": "assistant", "content": ""}), 0),
			(json!({"refusal": "no"}), 2),
			(json!({"function_call": {"name": "f", "arguments": "{}"}}), 3),
			(
				json!({"tool_calls": [{
					"index": 0, "id": "call", "type": "custom",
					"custom": {"name": "f", "input": "abc"},
				}]}),
				4,
			),
			(json!({"audio": {"id": "audio", "data": "AAAA", "transcript": "hi"}}), 6),
			(json!({"unknown": {"deep": [{"er": "text"}], "count": 5, "is": true}}), 4),
			(json!({"content": [{"type": "text", "text": "hi"}]}), 2),
			(json!("text"), 4),
		] {
			for name in ["delta", "message"] {
				let mut choice = json!({"index": 0, "finish_reason": null, "message": null});
				choice[name] = delta.clone();
				assert_eq!(output_bytes(&json!({"choices": [choice]})), bytes, "{delta}");
			}
		}
	}

	#[test]
	fn text_reasoning_and_tool_calls_are_output() {
		let answer = json!({"choices": [
			{"delta": {"content": "ab", "reasoning_content": "c"}},
			{"message": {"content": null, "tool_calls": [
				{"id": "not text", "function": {"name": "f", "arguments": "{}"}},
			]}},
		]});
		assert_eq!(output_bytes(&answer), 6);
		let metered = Metered::estimated(5, output_bytes(&answer), &WIDE);
		let expected = Usage::Tokens { input: 2, cached_input: 0, output: 2 };
		assert_eq!(metered, Metered { usage: expected, estimated: true });
	}
}
