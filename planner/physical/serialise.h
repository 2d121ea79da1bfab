// planner/physical/serialise.h
//
// Plans as bytes: one plan, one string of bytes, and different plans never the same (each list and text is
// preceded by its length, each alternative by its number, each optional by a byte). What the bytes cover is
// what changes the meaning of a plan: nodes in order, expressions with their types, what is publicly known of
// each column. They hold no positions in the text, no estimates and no addresses in memory. Tables, columns
// of tables and parties are written by name, so that the bytes mean something without the federation file.
#pragma once

#include <string>
#include <vector>

#include "engine/types/disclosure.h"
#include "planner/catalog/catalog.h"
#include "planner/logical/logical_plan.h"
#include "planner/physical/physical_plan.h"

namespace care::planner {

inline constexpr std::uint32_t kSerialisationVersion = 1;

std::string SerialiseLogical(const LogicalPlan& plan, const Catalog& catalog);
std::string SerialisePhysical(const PhysicalPlan& plan, const Catalog& catalog);
std::string SerialiseDisclosures(const std::vector<Disclosure>& disclosures, const Catalog& catalog);

// A text preceded by its length, and a party's name: for those who put such strings together.
std::string SerialiseText(std::string_view text);
std::string SerialiseParty(PartyId party, const Catalog& catalog);

}  // namespace care::planner
