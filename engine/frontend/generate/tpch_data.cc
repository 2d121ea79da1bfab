#include "engine/frontend/generate/tpch_data.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/frontend/generate/table_writer.h"
#include "engine/frontend/generate/tpch_text.h"
#include "engine/types/status_macros.h"
#include "engine/types/write_file.h"

namespace care::engine {
namespace {

using Cell = ExampleCell;

enum Stream : std::uint64_t { kCustomers = 101, kOrders, kLines, kParts, kPartsupp, kSuppliers };

Cell Of(std::uint64_t value) { return Cell::Of(static_cast<std::int64_t>(value)); }

class TpchGenerator {
 public:
  explicit TpchGenerator(const TpchOptions& options)
      : options_(options), sizes_(SizesOf(options.scale)), tables_(DescribeTpchTables(options, 1)) {}

  absl::Status Generate() {
    CARE_RETURN_IF_ERROR(WriteSupply());
    CARE_RETURN_IF_ERROR(WriteSalesAndShipping());
    return ReplaceFile(options_.directory + "/federation.toml", TpchFederation(options_, lines_),
                       kPublicFile);
  }

 private:
  const ExampleTable& Table(std::string_view name) const {
    return *std::find_if(tables_.begin(), tables_.end(),
                         [&](const ExampleTable& table) { return table.name == name; });
  }

  absl::StatusOr<std::unique_ptr<TableWriter>> Open(const std::string& schema) const {
    return TableWriter::Create(options_.directory, schema, options_.csv);
  }

  std::string_view Pick(RandomStream& random, const std::vector<std::string>& list) const {
    return list[random.Below(list.size())];
  }

