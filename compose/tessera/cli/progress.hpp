#pragma once
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include <tessera/cli/say.hpp>

namespace tessera::cli {
/// Writes text of our own to the terminal.  Does nothing if standard error is closed or full.
inline void draw(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

/// Progress on standard error: one line that is redrawn on a terminal, or plain lines elsewhere.
class Progress {
 public:
  /// `one` and `many`: what is counted.
  Progress(std::int64_t from, std::int64_t to, const char* one = "update", const char* many = "updates")
      : from_(from), to_(to), one_(one), many_(many), terminal_(isatty(STDERR_FILENO) == 1) {}
  ~Progress() { end(); }

  /// Ends the line that was drawn.
  void end() {
    if (drawn_) draw("\n");
    drawn_ = false;
  }

  /// `training`: seconds spent in updates so far.
  void show(std::int64_t updates, double training, const std::string& metrics, std::optional<double> latest_return,
            std::optional<double> latest_score = {}, const std::string& latest_estimate = {}) {
    const double rate = training > 0 ? double(updates - from_) / training : 0;
    if (latest_return) return_ = fmt::format("  return {:.4g}", *latest_return);
    if (latest_return && latest_score) return_ += fmt::format("  score {:.1f}", *latest_score);
    if (!latest_estimate.empty()) estimate_ = "  " + latest_estimate;
    const bool news = latest_return || !latest_estimate.empty();
    if (!terminal_) {
      if (news)
        say("{} {}/{}  {:.0f} {}/s{}{}{}", one_, updates, to_, rate, many_, latest_return ? return_ : "",
            latest_estimate.empty() ? "" : estimate_, metrics);
      return;
    }
    const auto time = std::chrono::steady_clock::now();
    if (drawn_ && time - last_ < std::chrono::milliseconds(100) && updates < to_ && !news) return;
    last_ = time;
    drawn_ = true;
    const double part = to_ > 0 ? double(updates) / double(to_) : 1;
    const auto filled = std::size_t(part * 24);
    const auto left = rate > 0 ? std::int64_t(double(to_ - updates) / rate) : 0;
    draw(fmt::format("\r[{}{}] {:3.0f}%  {}/{}  {:.0f} {}/s  ETA {}:{:02}{}{}\033[K", std::string(filled, '='),
                     std::string(24 - filled, ' '), 100 * part, updates, to_, rate, many_, left / 60, left % 60,
                     return_, estimate_));
  }

 private:
  std::int64_t from_, to_;
  const char *one_, *many_;
  bool terminal_, drawn_ = false;
  std::string return_, estimate_;
  std::chrono::steady_clock::time_point last_;
};

/// The same for the training of a dynamics model, whose length is not known in advance.
class ModelProgress {
 public:
  explicit ModelProgress(std::int64_t patience) : patience_(patience), terminal_(isatty(STDERR_FILENO) == 1) {}
  ~ModelProgress() { end(); }

  void end() {
    if (drawn_) draw("\n");
    drawn_ = false;
  }
  void epoch(std::int64_t epoch, double loss, double error, std::int64_t without_gain) {
    latest_ = fmt::format("  loss {:.4g}  validation error {:.4g}", loss, error);
    if (without_gain > 0) latest_ += fmt::format("  no better for {} of {}", without_gain, patience_);
    if (!terminal_) say("epoch {}{}  {}", epoch, latest_, elapsed());
  }
  void step(std::int64_t epoch, std::int64_t done, std::int64_t all) {
    if (!terminal_) return;
    const auto time = std::chrono::steady_clock::now();
    if (drawn_ && time - last_ < std::chrono::milliseconds(100) && done < all) return;
    last_ = time;
    drawn_ = true;
    const auto filled = std::size_t(24 * done / all);
    draw(fmt::format("\rmodel: epoch {} [{}{}]{}  {}\033[K", epoch, std::string(filled, '='),
                     std::string(24 - filled, ' '), latest_, elapsed()));
  }

 private:
  std::string elapsed() const {
    const auto s = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - start_).count();
    return fmt::format("{}:{:02}", s / 60, s % 60);
  }

  std::int64_t patience_;
  bool terminal_, drawn_ = false;
  std::string latest_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), last_{};
};
}  // namespace tessera::cli
