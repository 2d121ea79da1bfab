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

. "$(dirname "$0")/three_organisations.sh"
make_networks

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
address_federation
sed -i -e '0,/^listen = .*/s//listen = "127.0.0.1:7401"\npreview = true/' hospital.toml
sed -i -e '0,/^listen = .*/s//listen = "0.0.0.0:7402"\npreview = true/' insurer.toml
sed -i -e '0,/^listen = .*/s//listen = "0.0.0.0:7403"\npreview = true/' bureau.toml

serve insurer
serve bureau
serve hospital
hospital=$served
await hospital "standing link with .* is up" 2

check_firewall

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
