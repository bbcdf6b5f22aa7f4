//! What makes a batch worth a signature: the cheap questions first, the wallets' signatures last.
//!
//! What is wrong with the whole batch ends the questions. What is wrong with single calls is collected,
//! since a relay that learns of all of them can go on without them.

use std::collections::{BTreeMap, HashMap, HashSet};

use lx_primitives::{
	call_log::{call_time, BATCH_LIFETIME, MAX_CALLS, MAX_CALL_AGE, MAX_LINES},
	merkle_sum::root,
	units::{Credits, Moment},
	Header, LaunchId, Leaf, Line, ModelId, Offer as LaunchOffer, Price,
};
use sp_core::{crypto::AccountId32, sr25519, Pair, H256};

use super::{
	book::{Book, Payer, PriceSpan},
	case::{line_of, Case, Entry, Offer, SignedGrant},
	objections::Objections,
	refusal::{ensure, Refusal, Trouble},
	store::Store,
};
use crate::{chain::RelayRecord, grant::is_signed};

/// Checks a batch and writes it down as signed: only then may it be.
pub async fn admit(case: &Case, book: &dyn Book, store: &Store) -> Result<(), Trouble> {
	check_offer(&case.offer, book)?;
	check_calls(case)?;
	let mut objections = Objections::default();
	check_prices(case, book, &mut objections).await?;
	check_grants(case, book, &mut objections).await?;
	check_signatures(case, &mut objections).await;
	objections.raise()?;
	let header = case.offer.header;
	let entry = Entry::new(header, header.hash(&book.genesis()), &case.calls);
	store.sign(&entry, &caps(case), book.time()).await
}

/// Checks what can be checked before the calls of a batch are fetched.
pub fn check_offer(offer: &Offer, book: &dyn Book) -> Result<(), Refusal> {
	let Offer { header, relay_signature, lines } = offer;
	ensure(header.relay == book.relay(), Refusal::OtherRelay(header.relay))?;
	let relay = book.record().ok_or(Refusal::UnknownRelay(header.relay))?;
	ensure(relay.is_active, Refusal::InactiveRelay(header.relay))?;
	check_place(header, relay)?;
	check_times(header, book.time())?;
	check_lines(header, lines)?;
	let hash = header.hash(&book.genesis());
	let is_signed = sr25519::Pair::verify(relay_signature, hash.as_bytes(), &relay.key);
	ensure(is_signed, Refusal::RelaySignature(header.relay))
}

fn check_place(header: &Header, relay: &RelayRecord) -> Result<(), Refusal> {
	let (sequence, next) = (header.sequence, relay.next_sequence);
	ensure(sequence >= next, Refusal::Passed { sequence, next })?;
	ensure(sequence == next, Refusal::WrongSequence { sequence, next })?;
	let (previous, last) = (header.previous, relay.last_batch);
	ensure(previous == last, Refusal::WrongPrevious { previous, last })
}

fn check_times(header: &Header, now: Moment) -> Result<(), Refusal> {
	let Header { time, oldest, .. } = *header;
	ensure(oldest <= time, Refusal::WrongTimes { oldest, time })?;
	ensure(time <= now, Refusal::FromTheFuture { time, now })?;
	ensure(now.saturating_sub(time) <= BATCH_LIFETIME, Refusal::Expired { time, now })?;
	let age = now.saturating_sub(oldest);
	ensure(age <= MAX_CALL_AGE, Refusal::CallsTooOld { oldest, now })
}

fn check_lines(header: &Header, lines: &[Line<AccountId32>]) -> Result<(), Refusal> {
	ensure(!lines.is_empty(), Refusal::NoLines)?;
	let is_short = u32::try_from(lines.len()).is_ok_and(|count| count <= MAX_LINES);
	ensure(is_short, Refusal::TooManyLines(lines.len()))?;
	ensure(header.root.calls <= MAX_CALLS, Refusal::TooManyCalls(header.root.calls))?;
	let is_ascending =
		lines.windows(2).all(|pair| matches!(pair, [low, high] if low.key() < high.key()));
	ensure(is_ascending, Refusal::UnsortedLines)?;
	let is_of_quota =
		|line: &Line<AccountId32>| line.payment.quota().is_some() == (line.total.units > 0);
	ensure(lines.iter().all(is_of_quota), Refusal::WrongUnits)?;
	let computed = root(lines.iter().map(Line::node).collect());
	ensure(computed == Some(header.root), Refusal::WrongRoot)
}

