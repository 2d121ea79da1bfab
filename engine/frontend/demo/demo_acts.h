// engine/frontend/demo/demo_acts.h
//
// What the demonstration can do with a prepared directory: show the question set, and prove three things to a
// sceptic. Each starts and ends nodes of its own.
#pragma once

#include "absl/status/status.h"
#include "engine/frontend/demo/demo.h"
#include "engine/frontend/demo/federation_directory.h"

namespace care::engine {

// SQL, plan, leakage report, released table and figures of each question.
absl::Status ShowQuestions(const DemoOptions& options, const FederationDirectory& directory);
// Every cell against PostgreSQL on the union of the data, before suppression; then with suppression.
absl::Status ProveAnswers(const DemoOptions& options, const FederationDirectory& directory);
// What one node received, beside noise, and what was opened to it.
absl::Status ProveNoise(const DemoOptions& options, const FederationDirectory& directory);
// A node dies in mid-query: a clear error in bounded time; restarted, the next query answers.
absl::Status ProveRecovery(const DemoOptions& options, const FederationDirectory& directory);
// Runs the nodes until Ctrl-C.
absl::Status KeepUp(const DemoOptions& options, const FederationDirectory& directory);

}  // namespace care::engine
