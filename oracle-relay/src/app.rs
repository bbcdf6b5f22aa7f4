//! What every request shares.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{
	api::{body, heavy::Turns, losses::Losses, pace::Paces, places::Room},
	attest::{board::Board, RelaySigner},
	chain::ChainView,
	config::Limits,
	ledger::Ledger,
	metrics::Metrics,
	providers::Providers,
	tasks::Tasks,
};

/// Large requests that are read at the same time. Each may take some 70 MB while it is read, see
/// [`crate::metering::complexity`], and a thread.
const READERS: usize = 4;

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
	/// Where new batches and signatures are announced.
	pub board: Arc<Board>,
	/// Limits that calls are served under.
	pub limits: Limits,
	/// Counters.
	pub metrics: Arc<Metrics>,
	/// Calls under way.
	pub tasks: Tasks,
	/// Places for calls.
	pub places: Arc<Room>,
	/// What accounts and capped keys have cost and nobody pays.
	pub losses: Losses,
	/// How often accounts call.
	pub paces: Paces,
	/// Room for the bodies of calls that are on their way in.
	pub arriving: Arc<Room>,
	/// Permits to read a large request.
	pub readers: Arc<Semaphore>,
	/// Turns to read much of the call log.
	pub turns: Turns,
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
		Arc::new(Self {
			chain,
			ledger,
			providers,
			signer,
			places: Room::new(limits.max_open_calls),
			losses: Losses::new(limits.max_unpaid),
			paces: Paces::default(),
			arriving: body::room(&limits),
			readers: Arc::new(Semaphore::new(READERS)),
			turns: Turns::default(),
			limits,
			board: Arc::default(),
			metrics: Arc::default(),
			tasks: Tasks::default(),
		})
	}
}
