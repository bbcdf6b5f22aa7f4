//! The custodians of a development chain, whose keys everybody knows. Nothing here works on any
//! other chain.

use anyhow::Result;
use lx_primitives::units::USDT;
use subxt::{ext::futures::future::try_join_all, utils::AccountId32};
use subxt_signer::sr25519::{dev, Keypair};

use crate::{
	advice::advise,
	chain::{
		custody::{report_reserves, Quorum, Transfer},
		state::State,
		submit::{follow, send_free, Done, Progress},
		Block, Chain,
	},
	output::Output,
};

/// USDT reported beyond what is owed, so that not every deposit needs new reports.
const HEADROOM: u128 = 1_000_000 * USDT;

/// How long the reports of a development chain are taken to be fresh, in ms: shorter than they
/// count on a chain whose days last minutes.
const FRESH: u64 = 30_000;

/// As many custodians as must agree, of a development chain.
pub struct Custodians {
	quorum: Quorum,
	/// The next nonce of each.
	signers: Vec<(Keypair, u64)>,
}

impl Custodians {
	/// The custodians of `chain`, if it is one for development.
	pub async fn of(chain: &Chain, block: &Block) -> Result<Self> {
		if !chain.is_for_development().await? {
			return Err(advise(
				"there is no faucet on this chain: its USDT is real",
				"`lx deposit` shows how USDT comes in",
			));
		}
		let quorum = State(block).custodians().await?;
		let mut signers = Vec::new();
		for signer in known_members(&quorum)? {
			let nonce = chain.next_nonce(&signer.public_key().to_account_id()).await?;
			signers.push((signer, nonce));
		}
		Ok(Self { quorum, signers })
	}

	/// Makes them report reserves that cover `more`, unless their reports are fresh and do.
	pub async fn report(&mut self, block: &Block, more: u128) -> Result<Vec<Progress>> {
		let needed = State(block).owed_by_custody().await?.saturating_add(more);
		if self.covers(needed, State(block).now().await?) {
			return Ok(Vec::new());
		}
		let paid_out = State(block).paid_out().await?;
		let call = report_reserves(needed.saturating_add(HEADROOM), paid_out);
		let mut sent = Vec::new();
		for (signer, nonce) in &mut self.signers {
			sent.push(send_free(block, signer, &call, *nonce).await?);
			*nonce += 1;
		}
		Ok(sent)
	}

	/// Makes them attest that `transfer` brought `amount` for `account`.
	pub async fn attest(
		&mut self,
		block: &Block,
		transfer: &Transfer,
		account: &AccountId32,
		amount: u128,
	) -> Result<Vec<Progress>> {
		let call = transfer.attestation(account, amount);
		let mut sent = Vec::new();
		for (signer, nonce) in &mut self.signers {
			sent.push(send_free(block, signer, &call, *nonce).await?);
			*nonce += 1;
		}
		Ok(sent)
	}

	fn covers(&self, needed: u128, now: u64) -> bool {
		let reports = self.quorum.members.iter().filter_map(|member| member.report.as_ref());
		let good = |at: u64, amount: u128| now.saturating_sub(at) <= FRESH && amount >= needed;
		let count = reports.filter(|report| good(report.at, report.amount)).count();
		is_enough(count, self.quorum.threshold)
	}
}

/// Waits until all of `sent` are final, and says that once.
pub async fn wait(sent: Vec<Progress>, name: &str, output: &Output) -> Result<Vec<Done>> {
	if !sent.is_empty() {
		output.progress(&format!("{name}: waiting until the custodians' word is final"));
	}
	let silent = output.silenced();
	try_join_all(sent.into_iter().map(|progress| follow(progress, name, &silent))).await
}

fn is_enough(count: usize, threshold: u32) -> bool {
	u32::try_from(count).map_or(true, |count| count >= threshold)
}

/// As many development keys as must agree, of those that are custodians.
fn known_members(quorum: &Quorum) -> Result<Vec<Keypair>> {
	let is_member = |key: &Keypair| {
		let account = key.public_key().to_account_id();
		quorum.members.iter().any(|member| member.account == account)
	};
	let keys = [dev::alice(), dev::bob(), dev::charlie(), dev::dave(), dev::eve(), dev::ferdie()];
	let mut members: Vec<Keypair> = keys.into_iter().filter(is_member).collect();
	if !is_enough(members.len(), quorum.threshold) {
		return Err(advise(
			"the custodians of this chain are not the development keys",
			"ask its custodians to attest a deposit; `lx deposit` shows how",
		));
	}
	members.truncate(usize::try_from(quorum.threshold)?);
	Ok(members)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::chain::custody::{Custodian, Report};

	fn quorum(reports: &[Option<(u128, u64)>], threshold: u32) -> Quorum {
		let keys = [dev::bob(), dev::alice(), dev::charlie()];
		let member = |(key, report): (Keypair, &Option<(u128, u64)>)| Custodian {
			account: key.public_key().to_account_id(),
			seat: 0,
			report: report.map(|(amount, at)| Report { amount, at }),
		};
		Quorum { members: keys.into_iter().zip(reports).map(member).collect(), threshold }
	}

	fn covers(reports: &[Option<(u128, u64)>], needed: u128) -> bool {
		let custodians = Custodians { quorum: quorum(reports, 2), signers: Vec::new() };
		custodians.covers(needed, 100_000)
	}

	#[test]
	fn reports_cover_only_if_enough_are_fresh_and_large() {
		let (fresh, old) = (90_000, 100_000 - FRESH - 1);
		assert!(covers(&[Some((7, fresh)), None, Some((8, fresh))], 7));
		assert!(!covers(&[Some((7, fresh)), None, Some((8, fresh))], 8));
		assert!(!covers(&[Some((7, fresh)), Some((7, old)), None], 7));
		assert!(!covers(&[None, None, None], 0));
	}

	#[test]
	fn as_many_known_custodians_act_as_must_agree() {
		assert_eq!(known_members(&quorum(&[None, None, None], 2)).unwrap().len(), 2);
		assert!(known_members(&quorum(&[None], 2)).is_err());
	}
}
