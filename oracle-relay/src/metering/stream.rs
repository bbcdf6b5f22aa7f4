//! The meter of a streamed answer: sees every chunk, keeps count of what reached the client, and
//! says what the client gets and what the call used.

use std::collections::BTreeMap;

use lx_primitives::Usage;
use serde_json::Value;

use super::{output_bytes, reported_usage, Metered};
use crate::pricing::Bounds;

/// Counts what passes through a stream.
#[derive(Clone, Debug)]
pub struct StreamMeter {
	wants_usage: bool,
	/// How many choices the client asked for.
	asked: u32,
	reported: Option<Usage>,
	delivered_bytes: u64,
	/// The choices of which the client has something, and whether it has them to their ends.
	delivered: BTreeMap<u64, bool>,
	provider_id: Option<String>,
}

/// What to do with a chunk.
#[derive(Clone, Debug, PartialEq)]
pub enum Chunk {
	/// It goes to the client, who gets this much with it.
	Forward(Value, Output),
	/// The client did not ask for it.
	Withhold,
}

/// What a chunk brings to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
	/// Bytes of text.
	bytes: u64,
	/// The choices that it belongs to, and whether it ends them.
	choices: Vec<(u64, bool)>,
}

impl StreamMeter {
	/// A meter for a client that wants the usage report, or not, and asked for so many choices.
	pub fn new(wants_usage: bool, asked: u32) -> Self {
		Self {
			wants_usage,
			asked,
			reported: None,
			delivered_bytes: 0,
			delivered: BTreeMap::new(),
			provider_id: None,
		}
	}

	/// Takes note of a chunk. The last report counts, since some providers report as they go.
	pub fn observe(&mut self, mut chunk: Value) -> Chunk {
		self.reported = reported_usage(&chunk).or(self.reported);
		if self.provider_id.is_none() {
			self.provider_id = chunk.get("id").and_then(Value::as_str).map(String::from);
		}
		let output = self.output(&chunk);
		if self.wants_usage {
			return Chunk::Forward(chunk, output);
		}
		let carries_usage = chunk.as_object_mut().and_then(|fields| fields.remove("usage"));
		let choices = chunk.get("choices").and_then(Value::as_array);
		let is_report = carries_usage.is_some_and(|usage| !usage.is_null())
			&& choices.is_none_or(|choices| choices.is_empty());
		if is_report {
			Chunk::Withhold
		} else {
			Chunk::Forward(chunk, output)
		}
	}

	fn output(&self, chunk: &Value) -> Output {
		let choices = chunk.get("choices").and_then(Value::as_array).into_iter().flatten();
		let position = |choice: &Value| {
			let index = choice.get("index").and_then(Value::as_u64).unwrap_or(0);
			let ends = choice.get("finish_reason").is_some_and(|reason| !reason.is_null());
			// Whatever a provider numbers beyond what it was asked for is kept as one.
			(index.min(self.asked.into()), ends)
		};
		Output { bytes: output_bytes(chunk), choices: choices.map(position).collect() }
	}

	/// Takes note that this output reached the client.
	pub fn delivered(&mut self, output: &Output) {
		self.delivered_bytes = self.delivered_bytes.saturating_add(output.bytes);
		for (index, ends) in &output.choices {
			*self.delivered.entry(*index).or_default() |= *ends;
		}
	}

	/// Whether the client has every choice that it asked for to its end: only the report is still
	/// to come.
	pub fn is_complete(&self) -> bool {
		let ended: u64 = self.delivered.values().map(|ended| u64::from(*ended)).sum();
		ended >= u64::from(self.asked)
	}

	/// Whether the client has an answer of which no choice breaks off. Some providers give fewer
	/// choices than they are asked for.
	pub fn is_whole(&self) -> bool {
		!self.delivered.is_empty() && self.delivered.values().all(|ended| *ended)
	}

	/// The provider's id of the call.
	pub fn provider_id(&self) -> Option<&str> {
		self.provider_id.as_deref()
	}

	/// What a whole answer used; `None` if the provider reported nothing and the client got
	/// nothing.
	pub fn whole(&self, prompt_bytes: u64, bounds: &Bounds) -> Option<Metered> {
		match self.reported {
			Some(usage) => Some(Metered::reported(usage, bounds)),
			None => self.interrupted(prompt_bytes, bounds),
		}
	}

	/// What an answer used that broke off: no more output than the client got, and `None` if it got
	/// none.
	pub fn interrupted(&self, prompt_bytes: u64, bounds: &Bounds) -> Option<Metered> {
		match self.reported {
			_ if self.delivered_bytes == 0 => None,
			Some(so_far) => Some(Metered::interrupted(so_far, self.delivered_bytes, bounds)),
			None => Some(Metered::estimated(prompt_bytes, self.delivered_bytes, bounds)),
		}
	}
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

	fn stop(index: u32) -> Value {
		json!({"choices": [{"index": index, "delta": {}, "finish_reason": "stop"}]})
	}

