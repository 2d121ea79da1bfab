#include "engine/frontend/generate/tpch_schema.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/types/date.h"

namespace care::engine {
namespace {

constexpr const char* kMoney = "numeric(15,2)";

ExampleColumn Number(std::string name, std::string type, std::string min, std::string max) {
  return {.name = std::move(name),
          .type = std::move(type),
          .nullable = false,
          .min = std::move(min),
          .max = std::move(max)};
}

ExampleColumn Key(std::string name, std::string domain, std::uint64_t most) {
  ExampleColumn column = Number(std::move(name), "integer", "1", absl::StrCat(most));
  column.key = true;
  column.key_domain = std::move(domain);
  return column;
}

// Stored in the owner's database as whole hundredths.
ExampleColumn Money(std::string name, std::string min, std::string max) {
  ExampleColumn column = Number(std::move(name), kMoney, std::move(min), std::move(max));
  column.own_name = absl::StrCat(column.name, "_hundredths");
  return column;
}

ExampleColumn Day(std::string name, std::int32_t first, std::int32_t last) {
  return Number(std::move(name), "date", FormatDate(first), FormatDate(last));
}

ExampleColumn Choice(std::string name, std::vector<std::string> domain) {
  return {.name = std::move(name), .type = "text", .nullable = false, .domain = std::move(domain)};
}

ExampleColumn Text(std::string name, std::uint32_t max_bytes) {
  return {.name = std::move(name), .type = "text", .nullable = false, .max_bytes = max_bytes};
}

std::string Quoted(std::string_view text) { return absl::StrCat("\"", std::string(text), "\""); }

std::string QuotedList(const std::vector<std::string>& items) {
  std::vector<std::string> quoted;
  for (const std::string& item : items) quoted.push_back(Quoted(item));
  return absl::StrCat("[", absl::StrJoin(quoted, ", "), "]");
}

std::string ColumnToml(const ExampleTable& table, const ExampleColumn& column) {
  std::string text = absl::StrCat("\n  [[table.column]]\n  name = ", Quoted(column.name),
                                  "\n  type = ", Quoted(column.type), "\n  nullable = false\n");
  if (column.key) absl::StrAppend(&text, "  key = ", Quoted(column.key_domain), "\n");
  if (!column.min.empty())
    absl::StrAppend(&text, "  min = ", Quoted(column.min), "\n  max = ", Quoted(column.max), "\n");
  if (!column.domain.empty()) absl::StrAppend(&text, "  domain = ", QuotedList(column.domain), "\n");
  if (column.max_bytes > 0) absl::StrAppend(&text, "  max_bytes = ", column.max_bytes, "\n");
  std::vector<std::string> uses = {"aggregate", "group_key", "filter", "extreme"};
  if (column.key) uses.push_back("join_key");
  if (table.schema == "supply") uses.push_back("row");
  absl::StrAppend(&text, "  use = ", QuotedList(uses), "\n");
  return text;
}

std::string ConstantsView(std::string_view name, std::string_view columns,
                          const std::vector<std::string>& rows) {
  return absl::StrCat("SELECT * FROM (VALUES ", absl::StrJoin(rows, ", "), ") AS ", std::string(name), "(",
                      std::string(columns), ")");
}

std::string NationView() {
  std::vector<std::string> rows;
  for (const TpchNation& nation : TpchNations()) {
    rows.push_back(
        absl::StrCat("(", rows.size(), ", '", std::string(nation.name), "', ", nation.region, ")"));
  }
  return ConstantsView("nations", "n_nationkey, n_name, n_regionkey", rows);
}

std::string RegionView() {
  std::vector<std::string> rows;
  for (const std::string_view region : TpchRegions()) {
    rows.push_back(absl::StrCat("(", rows.size(), ", '", std::string(region), "')"));
  }
  return ConstantsView("regions", "r_regionkey, r_name", rows);
}

std::uint64_t Scaled(double scale, double rows) {
  return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(scale * rows)));
}

}  // namespace

