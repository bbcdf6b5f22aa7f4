//! Sending transactions: choose what to pay the fee in, sign, and wait until it is final.

use std::time::Duration;

use anyhow::{Context, Result};
use subxt::{
	client::OnlineClientAtBlockImpl,
	config::DefaultExtrinsicParamsBuilder,
	ext::scale_decode::{DecodeAsFields, DecodeAsType},
	extrinsics::ExtrinsicEvents,
	tx::{
		Payload, SubmittableTransaction, TransactionInvalid, TransactionProgress,
		TransactionStatus, ValidationResult,
	},
	utils::AccountId32,
};
use subxt_signer::sr25519::Keypair;

use super::{errors, state::State, Block, Chain, Hash, LxConfig};
use crate::{
	advice::advise,
	amount::{Amount, Unit},
	output::Output,
};

/// How long to wait until a transaction is final.
const PATIENCE: Duration = Duration::from_secs(120);

/// What is kept back of a spent asset so that the fee can be paid in it, in millionths: far above any
/// fee of this program's calls.
const FEE_RESERVE: u128 = 10_000;

type Transaction = SubmittableTransaction<LxConfig, OnlineClientAtBlockImpl<LxConfig>>;
/// A transaction that was sent.
pub type Progress = TransactionProgress<LxConfig, OnlineClientAtBlockImpl<LxConfig>>;

/// A transaction that succeeded in a finalised block.
pub struct Done {
	/// The block.
	pub block: Hash,
	/// What was paid for it; `None` if it was free.
	pub fee: Option<Amount>,
	/// What happened in it.
	pub events: ExtrinsicEvents<LxConfig>,
}

impl Done {
	/// What the chain said in the first event of this name, which there must be.
	pub fn event<E: DecodeAsFields>(&self, pallet: &str, name: &str) -> Result<E> {
		self.find(pallet, name)?.context(
			"the chain did not say what came of it; `lx balance` and `lx tier` show what you have",
		)
	}

	/// What the chain said in the first event of this name, if there is one.
	pub fn find<E: DecodeAsFields>(&self, pallet: &str, name: &str) -> Result<Option<E>> {
		for event in self.events.iter() {
			let event = event?;
			if (event.pallet_name(), event.event_name()) == (pallet, name) {
				return Ok(Some(event.decode_fields_unchecked_as()?));
			}
		}
		Ok(None)
	}
}

/// Signs `call`, pays its fee in whatever the account has, and waits until it is final.
///
/// `spends` is what the call itself takes from the account, so that it is not used up by the fee.
pub async fn submit(
	chain: &Chain,
	signer: &Keypair,
	call: &impl Payload,
	spends: Option<Amount>,
	output: &Output,
) -> Result<Done> {
	let block = chain.finalised().await?;
	let nonce = chain.next_nonce(&signer.public_key().to_account_id()).await?;
	let transaction = affordable(&block, signer, call, nonce, spends).await?;
	follow(send(&transaction).await?, call.call_name(), output).await
}

/// Signs `call` of which the chain asks no fee, with a nonce of the caller's choice, and sends it.
pub async fn send_free(
	block: &Block,
	signer: &Keypair,
	call: &impl Payload,
	nonce: u64,
) -> Result<Progress> {
	send(&sign(block, signer, call, nonce, None).await?).await
}

/// The call as a transaction whose fee the account can pay: in CRED, else in USDT, else in LCO.
async fn affordable(
	block: &Block,
	signer: &Keypair,
	call: &impl Payload,
	nonce: u64,
	spends: Option<Amount>,
) -> Result<Transaction> {
	let account = signer.public_key().to_account_id();
	if let Some(spends) = spends {
		ensure_owned(block, &account, spends).await?;
	}
	for unit in [Unit::Cred, Unit::Usdt, Unit::Lco] {
		let left = left_for_fee(block, &account, unit, spends).await?;
		// LCO is tried even where there is none: the chain may ask no fee at all.
		if left == 0 && unit != Unit::Lco {
			continue;
		}
		let transaction = sign(block, signer, call, nonce, unit.asset_id()).await?;
		match transaction.validate().await? {
			ValidationResult::Invalid(TransactionInvalid::Payment) => continue,
			ValidationResult::Invalid(reason) => return Err(errors::invalid(&reason)),
			ValidationResult::Unknown(reason) => {
				anyhow::bail!("the node cannot tell whether the transaction is valid: {reason:?}")
			},
			ValidationResult::Valid(_) => return Ok(transaction),
		}
	}
	Err(cannot_pay(call.pallet_name(), spends))
}

