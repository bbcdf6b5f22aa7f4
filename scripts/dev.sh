#!/usr/bin/env bash
# Sets up, builds, and runs a development chain, a relay and three attestors on this machine until
# Ctrl-C.
#
#   scripts/dev.sh          start, keeping what an earlier start left
#   scripts/dev.sh --clean  forget the chain, the relay's ledger and what the attestors signed
#
# LX_NODE_PORT, LX_RELAY_PORT, LX_ATTESTOR_PORT (the first of three) and LX_DATA change where it
# listens and keeps its data.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

node_port=${LX_NODE_PORT:-9944}
relay_port=${LX_RELAY_PORT:-8080}
attestor_port=${LX_ATTESTOR_PORT:-8090}
attestors=(0 1 2)
data=${LX_DATA:-$LX_CACHE/dev}
say() { printf '[dev] %s\n' "$*" >&2; }

if [ "${1:-}" = --clean ]; then
	rm -rf "$data"
	say "forgot $data"
	exit 0
fi

die() { say "error: $*"; exit 1; }
is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Before anything is written: what another start runs must not be mistaken for this one's.
mkdir -p "$data"
exec 9>"$data/.lock"
flock --nonblock 9 || die "another start uses $data; stop it, or set LX_DATA to another folder"
ports=("$node_port" "$relay_port")
for id in "${attestors[@]}"; do ports+=($((attestor_port + id))); done
for port in "${ports[@]}"; do
	if is_taken "$port"; then
		die "port $port is taken; stop what listens there, or set LX_NODE_PORT, LX_RELAY_PORT or" \
			"LX_ATTESTOR_PORT"
	fi
done

scripts/build.sh

processes=()
stop() {
	trap - EXIT INT TERM
	if [ ${#processes[@]} -gt 0 ]; then kill "${processes[@]}" 2>/dev/null || true; wait || true; fi
}
trap stop EXIT
trap 'exit 0' INT TERM

# wait_for NAME LOG COMMAND...: until the command succeeds or the newest process has ended.
wait_for() {
	local name=$1 log=$2
	shift 2
	for _ in $(seq 120); do
		if "$@" >/dev/null 2>&1; then return; fi
		if ! kill -0 "${processes[-1]}" 2>/dev/null; then break; fi
		sleep 0.5
	done
	say "$name did not start; the end of $log:"
	tail -n 20 "$log" >&2
	exit 1
}

health() {
	curl -sf -H 'content-type: application/json' \
		-d '{"jsonrpc":"2.0","id":1,"method":"system_health","params":[]}' "http://127.0.0.1:$node_port"
}

say "starting the chain; log: $data/node.log"
# The chain is this machine's alone: nobody else needs to reach it.
"$LX_BIN/l-exchange-node" --dev --base-path "$data/node" --rpc-port "$node_port" \
	--listen-addr /ip4/127.0.0.1/tcp/0 \
	--state-pruning archive --blocks-pruning archive --no-prometheus --no-telemetry \
	>>"$data/node.log" 2>&1 &
processes+=($!)
wait_for "the node" "$data/node.log" health

say "starting the relay; log: $data/relay.log"
"$LX_BIN/oracle-relay" --dev --node "ws://127.0.0.1:$node_port" --listen "127.0.0.1:$relay_port" \
	--data "$data/relay" >>"$data/relay.log" 2>&1 &
processes+=($!)
wait_for "the relay" "$data/relay.log" curl -sf "http://127.0.0.1:$relay_port/health"

for id in "${attestors[@]}"; do
	name=attestor-$id
	port=$((attestor_port + id))
	say "starting $name; log: $data/$name.log"
	"$LX_BIN/attestor" --dev --id "$id" --node "ws://127.0.0.1:$node_port" \
		--relay-url "http://127.0.0.1:$relay_port" --listen "127.0.0.1:$port" \
		--data-dir "$data/$name" >>"$data/$name.log" 2>&1 &
	processes+=($!)
	wait_for "$name" "$data/$name.log" curl -sf "http://127.0.0.1:$port/health"
done

last_port=${ports[-1]}
# Where lx looks by itself needs no saying.
elsewhere=
if [ "$node_port" != 9944 ] || [ "$relay_port" != 8080 ]; then
	elsewhere="
    export LX_NODE=ws://127.0.0.1:$node_port LX_RELAY=http://127.0.0.1:$relay_port"
fi

cat >&2 <<TEXT

  chain      ws://127.0.0.1:$node_port   (any Polkadot.js-style wallet)
  relay      http://127.0.0.1:$relay_port/v1   (any OpenAI client; three attestors sign its batches)
  attestors  http://127.0.0.1:$attestor_port to $last_port   (/health and /metrics)

  In another terminal, your first call:

    export PATH="$LX_BIN:\$PATH"$elsewhere
    lx faucet && lx buy-credits 50 && lx top-up 20
    export OPENAI_BASE_URL=http://127.0.0.1:$relay_port/v1
    export OPENAI_API_KEY=\$(lx key create --quiet)
    curl -si \$OPENAI_BASE_URL/chat/completions -H "Authorization: Bearer \$OPENAI_API_KEY" \\
      -H 'Content-Type: application/json' \\
      -d '{"model":"lx-demo-1","messages":[{"role":"user","content":"Hello"}]}'
    lx watch --until-mined
    lx balance

  Ctrl-C stops them all; 'make clean-data' forgets what they keep.

TEXT
# Attestors may come and go.
wait -n "${processes[@]:0:2}" || true
ended=relay
if ! kill -0 "${processes[0]}" 2>/dev/null; then ended=node; fi
say "the $ended has ended; the end of $data/$ended.log:"
tail -n 20 "$data/$ended.log" >&2
exit 1
