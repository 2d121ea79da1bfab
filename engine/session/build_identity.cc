#include "engine/session/build_identity.h"

#include "absl/strings/str_cat.h"

namespace care::engine {

std::string BuildIdentity() { return absl::StrCat(CARE_VERSION, ", source ", std::string(SourceDigest())); }

}  // namespace care::engine