async fn ensure_owned(block: &Block, account: &AccountId32, spends: Amount) -> Result<()> {
	let owned = State(block).balance(account, spends.unit).await?;
	if owned.units >= spends.units {
		return Ok(());
	}
	Err(advise(
		format!("you have {owned}, not {spends}"),
		match spends.unit {
			Unit::Cred => "`lx buy-credits` turns USDT into CRED; `lx balance` shows what you have",
			Unit::Usdt | Unit::Lco => {
				"`lx deposit` shows how USDT comes in; on a development chain, `lx faucet` gives some"
			},
		},
	))
}

async fn left_for_fee(
	block: &Block,
	account: &AccountId32,
	unit: Unit,
	spends: Option<Amount>,
) -> Result<u128> {
	let owned = State(block).balance(account, unit).await?.units;
	Ok(match spends {
		Some(spends) if spends.unit == unit => {
			let kept = spends.units.saturating_add(FEE_RESERVE);
			owned.saturating_sub(kept)
		},
		_ => owned,
	})
}

fn cannot_pay(pallet: &str, spends: Option<Amount>) -> anyhow::Error {
	match spends {
		None if pallet == "Custody" => advise(
			"the chain asks a fee for this, and the account has nothing to pay it with",
			"a custodian's word is free if the chain can take it: check the key, what was said \
			 before, today's limit, and that enough custodians have reported --reserves lately",
		),
		Some(spends) => advise(
			format!("nothing is left to pay the fee with after spending {spends}"),
			format!("spend at least {} less", spends.unit.of(FEE_RESERVE)),
		),
		None => advise(
			"the account has nothing to pay the fee with",
			"`lx deposit` shows how USDT comes in; on a development chain, `lx faucet` gives some",
		),
	}
}

async fn sign(
	block: &Block,
	signer: &Keypair,
	call: &impl Payload,
	nonce: u64,
	fee_asset: Option<u32>,
) -> Result<Transaction> {
	let mut params = DefaultExtrinsicParamsBuilder::<LxConfig>::new().nonce(nonce);
	if let Some(asset) = fee_asset {
		params = params.tip_of(0, asset);
	}
	Ok(block.transactions().create_signed(call, signer, params.build()).await?)
}

async fn send(transaction: &Transaction) -> Result<Progress> {
	transaction.submit_and_watch().await.map_err(|error| errors::refused(&error))
}

/// Waits until a sent transaction is final, and fails if it did.
pub async fn follow(progress: Progress, name: &str, output: &Output) -> Result<Done> {
	let waiting = tokio::time::timeout(PATIENCE, finality(progress, name, output));
	waiting.await.unwrap_or_else(|_| {
		Err(advise(
			format!("{name} was not final after {} seconds", PATIENCE.as_secs()),
			"check that the chain is finalising blocks, and with `lx balance` what has happened",
		))
	})
}

async fn finality(mut progress: Progress, name: &str, output: &Output) -> Result<Done> {
	output.progress(&format!("{name}: sent"));
	while let Some(status) = progress.next().await {
		match status? {
			TransactionStatus::InBestBlock(block) => {
				output.progress(&format!("{name}: in block {:?}", block.block_hash()));
			},
			TransactionStatus::InFinalizedBlock(block) => {
				let events = block.wait_for_success().await.map_err(errors::failed)?;
				let fee = fee_paid(&events)?;
				output.progress(&format!("{name}: final in block {:?}", block.block_hash()));
				return Ok(Done { block: block.block_hash(), fee, events });
			},
			TransactionStatus::Error { message }
			| TransactionStatus::Invalid { message }
			| TransactionStatus::Dropped { message } => {
				return Err(advise(
					format!("the node gave up on {name}: {message}"),
					"`lx balance` shows where you stand; try again",
				));
			},
			TransactionStatus::Validated
			| TransactionStatus::Broadcasted
			| TransactionStatus::NoLongerInBestBlock => {},
		}
	}
	anyhow::bail!("the node stopped reporting on {name}; `lx balance` shows what has happened")
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct FeePaid {
	actual_fee: u128,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct AssetFeePaid {
	actual_fee: u128,
	asset_id: Option<u32>,
}

fn fee_paid(events: &ExtrinsicEvents<LxConfig>) -> Result<Option<Amount>> {
	for event in events.iter() {
		let event = event?;
		match (event.pallet_name(), event.event_name()) {
			("AssetTxPayment", "AssetTxFeePaid") => {
				let paid: AssetFeePaid = event.decode_fields_unchecked_as()?;
				let unit = paid.asset_id.map_or(Some(Unit::Lco), Unit::of_asset);
				let unit = unit.context("the fee was paid in an unknown asset")?;
				return Ok(Some(unit.of(paid.actual_fee)));
			},
			("TransactionPayment", "TransactionFeePaid") => {
				let paid: FeePaid = event.decode_fields_unchecked_as()?;
				return Ok(Some(Unit::Lco.of(paid.actual_fee)));
			},
			_ => {},
		}
	}
	Ok(None)
}
