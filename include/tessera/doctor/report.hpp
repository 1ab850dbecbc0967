#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/dataset/findings.hpp>

namespace tessera {
/// What a check needs of a data set; where it is not there, the check is not run, and the report says so.
struct CheckNeeds {
  enum Actions { any, continuous, discrete } actions = any;
  std::int64_t episodes = 1;     ///< at least so many
  std::int64_t transitions = 1;  ///< at least so many
  /// Whether it is quick and important enough to be made whenever a training begins.
  bool training = false;
};

/// What became of a check.
struct CheckOutcome {
  std::string name;
  std::int64_t found = 0;    ///< findings; 0: clean
  std::string not_run = {};  ///< why it was not run, or ""
};

/// A number that describes a data set and is no finding: "effective-actions", 1.9, "of 2 actions in a state".
struct Measure {
  std::string name;
  double value = 0;
  std::string about;
};

/// What the checks of a data set found.
class DoctorReport {
 public:
  std::string name, format;  ///< of the data set
  std::int64_t rows = 0, transitions = 0, episodes = 0;
  std::vector<Finding> findings;  ///< the worst first
  std::vector<CheckOutcome> checks;
  std::vector<Measure> measures;

  /// Adds a finding.  Without a name of its own it has the name and the severity of the check that is running.
  void add(Finding finding);
  void measure(Measure m) { measures.push_back(std::move(m)); }
  /// Whether there is nothing worse than notes.
  bool clean() const;
  /// The findings of a name.
  std::vector<Finding> named(const std::string& finding) const;

  // Of the table of checks: what is running.
  void begin(const std::string& check, severity level);
  void end();

 private:
  std::string running_;
  severity level_ = severity::warning;
  std::size_t before_ = 0;
};

/// The report as text of at most 100 columns, but for commands: a table of the findings, a block for each, and what was
/// measured.  `source` is what the user called the data set, for the commands that the text proposes; "": its name.
std::string text_of(const DoctorReport& report, const std::string& source = "");
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/doctor/report.impl.hpp>
#endif
