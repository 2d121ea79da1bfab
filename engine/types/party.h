// engine/types/party.h
//
// A party is an organisation of the federation; its id is its position in the federation file's list of
// parties, the same number everywhere. The three compute parties play the protocol's roles P0, P1, P2 in
// the order in which the federation file lists them.
#pragma once

#include <cstdint>

namespace care {

using PartyId = std::uint8_t;
inline constexpr PartyId kNoParty = 0xff;

}  // namespace care