TpchSizes SizesOf(double scale) {
  return {Scaled(scale, 10'000), Scaled(scale, 200'000), Scaled(scale, 150'000), Scaled(scale, 1'500'000),
          Scaled(scale, 1'000)};
}

std::int32_t TpchFirstOrderDay() { return DaysFromCivil({1992, 1, 1}); }
std::int32_t TpchLastOrderDay() { return DaysFromCivil({1998, 12, 31}) - 151; }
std::int32_t TpchCurrentDay() { return DaysFromCivil({1995, 6, 17}); }

std::vector<ExampleTable> DescribeTpchTables(const TpchOptions& options, std::uint64_t lines) {
  const TpchSizes sizes = SizesOf(options.scale);
  const std::int32_t first = TpchFirstOrderDay(), last = TpchLastOrderDay();
  const std::uint64_t most_orderkey = (sizes.orders + 7) / 8 * 32;  // eight of each 32 numbers are used
  const ExampleColumn nation = Number("", "integer", "0", "24");
  const auto of_nation = [&](std::string name) {
    ExampleColumn column = nation;
    column.name = std::move(name);
    return column;
  };
  return {
      {.schema = "sales",
       .name = "customer",
       .columns = {Key("c_custkey", "custkey", sizes.customers), Text("c_name", 18), Text("c_address", 40),
                   of_nation("c_nationkey"), Text("c_phone", 15), Money("c_acctbal", "-999.99", "9999.99"),
                   Choice("c_mktsegment", TpchSegments()), Text("c_comment", 117)},
       .primary_key = {"c_custkey"},
       .storage_order = {"c_custkey"},
       .row_bound = sizes.customers},
      {.schema = "sales",
       .name = "orders",
       .columns = {Key("o_orderkey", "orderkey", most_orderkey), Key("o_custkey", "custkey", sizes.customers),
                   Choice("o_orderstatus", {"F", "O", "P"}), Money("o_totalprice", "0.00", "800000.00"),
                   Day("o_orderdate", first, last), Choice("o_orderpriority", TpchPriorities()),
                   Text("o_clerk", 15), Number("o_shippriority", "integer", "0", "0"), Text("o_comment", 79)},
       .primary_key = {"o_orderkey"},
       .storage_order = {"o_orderkey"},
       .row_bound = sizes.orders,
       .references = {{{"o_custkey"}, "sales.customer", {"c_custkey"}}}},
      {.schema = "supply",
       .name = "part",
       .columns = {Key("p_partkey", "partkey", sizes.parts), Text("p_name", 55),
                   Choice("p_mfgr", TpchManufacturers()), Choice("p_brand", TpchBrands()),
                   Choice("p_type", TpchTypes()), Number("p_size", "integer", "1", "50"),
                   Choice("p_container", TpchContainers()), Money("p_retailprice", "900.00", "2099.00"),
                   Text("p_comment", 23)},
       .primary_key = {"p_partkey"},
       .storage_order = {"p_partkey"},
       .row_bound = sizes.parts},
      {.schema = "supply",
       .name = "partsupp",
       .columns = {Key("ps_partkey", "partkey", sizes.parts), Key("ps_suppkey", "suppkey", sizes.suppliers),
                   Number("ps_availqty", "integer", "1", "9999"), Money("ps_supplycost", "1.00", "1000.00"),
                   Text("ps_comment", 199)},
       .primary_key = {"ps_partkey", "ps_suppkey"},
       .storage_order = {"ps_partkey", "ps_suppkey"},
       .row_bound = 4 * sizes.parts,
       .most_rows = {{{"ps_partkey"}, 4}},
       .references = {{{"ps_partkey"}, "supply.part", {"p_partkey"}},
                      {{"ps_suppkey"}, "supply.supplier", {"s_suppkey"}}}},
      {.schema = "supply",
       .name = "supplier",
       .columns = {Key("s_suppkey", "suppkey", sizes.suppliers), Text("s_name", 18), Text("s_address", 40),
                   of_nation("s_nationkey"), Text("s_phone", 15), Money("s_acctbal", "-999.99", "9999.99"),
                   Text("s_comment", 101)},
       .primary_key = {"s_suppkey"},
       .storage_order = {"s_suppkey"},
       .row_bound = sizes.suppliers,
       .unique = {{"s_name"}}},
      {.schema = "shipping",
       .name = "lineitem",
       .columns = {Key("l_orderkey", "orderkey", most_orderkey), Key("l_partkey", "partkey", sizes.parts),
                   Key("l_suppkey", "suppkey", sizes.suppliers), Number("l_linenumber", "integer", "1", "7"),
                   Money("l_quantity", "1.00", "50.00"), Money("l_extendedprice", "900.00", "104950.00"),
                   Money("l_discount", "0.00", "0.10"), Money("l_tax", "0.00", "0.08"),
                   Choice("l_returnflag", {"A", "N", "R"}), Choice("l_linestatus", {"F", "O"}),
                   Day("l_shipdate", first + 1, last + 121), Day("l_commitdate", first + 30, last + 90),
                   Day("l_receiptdate", first + 2, last + 151), Choice("l_shipinstruct", TpchInstructions()),
                   Choice("l_shipmode", TpchShipModes()), Text("l_comment", 44)},
       .primary_key = {"l_orderkey", "l_linenumber"},
       .storage_order = {"l_orderkey", "l_linenumber"},
       .row_bound = lines,
       .most_rows = {{{"l_orderkey"}, 7}},
       .references = {{{"l_orderkey"}, "sales.orders", {"o_orderkey"}},
                      {{"l_partkey"}, "supply.part", {"p_partkey"}},
                      {{"l_suppkey"}, "supply.supplier", {"s_suppkey"}},
                      {{"l_partkey", "l_suppkey"}, "supply.partsupp", {"ps_partkey", "ps_suppkey"}}}},
  };
}

std::string TpchFederation(const TpchOptions& options, std::uint64_t lines) {
  std::string text = absl::StrCat(
      "# TPC-H at scale ", options.scale,
      ", over three owners. Its rows describe nobody: the policy is made for benchmarks.\n",
      "\nname = \"tpch\"\nversion = 1\ncompute = [\"sales\", \"supply\", \"shipping\"]\nauthority_sha256 = ",
      Quoted(options.authority_sha256), "\n");
  for (std::size_t i = 0; i < kTpchParties.size(); ++i) {
    absl::StrAppend(&text, "\n[[party]]\nname = ", Quoted(kTpchParties[i]),
                    "\naddress = ", Quoted(options.addresses[i]), "\n");
  }
  absl::StrAppend(&text, "\n[link.lan]\nmegabit_per_second = 8000\nround_trip_us = 50\n",
                  "\n[link.wan]\nmegabit_per_second = 100\nround_trip_us = 50000\n");
  for (const ExampleTable& table : DescribeTpchTables(options, lines)) {
    absl::StrAppend(&text, "\n[[table]]\nname = ", Quoted(absl::StrCat(table.schema, ".", table.name)),
                    "\npersons = false\nprimary_key = ", QuotedList(table.primary_key), "\n");
    if (!table.unique.empty()) {
      absl::StrAppend(&text, "unique = [",
                      absl::StrJoin(table.unique, ", ",
                                    [](std::string* out, const auto& key) { out->append(QuotedList(key)); }),
                      "]\n");
    }
    absl::StrAppend(&text, "row_bound = ", table.row_bound, "\n");
    for (const ExampleTable::MostRows& most : table.most_rows) {
      absl::StrAppend(&text, "\n  [[table.most_rows]]\n  per = ", QuotedList(most.per),
                      "\n  rows = ", std::min(most.rows, table.row_bound), "\n");
    }
    for (const ExampleTable::Reference& reference : table.references) {
      absl::StrAppend(&text, "\n  [[table.reference]]\n  columns = ", QuotedList(reference.columns),
                      "\n  table = ", Quoted(reference.table), "\n  key = ", QuotedList(reference.key), "\n");
    }
    for (const ExampleColumn& column : table.columns) absl::StrAppend(&text, ColumnToml(table, column));
  }
  for (const auto& [name, sql] :
       {std::pair<std::string, std::string>{"nation", NationView()}, {"region", RegionView()}}) {
    absl::StrAppend(&text, "\n[[view]]\nname = ", Quoted(name), "\nsql = ", Quoted(sql), "\n");
  }
  return text;
}

std::string TpchNodeTables(std::string_view party) {
  std::string text = absl::StrCat(
      "[database]\nkind = \"sqlite\"\npath = ", Quoted(absl::StrCat(std::string(party), ".db")), "\n");
  for (const ExampleTable& table : DescribeTpchTables({}, 1)) {
    if (table.schema != party) continue;
    absl::StrAppend(&text, "\n[tables.", table.name, "]\ntable = ", Quoted(table.name), "\n");
    for (const ExampleColumn& column : table.columns) {
      if (column.own_name.empty()) continue;
      absl::StrAppend(&text, "[tables.", table.name, ".columns.", column.name,
                      "]\ncolumn = ", Quoted(column.own_name), "\nstorage = \"scaled\"\n");
    }
  }
  return text;
}

const std::vector<std::string>& TpchTables() {
  static const auto& names = *[] {
    auto* list = new std::vector<std::string>;
    for (const ExampleTable& table : DescribeTpchTables({}, 1))
      list->push_back(absl::StrCat(table.schema, ".", table.name));
    return list;
  }();
  return names;
}

std::string TpchPostgresDdl() {
  std::string text;
  for (const std::string_view party : kTpchParties)
    absl::StrAppend(&text, "CREATE SCHEMA ", std::string(party), ";\n");
  for (const ExampleTable& table : DescribeTpchTables({}, 1)) {
    std::vector<std::string> lines;
    for (const ExampleColumn& column : table.columns) {
      lines.push_back(absl::StrCat("  ", column.name, " ", column.type,
                                   column.IsText() ? " COLLATE \"C\"" : "", " NOT NULL"));
    }
    lines.push_back(absl::StrCat("  PRIMARY KEY (", absl::StrJoin(table.primary_key, ", "), ")"));
    absl::StrAppend(&text, "CREATE TABLE ", table.schema, ".", table.name, " (\n",
                    absl::StrJoin(lines, ",\n"), "\n);\n");
  }
  absl::StrAppend(&text, "CREATE VIEW nation AS ", NationView(), ";\nCREATE VIEW region AS ", RegionView(),
                  ";\n");
  return text;
}

}  // namespace care::engine