/// Checks that the lines are those of the calls, and what the ids say.
fn check_calls(case: &Case) -> Result<(), Refusal> {
	let Offer { header, lines, .. } = &case.offer;
	ensure(case.calls.len() <= lines.len(), Refusal::CallsWithoutLine)?;
	let mut calls = case.calls.iter();
	for line in lines {
		let computed = calls.next().and_then(|calls| line_of(calls));
		ensure(computed.as_ref() == Some(line), Refusal::WrongLine(line.account.clone()))?;
	}
	let mut seen = HashSet::new();
	for Leaf { call_id, .. } in case.leaves() {
		ensure(header.spans(call_id), Refusal::WrongTime(*call_id))?;
		ensure(seen.insert(*call_id), Refusal::Repeated(*call_id))?;
	}
	Ok(())
}

/// Checks that each call is charged as the registry says, or its launch.
async fn check_prices(
	case: &Case,
	book: &dyn Book,
	objections: &mut Objections,
) -> Result<(), Trouble> {
	let (mut prices, mut offers) = (HashMap::new(), HashMap::new());
	for leaf in case.leaves() {
		let price = match leaf.payment.quota() {
			Some(launch) => of_launch(leaf, offer_of(launch, book, &mut offers).await?),
			None => of_registry(leaf, price_of(leaf, book, &mut prices).await?),
		};
		objections.note(&leaf.call_id, price.and_then(|price| check_price(leaf, &price)));
		let time = call_time(&leaf.call_id);
		let (tier, right) = (leaf.tier, book.tier_at(&leaf.account, time).await?);
		let refusal = Refusal::WrongTier { call: leaf.call_id, tier, right };
		objections.note(&leaf.call_id, ensure(tier == right, refusal));
	}
	Ok(())
}

/// The price that a call names, which is asked for once.
async fn price_of(
	leaf: &Leaf<AccountId32>,
	book: &dyn Book,
	known: &mut HashMap<(ModelId, u32), Option<PriceSpan>>,
) -> Result<Option<PriceSpan>, Trouble> {
	let key = (leaf.model.clone(), leaf.price_version);
	if let Some(price) = known.get(&key) {
		return Ok(*price);
	}
	let price = book.price(&leaf.model, leaf.price_version).await?;
	known.insert(key, price);
	Ok(price)
}

/// What a launch offers, which is asked for once.
async fn offer_of(
	launch: LaunchId,
	book: &dyn Book,
	known: &mut HashMap<LaunchId, Option<LaunchOffer>>,
) -> Result<Option<LaunchOffer>, Trouble> {
	if let Some(offer) = known.get(&launch) {
		return Ok(offer.clone());
	}
	let offer = book.offer(launch).await?;
	known.insert(launch, offer.clone());
	Ok(offer)
}

/// The registry's price of a call, which must be the one that is in force.
fn of_registry(leaf: &Leaf<AccountId32>, span: Option<PriceSpan>) -> Result<Price, Refusal> {
	let time = call_time(&leaf.call_id);
	let in_force = span.filter(|span| span.is_in_force_at(time));
	let wrong = Refusal::WrongVersion { call: leaf.call_id, version: leaf.price_version };
	in_force.map(|span| span.price).ok_or(wrong)
}

/// A launch's price of a call, which must be of its model and its time, and name its version.
fn of_launch(leaf: &Leaf<AccountId32>, offer: Option<LaunchOffer>) -> Result<Price, Refusal> {
	let time = call_time(&leaf.call_id);
	let price = offer.and_then(|offer| offer.price_at(&leaf.model, leaf.price_version, time));
	price.ok_or(Refusal::WrongLaunch(leaf.call_id))
}

fn check_price(leaf: &Leaf<AccountId32>, price: &Price) -> Result<(), Refusal> {
	let (call, charge, cost) = (leaf.call_id, leaf.charge, leaf.cost);
	let right = price.charge(&leaf.usage, leaf.tier).ok_or(Refusal::NotMetered(call))?;
	ensure(charge == right, Refusal::WrongCharge { call, charge, right })?;
	let right = price.cost(&leaf.usage).ok_or(Refusal::NotMetered(call))?;
	ensure(cost == right, Refusal::WrongCost { call, cost, right })
}

/// Checks that each payer can be charged, and has granted the keys that its calls were made with.
async fn check_grants(
	case: &Case,
	book: &dyn Book,
	objections: &mut Objections,
) -> Result<(), Trouble> {
	let charges = charges(&case.offer.lines);
	for (line, calls) in case.offer.lines.iter().zip(&case.calls) {
		let (account, payment) = (&line.account, line.payment);
		let payer = book.payer(account).await?;
		let charge = charges.get(&(account, payment.is_sponsored())).copied().unwrap_or_default();
		let most = payer.most(payment);
		let is_covered =
			ensure(charge <= most, Refusal::NotCovered { account: account.clone(), charge, most });
		let is_usable = check_quota(line, book).await?;
		for leaf in calls {
			objections.note(&leaf.call_id, is_covered.clone());
			objections.note(&leaf.call_id, is_usable.clone());
			objections.note(&leaf.call_id, check_grant(leaf, case, &payer, &book.genesis()));
		}
	}
	Ok(())
}

