#include "planner/physical/digest.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "planner/physical/serialise.h"

namespace care::planner {
namespace {

std::string HexSha256(const std::string& bytes) {
  unsigned char hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(hash), sizeof(hash)));
}

// What is hashed starts with what it is, so that one digest never stands for the other.
std::string Header(std::string_view name) {
  return SerialiseText(absl::StrCat(std::string(name), " ", kSerialisationVersion));
}

}  // namespace

Digests DigestsOf(const PlannedQuery& query, const Catalog& catalog) {
  const std::string report = SerialiseText(SerialiseDisclosures(query.disclosures, catalog));
  const std::string recipient = SerialiseText(SerialiseParty(query.inputs.recipient, catalog));
  Digests digests;
  digests.disclosure =
      HexSha256(absl::StrCat(Header("care disclosure"), recipient, SerialiseText(query.inputs.purpose),
                             SerialiseText(SerialiseLogical(query.logical, catalog)), report));
  digests.execution = HexSha256(
      absl::StrCat(Header("care execution"), SerialiseText(absl::StrCat(query.inputs.planner_version)),
                   SerialiseText(catalog.digest), SerialiseText(query.inputs.Canonical()), recipient,
                   SerialiseText(SerialiseLogical(query.logical, catalog)),
                   SerialiseText(SerialisePhysical(query.plan, catalog)), report));
  return digests;
}

}  // namespace care::planner
