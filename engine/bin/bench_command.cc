// `care bench`, and `care bench-party` for the processes that it starts.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/bin/commands.h"
#include "engine/frontend/bench/bench_party.h"
#include "engine/frontend/bench/benchmark.h"
#include "engine/frontend/bench/link_option.h"
#include "engine/frontend/bench/tpch_benchmark.h"
#include "engine/types/status_macros.h"

namespace care::bin {
namespace {

void AddBenchParty(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<engine::BenchPartyOptions>();
  CLI::App* command = app.add_subcommand("bench-party", "One party of a benchmark")->group("");
  command->add_option("--task", options->task)->required();
  command->add_option("--role", options->role)->required()->check(CLI::Range(0, 2));
  command->add_option("--ports", options->ports)->required()->delimiter(',');
  command->add_option("--keys", options->key_directory)->required();
  command->add_option("--data", options->data_directory);
  command->add_option("--rows", options->rows);
  command->add_option("--repeats", options->repeats);
  command->add_option("--link", options->link);
  command->callback([options, &exit_code] {
    const absl::Status status = engine::RunBenchParty(*options);
    if (status.ok()) return;
    PrintError(status);
    exit_code = kFailed;
  });
}

struct TpchSettings {
  engine::TpchBenchOptions options;
  std::string format = "table";
  std::string link;
};

void ShowTpch(const engine::TpchLine& line, bool json) {
  const std::string& name = line.figures.name;
  if (line.refused.empty() && line.failed.empty()) {
    std::printf("%s\n", (json ? engine::FiguresAsJson(line.figures) : engine::FiguresAsLine(line.figures)).c_str());
  } else if (json) {
    std::printf("%s\n", engine::RefusalAsJson(line).c_str());
  } else {
    std::printf("%-16s %s: %s\n", name.c_str(), line.refused.empty() ? "failed" : "refused",
                line.refused.empty() ? line.failed.c_str() : line.refused.c_str());
  }
  std::fflush(stdout);
}

void AddTpch(CLI::App& bench, const std::string& program, int& exit_code) {
  auto settings = std::make_shared<TpchSettings>();
  engine::TpchBenchOptions& options = settings->options;
  options.bench.program = program;
  options.bench.repeats = 1;
  CLI::App* command = bench.add_subcommand(
      "tpch", "TPC-H's 22 queries over three owners, each answer compared with PostgreSQL's");
  command->add_option("--scale", options.scale, "1 is six million lines of orders")
      ->check(CLI::Range(0.0005, 100.0))
      ->capture_default_str();
  command->add_option("--seed", options.seed, "Of the data")->capture_default_str();
  command->add_option("--queries", options.queries, "Numbers, as 1,3,5; default: all")
      ->delimiter(',')
      ->check(CLI::Range(1, 22));
  command->add_flag("--all-secret", options.all_secret, "Nothing is pushed to an owner: the joint engine alone");
  command->add_option("--link", settings->link, "Emulate links between the parties, for example 50ms,100mbit");
  command->add_option("--repeats", options.bench.repeats, "Runs of which the fastest is shown")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--directory", options.bench.directory,
                      "Keys, data and PostgreSQL's answers; kept for the next run; default: bench, beside this program");
  command->add_option("--format", settings->format, "table: a line each, or json: an object a line")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  command->callback([settings, &exit_code] {
    engine::BenchOptions& bench_options = settings->options.bench;
    if (bench_options.directory.empty()) {
      bench_options.directory = std::filesystem::path(bench_options.program).parent_path() / "bench";
    }
    const bool json = settings->format == "json";
    absl::Status status;
    if (!settings->link.empty()) {
      absl::StatusOr<mpc::LinkSpeed> link = engine::ParseLink(settings->link);
      status = link.status();
      if (link.ok()) bench_options.link = *link;
    }
    bool failed = false;
    if (status.ok()) {
      if (!json) std::printf("%s\n", engine::TableHeading().c_str());
      status = engine::MeasureTpch(settings->options, [&](const engine::TpchLine& line) {
        failed = failed || !line.failed.empty();
        ShowTpch(line, json);
      });
    }
    if (!status.ok()) PrintError(status);
    if (!status.ok() || failed) exit_code = kFailed;
  });
}

struct Settings {
  engine::BenchOptions bench;
  std::vector<std::string> names;
  std::string format = "table";
  std::string link;
  bool list = false;
  bool detail = false;
};

void List(const std::vector<engine::Benchmark>& all) {
  for (const engine::Benchmark& benchmark : all) {
    std::printf("%-16s %s\n", benchmark.name.c_str(), benchmark.what.c_str());
    if (!benchmark.accept.empty()) std::printf("%-16s at most %s\n", "", benchmark.accept.c_str());
  }
}

// A benchmark that fails does not keep the others from being measured.
bool Measure(const std::vector<engine::Benchmark>& wanted, const Settings& settings) {
  bool all_done = true;
  const bool json = settings.format == "json";
  if (!json && !settings.detail) std::printf("%s\n", engine::TableHeading().c_str());
  for (const engine::Benchmark& benchmark : wanted) {
    std::fflush(stdout);
    absl::StatusOr<engine::Figures> figures = benchmark.measure(settings.bench);
    if (!figures.ok()) {
      PrintError(figures.status());
      all_done = false;
      continue;
    }
    const std::string text = json              ? engine::FiguresAsJson(*figures)
                             : settings.detail ? engine::FiguresInFull(*figures)
                                               : engine::FiguresAsLine(*figures);
    std::printf("%s\n", text.c_str());
  }
  std::fflush(stdout);
  return all_done;
}

absl::StatusOr<bool> Run(Settings& settings) {
  const std::vector<engine::Benchmark> all = engine::Benchmarks();
  if (settings.list) {
    List(all);
    return true;
  }
  std::vector<engine::Benchmark> wanted;
  for (const std::string& name : settings.names) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const engine::Benchmark& one) { return one.name == name; });
    if (found == all.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("there is no benchmark \"", name, "\"; care bench --list names them"));
    }
    wanted.push_back(*found);
  }
  if (settings.names.empty()) {
    std::copy_if(all.begin(), all.end(), std::back_inserter(wanted),
                 [](const engine::Benchmark& one) { return !one.accept.empty(); });
  }
  engine::BenchOptions& bench = settings.bench;
  if (!settings.link.empty()) {
    CARE_ASSIGN_OR_RETURN(bench.link, engine::ParseLink(settings.link));
  }
  if (bench.directory.empty()) bench.directory = std::filesystem::path(bench.program).parent_path() / "bench";
  return Measure(wanted, settings);
}

}  // namespace

