// engine/session/build_identity.h
//
// Which care a node runs, so that parties that derive different plans can be told why: the release, and a digest of all sources
// that decide what is planned, sent and computed. Two nodes with the same identity plan alike; two with different ones may, and
// the agreement finds out.
#pragma once

#include <string>
#include <string_view>

namespace care::engine {

// Twelve hexadecimal digits, made when the program is built (source_digest.cmake).
std::string_view SourceDigest();

// "0.1.0, source 1a2b3c4d5e6f"
std::string BuildIdentity();

}  // namespace care::engine
