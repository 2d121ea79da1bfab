// Which version a node plans on and which it takes part in, by the clock: nodes whose clocks differ by minutes
// must agree all through a switch, and nothing else may be accepted.

#include "engine/session/federation_versions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace care::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr UnixSeconds kSwitch = 1'800'000'000;

FederationVersionPtr Version(std::uint32_t number, std::vector<std::string> parties) {
  auto version = std::make_shared<FederationVersion>();
  version->config.party = "hospital";
  version->catalog.name = "trial";
  version->catalog.version = number;
  version->catalog.digest = std::string(64, static_cast<char>('a' + number));
  for (std::string& party : parties) version->catalog.parties.push_back({std::move(party), "127.0.0.1:1"});
  version->self = version->catalog.FindParty("hospital");
  return version;
}

class FederationVersionsTest : public ::testing::Test {
 protected:
  FederationVersionsTest() {
    versions_.Hold({{Version(1, {"hospital", "insurer", "bureau"}), 0},
                    {Version(2, {"bureau", "hospital", "clinic"}), kSwitch}});
  }

  std::string Accepted(std::uint32_t number, UnixSeconds now) const {
    const auto accepted =
        versions_.Accept("insurer", "trial", number, std::string(64, static_cast<char>('a' + number)), now);
    if (accepted.ok()) return absl::StrCat((*accepted)->catalog.version);
    return std::string(accepted.status().message());
  }

  FederationVersions versions_;
};

TEST_F(FederationVersionsTest, NewQueriesUseTheVersionInForce) {
  EXPECT_EQ(versions_.InForce(kSwitch - 1)->catalog.version, 1u);
  EXPECT_EQ(versions_.InForce(kSwitch)->catalog.version, 2u);
  EXPECT_EQ(versions_.Pending(kSwitch - 1)->activates_at, kSwitch);
  EXPECT_FALSE(versions_.Pending(kSwitch).has_value());
}

// Any two clocks that are at most five minutes apart: what one asks with, the other accepts.
TEST_F(FederationVersionsTest, ClocksThatDifferAgreeThroughTheSwitch) {
  for (UnixSeconds now = kSwitch - 1000; now <= kSwitch + 1000; now += 10) {
    for (UnixSeconds skew = -300; skew <= 300; skew += 50) {
      const std::uint32_t asked = versions_.InForce(now)->catalog.version;
      EXPECT_EQ(Accepted(asked, now + skew), absl::StrCat(asked)) << now - kSwitch << " and " << skew;
    }
  }
}

TEST_F(FederationVersionsTest, NotMuchEarlierAndNotMuchLater) {
  EXPECT_THAT(Accepted(2, kSwitch - kAcceptNextEarlier - 1),
              AllOf(HasSubstr("asks under version 2"), HasSubstr("version 1 is in force, and version 2 from 2027-01-15"),
                    HasSubstr("compare the clocks")));
  EXPECT_EQ(Accepted(1, kSwitch + kAcceptPreviousLonger), "1");
  EXPECT_THAT(Accepted(1, kSwitch + kAcceptPreviousLonger + 1), HasSubstr("version 2 is in force since 2027-01-15"));
}

TEST_F(FederationVersionsTest, OtherBytesDiffer) {
  const auto other = versions_.Accept("insurer", "trial", 2, std::string(64, 'z'), kSwitch);
  EXPECT_EQ(other.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(other.status().message()),
              AllOf(HasSubstr("federation files differ"), HasSubstr("insurer has version 2 with digest zzzz")));
  EXPECT_THAT(std::string(versions_.Accept("insurer", "other", 1, std::string(64, 'b'), 0).status().message()),
              HasSubstr("hospital is in federation trial, insurer in another"));
}

TEST_F(FederationVersionsTest, PartiesComeAndGoWithTheirVersion) {
  EXPECT_TRUE(versions_.AcceptsParty("insurer", kSwitch - 1).ok());
  EXPECT_TRUE(versions_.AcceptsParty("insurer", kSwitch + kAcceptPreviousLonger).ok());
  EXPECT_THAT(std::string(versions_.AcceptsParty("insurer", kSwitch + kAcceptPreviousLonger + 1).message()),
              HasSubstr("insurer is a party of version 1 of federation trial; at hospital version 2 is in force"));
  EXPECT_THAT(std::string(versions_.AcceptsParty("clinic", kSwitch - 1000).message()),
              HasSubstr("version 1 is in force until 2027-01-15"));
  EXPECT_TRUE(versions_.AcceptsParty("clinic", kSwitch - kAcceptNextEarlier).ok());
  EXPECT_TRUE(absl::IsNotFound(versions_.AcceptsParty("somebody", kSwitch)));
}

TEST_F(FederationVersionsTest, AQueryKeepsTheVersionThatItBeganWith) {
  const FederationVersionPtr began_with = versions_.InForce(kSwitch - 1);
  versions_.Hold({{Version(2, {"hospital"}), kSwitch}});
  EXPECT_EQ(began_with->catalog.PartyName(1), "insurer");
}

TEST(InstantTest, IsWrittenInOneWay) {
  EXPECT_EQ(ParseInstant("2027-01-15T08:00:00Z").value(), kSwitch);
  EXPECT_EQ(FormatInstant(kSwitch), "2027-01-15T08:00:00Z");
  for (const char* text : {"", "now", "2027-01-15", "2027-01-15T08:00:00", "2027-01-15 08:00:00Z",
                           "2027-1-15T08:00:00Z", "2027-02-30T08:00:00Z", "2027-01-15T08:00:00Z "}) {
    EXPECT_FALSE(ParseInstant(text).ok()) << text;
  }
}

}  // namespace
}  // namespace care::engine