/// What all lines together charge to each account's own purse, and to its sponsored one.
fn charges(lines: &[Line<AccountId32>]) -> HashMap<(&AccountId32, bool), Credits> {
	let mut charges: HashMap<(&AccountId32, bool), Credits> = HashMap::new();
	for Line { account, payment, total } in lines {
		let sum = charges.entry((account, payment.is_sponsored())).or_default();
		// The sum of all of them, which did not overflow, is in the root.
		*sum = sum.saturating_add(total.charge);
	}
	charges
}

/// Checks that a line uses no more of its quota than the chain lets it.
async fn check_quota(
	line: &Line<AccountId32>,
	book: &dyn Book,
) -> Result<Result<(), Refusal>, Trouble> {
	let Some(launch) = line.payment.quota() else { return Ok(Ok(())) };
	let (units, most) = (line.total.units, book.usable(&line.account, launch).await?);
	let account = line.account.clone();
	Ok(ensure(units <= most, Refusal::QuotaExceeded { account, launch, units, most }))
}

/// Checks that the key of a call was granted for it.
fn check_grant(
	leaf: &Leaf<AccountId32>,
	case: &Case,
	payer: &Payer,
	genesis: &H256,
) -> Result<(), Refusal> {
	let granted = case.grants.get(&leaf.key).ok_or(Refusal::NoGrant(leaf.key))?;
	check_parties(leaf, granted, &case.offer.header, genesis)?;
	check_rights(leaf, granted, payer)
}

/// Checks that a grant is for this call's chain, relay, account and key.
fn check_parties(
	leaf: &Leaf<AccountId32>,
	SignedGrant { grant, account, .. }: &SignedGrant,
	header: &Header,
	genesis: &H256,
) -> Result<(), Refusal> {
	let key = leaf.key;
	ensure(grant.key_hash == key, Refusal::NoGrant(key))?;
	ensure(grant.genesis == *genesis, Refusal::GrantOfOtherChain(key))?;
	ensure(grant.relay == header.relay, Refusal::GrantOfOtherRelay(key))?;
	ensure(*account == leaf.account, Refusal::GrantOfOtherAccount(key))
}

/// Checks that a key could make this call when it was made.
fn check_rights(
	leaf: &Leaf<AccountId32>,
	SignedGrant { grant, .. }: &SignedGrant,
	payer: &Payer,
) -> Result<(), Refusal> {
	let call = leaf.call_id;
	let time = call_time(&call);
	let is_model = |name: &String| name.as_bytes() == &leaf.model[..];
	let is_granted = grant.models.is_empty() || grant.models.iter().any(is_model);
	ensure(is_granted, Refusal::ModelNotGranted(call))?;
	let is_expired = grant.expires_at.is_some_and(|at| at <= time);
	ensure(!is_expired, Refusal::KeyExpired(call))?;
	let is_of_the_epoch_before = grant.key_epoch.checked_add(1) == Some(payer.key_epoch);
	let is_of_the_epoch = grant.key_epoch == payer.key_epoch;
	let is_valid = is_of_the_epoch || (is_of_the_epoch_before && time < payer.epoch_since);
	ensure(is_valid, Refusal::KeyRevoked(call))
}

/// Checks that the payers' wallets have signed the grants.
async fn check_signatures(case: &Case, objections: &mut Objections) {
	let mut are_signed: HashMap<H256, bool> = HashMap::new();
	for Leaf { call_id, key, .. } in case.leaves() {
		let Some(granted) = case.grants.get(key) else { continue };
		let is_known = are_signed.contains_key(key);
		let is_signed = are_signed
			.entry(*key)
			.or_insert_with(|| is_signed(&granted.grant, &granted.signature, &granted.account));
		objections.note(call_id, ensure(*is_signed, Refusal::GrantSignature(*key)));
		if !is_known {
			// Thousands of signatures take seconds, and other relays wait.
			tokio::task::yield_now().await;
		}
	}
}

/// The most that each key may spend, of those that have such a cap.
fn caps(case: &Case) -> BTreeMap<H256, Credits> {
	let cap = |granted: &SignedGrant| Some((granted.grant.key_hash, granted.grant.spending_cap?));
	case.grants.values().filter_map(cap).collect()
}
