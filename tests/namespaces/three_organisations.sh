# The situation that the tests in this folder share; they source it. Three network namespaces, hospital, insurer and
# bureau, with 10.77.1.2, 10.77.2.2 and 10.77.3.2, and a router between them that hides the hospital behind NAT and drops
# whatever would begin a connection to it. Nodes are started, asked and awaited in them by name; files are in the current
# directory, logs in $directory. Whatever was started ends, and nothing is left behind, when the script ends.

skip() { echo "skipped: $*"; exit 77; }
fail() {
  echo "FAILED: $*"
  tail -n 15 "$directory"/*.log 2>/dev/null || true
  exit 1
}

[ "$(id -u)" -eq 0 ] || skip "network namespaces need root"
for tool in ip nft; do
  command -v "$tool" >/dev/null || skip "$tool is missing (Debian packages iproute2 and nftables)"
done

name="care$$"
directory="$(mktemp -d)"
nodes=()
servers=()  # PostgreSQL: SIGINT ends one without waiting for clients
finish() {
  local pid party
  for pid in "${nodes[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${nodes[@]}"; do wait "$pid" 2>/dev/null || true; done
  for pid in "${servers[@]}"; do kill -INT "$pid" 2>/dev/null || true; done
  for pid in "${servers[@]}"; do wait "$pid" 2>/dev/null || true; done
  for party in hospital insurer bureau router; do ip netns del "$name-$party" 2>/dev/null || true; done
  rm -rf "$directory"
}
trap finish EXIT

# in_network PARTY COMMAND... waits for the command; in the background $! would be a shell and not the command.
in_network() { ip netns exec "$name-$1" "${@:2}"; }

make_networks() {
  local party subnet=1
  ip netns add "$name-router" 2>/dev/null || skip "this system does not allow network namespaces"
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
  in_network router sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
  in_network router nft -f - <<'NFT' || skip "this kernel has no nftables"
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
}

# federation.toml, which has the three on this machine, gets the addresses of the networks.
address_federation() {
  sed -i -e '/^name = "hospital"$/,/^address/ s/^address = .*/reach = "outbound"/' \
    -e '/^name = "insurer"$/,/^address/ s/^address = .*/address = "10.77.2.2:7402"/' \
    -e '/^name = "bureau"$/,/^address/ s/^address = .*/address = "10.77.3.2:7403"/' federation.toml
}

# serve PARTY: its process id is then in $served.
serve() {
  ip netns exec "$name-$1" "$care" serve "$1.toml" >>"$directory/$1.log" 2>&1 &
  nodes+=("$!")
  served=$!
}

# await PARTY LINE COUNT: the log has the line so many times.
await() {
  for _ in $(seq 300); do
    [ "$(grep -c "$2" "$directory/$1.log" 2>/dev/null || true)" -ge "$3" ] && return
    sleep 0.1
  done
  fail "$1's log does not say $3 times: $2"
}

# ask PARTY: the question, at the party's node; what is not the answer goes to ask.log.
ask() { in_network "$1" "$care" query --node "$1.toml" --format csv "$question" 2>"$directory/ask.log"; }

check_firewall() {
  if in_network insurer timeout 1 bash -c '</dev/tcp/10.77.1.2/7401' 2>/dev/null; then
    fail "the hospital can be dialled: the firewall of this test does not work"
  fi
  in_network hospital timeout 5 bash -c '</dev/tcp/10.77.2.2/7402' || fail "the hospital cannot dial out"
}
