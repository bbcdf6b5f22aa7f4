//! Work that outlives the request that began it, and the clock.

use std::{future::Future, sync::Mutex, time::UNIX_EPOCH};

use lx_primitives::units::Moment;
use tokio::{sync::mpsc, task::JoinHandle};

/// The time now, in milliseconds since 1970.
pub fn now() -> Moment {
	UNIX_EPOCH
		.elapsed()
		.map_or(0, |elapsed| Moment::try_from(elapsed.as_millis()).unwrap_or(Moment::MAX))
}

/// Keeps count of the tasks that must finish before the relay may stop.
pub struct Tasks {
	/// Each task holds a clone; when all are gone the channel closes.
	alive: Mutex<Option<mpsc::Sender<()>>>,
	ended: tokio::sync::Mutex<mpsc::Receiver<()>>,
}

impl Default for Tasks {
	fn default() -> Self {
		let (alive, ended) = mpsc::channel(1);
		Self { alive: Mutex::new(Some(alive)), ended: tokio::sync::Mutex::new(ended) }
	}
}

impl Tasks {
	/// Runs `work` even if nobody waits for it.
	pub fn spawn<T: Send + 'static>(
		&self,
		work: impl Future<Output = T> + Send + 'static,
	) -> JoinHandle<T> {
		let alive = self.guard();
		tokio::spawn(async move {
			let result = work.await;
			drop(alive);
			result
		})
	}

	fn guard(&self) -> Option<mpsc::Sender<()>> {
		self.alive.lock().map_or(None, |alive| alive.clone())
	}

	/// Waits until every task has ended. Tasks begun later are not waited for.
	pub async fn finish(&self) {
		if let Ok(mut alive) = self.alive.lock() {
			*alive = None;
		}
		// Nothing is ever sent: this returns when the last task drops its sender.
		let _ = self.ended.lock().await.recv().await;
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::sync::{
		atomic::{AtomicBool, Ordering},
		Arc,
	};

	#[tokio::test]
	async fn finishing_waits_for_every_task() {
		let tasks = Tasks::default();
		let is_done = Arc::new(AtomicBool::new(false));
		let flag = is_done.clone();
		drop(tasks.spawn(async move {
			tokio::time::sleep(std::time::Duration::from_millis(20)).await;
			flag.store(true, Ordering::SeqCst);
		}));
		tasks.finish().await;
		assert!(is_done.load(Ordering::SeqCst));
	}

	#[tokio::test]
	async fn without_tasks_finishing_is_immediate() {
		Tasks::default().finish().await;
	}
}
