#include "seeded.hpp"
//
#include <catch2/catch.hpp>
#include <tessera/doctor/repairs.hpp>

using namespace tessera;
using support::Defect;
using support::names_of;
using support::oscillator;

namespace {
// Limits that are declared after reading, as --action-low and --action-high do.
Dataset read(FlatRows rows, bool declared) {
  auto data = assemble(std::move(rows));
  if (declared)
    data.action_low = {-1}, data.action_high = {1}, data.limits_from = limits_origin::user, data.warnings.clear();
  return data;
}
Dataset read(const Defect& defect) {
  auto rows = oscillator({.actions = defect.actions, .next = defect.next});
  defect.seed(rows);
  return read(std::move(rows), defect.finding == "actions-outside-limits");
}
std::string text(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += name + " ";
  return out;
}
}  // namespace

TEST_CASE("nothing is found in a clean log, with and without next observations, of either kind of actions") {
  for (const std::int64_t actions : {0, 3})
    for (const bool next : {true, false}) {
      auto data = assemble(oscillator({.actions = actions, .next = next}));
      data.warnings.clear();  // without next observations each cut loses a row
      const auto report = doctor(data);
      INFO(text_of(report));
      CHECK(names_of(report).empty());
      CHECK(report.clean());
      CHECK(training_findings(data).empty());
    }
}

TEST_CASE("every defect is found, by name, column, number of rows and first row") {
  for (const auto& defect : support::defects()) {
    const auto data = read(defect);
    const auto report = doctor(data);
    INFO(defect.finding << (defect.next ? "" : ", no next observations") << "\n" << text_of(report));
    const auto found = report.named(defect.finding);
    REQUIRE(found.size() == 1);
    const auto& f = found[0];
    if (defect.count > 0) CHECK(f.count == defect.count);
    if (defect.first >= 0) CHECK((!f.rows.empty() && f.rows.front() == defect.first));
    CHECK(f.key.find(defect.key) != std::string::npos);
    CHECK(f.repair == defect.repair);
    CHECK_FALSE(f.what.empty());
    CHECK_FALSE(f.why.empty());
    for (const auto& other : report.findings)  // nothing else is made of it
      if (other.level != severity::note)
        CHECK((other.name == defect.finding || other.name == "outlier-observations" ||
               other.name == "limits-not-usable" || other.name == "early-terminal" || other.name == "few-episodes" ||
               other.name == "unmarked-timeout"));
  }
}

TEST_CASE("two defects are both found") {
  const auto all = support::defects();
  int pairs = 0;
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = i + 1; j < all.size(); ++j) {
      const bool swapped = support::order_of(all[j]) < support::order_of(all[i]);
      const auto &a = all[swapped ? j : i], &b = all[swapped ? i : j];
      if (a.alone || b.alone || a.actions != b.actions || a.next != b.next || a.finding == b.finding ||
          support::hides(a, b))
        continue;
      auto rows = oscillator({.actions = a.actions, .next = a.next});
      a.seed(rows);
      b.seed(rows);
      const auto report = doctor(read(std::move(rows), false));
      INFO(a.finding << " and " << b.finding << ": " << text(names_of(report)));
      CHECK(report.named(a.finding).size() == 1);
      CHECK(report.named(b.finding).size() == 1);
      ++pairs;
    }
  CHECK(pairs > 80);
}

TEST_CASE("a repair takes its finding away, says so, and gives back the clean log where that can be") {
  for (const auto& defect : support::defects()) {
    if (defect.repair.empty()) continue;
    const auto bad = read(defect);
    const auto data = repaired(bad, defect.repair);
    INFO(defect.finding << (defect.next ? "" : ", no next observations"));
    REQUIRE(data.warnings.size() == bad.warnings.size() + 1);
    CHECK(data.warnings.back().name == "repaired");
    CHECK(doctor(data).named(defect.finding).empty());
    auto clean = assemble(oscillator({.next = defect.next}));
    if (defect.finding == "actions-outside-limits") clean.actions[77] = 1;
    if (defect.finding == "next-of-next-episode") {
      CHECK(data.size() == clean.size() - 39);  // the last episode has none after it
      continue;
    }
    CHECK(data.rewards == clean.rewards);
    CHECK(data.actions == clean.actions);
    CHECK(data.terminals == clean.terminals);
    CHECK(data.timeouts == clean.timeouts);
    REQUIRE(data.episodes.size() == clean.episodes.size());
    bool same = true;
    for (std::size_t e = 0; e < data.episodes.size(); ++e)
      same = same && data.episodes[e].rows == clean.episodes[e].rows &&
             data.episodes[e].transitions == clean.episodes[e].transitions &&
             data.episodes[e].first == clean.episodes[e].first &&
             std::abs(data.episodes[e].episode_return - clean.episodes[e].episode_return) < 1e-3 &&
             std::abs(data.episodes[e].discounted_return - clean.episodes[e].discounted_return) < 1e-3;
    CHECK(same);
    for (std::int64_t i = 0; i < data.size(); ++i)
      same = same && data.knows_next(i) == clean.knows_next(i) &&
             std::equal(data.observation(i), data.observation(i) + 2, clean.observation(i)) &&
             (!data.knows_next(i) ||
              std::equal(data.next_observation(i), data.next_observation(i) + 2, clean.next_observation(i)));
    CHECK(same);
  }
}

TEST_CASE("a repair leaves clean data as they are") {
  const auto clean = assemble(oscillator({}));
  for (const auto& r : repairs()) {
    const auto data = repaired(clean, r.name);
    INFO(r.name);
    CHECK(data.warnings.empty());
    CHECK(data.rewards == clean.rewards);
    CHECK(data.actions == clean.actions);
    CHECK(data.next_observation_row == clean.next_observation_row);
    CHECK(data.terminals == clean.terminals);
  }
  CHECK_THROWS_WITH(repaired(clean, "doubled-terminals"), Catch::Matchers::Contains("did you mean 'doubled-terminal'"));
}
