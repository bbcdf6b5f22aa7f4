//! The meter of a streamed answer: sees every chunk, keeps count, and says what the client gets.

use lx_primitives::Usage;
use serde_json::Value;

use super::{output_bytes, reported_usage, Metered};
use crate::pricing::Bounds;

/// Counts what passes through a stream.
#[derive(Clone, Debug, Default)]
pub struct StreamMeter {
	wants_usage: bool,
	reported: Option<Usage>,
	delivered_bytes: u64,
	is_finished: bool,
	provider_id: Option<String>,
}

/// What to do with a chunk.
#[derive(Clone, Debug, PartialEq)]
pub enum Chunk {
	/// It goes to the client, with this many bytes of output.
	Forward(Value, u64),
	/// The client did not ask for it.
	Withhold,
}

impl StreamMeter {
	/// A meter for a client that wants the usage report, or not.
	pub fn new(wants_usage: bool) -> Self {
		Self { wants_usage, ..Self::default() }
	}

	/// Takes note of a chunk. The last report counts, since some providers report as they go.
	pub fn observe(&mut self, mut chunk: Value) -> Chunk {
		self.reported = reported_usage(&chunk).or(self.reported);
		self.is_finished |= finishes(&chunk);
		if self.provider_id.is_none() {
			self.provider_id = chunk.get("id").and_then(Value::as_str).map(String::from);
		}
		let bytes = output_bytes(&chunk);
		if self.wants_usage {
			return Chunk::Forward(chunk, bytes);
		}
		let carries_usage = chunk.as_object_mut().and_then(|fields| fields.remove("usage"));
		let choices = chunk.get("choices").and_then(Value::as_array);
		let is_report = carries_usage.is_some_and(|usage| !usage.is_null())
			&& choices.is_none_or(|choices| choices.is_empty());
		if is_report {
			Chunk::Withhold
		} else {
			Chunk::Forward(chunk, bytes)
		}
	}

	/// Takes note that `bytes` bytes of output reached the client.
	pub fn delivered(&mut self, bytes: u64) {
		self.delivered_bytes = self.delivered_bytes.saturating_add(bytes);
	}

	/// Whether the provider said that the answer is complete.
	pub fn is_finished(&self) -> bool {
		self.is_finished
	}

	/// The provider's id of the call.
	pub fn provider_id(&self) -> Option<&str> {
		self.provider_id.as_deref()
	}

	/// What the call used; `None` if the provider reported nothing and the client got nothing.
	pub fn finish(&self, prompt_bytes: u64, bounds: &Bounds) -> Option<Metered> {
		match self.reported {
			Some(usage) => Some(Metered::reported(usage, bounds)),
			None if self.delivered_bytes == 0 => None,
			None => Some(Metered::estimated(prompt_bytes, self.delivered_bytes, bounds)),
		}
	}
}

fn finishes(chunk: &Value) -> bool {
	let choices = chunk.get("choices").and_then(Value::as_array);
	choices
		.into_iter()
		.flatten()
		.any(|choice| choice.get("finish_reason").is_some_and(|reason| !reason.is_null()))
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	const BOUNDS: Bounds = Bounds { input: 1_000, output: 1_000 };

	fn report(output: u32) -> Value {
		json!({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": output}})
	}

	fn text(content: &str) -> Value {
		json!({"id": "c-1", "choices": [{"delta": {"content": content}}], "usage": null})
	}

	#[test]
	fn the_report_is_withheld_from_a_client_that_did_not_ask() {
		let mut meter = StreamMeter::new(false);
		let Chunk::Forward(chunk, 2) = meter.observe(text("hi")) else { panic!("withheld") };
		assert_eq!(chunk.get("usage"), None);
		assert_eq!(meter.observe(report(5)), Chunk::Withhold);
		let usage = Usage::Tokens { input: 1, cached_input: 0, output: 5 };
		let expected = Metered { usage, estimated: false };
		assert_eq!(meter.finish(40, &BOUNDS), Some(expected));
		assert_eq!(meter.provider_id(), Some("c-1"));
	}

	#[test]
	fn a_client_that_asked_gets_every_chunk_as_it_is() {
		let mut meter = StreamMeter::new(true);
		assert_eq!(meter.observe(text("hi")), Chunk::Forward(text("hi"), 2));
		assert_eq!(meter.observe(report(5)), Chunk::Forward(report(5), 0));
	}

	#[test]
	fn a_report_beside_text_loses_the_report_only() {
		let mut meter = StreamMeter::new(false);
		let mut chunk = text("hi");
		chunk["usage"] = json!({"prompt_tokens": 1, "completion_tokens": 1});
		assert!(matches!(meter.observe(chunk), Chunk::Forward(_, 2)));
	}

	#[test]
	fn the_last_of_several_reports_counts() {
		let mut meter = StreamMeter::new(false);
		meter.observe(report(5));
		meter.observe(report(8));
		meter.observe(text("after"));
		let Some(Metered { usage: Usage::Tokens { output, .. }, .. }) = meter.finish(0, &BOUNDS)
		else {
			panic!("nothing metered")
		};
		assert_eq!(output, 8);
	}

	#[test]
	fn without_a_report_the_delivered_output_counts() {
		let mut meter = StreamMeter::new(false);
		meter.observe(text("never delivered"));
		assert_eq!(meter.finish(40, &BOUNDS), None);
		meter.delivered(9);
		let usage = Usage::Tokens { input: 10, cached_input: 0, output: 3 };
		assert_eq!(meter.finish(40, &BOUNDS), Some(Metered { usage, estimated: true }));
	}

	#[test]
	fn a_finish_reason_finishes() {
		let mut meter = StreamMeter::new(false);
		meter.observe(json!({"choices": [{"delta": {}, "finish_reason": null}]}));
		assert!(!meter.is_finished());
		meter.observe(json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}));
		assert!(meter.is_finished());
	}
}
