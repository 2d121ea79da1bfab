// engine/frontend/init/federation_template.h
//
// The federation file that `care init` writes: every key that the file may have, with a comment that says
// what it is for and what holds without it. It is read as it stands; a line "#key = value" becomes a setting
// when its # goes.
#pragma once

#include <string>
#include <vector>

namespace care::engine {

struct FederationTemplate {
  std::string name;
  std::vector<std::string> parties;  // the first three compute
  std::string authority_sha256;      // empty: a row of zeros, with a comment
  std::string example_owner;         // whose table is the example
};

std::string FederationText(const FederationTemplate& federation);

// "127.0.0.1:7401" for the first party, and so on.
std::string TrialAddress(std::size_t position);

}  // namespace care::engine
