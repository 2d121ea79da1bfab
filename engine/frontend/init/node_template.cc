#include "engine/frontend/init/node_template.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace care::engine {
namespace {

constexpr char kHead[] =
    R"toml(# What is $PARTY's own: this file stays on the machine of its node. It holds no secret itself; keys and passwords are in
# files that it names. Paths are relative to this file. A path may begin with ${CREDENTIALS_DIRECTORY} or
# ${STATE_DIRECTORY}, which systemd sets for the node (docs/operations.md).
#
# "# text" explains; "#key = value" is a key with what holds without it, or an example where there is no such value.
# After a change: `care doctor --node $PARTY.toml`, then restart the node.

# Which party of the federation file this node is. Required.
party = "$PARTY"

# The file that all parties agreed on. Required.
federation = "federation.toml"

# host:port on which other parties' nodes and this party's own analysts connect: one port for both. Required.
listen = "$LISTEN"

# The node's certificate and private key (mode 0600), and the certificate of the federation's authority. Required.
certificate = "$PARTY.pem"
private_key = "$PARTY.key"
authority = "authority.pem"

# Where the node keeps its ledger: what it took part in releasing. Back it up. Required.
data_directory = "$PARTY.state"

# Until release control is complete a node refuses to listen or dial beyond this machine, unless this is true.
#preview = false

# Keeps what peers sent in the last query in the data directory, to be looked at. Only for demonstrations.
#record_traffic = false

# How the node dials out, where it may not do so directly. Off by default; docs/network.md.
#[network]
# host:port of an HTTP proxy that understands CONNECT. What passes is TLS from node to node.
#proxy = "proxy.example:3128"
# A file (mode 0600) whose first line is user:password, if the proxy wants one.
#proxy_credentials = "proxy.password"

[release]
# The fewest distinct persons in a cell that is released. Of the three parties' thresholds the strictest counts.
threshold = 10

[queries]
# How many queries of this party may wait for their turn; one more is refused at once.
#most_waiting = 64
# How long a node that is told to stop lets its running queries go on.
#drain_seconds = 60

# A listener for psql and other clients of PostgreSQL's protocol; docs/sql-clients.md. Off by default.
#[sql]
#listen = "127.0.0.1:5439"
# Who may log in: `care user add` makes and changes the file.
#users = "users.toml"
# Its certificate and key for TLS: both, or neither for the node's own.
#certificate = "sql.pem"
#private_key = "sql.key"
# Of sessions that state no purpose of their own.
#purpose = "not stated"
# "required", or "optional" for clients of this machine without TLS.
#tls = "required"
# The most connections at a time.
#connections = 250

[log]
# trace, debug, info, warn, error or off. The log goes to standard error; it carries names and sizes, never a cell, a
# literal of a query or a secret.
#level = "info"
# text, or json: one object a line.
#format = "text"

# Figures for Prometheus at /metrics, and /health and /ready for whoever watches the node. Off by default. Nothing on
# it is secret, but it has no password either: keep it on this machine or on the administrators' network.
#[metrics]
#listen = "127.0.0.1:9464"

[database]
)toml";

constexpr char kPostgres[] = R"toml(# postgresql, sqlite or csv. Required.
kind = "postgresql"
# How to connect, without the password. Required.
url = "$PLACE"
# A file (mode 0600) whose first line is the password. Without it, libpq's own ways, as ~/.pgpass.
#password_file = "$PARTY.password"
# After so many seconds a statement, and its query, is given up.
#statement_timeout_seconds = 120
)toml";

constexpr char kSqlite[] = R"toml(# postgresql, sqlite or csv. Required.
kind = "sqlite"
# The database file. It is opened read-only. Required.
path = "$PLACE"
# After so many seconds a statement, and its query, is given up.
#statement_timeout_seconds = 120
)toml";

constexpr char kCsv[] = R"toml(# postgresql, sqlite or csv. Required.
kind = "csv"
# The folder with one TABLE.csv for each table: a header line with the columns' names, then the rows. Required.
folder = "$PLACE"
# What stands between fields, and the unquoted field that means NULL.
#delimiter = ","
#null = ""
# Not used by this kind.
#statement_timeout_seconds = 120
)toml";

constexpr char kTables[] = R"toml(
# --- Where the federation's tables are in the database. A table or column that is not named here has the same name
# --- there. `care init --inspect` writes these from a database.

# One section for each table of the federation file, by its name without the owner.
#[tables.patients]
# The owner's name for it; or, instead, sql = "SELECT ..." that yields its rows.
#table = "patients"
# The owner's names for columns, where they differ.
#[tables.patients.columns]
#index_date = "dt_index"
# A numeric that is stored as a whole number, in cents for numeric(p,2): storage = "scaled". A date that is stored with a
# time of day: storage = "timestamp". "native" by default.
# What happens to a cell that breaks a declared rule (docs/data-quality.md): on_violation = "error" ends the query, as it
# is by default, "null" takes the cell for NULL, "drop" leaves its row out. trim = true takes white space at both ends
# off a text, nfc = true composes its letters; both are false by default.
#cost = { column = "cost_cents", storage = "scaled", on_violation = "error", trim = false, nfc = false }

# --- For tables that are not as the federation file declares them; each goes into the table's section.
# Rows that share a key declared unique: "error", "first" (the least by the owner's column order_by) or "drop".
#   on_duplicate = "error"
#   order_by = "entered_at"
# Persons' numbers that were merged into others: a table of the same database, and its two columns.
#   merged = { table = "merged_numbers", from = "old_number", to = "new_number" }
# Rows that take back other rows: the column that numbers a row, and the one that names the row taken back.
#   reversal = { id = "row_id", reverses = "reversed_row_id" }
)toml";

}  // namespace

std::string NodeText(const NodeTemplate& node) {
  std::string place = node.database_place;
  const char* database = kSqlite;
  if (node.database_kind == "postgresql") {
    database = kPostgres;
    if (place.empty()) place = absl::StrCat("postgresql://care_node@localhost:5432/", node.party);
  } else if (node.database_kind == "csv") {
    database = kCsv;
    if (place.empty()) place = absl::StrCat(node.party, ".csv");
  } else if (place.empty()) {
    place = absl::StrCat(node.party, ".db");
  }
  std::string text = absl::StrCat(kHead, database);
  text = absl::StrReplaceAll(text, {{"$PARTY", node.party}, {"$LISTEN", node.listen}, {"$PLACE", place}});
  return absl::StrCat(text, node.tables.empty() ? kTables : node.tables);
}

}  // namespace care::engine
