// The lists of values of TPC-H's specification, clauses 4.2.2.13 and 4.2.3.
#include "absl/strings/str_cat.h"
#include "engine/frontend/generate/tpch_schema.h"

namespace care::engine {
namespace {

using Names = std::vector<std::string>;

}  // namespace

const std::vector<std::string_view>& TpchRegions() {
  static const auto& names =
      *new std::vector<std::string_view>{"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"};
  return names;
}

const std::vector<TpchNation>& TpchNations() {
  static const auto& nations = *new std::vector<TpchNation>{
      {"ALGERIA", 0},      {"ARGENTINA", 1},  {"BRAZIL", 1},  {"CANADA", 1},         {"EGYPT", 4},
      {"ETHIOPIA", 0},     {"FRANCE", 3},     {"GERMANY", 3}, {"INDIA", 2},          {"INDONESIA", 2},
      {"IRAN", 4},         {"IRAQ", 4},       {"JAPAN", 2},   {"JORDAN", 4},         {"KENYA", 0},
      {"MOROCCO", 0},      {"MOZAMBIQUE", 0}, {"PERU", 1},    {"CHINA", 2},          {"ROMANIA", 3},
      {"SAUDI ARABIA", 4}, {"VIETNAM", 2},    {"RUSSIA", 3},  {"UNITED KINGDOM", 3}, {"UNITED STATES", 1}};
  return nations;
}

const Names& TpchSegments() {
  static const auto& names = *new Names{"AUTOMOBILE", "BUILDING", "FURNITURE", "HOUSEHOLD", "MACHINERY"};
  return names;
}

const Names& TpchPriorities() {
  static const auto& names = *new Names{"1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"};
  return names;
}

const Names& TpchShipModes() {
  static const auto& names = *new Names{"AIR", "FOB", "MAIL", "RAIL", "REG AIR", "SHIP", "TRUCK"};
  return names;
}

const Names& TpchInstructions() {
  static const auto& names = *new Names{"COLLECT COD", "DELIVER IN PERSON", "NONE", "TAKE BACK RETURN"};
  return names;
}

const Names& TpchManufacturers() {
  static const auto& names = *[] {
    auto* list = new Names;
    for (int number = 1; number <= 5; ++number) list->push_back(absl::StrCat("Manufacturer#", number));
    return list;
  }();
  return names;
}

const Names& TpchBrands() {
  static const auto& names = *[] {
    auto* list = new Names;
    for (int maker = 1; maker <= 5; ++maker) {
      for (int number = 1; number <= 5; ++number) list->push_back(absl::StrCat("Brand#", maker, number));
    }
    return list;
  }();
  return names;
}

const Names& TpchTypes() {
  static const auto& names = *[] {
    auto* list = new Names;
    for (const char* size : {"ECONOMY", "LARGE", "MEDIUM", "PROMO", "SMALL", "STANDARD"}) {
      for (const char* finish : {"ANODIZED", "BRUSHED", "BURNISHED", "PLATED", "POLISHED"}) {
        for (const char* metal : {"BRASS", "COPPER", "NICKEL", "STEEL", "TIN"}) {
          list->push_back(absl::StrCat(size, " ", finish, " ", metal));
        }
      }
    }
    return list;
  }();
  return names;
}

const Names& TpchContainers() {
  static const auto& names = *[] {
    auto* list = new Names;
    for (const char* size : {"JUMBO", "LG", "MED", "SM", "WRAP"}) {
      for (const char* kind : {"BAG", "BOX", "CAN", "CASE", "DRUM", "JAR", "PACK", "PKG"}) {
        list->push_back(absl::StrCat(size, " ", kind));
      }
    }
    return list;
  }();
  return names;
}

}  // namespace care::engine
