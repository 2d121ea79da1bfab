#!/usr/bin/env bash
# Three organisations as they are: a hospital whose firewall lets nobody in and an insurer, each on PostgreSQL of its own
# in its own network, a bureau on a folder of CSV files, and the data of all of them messy. The node files are written as
# docs/ says: the role that docs/connectors.md has a DBA create, its password in a file, the tables' sections that `care
# generate --messy` wrote. The doctor finds nothing wrong at any of them, the flagship question is asked at each, by `care
# query` and by psql, and every released cell is compared with PostgreSQL's answer over the union of the raw rows, cleaned
# by SQL that was written from the documentation alone.
#
#   messy_databases.sh CARE QUESTION.sql NORMALISE.sql
#
# Needs root, ip, nft and PostgreSQL 15; without them it says so and ends with 77, which ctest counts as skipped. Leaves
# nothing behind.
set -euo pipefail

[ $# -eq 3 ] || { echo "usage: messy_databases.sh CARE QUESTION.sql NORMALISE.sql" >&2; exit 2; }
care="$(realpath "$1")"
question="$(cat "$2")"
normalise="$(realpath "$3")"
here="$(realpath "$(dirname "$0")")"

. "$here/three_organisations.sh"
programs="${CARE_POSTGRESQL_BIN:-/usr/lib/postgresql/15/bin}"
[ -x "$programs/initdb" ] || skip "PostgreSQL 15 is missing (Debian package postgresql-15)"
id postgres >/dev/null 2>&1 || skip "PostgreSQL does not run as root, and there is no user postgres"
make_networks
chmod 711 "$directory"
mkdir "$directory/files"
cd "$directory/files"

# Keys, data and the federation file.
"$care" keygen --federation-directory . --parties hospital,insurer,bureau >"$directory/keygen.out"
fingerprint="$(sed -n 's/^authority_sha256 = "\(.*\)"$/\1/p' "$directory/keygen.out")"
"$care" generate --messy --directory . --patients 1000 --insured 3000 --claims 12000 --persons 4000 --seed 11 \
  --authority-sha256 "$fingerprint"
address_federation

as_postgres() { setpriv --reuid postgres --regid postgres --clear-groups "$@"; }
# as_owner PARTY DATABASE, and psql's arguments: the server's owner, over its own socket.
as_owner() {
  "$programs/psql" -X -q -v ON_ERROR_STOP=1 -h "$directory/$1.server" -U postgres -d "$2" "${@:3}"
}

# A server on its party's loopback, where a password is asked for; the socket is for its DBA, who is this script.
start_server() {
  local place="$directory/$1.server"
  install -d -o postgres -g postgres "$place"
  (cd "$place" && as_postgres "$programs/initdb" -D data -U postgres -E UTF8 --locale=C --no-sync --auth-local=trust \
    --auth-host=scram-sha-256 >initdb.out) || fail "initdb"
  (cd "$place" && exec ip netns exec "$name-$1" setpriv --reuid postgres --regid postgres --clear-groups \
    "$programs/postgres" -D "$place/data" -k "$place" -c listen_addresses=127.0.0.1 -c port=5432 -c fsync=off \
    -c jit=off) >"$directory/$1.server.log" 2>&1 &
  servers+=("$!")
  for _ in $(seq 300); do
    "$programs/pg_isready" -q -h "$place" && return
    kill -0 "${servers[-1]}" 2>/dev/null || fail "PostgreSQL of the $1 ended"
    sleep 0.1
  done
  fail "PostgreSQL of the $1 does not start"
}

# The party's rows in schema registry, and the role of docs/connectors.md.
load() {
  local party="$1" tables="$2" password
  password="$(head -c 18 /dev/urandom | base64)"
  (umask 077 && echo "$password" >"$party.password")
  as_owner "$party" postgres -c "CREATE DATABASE $party"
  { echo "CREATE SCHEMA registry; SET search_path TO registry;"; cat "$party.sql"; } | as_owner "$party" "$party" -f -
  as_owner "$party" "$party" -f - <<SQL
CREATE ROLE care_node LOGIN PASSWORD '$password' CONNECTION LIMIT 8;
GRANT CONNECT ON DATABASE $party TO care_node;
GRANT USAGE ON SCHEMA registry TO care_node;
GRANT SELECT ON $tables TO care_node;
ALTER ROLE care_node IN DATABASE $party SET search_path = registry;
SQL
}

# PARTY LISTEN SECTIONS: the node file; [sql] for psql.
write_node_file() {
  cat >"$1.toml" <<TOML
party = "$1"
federation = "federation.toml"
listen = "$2"
certificate = "$1.pem"
private_key = "$1.key"
authority = "authority.pem"
data_directory = "$1.state"
preview = true

[release]
threshold = 10

[sql]
listen = "127.0.0.1:5439"
users = "$1.users.toml"

TOML
  sed -e "s|^url = .*|url = \"postgresql://care_node@127.0.0.1:5432/$1\"\npassword_file = \"$1.password\"|" "$3" >>"$1.toml"
}

start_server hospital
start_server insurer
load hospital "registry.patient, registry.patient_merge, registry.contact, registry.questionnaire"
load insurer "registry.insured, registry.enrolment, registry.claim_line"
write_node_file hospital 127.0.0.1:7401 hospital.postgresql.toml
write_node_file insurer 0.0.0.0:7402 insurer.postgresql.toml
write_node_file bureau 0.0.0.0:7403 bureau.csv.toml
for party in hospital insurer bureau; do
  echo "a password of $party" | "$care" user add anna --node "$party.toml" >/dev/null
done
# No node can reach what it should not need: not the folders and files of other kinds that were generated too.
rm -rf ./*.db hospital.csv insurer.csv

serve insurer
serve bureau
serve hospital
await hospital "standing link with .* is up" 2
check_firewall

for party in hospital insurer bureau; do
  in_network "$party" "$care" doctor --node "$party.toml" --data >"$directory/doctor.out" 2>&1 ||
    fail "the doctor at the $party: $(cat "$directory/doctor.out")"
  echo "doctor at the $party: $(grep -c '^OK' "$directory/doctor.out" || true) OK," \
    "$(grep -c '^WARN' "$directory/doctor.out" || true) WARN"
  grep '^WARN' -A2 "$directory/doctor.out" || true
done

for party in hospital insurer bureau; do
  ask "$party" >"$directory/of_$party" || fail "asked at the $party: $(cat "$directory/ask.log")"
  PGPASSWORD="a password of $party" in_network "$party" psql -X -q --csv -v ON_ERROR_STOP=1 -f - \
    "host=127.0.0.1 port=5439 dbname=ibd-coaching user=anna sslmode=verify-ca sslrootcert=authority.pem" \
    <<<"SET client_min_messages = warning; $question" >"$directory/psql_of_$party" 2>"$directory/ask.log" ||
    fail "asked by psql at the $party: $(cat "$directory/ask.log")"
done

# The reference: a database that no node knows of, with the raw rows of all.
as_owner hospital postgres -c "CREATE DATABASE reference"
{
  python3 "$here/declared_tables.py" federation.toml
  for party in hospital insurer bureau; do
    echo "CREATE SCHEMA ${party}_own; SET search_path TO ${party}_own;"
    cat "$party.sql"
  done
  echo "SET search_path TO public;"
  cat "$normalise"
} | as_owner hospital reference -f - >"$directory/reference.log" 2>&1 || fail "the reference"
as_owner hospital reference --csv -c "$question" >"$directory/expected"

for party in hospital insurer bureau; do
  for way in of psql_of; do
    python3 "$here/compare_released.py" 10 2 "$directory/expected" "$directory/${way}_$party" ||
      fail "$way the $party:
$(cat "$directory/${way}_$party")
expected before the gate:
$(cat "$directory/expected")"
  done
done
cat "$directory/of_hospital"
grep -h "^.*data of " "$directory"/{hospital,insurer,bureau}.log | sed 's/.*data of /data of /' | sort -u
