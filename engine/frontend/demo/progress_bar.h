// engine/frontend/demo/progress_bar.h
//
// One line on standard error that fills up. Drawn on a terminal only; elsewhere it says what it does once.
#pragma once

#include <string>
#include <string_view>

namespace care::engine {

class ProgressBar {
 public:
  explicit ProgressBar(std::string title);
  void Show(double fraction, std::string_view step);
  void Finish();  // clears the line

 private:
  const std::string title_;
  const bool is_terminal_;
  int shown_per_mille_ = -1;
};

}  // namespace care::engine
