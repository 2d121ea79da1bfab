#include "engine/frontend/init/federation_template.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace care::engine {
namespace {

constexpr std::size_t kFirstPort = 7401;

constexpr char kHead[] =
    R"toml(# What all parties of the federation agreed on. Every party has the same bytes: a query runs only where the SHA-256 of
# this file is the same at all three (`care doctor` prints it). Nothing in it is secret, and nothing in it may be
# measured from data and left as it is: whoever reads the file learns what it says.
#
# "# text" explains; "#key = value" is a key with what holds without it, or an example where there is no such value.

# The federation's name: letters, digits, - and _. Required.
name = "$NAME"

# Goes up by one with each change that all parties agreed on. Required.
version = 1

# The three parties whose nodes compute together: they are assumed not to collude. Required.
compute = [$COMPUTE]

# SHA-256 fingerprint of the authority that issues the certificates of nodes and analysts: `care keygen` prints it, or
#   openssl x509 -in authority.pem -noout -fingerprint -sha256
# Required.$PLACEHOLDER
authority_sha256 = "$AUTHORITY"

# Whose calendar turns an owner's moments into dates: a name of the IANA database, as "Europe/Amsterdam".
#time_zone = "UTC"

# How a kind of key is written, whatever each owner's database stores; docs/data-quality.md. "plain": as stored. "bsn":
# nine digits with leading zeros that pass the eleven-test; its columns have type text. A key without an entry is plain.
#[[key]]
#name = "bsn"
#format = "plain"
)toml";

constexpr char kParty[] = R"toml(
[[party]]
# Lower-case letters, digits and _: the schema of the party's tables in SQL, and the name in its certificate. Required.
name = "$PARTY"
# host:port where the party's node is reached by the others. Required. 127.0.0.1 is for a trial on one machine.
address = "$ADDRESS"
# both, or outbound for a party whose firewall lets no connection in: its node dials all others, and its address may be
# left out. At most one such party; docs/network.md.
#reach = "both"
)toml";

constexpr char kLinks[] = R"toml(
# How fast the links between the parties are: the planner's only knowledge of the network. It weighs rounds against
# bytes and is never measured. "lan" is used if it is declared, as it is by default.
#[link.lan]
#megabit_per_second = 8000
#round_trip_us = 50
#[link.wan]
#megabit_per_second = 100
#round_trip_us = 50000
# What a joint query may take of a party's memory, by estimate from the declared bounds: one that would take more runs for one
# part of the rows after the other, while the others wait on disk, encrypted. `partitions` runs every query so that can.
#[joint]
#memory_megabytes = 3072
#partitions = 4
# Parts that run at a time, each on a thread of its own: where nodes have processors to spare, or are far from each other.
#lanes = 1
)toml";

constexpr char kTable[] = R"toml(
# --- Tables. Each owner declares its own; `care init --inspect` proposes them from its database. This one is an example.

[[table]]
# <owner>.<table>. Required.
name = "$OWNER.patients"
# The column that names the person whom a row is about: thresholds count its distinct values. It needs a key domain
# below. Required, unless every column is public.
subject = "bsn"
# Columns that are unique together and never NULL. None by default.
primary_key = ["bsn"]
# More column sets that are unique. None by default.
#unique = [["bsn"]]
# The most rows that the table may ever have. It is public, and joint steps take time for so many rows whatever the
# table holds: a round number with some room. A query ends with an error when the table has more. Required.
row_bound = 20000
# The most rows about one person. Without it, row_bound.
max_rows_per_subject = 1
# The most persons in the table, where there are fewer than rows. Without it, row_bound.
#subject_bound = 20000
# false: the rows describe nobody (prices, regions), so the table has no subject and no threshold counts its rows.
#persons = true

  [[table.column]]
  # Lower-case letters, digits and _. Required.
  name = "bsn"
  # boolean, smallint, integer, bigint, numeric(p,s) with p up to 18, double precision, real, date, timestamp, timestamptz,
  # text or varchar(n). Required.
  type = "text"
  # Joins compare only columns of the same key domain, whatever the columns are called. A key column joins and counts,
  # and is never shown. No key by default.
  key = "bsn"
  # Whether the column may hold NULL.
  nullable = false

  [[table.column]]
  name = "sex"
  type = "text"
  #nullable = true
  # All values that a text column can have. Only such a column can be grouped by. THE LIST IS PUBLIC: write what is
  # in the code book, not what happens to be in the data. None by default.
  domain = ["F", "M", "X"]
  # What answers may make of the column: aggregate, group_key, filter, extreme, join_key, public, row. Without it, a column
  # may be aggregated and filtered by, and grouped by if it is boolean or has a domain; a key joins.
  #use = ["aggregate", "group_key", "filter"]

  [[table.column]]
  name = "birth_year"
  type = "integer"
  # The range of a number or date; both ends or neither. PUBLIC, so round outward: not the true least and greatest.
  # Narrow ranges make sums cheaper. The type's range by default.
  min = 1900
  max = 2030

  [[table.column]]
  name = "index_date"
  type = "date"
  min = "2015-01-01"
  max = "2030-12-31"

  [[table.column]]
  name = "cost"
  type = "numeric(12,2)"
  min = "0.00"
  max = "1000000.00"

  [[table.column]]
  name = "weight"
  type = "double precision"
  # Digits after the point that it is computed with; owners' values are rounded to them. Required of double precision and real.
  decimals = 3
  min = "0.000"
  max = "500.000"

# --- Views that analysts may name like tables. None by default.

# Tables of several owners with the same columns may bear one name, whose rows are all of theirs: a [[partitioned]] entry with
# name = "episodes" and tables = ["first.episodes", "second.episodes"].

#[[view]]
#name = "patient_view"
#sql = "SELECT p.bsn, p.sex, p.birth_year FROM $OWNER.patients p"
)toml";

std::string Quoted(const std::string& text) { return absl::StrCat("\"", text, "\""); }

}  // namespace

std::string TrialAddress(std::size_t position) { return absl::StrCat("127.0.0.1:", kFirstPort + position); }

std::string FederationText(const FederationTemplate& federation) {
  std::vector<std::string> compute;
  for (std::size_t i = 0; i < federation.parties.size() && i < 3; ++i)
    compute.push_back(Quoted(federation.parties[i]));
  const bool known = !federation.authority_sha256.empty();
  std::string text = absl::StrReplaceAll(
      kHead, {{"$NAME", federation.name},
              {"$COMPUTE", absl::StrJoin(compute, ", ")},
              {"$PLACEHOLDER", known ? "" : " THESE ZEROS FIT NO AUTHORITY: put yours in their place."},
              {"$AUTHORITY", known ? federation.authority_sha256 : std::string(64, '0')}});
  for (std::size_t i = 0; i < federation.parties.size(); ++i) {
    absl::StrAppend(&text, absl::StrReplaceAll(
                               kParty, {{"$PARTY", federation.parties[i]}, {"$ADDRESS", TrialAddress(i)}}));
  }
  absl::StrAppend(&text, kLinks, absl::StrReplaceAll(kTable, {{"$OWNER", federation.example_owner}}));
  return text;
}

}  // namespace care::engine
