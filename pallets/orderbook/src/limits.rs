//! What a client has to know before it asks.

use frame_support::pallet_macros::pallet_section;

/// The part of the pallet that puts its limits into the metadata.
#[pallet_section]
mod limits {
	#[pallet::extra_constants]
	impl<T: Config> Pallet<T> {
		/// The most operations of one batch. A call of more cannot be decoded: no node takes it.
		#[pallet::constant_name(MaxBatch)]
		fn max_batch() -> u32 {
			MAX_BATCH
		}

		/// The most orders that one may meet.
		#[pallet::constant_name(MaxMatches)]
		fn max_matches() -> u32 {
			MAX_MATCHES
		}

		/// The most triggers of one trading account.
		#[pallet::constant_name(MaxTriggers)]
		fn max_triggers() -> u32 {
			MAX_TRIGGERS
		}

		/// The most orders that a trigger's order may meet at a time.
		#[pallet::constant_name(MaxTriggerMatches)]
		fn max_trigger_matches() -> u32 {
			MAX_TRIGGER_MATCHES
		}

		/// How long an order lives at least that lives until a moment, in ms.
		#[pallet::constant_name(MinLifetime)]
		fn min_lifetime() -> Moment {
			MIN_LIFETIME
		}

		/// The most lots of one order.
		#[pallet::constant_name(MaxLots)]
		fn max_lots() -> Lots {
			lx_matching::MAX_LOTS
		}

		/// So many prices there are, in ticks: from 0 to one less.
		#[pallet::constant_name(Ticks)]
		fn ticks() -> Tick {
			lx_matching::TICKS
		}

		/// The most prices of one answer of the view `depth`.
		#[pallet::constant_name(MaxDepth)]
		fn max_depth() -> u32 {
			MAX_DEPTH
		}
	}
}