	/// Lets the client have `chunk`.
	fn deliver(meter: &mut StreamMeter, chunk: Value) {
		if let Chunk::Forward(_, output) = meter.observe(chunk) {
			meter.delivered(&output);
		}
	}

	fn tokens(input: u32, output: u32) -> Usage {
		Usage::Tokens { input, cached_input: 0, output }
	}

	#[test]
	fn the_report_is_withheld_from_a_client_that_did_not_ask() {
		let mut meter = StreamMeter::new(false, 1);
		let Chunk::Forward(chunk, output) = meter.observe(text("hi")) else { panic!("withheld") };
		assert_eq!((chunk.get("usage"), output.bytes), (None, 2));
		assert_eq!(meter.observe(report(5)), Chunk::Withhold);
		let expected = Metered { usage: tokens(1, 5), estimated: false };
		assert_eq!(meter.whole(40, &BOUNDS), Some(expected));
		assert_eq!(meter.provider_id(), Some("c-1"));
	}

	#[test]
	fn a_client_that_asked_gets_every_chunk_as_it_is() {
		let mut meter = StreamMeter::new(true, 1);
		for chunk in [text("hi"), report(5)] {
			let Chunk::Forward(forwarded, _) = meter.observe(chunk.clone()) else {
				panic!("withheld")
			};
			assert_eq!(forwarded, chunk);
		}
	}

	#[test]
	fn a_report_beside_text_loses_the_report_only() {
		let mut meter = StreamMeter::new(false, 1);
		let mut chunk = text("hi");
		chunk["usage"] = json!({"prompt_tokens": 1, "completion_tokens": 1});
		let Chunk::Forward(chunk, output) = meter.observe(chunk) else { panic!("withheld") };
		assert_eq!((chunk.get("usage"), output.bytes), (None, 2));
	}

	#[test]
	fn of_a_whole_answer_the_last_report_counts() {
		let mut meter = StreamMeter::new(false, 1);
		for chunk in [report(5), report(8), text("after"), stop(0)] {
			deliver(&mut meter, chunk);
		}
		let expected = Metered { usage: tokens(1, 8), estimated: false };
		assert_eq!(meter.whole(0, &BOUNDS), Some(expected));
	}

	#[test]
	fn without_a_report_the_delivered_output_counts() {
		let mut meter = StreamMeter::new(false, 1);
		meter.observe(text("never delivered"));
		assert_eq!(meter.whole(40, &BOUNDS), None);
		deliver(&mut meter, text("delivered"));
		let expected = Some(Metered { usage: tokens(10, 3), estimated: true });
		assert_eq!(meter.whole(40, &BOUNDS), expected);
		assert_eq!(meter.interrupted(40, &BOUNDS), expected);
	}

	#[test]
	fn of_an_interrupted_answer_no_more_counts_than_was_delivered() {
		for (reported, expected) in [(100, 3), (2, 2)] {
			let mut meter = StreamMeter::new(false, 1);
			deliver(&mut meter, text("delivered"));
			meter.observe(text("and this is not"));
			meter.observe(report(reported));
			let expected = Metered { usage: tokens(1, expected), estimated: true };
			assert_eq!(meter.interrupted(40, &BOUNDS), Some(expected));
		}
	}

	#[test]
	fn an_interrupted_answer_of_which_nothing_was_delivered_is_free() {
		let mut meter = StreamMeter::new(false, 1);
		deliver(&mut meter, json!({"choices": [{"delta": {"role": "assistant", "content": ""}}]}));
		meter.observe(text("never delivered"));
		meter.observe(report(5));
		assert_eq!(meter.interrupted(40, &BOUNDS), None);
	}

	#[test]
	fn a_finish_reason_that_was_delivered_completes_the_answer() {
		let mut meter = StreamMeter::new(false, 1);
		deliver(&mut meter, json!({"choices": [{"delta": {}, "finish_reason": null}]}));
		assert!(!meter.is_complete() && !meter.is_whole());
		let Chunk::Forward(_, output) = meter.observe(stop(0)) else { panic!("withheld") };
		assert!(!meter.is_complete() && !meter.is_whole());
		meter.delivered(&output);
		assert!(meter.is_complete() && meter.is_whole());
	}

	#[test]
	fn several_choices_are_complete_when_each_has_ended() {
		let mut meter = StreamMeter::new(false, 2);
		assert!(!meter.is_whole());
		deliver(&mut meter, text("first"));
		deliver(&mut meter, stop(0));
		assert!(meter.is_whole(), "a provider may give fewer choices");
		assert!(!meter.is_complete());
		deliver(&mut meter, json!({"choices": [{"index": 1, "delta": {"content": "second"}}]}));
		assert!(!meter.is_whole());
		deliver(&mut meter, stop(1));
		assert!(meter.is_complete() && meter.is_whole());
	}
}
