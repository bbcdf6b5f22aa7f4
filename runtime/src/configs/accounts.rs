//! How accounts act together: batches, proxies, multisigs, and the development key.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	parameter_types,
	traits::{ConstU32, InstanceFilter},
};
use lx_primitives::units::LCO;
use scale_info::TypeInfo;
use sp_runtime::traits::BlakeTwo256;

use crate::{weights, Balance, Balances, OriginCaller, Runtime, RuntimeCall, RuntimeEvent, System};

impl pallet_utility::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type PalletsOrigin = OriginCaller;
	type WeightInfo = weights::pallet_utility::WeightInfo<Runtime>;
}

/// The price of an entry in state, and of each byte in it.
const ITEM: Balance = LCO / 10;
pub(super) const BYTE: Balance = LCO / 1_000;

pub(super) const fn deposit(items: u32, bytes: u32) -> Balance {
	items as Balance * ITEM + bytes as Balance * BYTE
}

parameter_types! {
	pub const MultisigBase: Balance = deposit(1, 88);
	pub const PerSignatory: Balance = deposit(0, 32);
	pub const ProxyBase: Balance = deposit(1, 8);
	pub const PerProxy: Balance = deposit(0, 33);
	pub const AnnouncementBase: Balance = deposit(1, 8);
	pub const PerAnnouncement: Balance = deposit(0, 66);
}

impl pallet_multisig::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type DepositBase = MultisigBase;
	type DepositFactor = PerSignatory;
	type MaxSignatories = ConstU32<100>;
	type WeightInfo = weights::pallet_multisig::WeightInfo<Runtime>;
	type BlockNumberProvider = System;
}

/// What a proxy may do for the account it acts for.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ProxyType {
	/// Everything.
	#[default]
	#[codec(index = 0)]
	Any,
	/// Run the account's API balance: top up, thaw, limit, revoke keys. Nothing leaves
	/// the account but into its own API balance and back.
	#[codec(index = 1)]
	ApiBalance,
	/// Stake, and unstake. Nothing leaves the account.
	#[codec(index = 2)]
	Staking,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		use pallet_compute::Call;
		match self {
			Self::Any => true,
			Self::ApiBalance => matches!(
				call,
				RuntimeCall::Compute(
					Call::top_up { .. }
						| Call::thaw { .. }
						| Call::cancel_thaw { .. }
						| Call::withdraw { .. }
						| Call::set_daily_limit { .. }
						| Call::revoke_keys { .. }
				)
			),
			Self::Staking => matches!(call, RuntimeCall::StakingTiers(_)),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		*self == Self::Any || self == other
	}
}

impl pallet_proxy::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type Currency = Balances;
	type ProxyType = ProxyType;
	type ProxyDepositBase = ProxyBase;
	type ProxyDepositFactor = PerProxy;
	type MaxProxies = ConstU32<32>;
	type WeightInfo = weights::pallet_proxy::WeightInfo<Runtime>;
	type MaxPending = ConstU32<32>;
	type CallHasher = BlakeTwo256;
	type AnnouncementDepositBase = AnnouncementBase;
	type AnnouncementDepositFactor = PerAnnouncement;
	type BlockNumberProvider = System;
}

impl pallet_sudo::Config for Runtime {
	type RuntimeEvent = RuntimeEvent;
	type RuntimeCall = RuntimeCall;
	type WeightInfo = weights::pallet_sudo::WeightInfo<Runtime>;
}
