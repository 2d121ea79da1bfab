// engine/frontend/generate/tpch_text.h
//
// Texts of TPC-H's rows: names, addresses, telephone numbers, and comments of words among which are those that Q13 and
// Q16 look for. No text has a comma or a quote.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/frontend/generate/random_stream.h"

namespace care::engine {

// "Customer#000000001".
std::string NumberedName(std::string_view prefix, std::uint64_t number);
// Five different colours.
std::string PartName(RandomStream& random);
std::string StreetAddress(RandomStream& random);
// The country code is the nation's number and ten.
std::string PhoneNumber(RandomStream& random, std::int64_t nation);
// Words of `least` to `most` bytes together.
std::string Comment(RandomStream& random, std::int64_t least, std::int64_t most);
// A comment of that many bytes at most with "Customer ... <what>" in it.
std::string SupplierRemark(RandomStream& random, std::string_view what, std::size_t most);

}  // namespace care::engine
