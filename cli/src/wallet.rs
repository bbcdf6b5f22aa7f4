//! Whose account it is: a key file, a secret URI, or an address to look at.

use std::{
	env, fs,
	io::{ErrorKind, Write},
	path::{Path, PathBuf},
	str::FromStr,
};

use anyhow::{Context, Result};
use subxt::utils::AccountId32;
use subxt_signer::{bip39::Mnemonic, sr25519::Keypair, SecretUri};

use crate::{advice::advise, args::Global};

/// An account, with its key where this program has it.
pub struct Wallet {
	/// The account.
	pub account: AccountId32,
	/// Where its key is kept, when that is a file.
	pub file: Option<PathBuf>,
	signer: Option<Keypair>,
}

impl Wallet {
	/// The account that the options name; the user's own, made on first use, if they name none.
	pub fn open(options: &Global) -> Result<Self> {
		match options.account.as_deref().filter(|text| !text.is_empty()) {
			None => Self::own(&default_file(options)?),
			Some(text) if Path::new(text).is_file() => Self::from_file(Path::new(text)),
			Some(text) => Self::from_text(text),
		}
	}

	/// The key to sign with.
	pub fn signer(&self) -> Result<&Keypair> {
		self.signer.as_ref().ok_or_else(|| {
			advise(
				format!("an address cannot sign: the key of {} is not here", self.account),
				"name a key file with --account, or leave --account out to use your own key",
			)
		})
	}

	fn own(file: &Path) -> Result<Self> {
		if !file.exists() && create(file)? {
			eprintln!("made a new key for you in {}; keep a copy of it", file.display());
		}
		Self::from_file(file)
	}

	/// The account of a key file.
	pub fn from_file(file: &Path) -> Result<Self> {
		let secret = read_secret(file)?;
		let problem = || {
			advise(
				format!("{} does not hold a secret phrase", file.display()),
				"a key file holds one line: a secret phrase, 0x and a seed, or a secret URI",
			)
		};
		let signer = keypair(&secret).ok_or_else(problem)?;
		Ok(Self { file: Some(file.to_owned()), ..Self::signing(signer) })
	}

	fn from_text(text: &str) -> Result<Self> {
		if let Ok(account) = AccountId32::from_str(text) {
			return Ok(Self { account, file: None, signer: None });
		}
		// The text may be a secret with a typing error: it is never shown.
		let problem = || {
			advise(
				"--account is neither a key file, nor an address, nor a secret URI",
				"check it, or leave it out to use your own key",
			)
		};
		keypair(text).map(Self::signing).ok_or_else(problem)
	}

	fn signing(signer: Keypair) -> Self {
		Self { account: signer.public_key().to_account_id(), file: None, signer: Some(signer) }
	}
}

/// Makes a new key in `file`, readable by its owner only. Never overwrites: `false` if there is one.
pub fn create(file: &Path) -> Result<bool> {
	let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
	let folder = folder.unwrap_or(Path::new("."));
	fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
	let draft = folder.join(format!(".new-key-{:016x}", rand::random::<u64>()));
	let written = write_secret(&draft).and_then(|()| {
		// A link appears whole or not at all, and never replaces what is there.
		match fs::hard_link(&draft, file) {
			Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
			done => done.map(|()| true).context("cannot name the key file"),
		}
	});
	let removed = fs::remove_file(&draft);
	let is_new = written.with_context(|| format!("cannot make {}", file.display()))?;
	removed.with_context(|| format!("cannot remove {}", draft.display()))?;
	Ok(is_new)
}

fn write_secret(draft: &Path) -> Result<()> {
	let phrase = Mnemonic::from_entropy(&rand::random::<[u8; 16]>())?;
	let mut options = fs::OpenOptions::new();
	options.write(true).create_new(true);
	#[cfg(unix)]
	std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
	let mut file = options.open(draft)?;
	writeln!(file, "# The secret phrase of an L-Exchange account. Who reads it owns the account.")?;
	writeln!(file, "{phrase}")?;
	Ok(file.sync_all()?)
}

/// The secret that a key file holds: its first line that is not a comment.
pub fn read_secret(file: &Path) -> Result<String> {
	warn_if_readable_by_others(file);
	let text =
		fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
	let mut lines = text.lines().map(str::trim);
	let secret = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
	Ok(secret.unwrap_or_default().to_owned())
}

#[cfg(unix)]
fn warn_if_readable_by_others(file: &Path) {
	use std::os::unix::fs::PermissionsExt;
	let mode = fs::metadata(file).map(|data| data.permissions().mode()).unwrap_or_default();
	if mode & 0o077 != 0 {
		let file = file.display();
		eprintln!("warning: other users of this machine can read {file}; try: chmod 600 {file}");
	}
}

#[cfg(not(unix))]
fn warn_if_readable_by_others(_: &Path) {}

fn keypair(secret: &str) -> Option<Keypair> {
	if secret.is_empty() {
		// An empty secret URI would stand for the public development phrase.
		return None;
	}
	Keypair::from_uri(&SecretUri::from_str(secret).ok()?).ok()
}

/// Where the user's own key is kept.
pub fn default_file(options: &Global) -> Result<PathBuf> {
	let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
	let folder = options
		.data_dir
		.clone()
		.or_else(|| set("XDG_DATA_HOME").map(|data| data.join("lx")))
		.or_else(|| set("HOME").map(|home| home.join(".local/share/lx")))
		.or_else(|| set("APPDATA").map(|data| data.join("lx")));
	let folder = folder.ok_or_else(|| {
		advise("there is no home folder to keep your key in", "name a folder with --data-dir")
	})?;
	Ok(folder.join("key"))
}

#[cfg(test)]
mod tests {
	use super::*;

	const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

	#[test]
	fn a_secret_uri_signs_and_an_address_does_not() {
		let alice = Wallet::from_text("//Alice").unwrap();
		assert_eq!(alice.account.to_string(), ALICE);
		assert!(alice.signer().is_ok());
		let address = Wallet::from_text(ALICE).unwrap();
		assert_eq!(address.account, alice.account);
		assert!(address.signer().is_err());
	}

	#[test]
	fn a_mistyped_secret_is_not_shown() {
		let error = Wallet::from_text("bottom drive obey typo").err().unwrap().to_string();
		assert!(!error.contains("bottom"));
		assert!(keypair("").is_none());
	}

	#[test]
	fn the_own_key_is_made_once_and_read_again() {
		let folder = tempfile::tempdir().unwrap();
		let file = folder.path().join("deep/key");
		let first = Wallet::own(&file).unwrap();
		let secret = read_secret(&file).unwrap();
		assert_eq!(secret.split(' ').count(), 12);
		assert!(!create(&file).unwrap(), "a second key replaced the first");
		assert_eq!(read_secret(&file).unwrap(), secret);
		assert_eq!(Wallet::own(&file).unwrap().account, first.account);
		let left = fs::read_dir(file.parent().unwrap()).unwrap().count();
		assert_eq!(left, 1, "the draft was left behind");
	}

	#[cfg(unix)]
	#[test]
	fn only_the_owner_can_read_a_new_key() {
		use std::os::unix::fs::PermissionsExt;
		let folder = tempfile::tempdir().unwrap();
		let file = folder.path().join("key");
		assert!(create(&file).unwrap());
		assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
	}

	#[test]
	fn a_file_without_a_secret_is_refused() {
		let folder = tempfile::tempdir().unwrap();
		let file = folder.path().join("key");
		fs::write(&file, "# nothing here\n\n").unwrap();
		assert!(Wallet::from_file(&file).is_err());
	}
}