void AddBench(CLI::App& app, int& exit_code) {
  auto settings = std::make_shared<Settings>();
  std::error_code error;
  settings->bench.program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  CLI::App* command = app.add_subcommand("bench",
                                         "Measure this machine: queries and joint operators over TLS, "
                                         "planning, an idle node, reading PostgreSQL");
  command->add_option("NAME", settings->names, "Which benchmarks; without any, all that have a limit");
  command->add_flag("--list", settings->list, "What there is to measure, and the limits it is held to");
  command
      ->add_option("--rows", settings->bench.rows,
                   "Rows of each table or column, instead of the benchmark's own")
      ->check(CLI::Range(1, 100'000'000));
  command->add_option(
      "--link", settings->link,
      "Emulate links between the parties, for example 50ms,100mbit: what a message takes, one way, and "
      "what a party can send");
  command->add_option("--repeats", settings->bench.repeats, "Runs of which the fastest is shown")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  command->add_option("--directory", settings->bench.directory,
                      "Keys and data; kept for the next run; default: bench, beside this program");
  command->add_option("--format", settings->format, "table: a line each, or json: an object a line")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  command->add_flag("--detail", settings->detail, "In the table's place, all figures of each");
  AddTpch(*command, settings->bench.program, exit_code);
  command->callback([settings, command, &exit_code] {
    if (!command->get_subcommands().empty()) return;
    const absl::StatusOr<bool> done = Run(*settings);
    if (!done.ok()) {
      PrintError(done.status());
      exit_code = kUsage;
    } else if (!*done) {
      exit_code = kFailed;
    }
  });
  AddBenchParty(app, exit_code);
}

}  // namespace care::bin
