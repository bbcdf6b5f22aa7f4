//! What every request shares.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{
	attest::RelaySigner, chain::ChainView, config::Limits, ledger::Ledger, metrics::Metrics,
	providers::Providers, tasks::Tasks,
};

/// The relay's parts.
pub struct App {
	/// The finalised chain.
	pub chain: Arc<dyn ChainView>,
	/// The durable record.
	pub ledger: Ledger,
	/// Who answers calls.
	pub providers: Providers,
	/// The relay's own key.
	pub signer: RelaySigner,
	/// Limits that calls are served under.
	pub limits: Limits,
	/// Counters.
	pub metrics: Arc<Metrics>,
	/// Calls under way.
	pub tasks: Tasks,
	/// Places for calls.
	pub open_calls: Arc<Semaphore>,
}

impl App {
	/// Puts the parts together.
	pub fn new(
		chain: Arc<dyn ChainView>,
		ledger: Ledger,
		providers: Providers,
		signer: RelaySigner,
		limits: Limits,
	) -> Arc<Self> {
		let most = Semaphore::MAX_PERMITS;
		let places = usize::try_from(limits.max_open_calls).unwrap_or(most).min(most);
		Arc::new(Self {
			chain,
			ledger,
			providers,
			signer,
			open_calls: Arc::new(Semaphore::new(places)),
			limits,
			metrics: Arc::default(),
			tasks: Tasks::default(),
		})
	}
}
