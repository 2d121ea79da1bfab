#include "engine/frontend/generate/coaching_claims.h"

#include <algorithm>

#include "engine/frontend/generate/coaching_schema.h"
#include "engine/frontend/generate/random_stream.h"
#include "engine/types/check.h"
#include "engine/types/date.h"

namespace care::engine {
namespace {

const std::int32_t kFirstDay = DaysFromCivil({2019, 7, 1});
const std::int32_t kLastDay = DaysFromCivil({2025, 3, 31});

// Per mille of the cost before.
std::int64_t CostAfter(const ExamplePerson& person) {
  if (!person.uses_app) return 1020;
  return person.education == 0 ? 880 : (person.education == 1 ? 920 : 970);
}

std::int32_t MonthsLater(std::int32_t day, std::int32_t months) {
  const absl::StatusOr<std::int32_t> moved = AddMonths(day, months);
  CARE_CHECK(moved.ok());
  return *moved;
}

// Mostly tens to hundreds of euros, now and then thousands.
std::int32_t Cents(RandomStream& random) {
  const std::uint64_t kind = random.Below(100);
  if (kind < 70) return static_cast<std::int32_t>(random.Between(1'250, 18'000));
  if (kind < 95) return static_cast<std::int32_t>(random.Between(18'000, 95'000));
  return static_cast<std::int32_t>(random.Between(95'000, 420'000));
}

std::uint8_t Category(RandomStream& random) {
  // The smaller of two draws: the first categories are the common ones.
  const std::uint64_t count = CareCategories().size();
  return static_cast<std::uint8_t>(std::min(random.Below(count), random.Below(count)));
}

class ClaimInventor {
 public:
  explicit ClaimInventor(const CoachingDataOptions& options)
      : random_(options.seed, 2), most_(options.claims) {
    claims_.reserve(most_);
  }

  bool Full() const { return claims_.size() >= most_; }

  void Add(const ExamplePerson& person, std::int32_t day, std::int64_t cents) {
    if (Full()) return;
    claims_.push_back({person.bsn, day, static_cast<std::int32_t>(cents), Category(random_), random_.Chance(5)});
  }

  void AddAnyDay(const ExamplePerson& person) {
    // Some lines correct an earlier one: a small negative amount.
    const std::int64_t cents = random_.Chance(5) ? -random_.Between(100, 9'000) : Cents(random_);
    const std::int32_t leap = random_.Chance(2) ? DaysFromCivil({random_.Chance(500) ? 2020 : 2024, 2, 29}) : kNoDay;
    Add(person, leap != kNoDay ? leap : static_cast<std::int32_t>(random_.Between(kFirstDay, kLastDay)), cents);
  }

  void AddPatient(const ExamplePerson& person, bool dominant) {
    if (person.index_day == kNoDay) {
      for (int i = 0; i < 20; ++i) AddAnyDay(person);
      return;
    }
    const std::int32_t begin = MonthsLater(person.index_day, -12);
    const std::int32_t end = MonthsLater(person.index_day, 12);
    const std::int64_t factor = CostAfter(person);
    const std::int64_t pairs = dominant ? 40 : (random_.Chance(80) ? 0 : random_.Between(4, 22));
    for (std::int64_t i = 0; i < pairs; ++i) {
      const std::int64_t cents = dominant ? 8'500'000 + random_.Between(0, 99'999) : Cents(random_);
      Add(person, static_cast<std::int32_t>(random_.Between(begin, person.index_day - 1)), cents);
      Add(person, static_cast<std::int32_t>(random_.Between(person.index_day, end - 1)), cents * factor / 1000);
    }
    if (random_.Chance(50)) {
      // On the windows' edges: out, in, in, out.
      const std::int64_t cents = Cents(random_);
      Add(person, begin - 1, cents);
      Add(person, begin, cents);
      Add(person, person.index_day, cents * factor / 1000);
      Add(person, end, cents);
    }
    for (std::uint64_t i = random_.Below(8); i > 0; --i) {
      const bool early = random_.Chance(500);
      const std::int64_t day = early ? random_.Between(kFirstDay, begin - 1) : random_.Between(end, kLastDay);
      Add(person, static_cast<std::int32_t>(day), Cents(random_));
    }
  }

  void FillUp(const std::vector<const ExamplePerson*>& insured) {
    if (insured.empty()) return;
    while (!Full()) {
      // The least of three draws: a tenth of the people have about a quarter of the claims.
      const std::uint64_t pick =
          std::min({random_.Below(insured.size()), random_.Below(insured.size()), random_.Below(insured.size())});
      AddAnyDay(*insured[pick]);
    }
  }

  std::vector<ExampleClaim> Finish() && {
    std::stable_sort(claims_.begin(), claims_.end(), [](const ExampleClaim& a, const ExampleClaim& b) {
      return a.bsn != b.bsn ? a.bsn < b.bsn : a.day < b.day;
    });
    return std::move(claims_);
  }

  RandomStream& random() { return random_; }

 private:
  RandomStream random_;
  std::uint64_t most_;
  std::vector<ExampleClaim> claims_;
};

}  // namespace

std::vector<ExampleClaim> InventClaims(const CoachingDataOptions& options, const ExamplePeople& people) {
  ClaimInventor inventor(options);
  std::vector<const ExamplePerson*> others;
  for (std::size_t i = 0; i < people.people.size(); ++i) {
    const ExamplePerson& person = people.people[i];
    if (!person.insured) continue;
    if (person.patient) {
      inventor.AddPatient(person, i == people.dominant);
    } else {
      others.push_back(&person);
    }
  }
  // Who claims much must not follow from the number: shuffle.
  for (std::size_t i = others.size(); i > 1; --i) std::swap(others[i - 1], others[inventor.random().Below(i)]);
  inventor.FillUp(others);
  return std::move(inventor).Finish();
}

}  // namespace care::engine