  std::int64_t RetailPrice(std::uint64_t part) const {
    return static_cast<std::int64_t>(90'000 + part / 10 % 20'001 + 100 * (part % 1'000));
  }

  // The supplier of a part in one of four places. Where there are few suppliers the specification's step would meet the
  // same one twice: then it is the next that does not.
  std::uint64_t SupplierOf(std::uint64_t part, std::uint64_t place) const {
    const std::uint64_t suppliers = sizes_.suppliers;
    std::uint64_t step = suppliers / 4 + (part - 1) / suppliers;
    while (suppliers >= 4 &&
           (step % suppliers == 0 || 2 * step % suppliers == 0 || 3 * step % suppliers == 0))
      ++step;
    return (part + place * step) % suppliers + 1;
  }
  std::uint64_t SuppliersOfPart() const { return std::min<std::uint64_t>(4, sizes_.suppliers); }

  absl::Status WriteSupply() {
    CARE_ASSIGN_OR_RETURN(const auto writer, Open("supply"));
    CARE_RETURN_IF_ERROR(WriteParts(*writer));
    CARE_RETURN_IF_ERROR(WritePartsupp(*writer));
    CARE_RETURN_IF_ERROR(WriteSuppliers(*writer));
    return writer->Finish();
  }

  absl::Status WriteParts(TableWriter& writer) {
    CARE_RETURN_IF_ERROR(writer.BeginTable(Table("part")));
    RandomStream random(options_.seed, kParts);
    for (std::uint64_t part = 1; part <= sizes_.parts; ++part) {
      const std::string name = PartName(random);
      const std::uint64_t brand = random.Below(TpchBrands().size());
      const std::string_view type = Pick(random, TpchTypes());
      const std::int64_t size = random.Between(1, 50);
      const std::string_view container = Pick(random, TpchContainers());
      const std::string comment = Comment(random, 5, 22);
      CARE_RETURN_IF_ERROR(
          writer.Row({Of(part), Cell::Of(name), Cell::Of(std::string_view(TpchManufacturers()[brand / 5])),
                      Cell::Of(std::string_view(TpchBrands()[brand])), Cell::Of(type), Cell::Of(size),
                      Cell::Of(container), Cell::Of(RetailPrice(part)), Cell::Of(comment)}));
    }
    return writer.EndTable();
  }

  absl::Status WritePartsupp(TableWriter& writer) {
    CARE_RETURN_IF_ERROR(writer.BeginTable(Table("partsupp")));
    RandomStream random(options_.seed, kPartsupp);
    for (std::uint64_t part = 1; part <= sizes_.parts; ++part) {
      std::vector<std::uint64_t> suppliers;
      for (std::uint64_t place = 0; place < SuppliersOfPart(); ++place)
        suppliers.push_back(SupplierOf(part, place));
      std::sort(suppliers.begin(), suppliers.end());
      for (const std::uint64_t supplier : suppliers) {
        const std::int64_t quantity = random.Between(1, 9'999), cost = random.Between(100, 100'000);
        const std::string comment = Comment(random, 49, 198);
        CARE_RETURN_IF_ERROR(
            writer.Row({Of(part), Of(supplier), Cell::Of(quantity), Cell::Of(cost), Cell::Of(comment)}));
      }
    }
    return writer.EndTable();
  }

  // Of ten thousand suppliers five have complaints of customers, five recommendations.
  absl::Status WriteSuppliers(TableWriter& writer) {
    CARE_RETURN_IF_ERROR(writer.BeginTable(Table("supplier")));
    RandomStream random(options_.seed, kSuppliers);
    const std::uint64_t remarks = std::max<std::uint64_t>(1, sizes_.suppliers / 2'000);
    std::vector<std::uint64_t> remarked;
    while (remarked.size() < std::min(2 * remarks, sizes_.suppliers)) {
      const std::uint64_t supplier = 1 + random.Below(sizes_.suppliers);
      if (std::find(remarked.begin(), remarked.end(), supplier) == remarked.end())
        remarked.push_back(supplier);
    }
    for (std::uint64_t supplier = 1; supplier <= sizes_.suppliers; ++supplier) {
      const std::string name = NumberedName("Supplier", supplier);
      const std::string address = StreetAddress(random);
      const std::int64_t nation = random.Between(0, 24);
      const std::string phone = PhoneNumber(random, nation);
      const std::int64_t balance = random.Between(-99'999, 999'999);
      std::string comment = Comment(random, 25, 100);
      const auto place = std::find(remarked.begin(), remarked.end(), supplier) - remarked.begin();
      if (static_cast<std::size_t>(place) < remarked.size()) {
        comment = SupplierRemark(
            random, static_cast<std::uint64_t>(place) < remarks ? "Complaints" : "Recommends", 101);
      }
      CARE_RETURN_IF_ERROR(writer.Row({Of(supplier), Cell::Of(name), Cell::Of(address), Cell::Of(nation),
                                       Cell::Of(phone), Cell::Of(balance), Cell::Of(comment)}));
    }
    return writer.EndTable();
  }

  absl::Status WriteSalesAndShipping() {
    CARE_ASSIGN_OR_RETURN(const auto sales, Open("sales"));
    CARE_ASSIGN_OR_RETURN(const auto shipping, Open("shipping"));
    CARE_RETURN_IF_ERROR(WriteCustomers(*sales));
    CARE_RETURN_IF_ERROR(sales->BeginTable(Table("orders")));
    CARE_RETURN_IF_ERROR(shipping->BeginTable(Table("lineitem")));
    RandomStream orders(options_.seed, kOrders), lines(options_.seed, kLines);
    for (std::uint64_t number = 0; number < sizes_.orders; ++number) {
      CARE_RETURN_IF_ERROR(WriteOrder(number / 8 * 32 + number % 8 + 1, orders, lines, *sales, *shipping));
    }
    CARE_RETURN_IF_ERROR(sales->EndTable());
    CARE_RETURN_IF_ERROR(shipping->EndTable());
    CARE_RETURN_IF_ERROR(sales->Finish());
    return shipping->Finish();
  }

  absl::Status WriteCustomers(TableWriter& writer) {
    CARE_RETURN_IF_ERROR(writer.BeginTable(Table("customer")));
    RandomStream random(options_.seed, kCustomers);
    for (std::uint64_t customer = 1; customer <= sizes_.customers; ++customer) {
      const std::string name = NumberedName("Customer", customer);
      const std::string address = StreetAddress(random);
      const std::int64_t nation = random.Between(0, 24);
      const std::string phone = PhoneNumber(random, nation);
      const std::int64_t balance = random.Between(-99'999, 999'999);
      const std::string_view segment = Pick(random, TpchSegments());
      const std::string comment = Comment(random, 29, 116);
      CARE_RETURN_IF_ERROR(
          writer.Row({Of(customer), Cell::Of(name), Cell::Of(address), Cell::Of(nation), Cell::Of(phone),
                      Cell::Of(balance), Cell::Of(segment), Cell::Of(comment)}));
    }
    return writer.EndTable();
  }

  // A third of the customers have no orders.
  std::uint64_t CustomerWithOrders(RandomStream& random) const {
    while (true) {
      const std::uint64_t customer = 1 + random.Below(sizes_.customers);
      if (customer % 3 != 0) return customer;
    }
  }

  struct OrderTotals {
    std::int64_t millionths = 0;  // of the total price, unrounded
    int lines = 0;
    int open = 0;
  };

  absl::Status WriteOrder(std::uint64_t key, RandomStream& orders, RandomStream& lines, TableWriter& sales,
                          TableWriter& shipping) {
    const std::uint64_t customer = CustomerWithOrders(orders);
    const std::int64_t day = orders.Between(TpchFirstOrderDay(), TpchLastOrderDay());
    const std::string_view priority = Pick(orders, TpchPriorities());
    const std::string clerk = NumberedName("Clerk", 1 + orders.Below(sizes_.clerks));
    const std::string comment = Comment(orders, 19, 78);
    OrderTotals totals;
    totals.lines = static_cast<int>(lines.Between(1, 7));
    for (int line = 1; line <= totals.lines; ++line)
      CARE_RETURN_IF_ERROR(WriteLine(key, line, day, lines, shipping, totals));
    lines_ += static_cast<std::uint64_t>(totals.lines);
    const std::string_view status = totals.open == 0 ? "F" : totals.open == totals.lines ? "O" : "P";
    const std::int64_t total = (totals.millionths + 5'000) / 10'000;
    return sales.Row({Of(key), Of(customer), Cell::Of(status), Cell::Of(total), Cell::Of(day),
                      Cell::Of(priority), Cell::Of(clerk), Cell::Of(std::int64_t{0}), Cell::Of(comment)});
  }

  absl::Status WriteLine(std::uint64_t order, std::int64_t number, std::int64_t order_day,
                         RandomStream& random, TableWriter& shipping, OrderTotals& totals) {
    const std::uint64_t part = 1 + random.Below(sizes_.parts);
    const std::uint64_t supplier = SupplierOf(part, random.Below(SuppliersOfPart()));
    const std::int64_t quantity = random.Between(1, 50);
    const std::int64_t price = quantity * RetailPrice(part);
    const std::int64_t discount = random.Between(0, 10), tax = random.Between(0, 8);
    const std::int64_t shipped = order_day + random.Between(1, 121),
                       committed = order_day + random.Between(30, 90);
    const std::int64_t received = shipped + random.Between(1, 30);
    const bool is_open = shipped > TpchCurrentDay();
    const bool returned = random.Below(2) == 0;
    const std::string_view flag = received > TpchCurrentDay() ? "N" : returned ? "R" : "A";
    const std::string_view instruction = Pick(random, TpchInstructions()),
                           mode = Pick(random, TpchShipModes());
    const std::string comment = Comment(random, 10, 43);
    totals.millionths += price * (100 + tax) * (100 - discount);
    totals.open += is_open ? 1 : 0;
    return shipping.Row({Of(order), Of(part), Of(supplier), Cell::Of(number), Cell::Of(100 * quantity),
                         Cell::Of(price), Cell::Of(discount), Cell::Of(tax), Cell::Of(flag),
                         Cell::Of(std::string_view(is_open ? "O" : "F")), Cell::Of(shipped),
                         Cell::Of(committed), Cell::Of(received), Cell::Of(instruction), Cell::Of(mode),
                         Cell::Of(comment)});
  }

  const TpchOptions& options_;
  const TpchSizes sizes_;
  const std::vector<ExampleTable> tables_;
  std::uint64_t lines_ = 0;
};

}  // namespace

absl::Status GenerateTpchData(const TpchOptions& options) { return TpchGenerator(options).Generate(); }

}  // namespace care::engine
