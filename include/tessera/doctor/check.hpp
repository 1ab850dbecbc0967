#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include <vector>

#include <tessera/dataset/dataset.hpp>
#include <tessera/doctor/report.hpp>

namespace tessera {
/// A check of data sets:
///   `name`               in kebab case; that of its findings, unless they have names of their own
///   `level`              the severity of its findings, likewise
///   `run(data, report)`  adds what it finds to the report
///   `needs`              optional: a `CheckNeeds`
/// Every number of the data is finite when it runs, and every index valid.
///
///   struct DoseTooHigh {
///     static constexpr const char* name = "dose-too-high";
///     static constexpr auto level = severity::error;
///     static constexpr CheckNeeds needs{.actions = CheckNeeds::continuous};
///     static void run(const Dataset& data, DoctorReport& report) {
///       FoundRows high;
///       for (std::int64_t i = 0; i < data.size(); ++i)
///         if (data.actions[std::size_t(i * data.action_size)] > 0.8f) high.add(i);
///       if (high.count() > 0)
///         report.add({.what = high.text(data) + ": more than 0.8 mg", .key = "actions [0]", .count = high.count(),
///                     .rows = high.rows(data)});
///     }
///   };
///   const Check<DoseTooHigh> dose_too_high;
template <class T>
concept DatasetCheck = requires(const Dataset& data, DoctorReport& report) {
  { T::name } -> std::convertible_to<const char*>;
  { T::level } -> std::convertible_to<severity>;
  T::run(data, report);
};

/// One check of the table.
struct CheckEntry {
  std::string name;
  severity level = severity::warning;
  CheckNeeds needs;
  void (*run)(const Dataset& data, DoctorReport& report) = nullptr;
};

namespace detail {
template <DatasetCheck T>
CheckEntry check_of() {
  CheckEntry out{T::name, T::level, {}, [](const Dataset& data, DoctorReport& report) { T::run(data, report); }};
  if constexpr (requires { T::needs; }) out.needs = T::needs;
  return out;
}
}  // namespace detail

/// All checks: the built-in ones first, then those that a program registers.
std::vector<CheckEntry>& dataset_checks();

/// Adds a check to the table of `doctor`:  `const Check<MyCheck> mine;`  in a source file.
template <DatasetCheck T>
struct Check {
  Check() { dataset_checks().push_back(detail::check_of<T>()); }
};

/// Throws if two checks have the same name.
void require_distinct_checks();

struct DoctorOptions {
  bool training = false;               ///< only what is checked before each training
  const Dataset* against = nullptr;    ///< another data set, which must not share episodes with it
  std::vector<std::string> only = {};  ///< names of checks; empty: all
};

/// Runs the checks of the table on a data set.  Changes nothing.  An unknown name in `only` is an Error; a data set
/// that cannot be learned from (see `require_sound`) has the findings "not-finite", or one, "not-sound".
DoctorReport doctor(const Dataset& data, const DoctorOptions& options = {});

/// What is said when a training begins: what the reader noticed is not among it.
std::vector<Warning> training_findings(const Dataset& data);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/doctor/check.impl.hpp>
#endif
