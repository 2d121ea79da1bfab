#include "planner/physical/digest.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace care::planner {
namespace {

std::string HexSha256(const std::string& bytes) {
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(hash), sizeof(hash)));
}

}  // namespace

Digests DigestsOf(const PlannedQuery& query, const Catalog& catalog) {
  const std::string logical = PrintLogicalPlan(query.logical, catalog);
  return {HexSha256(logical), HexSha256(logical + catalog.digest + query.inputs.Canonical())};
}

}  // namespace care::planner
