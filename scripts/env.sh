# Sourced by every script: where things are built. One target folder at a fixed path, so that a
# fresh clone reuses every dependency that another clone has compiled.
export LX_CACHE="${LX_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/l-exchange}"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$LX_CACHE/target}"
export LX_TOOLS="$LX_CACHE/tools"
export LX_PYTHON="$LX_TOOLS/python/bin/python"
export LX_BIN="$CARGO_TARGET_DIR/release"
export PATH="$LX_TOOLS/bin:$LX_TOOLS/python/bin:$PATH"

# With the target folder outside the checkout, the runtime's builder needs to be told where the
# lock file is.
export WASM_BUILD_WORKSPACE_HINT="$PWD"

# The rustup name of Debian's compiler, where that is what compiles the runtime.
export LX_DEBIAN_TOOLCHAIN=l-exchange-debian
export NEXTEST_VERSION=0.9.143
