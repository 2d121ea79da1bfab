// engine/frontend/generate/tpch_schema.h
//
// The schema of TPC-H over three owners: `sales` has customer and orders, `supply` part, partsupp and supplier,
// `shipping` lineitem. nation and region are public: views of constants, the same at all parties. Its rows describe
// nobody, and its policy is made for benchmarks: all columns may be grouped by, filtered on and aggregated, a supplier's
// also listed.
//
// Cardinalities, keys, ranges and lists of values are those of the TPC-H specification (clause 4.2); bounds that a
// scale implies are declared as such, so that plans may rely on them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/frontend/generate/coaching_schema.h"

namespace care::engine {

struct TpchOptions {
  std::string directory;
  double scale = 0.01;
  std::uint64_t seed = 1;
  std::string authority_sha256;
  std::string addresses[3] = {"127.0.0.1:7401", "127.0.0.1:7402",
                              "127.0.0.1:7403"};  // sales, supply, shipping
  bool csv = false;
};

// Rows of the tables that do not depend on chance.
struct TpchSizes {
  std::uint64_t suppliers = 0, parts = 0, customers = 0, orders = 0, clerks = 0;
};
TpchSizes SizesOf(double scale);

inline constexpr std::array<std::string_view, 3> kTpchParties = {"sales", "supply", "shipping"};

struct TpchNation {
  std::string_view name;
  int region;
};
const std::vector<TpchNation>& TpchNations();
const std::vector<std::string_view>& TpchRegions();

const std::vector<std::string>& TpchSegments();
const std::vector<std::string>& TpchPriorities();
const std::vector<std::string>& TpchShipModes();
const std::vector<std::string>& TpchInstructions();
const std::vector<std::string>& TpchManufacturers();
const std::vector<std::string>& TpchBrands();      // five of each manufacturer, in its order
const std::vector<std::string>& TpchTypes();       // 150: three syllables
const std::vector<std::string>& TpchContainers();  // 40: two syllables

// Date ranges, as days since 1970-01-01.
std::int32_t TpchFirstOrderDay();
std::int32_t TpchLastOrderDay();
std::int32_t TpchCurrentDay();

// `lines`: how many rows lineitem has.
std::vector<ExampleTable> DescribeTpchTables(const TpchOptions& options, std::uint64_t lines);

std::string TpchFederation(const TpchOptions& options, std::uint64_t lines);
// The [database] and [tables.*] sections of a party's node file, for the SQLite database that is generated.
std::string TpchNodeTables(std::string_view party);

// "sales.customer", ...; schemas and tables for PostgreSQL, and the views of nation and region. Whoever asks there puts
// kTpchSearchPath first, as the standard texts name no schemas.
const std::vector<std::string>& TpchTables();
std::string TpchPostgresDdl();
inline constexpr std::string_view kTpchSearchPath = "sales, supply, shipping, public";

}  // namespace care::engine
