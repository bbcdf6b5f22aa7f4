//! Counters, in the text format that Prometheus reads.

use std::{
	fmt::Write,
	sync::atomic::{AtomicU64, Ordering},
};

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
	/// Adds `amount`.
	pub fn add(&self, amount: u64) {
		self.0.fetch_add(amount, Ordering::Relaxed);
	}

	/// The number now.
	pub fn get(&self) -> u64 {
		self.0.load(Ordering::Relaxed)
	}
}

/// What the relay counts since it started.
#[derive(Debug, Default)]
pub struct Metrics {
	/// HTTP requests.
	pub requests: Counter,
	/// Calls settled by the provider's report.
	pub calls_reported: Counter,
	/// Calls settled by the relay's estimate.
	pub calls_estimated: Counter,
	/// Calls voided.
	pub calls_void: Counter,
	/// µCRED that providers may bill and that nobody pays.
	pub written_off: Counter,
	/// Calls refused for want of balance.
	pub calls_unpaid: Counter,
	/// Calls refused because their account makes as many as it may.
	pub calls_limited: Counter,
	/// Streams whose clients went before the end.
	pub clients_gone: Counter,
	/// µCRED charged.
	pub charged: Counter,
	/// Batches that the chain took.
	pub batches_posted: Counter,
	/// Batches that became final.
	pub batches_final: Counter,
	/// Batches that the node refused, at submission or on their way.
	pub batches_refused: Counter,
	/// Batches that the chain did not take in their lifetime.
	pub batches_expired: Counter,
	/// Batches that the chain has reversed.
	pub batches_reversed: Counter,
	/// Settled calls that could not be posted any more.
	pub calls_lost: Counter,
	/// Batches in the relay's name that its ledger does not know.
	pub batches_foreign: Counter,
}

/// Numbers that rise and fall, read when they are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gauges {
	/// Calls under way.
	pub calls_open: u64,
	/// Settled calls that wait for a batch.
	pub calls_waiting: u64,
	/// The last finalised block; zero while the chain cannot be reached.
	pub head: u64,
	/// Whether the chain can be reached.
	pub is_chain_up: bool,
	/// Whether all accounts together have cost very much that nobody pays.
	pub is_loss_alarming: bool,
}

impl Metrics {
	/// Everything, as text.
	pub fn render(&self, gauges: &Gauges) -> String {
		let counters = [
			("requests", "HTTP requests", &self.requests),
			("calls_reported", "Calls settled by the provider's report", &self.calls_reported),
			("calls_estimated", "Calls settled by an estimate", &self.calls_estimated),
			("calls_void", "Calls voided", &self.calls_void),
			(
				"written_off_ucred",
				"Micro-credits that providers may bill and nobody pays",
				&self.written_off,
			),
			("calls_unpaid", "Calls refused for want of balance", &self.calls_unpaid),
			("calls_limited", "Calls refused by an account's limits", &self.calls_limited),
			("clients_gone", "Streams whose clients left early", &self.clients_gone),
			("charged_ucred", "Micro-credits charged", &self.charged),
			("batches_posted", "Batches that the chain took", &self.batches_posted),
			("batches_final", "Batches that became final", &self.batches_final),
			("batches_refused", "Batches that the node refused", &self.batches_refused),
			("batches_expired", "Batches not taken in time", &self.batches_expired),
			("batches_reversed", "Batches that the chain reversed", &self.batches_reversed),
			("calls_lost", "Settled calls that were not posted", &self.calls_lost),
			("batches_foreign", "Batches not known to the ledger", &self.batches_foreign),
		];
		let gauges = [
			("calls_open", "Calls under way", gauges.calls_open),
			("calls_waiting", "Settled calls that the chain has not taken", gauges.calls_waiting),
			("finalised_block", "Last finalised block", gauges.head),
			("chain_up", "Whether the chain can be reached", u64::from(gauges.is_chain_up)),
			(
				"written_off_alarm",
				"Whether very much is written off for all accounts together",
				u64::from(gauges.is_loss_alarming),
			),
		];
		let mut text = String::new();
		for (name, help, counter) in counters {
			line(&mut text, &format!("lx_relay_{name}_total"), help, "counter", counter.get());
		}
		for (name, help, value) in gauges {
			line(&mut text, &format!("lx_relay_{name}"), help, "gauge", value);
		}
		text
	}
}

fn line(text: &mut String, name: &str, help: &str, kind: &str, value: u64) {
	// Writing to a string cannot fail.
	let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_number_has_its_line() {
		let metrics = Metrics::default();
		metrics.charged.add(42);
		let text = metrics.render(&Gauges { head: 7, is_chain_up: true, ..Gauges::default() });
		for line in ["lx_relay_charged_ucred_total 42", "lx_relay_finalised_block 7"] {
			assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
		}
	}
}
