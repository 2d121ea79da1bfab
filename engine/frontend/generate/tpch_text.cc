#include "engine/frontend/generate/tpch_text.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace care::engine {
namespace {

// TPC-H's specification, clause 4.2.3: of which names of parts are made.
constexpr std::array<std::string_view, 92> kColours = {
    "almond",    "antique",    "aquamarine", "azure",     "beige",     "bisque",     "black",     "blanched",
    "blue",      "blush",      "brown",      "burlywood", "burnished", "chartreuse", "chiffon",   "chocolate",
    "coral",     "cornflower", "cornsilk",   "cream",     "cyan",      "dark",       "deep",      "dim",
    "dodger",    "drab",       "firebrick",  "floral",    "forest",    "frosted",    "gainsboro", "ghost",
    "goldenrod", "green",      "grey",       "honeydew",  "hot",       "indian",     "ivory",     "khaki",
    "lace",      "lavender",   "lawn",       "lemon",     "light",     "lime",       "linen",     "magenta",
    "maroon",    "medium",     "metallic",   "midnight",  "mint",      "misty",      "moccasin",  "navajo",
    "navy",      "olive",      "orange",     "orchid",    "pale",      "papaya",     "peach",     "peru",
    "pink",      "plum",       "powder",     "puff",      "purple",    "red",        "rose",      "rosy",
    "royal",     "saddle",     "salmon",     "sandy",     "seashell",  "sienna",     "sky",       "slate",
    "smoke",     "snow",       "spring",     "steel",     "tan",       "thistle",    "tomato",    "turquoise",
    "violet",    "wheat",      "white",      "yellow"};

constexpr std::array<std::string_view, 64> kWords = {
    "special", "pending",   "unusual",     "express", "packages", "requests",     "accounts", "deposits",
    "foxes",   "ideas",     "theodolites", "pinto",   "beans",    "dependencies", "excuses",  "platelets",
    "courts",  "dolphins",  "warhorses",   "sheaves", "furious",  "sly",          "careful",  "blithe",
    "quick",   "fluffy",    "slow",        "quiet",   "ruthless", "final",        "regular",  "ironic",
    "even",    "bold",      "silent",      "daring",  "busy",     "close",        "thin",     "sleep",
    "wake",    "are",       "cajole",      "haggle",  "nag",      "use",          "boost",    "affix",
    "detect",  "integrate", "maintain",    "nod",     "was",      "lose",         "sublate",  "solve",
    "thrash",  "promise",   "about",       "above",   "across",   "after",        "against",  "along"};

constexpr std::string_view kAddressBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ";

}  // namespace

std::string NumberedName(std::string_view prefix, std::uint64_t number) {
  return absl::StrFormat("%s#%09d", prefix, number);
}

std::string PartName(RandomStream& random) {
  std::vector<std::uint64_t> chosen;
  while (chosen.size() < 5) {
    const std::uint64_t colour = random.Below(kColours.size());
    if (std::find(chosen.begin(), chosen.end(), colour) == chosen.end()) chosen.push_back(colour);
  }
  std::string name;
  for (const std::uint64_t colour : chosen) {
    if (!name.empty()) name += ' ';
    name += kColours[colour];
  }
  return name;
}

std::string StreetAddress(RandomStream& random) {
  const std::int64_t length = random.Between(10, 40);
  std::string text;
  for (std::int64_t i = 0; i < length; ++i) {
    const bool edge = i == 0 || i + 1 == length;
    text += kAddressBytes[random.Below(kAddressBytes.size() - (edge ? 1 : 0))];
  }
  return text;
}

std::string PhoneNumber(RandomStream& random, std::int64_t nation) {
  const std::int64_t area = random.Between(100, 999), exchange = random.Between(100, 999);
  return absl::StrFormat("%d-%d-%d-%d", nation + 10, area, exchange, random.Between(1000, 9999));
}

std::string Comment(RandomStream& random, std::int64_t least, std::int64_t most) {
  const auto length = static_cast<std::size_t>(random.Between(least, most));
  std::string text;
  while (text.size() < length) {
    if (!text.empty()) text += ' ';
    text += kWords[random.Below(kWords.size())];
  }
  text.resize(length);
  if (text.back() == ' ') text.back() = 's';
  return text;
}

std::string SupplierRemark(RandomStream& random, std::string_view what, std::size_t most) {
  std::string text = absl::StrCat(Comment(random, 5, 20), " Customer ", Comment(random, 5, 20),
                                  std::string(what), " ", Comment(random, 5, 20));
  if (text.size() > most) text.resize(most);
  return text;
}

}  // namespace care::engine
