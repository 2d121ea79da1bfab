// `care serve`: one organisation's node.

#include <pthread.h>
#include <signal.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <cstdio>
#include <memory>

#include "engine/bin/commands.h"
#include "engine/frontend/pgwire/server.h"
#include "engine/session/federated_engine.h"
#include "engine/session/node.h"
#include "engine/types/status_macros.h"

namespace care::bin {
namespace {

absl::Status Serve(const std::string& node_path) {
  // All threads inherit the mask, so that only this one hears the signals, and sleeps until then.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  CARE_ASSIGN_OR_RETURN(planner::NodeConfig config, planner::LoadNodeConfig(node_path));
  CARE_ASSIGN_OR_RETURN(planner::Catalog catalog, planner::LoadFederation(config.federation_path));
  engine::NodeOptions options;
  options.log = std::make_shared<spdlog::logger>(config.party, std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  options.log->set_pattern("%Y-%m-%d %H:%M:%S.%e %n %l %v");
  options.log->flush_on(spdlog::level::trace);
  CARE_ASSIGN_OR_RETURN(auto node, engine::Node::Start(std::move(config), std::move(catalog),
                                                       &engine::MakeFederatedEngine, options));
  std::unique_ptr<engine::pgwire::Server> sql_clients;
  if (node->resources().config.sql.has_value()) {
    CARE_ASSIGN_OR_RETURN(sql_clients, engine::pgwire::Server::Start(node->resources()));
  }
  int signal_number = 0;
  sigwait(&signals, &signal_number);
  options.log->info("stopping");
  sql_clients.reset();
  node.reset();
  options.log->info("stopped");
  return absl::OkStatus();
}

}  // namespace

void AddServe(CLI::App& app, int& exit_code) {
  auto node_path = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("serve", "Run one organisation's node");
  command->add_option("NODE", *node_path, "The node file, for example hospital.toml")->required()->check(CLI::ExistingFile);
  command->footer("Serves until SIGTERM or Ctrl-C. The log goes to standard error and carries names and sizes only.");
  command->callback([node_path, &exit_code] {
    const absl::Status status = Serve(*node_path);
    if (status.ok()) return;
    PrintError(status);
    exit_code = kUsage;
  });
}

}  // namespace care::bin
