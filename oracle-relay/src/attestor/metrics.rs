//! What an attestor counts, in the text format that Prometheus reads.

use std::fmt::Write;

use crate::metrics::Counter;

/// What the attestor counts since it started.
#[derive(Debug, Default)]
pub struct Metrics {
	/// Batches checked and signed.
	pub batches_signed: Counter,
	/// Batches that are wrong.
	pub batches_refused: Counter,
	/// Batches learned that the chain took without this attestor.
	pub batches_learned: Counter,
	/// Calls in the batches that were signed.
	pub calls_signed: Counter,
	/// Times that a relay or the chain could not be asked.
	pub failures: Counter,
}

/// Numbers that rise and fall, read when they are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gauges {
	/// The last finalised block; zero while the chain cannot be reached.
	pub head: u64,
	/// Relays that are asked for batches.
	pub relays: u64,
	/// Those of them that can be reached, and the chain for them.
	pub relays_up: u64,
}

impl Metrics {
	/// Everything, as text.
	pub fn render(&self, gauges: &Gauges) -> String {
		let counters = [
			("batches_signed", "Batches checked and signed", &self.batches_signed),
			("batches_refused", "Batches that are wrong", &self.batches_refused),
			("batches_learned", "Batches taken without this attestor", &self.batches_learned),
			("calls_signed", "Calls in signed batches", &self.calls_signed),
			("failures", "Times that a relay or the chain failed", &self.failures),
		];
		let gauges = [
			("finalised_block", "Last finalised block", gauges.head),
			("relays", "Relays asked for batches", gauges.relays),
			("relays_up", "Relays that can be reached", gauges.relays_up),
		];
		let counters = counters.map(|(name, help, counter)| {
			(format!("lx_attestor_{name}_total"), help, "counter", counter.get())
		});
		let gauges =
			gauges.map(|(name, help, value)| (format!("lx_attestor_{name}"), help, "gauge", value));
		let mut text = String::new();
		for (name, help, kind, value) in counters.into_iter().chain(gauges) {
			// Writing to a string cannot fail.
			let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
		}
		text
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_number_has_its_line() {
		let metrics = Metrics::default();
		metrics.calls_signed.add(42);
		let text = metrics.render(&Gauges { head: 7, relays: 2, relays_up: 1 });
		for line in [
			"lx_attestor_calls_signed_total 42",
			"lx_attestor_finalised_block 7",
			"lx_attestor_relays 2",
			"lx_attestor_relays_up 1",
		] {
			assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
		}
		assert_eq!(text.lines().filter(|line| !line.starts_with('#')).count(), 8);
	}
}
