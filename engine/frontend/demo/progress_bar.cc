#include "engine/frontend/demo/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace care::engine {

ProgressBar::ProgressBar(std::string title)
    : title_(std::move(title)), is_terminal_(isatty(STDERR_FILENO) == 1) {
  if (!is_terminal_) std::fprintf(stderr, "%s ...\n", title_.c_str());
}

void ProgressBar::Show(double fraction, std::string_view step) {
  constexpr int kWidth = 30;
  const int per_mille = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * 1000);
  if (!is_terminal_ || per_mille == shown_per_mille_) return;
  shown_per_mille_ = per_mille;
  const int filled = per_mille * kWidth / 1000;
  const std::string bar = std::string(static_cast<std::size_t>(filled), '#') +
                          std::string(static_cast<std::size_t>(kWidth - filled), '.');
  std::fprintf(stderr, "\r%s [%s] %3d%% %.*s\x1b[K", title_.c_str(), bar.c_str(), per_mille / 10,
               static_cast<int>(step.size()), step.data());
}

void ProgressBar::Finish() {
  if (is_terminal_) std::fprintf(stderr, "\r\x1b[K");
}

}  // namespace care::engine
