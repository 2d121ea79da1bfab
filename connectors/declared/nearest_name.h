// connectors/declared/nearest_name.h
//
// The hint of an error about a name that is not there: most are misspelt by a letter or two.
#pragma once

#include <string>
#include <vector>

namespace care::connectors {

// " (the nearest name there is 'claims')", or nothing if no name is near.
std::string NearestName(const std::string& wanted, const std::vector<std::string>& names);

}  // namespace care::connectors
