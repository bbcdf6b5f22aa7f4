//! How a block takes a batch.

use lx_primitives::{
	call_log::BATCH_LIFETIME, Claim, LaunchId, Line, Moment, Payment, RelayId, Units,
};
use oracle_relay::chain::{ApiAccount, Posting, Sponsored, Verdict};
use sp_core::{crypto::AccountId32, sr25519, Pair};

use super::{pair, State, GENESIS, RELAY, THRESHOLD};

impl State {
	/// What the best block says of a batch.
	pub(super) fn verdict(&self, posting: &Posting) -> Verdict {
		let next = self.relay.as_ref().map_or(0, |relay| relay.next_sequence);
		if posting.batch.header.sequence < next {
			return Verdict::UsedUp;
		}
		match self.clone().take(posting) {
			Ok(_) => Verdict::Valid,
			Err(reason) => Verdict::Refused(reason.into()),
		}
	}

	/// The state after a batch, or why it is refused.
	pub(super) fn take(mut self, posting: &Posting) -> Result<Self, &'static str> {
		let batch = &posting.batch;
		let relay = self.relay.as_mut().filter(|relay| relay.is_active).ok_or("RelayNotActive")?;
		let header = &batch.header;
		if header.sequence != relay.next_sequence || header.previous != relay.last_batch {
			return Err("WrongSequence");
		}
		if self.time.saturating_sub(header.time) > BATCH_LIFETIME {
			return Err("BatchExpired");
		}
		let hash = header.hash(&GENESIS);
		if !sr25519::Pair::verify(&posting.relay_signature, hash.as_bytes(), &relay.key) {
			return Err("BadRelaySignature");
		}
		if posting.signatures.len() < THRESHOLD {
			return Err("TooFewSignatures");
		}
		for (id, signature) in &posting.signatures {
			let key = pair(&format!("//Attestor//{id}")).public();
			if *id > 2 || !sr25519::Pair::verify(signature, hash.as_bytes(), &key) {
				return Err("BadSignature");
			}
		}
		if !batch.lines.windows(2).all(|two| two[0].key() < two[1].key()) {
			return Err("LinesNotSorted");
		}
		if batch.computed_root() != Some(header.root) {
			return Err("RootMismatch");
		}
		relay.next_sequence += 1;
		relay.last_batch = hash;
		for line in &batch.lines {
			let account = self.accounts.get_mut(&line.account).ok_or("NoAccount")?;
			match line.payment {
				Payment::Purse | Payment::Quota(_) => {
					charge(account, line.total.charge, self.time)?
				},
				Payment::Perk => charge_sponsor(&mut account.sponsored, line.total.charge)?,
			}
			self.redeem(header.relay, line)?;
		}
		self.pending.insert(header.sequence, hash);
		self.cumulative += header.root.charge;
		self.taken.push(posting.clone());
		Ok(self)
	}

	fn redeem(&mut self, relay: RelayId, line: &Line<AccountId32>) -> Result<(), &'static str> {
		let Some(launch) = line.payment.quota() else { return Ok(()) };
		let claim = self.claims.get_mut(&(line.account.clone(), launch, relay)).ok_or("NoQuota")?;
		claim.take(line.total.units).map_err(|_| "QuotaExceeded")
	}

	/// What is left of what `who` has claimed at the relay.
	pub(super) fn left_of_claim(&self, who: &AccountId32, launch: LaunchId) -> Units {
		self.claims.get(&(who.clone(), launch, RELAY)).map_or(0, Claim::left)
	}
}

fn charge(account: &mut ApiAccount, charge: u128, now: Moment) -> Result<(), &'static str> {
	let thawing = if now <= account.thaw_at { account.thawing } else { 0 };
	if charge > account.free + thawing {
		return Err("Overcharge");
	}
	let former = account.former_limits.iter().filter(|(_, until)| now <= *until);
	let limit = former.map(|(limit, _)| *limit).max().unwrap_or(0).max(account.daily_limit);
	if account.spent_today + charge > limit {
		return Err("DailyLimitExceeded");
	}
	let from_free = charge.min(account.free);
	account.free -= from_free;
	account.thawing -= charge - from_free;
	account.pending += charge;
	account.spent_today += charge;
	Ok(())
}

fn charge_sponsor(sponsored: &mut Sponsored, charge: u128) -> Result<(), &'static str> {
	sponsored.free = sponsored.free.checked_sub(charge).ok_or("Overcharge")?;
	Ok(())
}
