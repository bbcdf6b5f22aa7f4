//! What the calls and hooks of each pallet weigh, measured on this runtime by `make weights`.

pub mod frame_system;
pub mod frame_system_extensions;
pub mod pallet_asset_tx_payment;
pub mod pallet_assets;
pub mod pallet_balances;
pub mod pallet_clearing;
pub mod pallet_compute;
pub mod pallet_custody;
pub mod pallet_migrations;
pub mod pallet_mining;
pub mod pallet_multisig;
pub mod pallet_orderbook;
pub mod pallet_parameters;
pub mod pallet_price_registry;
pub mod pallet_proxy;
pub mod pallet_psm;
pub mod pallet_sudo;
pub mod pallet_timestamp;
pub mod pallet_transaction_payment;
pub mod pallet_utility;
