#!/usr/bin/env bash
# Makes this machine able to build and test L-Exchange. Idempotent; quiet when nothing is to do.
#
#   scripts/setup.sh build   compilers, protoc and the WebAssembly target (what `make dev` needs)
#   scripts/setup.sh test    the above, and what the checks need: nextest, cargo-deny, test clients
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

say() { printf '[setup] %s\n' "$*" >&2; }
die() { printf '[setup] error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo; then sudo "$@"; else
		die "needs root to run: $* (run it yourself, then this again)"
	fi
}

apt_updated=
install_packages() {
	have apt-get || die "please install: $* (no apt-get on this machine)"
	say "installing Debian packages: $*"
	if [ -z "$apt_updated" ]; then as_root apt-get update -qq >/dev/null; apt_updated=1; fi
	DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

setup_system() {
	local missing=()
	have cc || missing+=(build-essential)
	have protoc || missing+=(protobuf-compiler)
	have git || missing+=(git)
	have curl || missing+=(curl)
	if [ ${#missing[@]} -gt 0 ]; then install_packages "${missing[@]}"; fi
	have cargo || die "Rust is not installed: see https://rustup.rs, then run this again"
}

# The runtime is compiled to wasm32v1-none. First what is there, then rustup, then Debian's own
# compiler, which can build the target's core library from Debian's sources.
setup_wasm() {
	if has_target rustc "$(rustc --print sysroot)"; then return; fi
	if has_target /usr/bin/rustc /usr && has_linked_toolchain; then return; fi
	if have rustup && rustup target add wasm32v1-none >/dev/null 2>&1; then
		say "added the target wasm32v1-none with rustup"
		return
	fi
	say "rustup cannot download wasm32v1-none here; using Debian's compiler for the runtime"
	install_packages rustc-web cargo-web rust-web-src lld-22 clang
	build_debian_target
	have rustup && rustup toolchain link "$LX_DEBIAN_TOOLCHAIN" /usr
	has_target /usr/bin/rustc /usr || die "the target wasm32v1-none could not be set up"
}

has_target() { [ -x "$(command -v "$1")" ] && compgen -G "$2/lib/rustlib/wasm32v1-none/lib/libcore-*.rlib" >/dev/null; }
has_linked_toolchain() { have rustup && rustup toolchain list | grep -q "^$LX_DEBIAN_TOOLCHAIN"; }

build_debian_target() {
	local work libraries=/usr/lib/rustlib/wasm32v1-none/lib
	work=$(mktemp -d)
	say "building core and alloc for wasm32v1-none (about 30 s)"
	mkdir -p "$work/src"
	printf '[package]\nname = "seed"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$work/Cargo.toml"
	printf '#![no_std]\n' >"$work/src/lib.rs"
	# The bitcode is what link-time optimisation of the runtime reads.
	(cd "$work" && env -u CARGO_TARGET_DIR RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc RUSTFLAGS=-Cembed-bitcode=yes \
		/usr/bin/cargo build --quiet --release -Zbuild-std=core,alloc --target wasm32v1-none)
	as_root mkdir -p "$libraries"
	as_root cp "$work"/target/wasm32v1-none/release/deps/lib{core,alloc,compiler_builtins}-*.rlib "$libraries/"
	rm -rf "$work"
}

# Cargo knows a file as changed by its time alone, and takes two clones that share the target folder
# for one: what another clone has built since must not pass for this one's.
claim_target() {
	local owner=$CARGO_TARGET_DIR/.checkout
	if [ -f "$owner" ] && [ "$(cat "$owner")" = "$PWD" ]; then return; fi
	mkdir -p "$CARGO_TARGET_DIR"
	git ls-files -z | xargs -0 touch --no-create --no-dereference
	printf '%s' "$PWD" >"$owner"
}

setup_test_tools() {
	if ! have cargo-nextest && [ ! -x "$LX_TOOLS/bin/cargo-nextest" ]; then
		say "building cargo-nextest (a few minutes)"
		cargo install --quiet --locked --root "$LX_TOOLS" cargo-nextest --version "$NEXTEST_VERSION"
	fi
	have node && have npm || die "Node.js 20 or newer with npm is needed for the client tests"
	have python3 || die "Python 3.10 or newer is needed for the client tests"
	if [ ! -x "$LX_PYTHON" ]; then
		say "making a Python environment for the client tests"
		python3 -m venv "$LX_TOOLS/python"
	fi
	install_once "$LX_TOOLS/python/.installed" scripts/requirements.txt tests/e2e/requirements.txt -- \
		"$LX_PYTHON" -m pip install --quiet --disable-pip-version-check \
		-r scripts/requirements.txt -r tests/e2e/requirements.txt
	install_once tests/e2e/node_modules/.installed tests/e2e/package-lock.json -- \
		npm --prefix tests/e2e ci --silent --no-audit --no-fund
}

# install_once STAMP FILE... -- COMMAND: runs COMMAND unless STAMP holds the checksum of the files.
install_once() {
	local stamp=$1 files=() sum
	shift
	while [ "$1" != -- ]; do files+=("$1"); shift; done
	shift
	sum=$(cat "${files[@]}" | sha256sum)
	if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ]; then return; fi
	say "installing what ${files[*]} lists"
	"$@"
	printf '%s' "$sum" >"$stamp"
}

case "${1:-build}" in
build) setup_system; claim_target; setup_wasm ;;
test) setup_system; claim_target; setup_wasm; setup_test_tools ;;
*) die "unknown argument '$1'; use build or test" ;;
esac
