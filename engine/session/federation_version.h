// engine/session/federation_version.h
//
// One version of the federation file as this node serves it: the file's content, the node's own settings when
// it was taken up, and the engine made of both. It never changes. A query holds on to the version that it
// began with, so that a new one can come into force while it runs; the last holder frees it.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "engine/session/query_engine.h"
#include "planner/catalog/catalog.h"
#include "planner/catalog/node_config.h"

namespace care::engine {

// Both arguments outlive the engine.
using MakeEngine = std::function<absl::StatusOr<std::unique_ptr<QueryEngine>>(const planner::Catalog&,
                                                                              const planner::NodeConfig&)>;

struct FederationVersion {
  planner::NodeConfig config;
  planner::Catalog catalog;
  PartyId self = kNoParty;  // of this version: another one may number its parties otherwise
  std::unique_ptr<QueryEngine> engine;

  const std::string& own_name() const { return config.party; }
  bool IsCompute(PartyId party) const {
    for (const PartyId compute : catalog.compute_parties) {
      if (compute == party) return party != kNoParty;
    }
    return false;
  }
  // Who may be asked: whoever computes, and owners that do not.
  bool TakesPart(PartyId party) const {
    return IsCompute(party) || std::ranges::any_of(catalog.tables, [&](const auto& table) { return table.owner == party; });
  }
};

using FederationVersionPtr = std::shared_ptr<const FederationVersion>;

absl::StatusOr<FederationVersionPtr> MakeVersion(planner::Catalog catalog, planner::NodeConfig config,
                                                 const MakeEngine& make_engine);
// A version that this node must hold but cannot serve: its queries end with `why`.
FederationVersionPtr RefusingVersion(planner::Catalog catalog, planner::NodeConfig config, const absl::Status& why);

}  // namespace care::engine
