//! `lx account`: the user's own key.

use std::path::PathBuf;

use anyhow::Result;
use serde_json::json;

use crate::{
	advice::advise,
	args::{Account, Global},
	output::Reply,
	wallet::{self, Wallet},
};

/// Makes or shows an account.
pub fn run(command: &Account, options: &Global) -> Result<Reply> {
	match command {
		Account::New { file } => new(file.clone(), options),
		Account::Show { secret } => show(*secret, options),
	}
}

fn new(file: Option<PathBuf>, options: &Global) -> Result<Reply> {
	let file = file.map_or_else(|| wallet::default_file(options), Ok)?;
	if !wallet::create(&file)? {
		return Err(advise(
			format!("{} exists, and a key is never overwritten", file.display()),
			"name another file, and use it with --account",
		));
	}
	let address = Wallet::from_file(&file)?.account.to_string();
	let text = format!("account {address}\nkey in   {}\nKeep a copy of it.", file.display());
	let json = json!({ "account": address, "file": file });
	Ok(Reply::new(text, json).with_essence(address))
}

fn show(secret: bool, options: &Global) -> Result<Reply> {
	let wallet = Wallet::open(options)?;
	let address = wallet.account.to_string();
	let mut text = format!("account {address}");
	let mut json = json!({ "account": address, "file": wallet.file });
	if let Some(file) = &wallet.file {
		text += &format!("\nkey in   {}", file.display());
	}
	if secret {
		let phrase = secret_of(&wallet)?;
		text += &format!("\nsecret   {phrase}\nWho reads this owns the account.");
		json["secret"] = json!(phrase);
	}
	Ok(Reply::new(text, json).with_essence(address))
}

fn secret_of(wallet: &Wallet) -> Result<String> {
	let Some(file) = &wallet.file else {
		return Err(advise(
			"only the secret of a key file can be shown",
			"name the key file with --account",
		));
	};
	wallet::read_secret(file)
}
