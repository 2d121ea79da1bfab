// engine/frontend/shell/progress_line.h
//
// One line on standard error that is drawn over and over while a query runs, and cleared before anything else
// is written. Does nothing if it is off.
#pragma once

#include <string>

namespace care::engine {

class ProgressLine {
 public:
  explicit ProgressLine(bool on) : on_(on) {}
  ~ProgressLine() { Clear(); }

  void Draw(double fraction, const std::string& step);
  void Clear();

 private:
  const bool on_;
  bool drawn_ = false;
};

}  // namespace care::engine
