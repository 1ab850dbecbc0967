#include <tessera/reflect/reflect.hpp>
//
#include <catch2/catch.hpp>
#include <cmath>
#include <sstream>

#include <tessera/algorithms.hpp>
#include <tessera/reflect/explain.hpp>

using namespace tessera;
using Catch::Matchers::Contains;

namespace {
struct Whole {
  double a = 1;
  std::int64_t b = 2;

  static constexpr doc docs[] = {{"a", "first", 0, 5}, {"b", "second"}};
};
struct Forgetful {  // one field is not documented
  double a = 1;
  double b = 2;

  [[maybe_unused]] static constexpr doc docs[] = {{"a", "first"}};
};
struct Undocumented {
  double a = 1;
};
struct Empty {};
}  // namespace

static_assert(Reflected<Whole> && Reflected<Empty>);
static_assert(!Reflected<Forgetful> && !Reflected<Undocumented>);

namespace {
Parameter find(const std::vector<Parameter>& all, const std::string& key) {
  for (const auto& p : all)
    if (p.key == key) return p;
  FAIL("no parameter " << key);
  return all.front();
}
}  // namespace

TEST_CASE("type names are those of the source, kebab case those of the command line") {
  STATIC_REQUIRE(type_name<recipes::Td3Bc>() == "Td3Bc");
  CHECK(kebab_case(type_name<recipes::Td3Bc>()) == "td3-bc");
  CHECK(part_name<SoftBackup>() == "SoftBackup");
  CHECK(part_name<Lagrange<Conservative<SoftBackup>>>() == "Lagrange<Conservative<SoftBackup>>");
  CHECK(part_name<recipes::CqlLowerBound::get<critic>>() == "Conservative<SoftBackup, CurrentPolicy, NoPushUp>");
  CHECK(part_name<recipes::Bear::get<constraint>>() == "Lagrange<Mmd<LaplacianKernel>>");
  CHECK(kebab_case("DiscreteCql") == "discrete-cql");
  CHECK(kebab_case("Bc") == "bc");
}

TEST_CASE("parameters are listed under their slot's name, nested ones with dots") {
  params_of<recipes::Iql> p;
  const auto all = parameters<recipes::Iql>(p);
  CHECK(find(all, "actor.beta").text() == "3");
  CHECK(find(all, "value.tau").text() == "0.7");
  CHECK(find(all, "policy.net.hidden").text() == "256,256");
  CHECK(find(all, "policy.net.init").text() == "orthogonal");
  CHECK(find(all, "policy.adam.cosine_steps").text() == "-1");
  CHECK(find(all, "data.standardize").text() == "false");
  CHECK(std::string(find(all, "actor.max_weight").about->text) != "");
}

TEST_CASE("setting by key reaches the field, and text reads back to the same value") {
  params_of<recipes::Iql> p;
  const auto all = parameters<recipes::Iql>(p);
  set_parameter(all, "actor.beta", "0.1");
  set_parameter(all, "critic.members", "0.5e1");
  set_parameter(all, "policy.net.hidden", "64,32,16");
  set_parameter(all, "value.net.hidden", "none");
  set_parameter(all, "policy.net.layer_norm", "true");
  set_parameter(all, "critic.net.activation", "silu");
  CHECK(p.actor.beta == 0.1);
  CHECK(p.critic.members == 5);
  CHECK(p.policy.net.hidden == std::vector<std::int64_t>{64, 32, 16});
  CHECK(p.value.net.hidden.empty());
  CHECK(p.policy.net.layer_norm);
  CHECK(p.critic.net.activation == activation::silu);

  params_of<recipes::Iql> q;
  const auto copy = parameters<recipes::Iql>(q);
  for (const auto& each : all) set_parameter(copy, each.key, each.text());
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].text() == copy[i].text());
  CHECK(q.actor.beta == 0.1);
}

