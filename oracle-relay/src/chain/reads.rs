//! Storage reads at one block, by name and with the types that the block's metadata describes, so
//! that a field added to a pallet does not break the relay.

use codec::{Decode, Encode};
use lx_primitives::{
	units::{Credits, Moment},
	LaunchId, ModelId, Offer, Price, Reign, RelayId, TierHistory, Units,
};
use sp_core::{crypto::AccountId32, sr25519, H256};
use subxt::{
	config::SubstrateConfig,
	dynamic::{storage, view_function_call, Value},
	ext::{
		frame_decode::view_functions::IntoEncodableValues,
		scale_decode::{self, DecodeAsType},
	},
	OnlineClientAtBlock,
};

use super::{ApiAccount, ChainError, Quorum, RelayRecord, Sponsored, Standing};

pub(super) type Block = OnlineClientAtBlock<SubstrateConfig>;

const COMPUTE: &str = "Compute";
const PRICE_REGISTRY: &str = "PriceRegistry";
const LAUNCHPAD: &str = "Launchpad";

const VIEW_FUNCTION_ID_BYTES: usize = 32;

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct StoredAccount {
	purses: Vec<StoredPurse>,
	key_epoch: u32,
	epoch_since: u64,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct StoredPurse {
	relay: u32,
	is_sponsored: bool,
	free: u128,
	thawing: u128,
	thaw_at: u64,
	pending: u128,
	daily_limit: u128,
	former_limits: Vec<StoredLimit>,
	spent_day: u32,
	spent_today: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct StoredLimit {
	limit: u128,
	until: u64,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct StoredModel {
	version: u32,
	listed: bool,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct StoredRelay {
	key: [u8; 32],
	status: Value,
	next_sequence: u64,
	last_batch: [u8; 32],
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct StoredQuorum {
	members: Vec<u32>,
	threshold: u32,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct StoredAttestor {
	key: [u8; 32],
	is_suspended: bool,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct StoredBatch {
	hash: [u8; 32],
}

/// Whatever failed, the answer is not to be had from this node now.
pub(super) fn unreachable(error: impl Into<subxt::Error>) -> ChainError {
	ChainError::Unreachable(error.into().to_string())
}

fn incompatible(error: impl std::fmt::Display) -> ChainError {
	ChainError::Incompatible(error.to_string())
}

/// The time of the block, and the day that it lies in.
pub(super) async fn time(block: &Block) -> Result<(Moment, u32), ChainError> {
	let now = value::<u64>(block, "Timestamp", "Now").await?;
	let day_length = value::<u64>(block, "Calendar", "DayLength").await?;
	Ok((now, lx_math::calendar::day(now, day_length)))
}

/// µCRED paid by final calls so far.
pub(super) async fn cumulative(block: &Block) -> Result<Credits, ChainError> {
	value::<u128>(block, "Mining", "Cumulative").await
}

/// What `who` has prepaid at `relay`. What was spent on another day than `today` no longer counts.
pub(super) async fn account(
	block: &Block,
	relay: RelayId,
	who: &AccountId32,
	today: u32,
) -> Result<Option<ApiAccount>, ChainError> {
	let key: [u8; 32] = *who.as_ref();
	let entry = storage::<([u8; 32],), StoredAccount>(COMPUTE, "Accounts");
	let Some(found) = block.storage().try_fetch(entry, (key,)).await.map_err(unreachable)? else {
		return Ok(None);
	};
	let StoredAccount { purses, key_epoch, epoch_since } = found.decode().map_err(incompatible)?;
	let here = purses.into_iter().filter(|purse| purse.relay == relay);
	let (sponsored, own): (Vec<_>, Vec<_>) = here.partition(|purse| purse.is_sponsored);
	let account = own.into_iter().next().map(|purse| read_purse(purse, today));
	let sponsored = sponsored.into_iter().next().map(read_sponsored).unwrap_or_default();
	let tiers = tiers(block, key).await?;
	let account = account.unwrap_or_default();
	Ok(Some(ApiAccount { key_epoch, epoch_since, tiers, sponsored, ..account }))
}

fn read_sponsored(purse: StoredPurse) -> Sponsored {
	let StoredPurse { free, thawing, thaw_at, .. } = purse;
	Sponsored { free, thawing, thaw_at }
}

fn read_purse(purse: StoredPurse, today: u32) -> ApiAccount {
	let former_limits = purse.former_limits.into_iter();
	ApiAccount {
		has_purse: true,
		free: purse.free,
		thawing: purse.thawing,
		thaw_at: purse.thaw_at,
		pending: purse.pending,
		daily_limit: purse.daily_limit,
		former_limits: former_limits.map(|former| (former.limit, former.until)).collect(),
		spent_today: if purse.spent_day >= today { purse.spent_today } else { 0 },
		..ApiAccount::default()
	}
}

/// The tiers that calls of `who` are priced at, each in its time: one request, however many calls there
/// are to be checked.
async fn tiers(block: &Block, who: [u8; 32]) -> Result<TierHistory, ChainError> {
	view(block, COMPUTE, "tier_history", (who,)).await
}

/// The launches whose quotas can be used.
pub(super) async fn launches(block: &Block) -> Result<Vec<(LaunchId, Offer)>, ChainError> {
	view(block, LAUNCHPAD, "redeemable", ()).await
}

/// What a launch offers, or offered.
pub(super) async fn offer(block: &Block, launch: LaunchId) -> Result<Option<Offer>, ChainError> {
	view(block, LAUNCHPAD, "offer", (launch,)).await
}

/// The units of a launch that `who` has claimed at `relay`, and that batches of that may still use.
pub(super) async fn usable(
	block: &Block,
	relay: RelayId,
	who: &AccountId32,
	launch: LaunchId,
) -> Result<Units, ChainError> {
	let who: [u8; 32] = *who.as_ref();
	view(block, LAUNCHPAD, "usable", (launch, who, relay)).await
}

/// What a pallet's view function answers at a block. The chain encodes the very type that is decoded.
pub async fn view<Answer: Decode>(
	block: &Block,
	pallet: &str,
	function: &str,
	arguments: impl IntoEncodableValues,
) -> Result<Answer, ChainError> {
	let functions = block.view_functions();
	let call = view_function_call::<_, Value>(pallet, function, arguments);
	let arguments = functions.encode_args(call).map_err(unreachable)?;
	// The client library writes the function's id and its input without the input's length, and
	// reads the answer without the result around it: both are done here.
	let (id, input) = arguments
		.split_first_chunk::<VIEW_FUNCTION_ID_BYTES>()
		.ok_or_else(|| incompatible("it has no such view function"))?;
	let request = (id, input).encode();
	let answer = functions.call_raw(Some(&request)).await.map_err(unreachable)?;
	let answer = Result::<Vec<u8>, ()>::decode(&mut &answer[..]).map_err(incompatible)?;
	let answer = answer.map_err(|()| incompatible(format!("it does not tell `{function}`")))?;
	Answer::decode(&mut &answer[..]).map_err(incompatible)
}

/// Who was first in the last of the Compute Wars' rounds.
pub(super) async fn reign(block: &Block) -> Result<Option<Reign<AccountId32>>, ChainError> {
	let entry = storage::<(), Value>("ComputeWars", "CurrentReign");
	let found = block.storage().try_fetch(entry, ()).await.map_err(unreachable)?;
	// The chain stores the very type.
	found.map(|value| Reign::decode(&mut value.bytes()).map_err(incompatible)).transpose()
}

/// Whose signatures a batch needs.
pub(super) async fn quorum(block: &Block) -> Result<Quorum, ChainError> {
	let StoredQuorum { members, threshold } = value(block, COMPUTE, "Quorum").await?;
	let threshold = usize::try_from(threshold).map_err(incompatible)?;
	let mut quorum = Quorum { size: members.len(), threshold, ..Quorum::default() };
	for id in members {
		let entry = storage::<(u32,), StoredAttestor>(COMPUTE, "Attestors");
		let found = block.storage().fetch(entry, (id,)).await.map_err(unreachable)?;
		let attestor = found.decode().map_err(incompatible)?;
		if !attestor.is_suspended {
			quorum.members.insert(id, sr25519::Public::from_raw(attestor.key));
		}
	}
	Ok(quorum)
}

/// The registration of `relay`.
pub(super) async fn relay(
	block: &Block,
	relay: RelayId,
) -> Result<Option<RelayRecord>, ChainError> {
	let entry = storage::<(u32,), StoredRelay>(COMPUTE, "Relays");
	let Some(found) = block.storage().try_fetch(entry, (relay,)).await.map_err(unreachable)? else {
		return Ok(None);
	};
	let stored = found.decode().map_err(incompatible)?;
	Ok(Some(RelayRecord {
		key: sr25519::Public::from_raw(stored.key),
		is_active: is_variant(&stored.status, "Active"),
		next_sequence: stored.next_sequence,
		last_batch: H256(stored.last_batch),
	}))
}

fn is_variant(value: &Value, name: &str) -> bool {
	use subxt::ext::scale_value::ValueDef;
	matches!(&value.value, ValueDef::Variant(variant) if variant.name == name)
}

/// The names and price versions of the listed models.
pub(super) async fn models(block: &Block) -> Result<Vec<(ModelId, u32)>, ChainError> {
	let entry = storage::<(Vec<u8>,), StoredModel>(PRICE_REGISTRY, "Models");
	let mut entries = block.storage().iter(entry, ()).await.map_err(unreachable)?;
	let mut listed = Vec::new();
	while let Some(entry) = entries.next().await {
		let entry = entry.map_err(unreachable)?;
		let (name,) = entry.key().and_then(|key| key.decode()).map_err(incompatible)?;
		let model = entry.value().decode().map_err(incompatible)?;
		let name =
			ModelId::try_from(name).map_err(|_| incompatible("a model's name is too long"))?;
		if model.listed {
			listed.push((name, model.version));
		}
	}
	Ok(listed)
}

/// A version of a model's price.
pub(super) async fn price(
	block: &Block,
	model: &ModelId,
	version: u32,
) -> Result<Option<Price>, ChainError> {
	let entry = storage::<(Vec<u8>, u32), Value>(PRICE_REGISTRY, "Prices");
	let key = (model.to_vec(), version);
	let found = block.storage().try_fetch(entry, key).await.map_err(unreachable)?;
	// The chain stores the very type that the relay charges with.
	found.map(|value| Price::decode(&mut value.bytes()).map_err(incompatible)).transpose()
}

/// What the chain remembers of a batch.
pub(super) async fn standing(
	block: &Block,
	relay: RelayId,
	sequence: u64,
) -> Result<Standing, ChainError> {
	if let Some(hash) = batch_hash(block, "Batches", relay, sequence).await? {
		return Ok(Standing::Pending(hash));
	}
	let settled = batch_hash(block, "Settled", relay, sequence).await?;
	Ok(settled.map_or(Standing::Unknown, Standing::Settled))
}

async fn batch_hash(
	block: &Block,
	entry: &'static str,
	relay: RelayId,
	sequence: u64,
) -> Result<Option<H256>, ChainError> {
	let entry = storage::<(u32, u64), StoredBatch>(COMPUTE, entry);
	let found = block.storage().try_fetch(entry, (relay, sequence)).await.map_err(unreachable)?;
	found.map(|value| Ok(H256(value.decode().map_err(incompatible)?.hash))).transpose()
}

async fn value<V: DecodeAsType>(
	block: &Block,
	pallet: &'static str,
	entry: &'static str,
) -> Result<V, ChainError> {
	let found =
		block.storage().fetch(storage::<(), V>(pallet, entry), ()).await.map_err(unreachable)?;
	found.decode().map_err(incompatible)
}
