#include "engine/frontend/demo/demo.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/frontend/demo/demo_acts.h"
#include "engine/frontend/reference/child_process.h"
#include "engine/types/status_macros.h"

namespace care::engine {
namespace {

absl::Status CheckOptions(const DemoOptions& options) {
  const int acts = static_cast<int>(options.verify) + static_cast<int>(!options.eavesdrop.empty()) +
                   static_cast<int>(!options.kill.empty()) + static_cast<int>(options.up);
  if (acts > 1) return absl::InvalidArgumentError("take one of --verify, --eavesdrop, --kill and --up");
  for (const std::string& party : {options.eavesdrop, options.kill}) {
    if (!party.empty() && std::find(kDemoParties.begin(), kDemoParties.end(), party) == kDemoParties.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("there is no party ", party, "; the parties are hospital, insurer and bureau"));
    }
  }
  if (options.port == 0 || options.port > 65'530) {
    return absl::InvalidArgumentError("--port must leave room for six ports: 1 to 65530");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunDemo(const DemoOptions& options) {
  CARE_RETURN_IF_ERROR(CheckOptions(options));
  InstallStopHandler();
  CARE_ASSIGN_OR_RETURN(const FederationDirectory directory,
                        FederationDirectory::Prepare(options, /*csv=*/options.verify));
  if (options.verify) return ProveAnswers(options, directory);
  if (!options.eavesdrop.empty()) return ProveNoise(options, directory);
  if (!options.kill.empty()) return ProveRecovery(options, directory);
  if (options.up) return KeepUp(options, directory);
  return ShowQuestions(options, directory);
}

}  // namespace care::engine
