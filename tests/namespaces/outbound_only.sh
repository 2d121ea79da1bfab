#!/usr/bin/env bash
# A hospital whose firewall lets nobody in takes part in a federation: three network namespaces, a router between them
# that hides the hospital behind NAT and drops whatever would begin a connection to it, a node in each, and the flagship
# question asked at the hospital and at the insurer. The hospital's node is stopped and started in between.
#
#   outbound_only.sh CARE QUESTION.sql
#
# Needs root, ip and nft; without them it says so and ends with 77, which ctest counts as skipped. Leaves nothing behind.
set -euo pipefail

[ $# -eq 2 ] || { echo "usage: outbound_only.sh CARE QUESTION.sql" >&2; exit 2; }
care="$(realpath "$1")"
question="$(cat "$2")"

skip() { echo "skipped: $*"; exit 77; }
[ "$(id -u)" -eq 0 ] || skip "network namespaces need root"
for tool in ip nft; do
  command -v "$tool" >/dev/null || skip "$tool is missing (Debian packages iproute2 and nftables)"
done

name="care$$"
directory="$(mktemp -d)"
nodes=()
finish() {
  local pid party
  for pid in "${nodes[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${nodes[@]}"; do wait "$pid" 2>/dev/null || true; done
  for party in hospital insurer bureau router; do ip netns del "$name-$party" 2>/dev/null || true; done
  rm -rf "$directory"
}
trap finish EXIT
fail() {
  echo "FAILED: $*"
  tail -n 15 "$directory"/*.log 2>/dev/null || true
  exit 1
}

ip netns add "$name-router" 2>/dev/null || skip "this system does not allow network namespaces"
in_router() { ip netns exec "$name-router" "$@"; }
subnet=1
for party in hospital insurer bureau; do
  ip netns add "$name-$party"
  ip -n "$name-$party" link set lo up
  ip link add "veth0" netns "$name-$party" type veth peer name "$party" netns "$name-router"
  ip -n "$name-router" address add "10.77.$subnet.1/24" dev "$party"
  ip -n "$name-router" link set "$party" up
  ip -n "$name-$party" address add "10.77.$subnet.2/24" dev veth0
  ip -n "$name-$party" link set veth0 up
  ip -n "$name-$party" route add default via "10.77.$subnet.1"
  subnet=$((subnet + 1))
done
in_router sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
in_router nft -f - <<'NFT' || skip "this kernel has no nftables"
table ip firewall {
  chain forward {
    type filter hook forward priority 0; policy accept;
    ct state established,related accept
    oifname "hospital" drop
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    iifname "hospital" masquerade
  }
}
NFT

# The demonstration makes data, keys and files, and goes on where it cannot disturb anybody.
ip netns exec "$name-hospital" "$care" demo --up --directory "$directory" \
  --patients 400 --insured 3000 --claims 10000 --persons 4000 >"$directory/demo.log" 2>&1 &
demo=$!
nodes+=("$demo")
for _ in $(seq 600); do
  grep -q "care query" "$directory/demo.log" && break
  kill -0 "$demo" 2>/dev/null || fail "the demonstration ended"
  sleep 0.1
done
kill "$demo"
wait "$demo" 2>/dev/null || true
files="$(dirname "$(find "$directory" -name federation.toml)")"
cd "$files"
sed -i -e '/^name = "hospital"$/,/^address/ s/^address = .*/reach = "outbound"/' \
  -e '/^name = "insurer"$/,/^address/ s/^address = .*/address = "10.77.2.2:7402"/' \
  -e '/^name = "bureau"$/,/^address/ s/^address = .*/address = "10.77.3.2:7403"/' federation.toml
sed -i -e '0,/^listen = .*/s//listen = "127.0.0.1:7401"\npreview = true/' hospital.toml
sed -i -e '0,/^listen = .*/s//listen = "0.0.0.0:7402"\npreview = true/' insurer.toml
sed -i -e '0,/^listen = .*/s//listen = "0.0.0.0:7403"\npreview = true/' bureau.toml

serve() {
  ip netns exec "$name-$1" "$care" serve "$1.toml" >>"$directory/$1.log" 2>&1 &
  nodes+=("$!")
  served=$!
}
# The log's line says it COUNT times.
await() {
  for _ in $(seq 300); do
    [ "$(grep -c "$2" "$directory/$1.log" 2>/dev/null || true)" -ge "$3" ] && return
    sleep 0.1
  done
  fail "$1's log does not say $3 times: $2"
}
ask() { ip netns exec "$name-$1" "$care" query --node "$1.toml" --format csv "$question" 2>"$directory/ask.log"; }

serve insurer
serve bureau
serve hospital
hospital=$served
await hospital "standing link with .* is up" 2

if ip netns exec "$name-insurer" timeout 1 bash -c '</dev/tcp/10.77.1.2/7401' 2>/dev/null; then
  fail "the hospital can be dialled: the firewall of this test does not work"
fi
ip netns exec "$name-hospital" timeout 5 bash -c '</dev/tcp/10.77.2.2/7402' || fail "the hospital cannot dial out"

ask hospital >"$directory/of_hospital" || fail "asked at the hospital: $(cat "$directory/ask.log")"
ask insurer >"$directory/of_insurer" || fail "asked at the insurer: $(cat "$directory/ask.log")"
[ "$(wc -l <"$directory/of_hospital")" -gt 2 ] || fail "the answer has no rows"
cmp "$directory/of_hospital" "$directory/of_insurer" || fail "the answers differ"
echo "both answered:"
cat "$directory/of_hospital"

kill "$hospital"
wait "$hospital" || true
await insurer "standing link of hospital is down" 1
if ask insurer >"$directory/none"; then fail "answered without the hospital"; fi
grep -q "keeps no standing link" "$directory/ask.log" || fail "the error is another: $(cat "$directory/ask.log")"
serve hospital
await hospital "standing link with .* is up" 4
ask bureau >"$directory/of_bureau" || fail "asked at the bureau: $(cat "$directory/ask.log")"
cmp "$directory/of_hospital" "$directory/of_bureau" || fail "the answer at the bureau differs"
echo "and again after the hospital's node was away"
