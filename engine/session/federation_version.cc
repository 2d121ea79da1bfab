#include "engine/session/federation_version.h"

#include <utility>

#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

class RefusingEngine final : public QueryEngine {
 public:
  explicit RefusingEngine(absl::Status why) : why_(std::move(why)) {}

  absl::StatusOr<std::unique_ptr<PreparedQuery>> Prepare(std::string_view, const planner::PlanInputs&) override {
    return why_;
  }
  absl::StatusOr<std::vector<planner::OutputColumn>> Describe(std::string_view,
                                                              const planner::PlanInputs&) override {
    return why_;
  }

 private:
  const absl::Status why_;
};

}  // namespace

absl::StatusOr<FederationVersionPtr> MakeVersion(planner::Catalog catalog, planner::NodeConfig config,
                                                 const MakeEngine& make_engine) {
  auto version = std::make_shared<FederationVersion>();
  version->config = std::move(config);
  version->catalog = std::move(catalog);
  version->self = version->catalog.FindParty(version->config.party);
  CARE_ASSIGN_OR_RETURN(version->engine, make_engine(version->catalog, version->config));
  return FederationVersionPtr(std::move(version));
}

FederationVersionPtr RefusingVersion(planner::Catalog catalog, planner::NodeConfig config, const absl::Status& why) {
  auto version = std::make_shared<FederationVersion>();
  version->config = std::move(config);
  version->catalog = std::move(catalog);
  version->self = version->catalog.FindParty(version->config.party);
  version->engine = std::make_unique<RefusingEngine>(why);
  return version;
}

}  // namespace care::engine