TEST_CASE("what is not a parameter, or not a value of it, is said in one line") {
  params_of<recipes::Iql> p;
  const auto all = parameters<recipes::Iql>(p);
  CHECK_THROWS_WITH(set_parameter(all, "actor.bta", "3"), Contains("did you mean 'actor.beta'"));
  CHECK_THROWS_WITH(set_parameter(all, "zzzzzzzzzzzzz", "3"),
                    Contains("unknown parameter") && !Contains("did you mean"));
  for (const char* text : {"", "three", "3x", " 3", "nan", "1e999"})
    CHECK_THROWS_AS(set_parameter(all, "actor.beta", text), Error);
  for (const char* text : {"2.5", "1e4", "0", "", "1e30", "1e400", "-1", "inf"})
    CHECK_THROWS_AS(set_parameter(all, "critic.members", text), Error);
  for (const char* text : {"yes", "TRUE", ""})
    CHECK_THROWS_AS(set_parameter(all, "policy.net.layer_norm", text), Error);
  for (const char* text : {"64,", ",64", "64,,64", "64,0", "a"})
    CHECK_THROWS_AS(set_parameter(all, "policy.net.hidden", text), Error);
  for (const char* text : {"-0.1", "0", "-0"})
    CHECK_THROWS_WITH(set_parameter(all, "value.tau", text), Contains("more than 0"));
  for (const char* text : {"1", "1.5", "1e29"})
    CHECK_THROWS_WITH(set_parameter(all, "value.tau", text), Contains("less than 1"));
  for (const char* text : {"1", "-1e-9"}) CHECK_THROWS_AS(set_parameter(all, "critic.adam.beta1", text), Error);
  CHECK_THROWS_WITH(set_parameter(all, "critic.adam.learning_rate", "-3e-4"), Contains("at least 0"));
  CHECK_THROWS_WITH(set_parameter(all, "policy.net.init", "glorot"), Contains("kaiming_uniform, orthogonal"));
  CHECK(p.actor.beta == 3.0);
}

TEST_CASE("ranges hold for what a program sets, too") {
  params_of<recipes::Iql> p;
  CHECK_NOTHROW(require_ranges<recipes::Iql>(p));
  p.value.tau = 1;
  CHECK_THROWS_WITH(
      require_ranges<recipes::Iql>(p),
      "parameter value.tau: '1' is not less than 1 (expectile level in (0, 1) (IQL: 0.7 locomotion, 0.9 mazes))");
  p.value.tau = std::nan("");
  CHECK_THROWS_WITH(require_ranges<recipes::Iql>(p), Contains("value.tau: 'nan' is not a finite number"));
  p.value.tau = 0.9;
  p.critic.net.hidden = {64, 0};
  CHECK_THROWS_WITH(require_ranges<recipes::Iql>(p), Contains("critic.net.hidden: '0' is not at least 1"));
  p.critic.net.hidden = {};
  p.policy.log_std_min = 3;
  CHECK_THROWS_WITH(require_ranges<recipes::Iql>(p), Contains("policy.log_std_min: 3 is above policy.log_std_max, 2"));
  params_of<recipes::CqlLagrange> c;  // joined hyper-parameters, one of which is not set
  c.critic.target = std::nan("");
  CHECK_NOTHROW(require_ranges<recipes::CqlLagrange>(c));
  c.critic.max_multiplier = 1e-9;
  CHECK_THROWS_WITH(require_ranges<recipes::CqlLagrange>(c),
                    Contains("critic.min_multiplier: 1e-06 is above critic.max_multiplier, 1e-09"));
}

TEST_CASE("explain prints slots, formulas, sources, the update order and every parameter") {
  std::ostringstream out;
  params_of<recipes::Td3Bc> p;
  explain<recipes::Td3Bc>(out, p);
  const auto text = out.str();
  for (const char* part :
       {"policy<DeterministicPolicy>", "critic<SmoothedPolicyBackup>", "actor<MaximizeQ>", "constraint<SquaredError>"})
    CHECK_THAT(text, Contains(part));
  CHECK_THAT(text, Contains("1. critic: critic by the loss of critic\n  2. actor, every 2 updates: policy by the loss "
                            "of actor, constraint\n"
                            "  3. targets, every 2 updates: policy, critic\n"));
  CHECK_THAT(text, Contains("Fujimoto, Gu 2021, eq. 4"));
  for (const auto& each : parameters<recipes::Td3Bc>(p)) CHECK_THAT(text, Contains(each.key));
}

TEST_CASE("a recipe's one line names the slots it fills") {
  CHECK(slot_line<recipes::PercentBc>() == "policy<GaussianPolicy> actor<BehaviorCloning> data<TopEpisodes>");
}
