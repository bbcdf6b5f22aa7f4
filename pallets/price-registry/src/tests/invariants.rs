//! The check notices each kind of corruption.

use frame_support::{assert_ok, storage::with_transaction};
use lx_primitives::{Price, Rates};
use sp_runtime::{DispatchError, TransactionOutcome};

use crate::{mock::*, ModelInfo, Models, Prices, MAX_MODELS};

fn assert_caught(message: &'static str, corrupt: impl FnOnce()) {
	let found = with_transaction(|| {
		corrupt();
		TransactionOutcome::Rollback(Ok::<_, DispatchError>(PriceRegistry::do_try_state()))
	});
	assert_eq!(found, Ok(Err(DispatchError::Other(message))));
}

#[test]
fn corruption_is_caught() {
	build_and_execute(|| {
		assert_ok!(PriceRegistry::do_try_state());

		assert_caught("too many models", || {
			for number in 0..MAX_MODELS {
				let info = ModelInfo { version: 1, listed: true };
				Models::<Test>::insert(model(&format!("model-{number}")), info);
			}
		});
		assert_caught("a model has no price", || {
			let info = ModelInfo { version: 9, listed: true };
			Models::<Test>::insert(model("lx-demo-1"), info)
		});
		assert_caught("a model is sold at a loss", || {
			let price = Price { list: Rates::Unit(10), cost: Rates::Unit(8), active_from: START };
			Prices::<Test>::insert(model("lx-demo-1"), 1, price)
		});
	});
}
