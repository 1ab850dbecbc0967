// Every recipe's defaults compared with its authors' settings.  A row in which they differ quotes the words with which
// the recipe's header, or that of one of its parts, states it; a header that claims no differences has no such row.
#include <catch2/catch.hpp>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <tessera/algorithms.hpp>
#include <tessera/reflect/explain.hpp>
#include <tessera/reflect/reflect.hpp>

using namespace tessera;

namespace {
/// `theirs` is the authors' value, as `source` has it.  `said`: "" where ours is the same; else the words of a header,
/// after its path and a colon where that is not the recipe's own.
struct Row {
  std::string key, theirs, source, said{};
};
using Table = std::vector<Row>;

std::string text_of(const std::string& path) {
  std::ifstream file(std::string(TESSERA_SOURCE_DIR "/") + path);
  std::stringstream all;
  all << file.rdbuf();
  // Comments as running text.
  std::string out;
  for (char c : all.str()) out += std::isspace(static_cast<unsigned char>(c)) ? ' ' : c;
  for (auto at = out.find("///"); at != std::string::npos; at = out.find("///", at)) out.erase(at, 3);
  std::string words;
  for (char c : out)
    if (c != ' ' || words.empty() || words.back() != ' ') words += c;
  return words;
}

bool same(const std::string& a, const std::string& b) {
  if (a == b) return true;
  char *end_a = nullptr, *end_b = nullptr;
  const double x = std::strtod(a.c_str(), &end_a), y = std::strtod(b.c_str(), &end_b);
  return *end_a == 0 && *end_b == 0 && std::abs(x - y) <= 1e-12 * std::abs(y);
}

std::set<std::string>& checked() {
  static std::set<std::string> names;
  return names;
}

template <class R>
void check(const std::string& header, const Table& rows) {
  const std::string name = kebab_case(type_name<R>());
  checked().insert(name);
  params_of<R> p;
  const auto all = parameters<R>(p);
  const auto path = "compose/tessera/algorithms/" + header;
  for (const auto& row : rows) {
    INFO(name << ": " << row.key << ", authors' " << row.theirs << " (" << row.source << ")");
    CHECK(!row.source.empty());
    std::string ours;
    bool found = false;
    for (const auto& each : all)
      if (each.key == row.key) ours = each.text(), found = true;
    for (const auto& slot : slot_texts<R>())
      if (slot.slot == row.key) ours = slot.part, found = true;
    REQUIRE(found);
    INFO("ours " << ours);
    if (row.said.empty()) {
      CHECK(same(ours, row.theirs));
      continue;
    }
    CHECK(!same(ours, row.theirs));
    const auto colon = row.said.find(": ");
    const bool elsewhere = row.said.starts_with("include/") || row.said.starts_with("compose/");
    const auto where = elsewhere ? row.said.substr(0, colon) : path;
    const auto words = elsewhere ? row.said.substr(colon + 2) : row.said;
    INFO(where << " should say: " << words);
    CHECK(text_of(where).find(words) != std::string::npos);
  }
}

Table operator+(Table a, const Table& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
Table two_by_256(const std::string& source, const std::vector<std::string>& slots) {
  Table out;
  for (const auto& slot : slots)
    out.push_back({slot + ".net.hidden", "256,256", source}), out.push_back({slot + ".net.activation", "relu", source});
  return out;
}
Table rates(const std::string& rate, const std::string& source, const std::vector<std::string>& slots) {
  Table out;
  for (const auto& slot : slots)
    out.push_back({slot + ".adam.learning_rate", rate, source}),
        out.push_back({slot + ".adam.epsilon", "1e-08", source});
  return out;
}
Table usual_critic(const std::string& source, const std::string& members = "2") {
  return {{"critic.members", members, source}, {"critic.discount", "0.99", source}, {"critic.polyak", "0.005", source}};
}
Table usual(const std::string& source) {
  return two_by_256(source, {"policy", "critic"}) + rates("3e-4", source, {"policy", "critic"}) + usual_critic(source);
}
Table orthogonal(const std::string& source, const std::vector<std::string>& slots) {
  Table out;
  for (const auto& slot : slots) out.push_back({slot + ".net.init", "orthogonal", source});
  return out;
}
Table value_net(const std::string& source) { return two_by_256(source, {"value"}) + rates("3e-4", source, {"value"}); }

// What the programs of Kostrikov's line share (IQL, and XQL and IVR, which began as copies of it).
Table iql_line(const std::string& source) {
  return usual(source) + value_net(source) + orthogonal(source, {"policy", "critic", "value"}) +
         Table{{"policy", "GaussianPolicy", source},
               {"policy.log_std_min", "-5", source},
               {"policy.log_std_max", "2", source},
               {"policy.adam.cosine_steps", "-1", source + ", max_steps: the run's length"},
               {"critic.adam.cosine_steps", "0", source},
               {"actor.max_weight", "100", source},
               {"data.standardize", "false", source},
               {"data.reward", "return_range", source},
               {"schedule", "ValueFirst", source}};
}
}  // namespace

TEST_CASE("imitation has its authors' settings", "[compose][defaults]") {
  const std::string corl = "CORL any_percent_bc.py";
  check<recipes::Bc>("bc.hpp", two_by_256(corl, {"policy"}) + rates("3e-4", corl, {"policy"}) +
                                   Table{{"data.standardize", "true", corl}});
  check<recipes::DiscreteBc>("bc.hpp", two_by_256(corl, {"policy"}) + rates("3e-4", corl, {"policy"}));
  check<recipes::PercentBc>("percent_bc.hpp", {{"data.fraction", "0.1", "Chen et al. 2021, section 5"}});
  const std::string fql = "FQL agents/fql.py";
  check<recipes::FlowBc>("flow_bc.hpp", rates("3e-4", fql, {"policy"}) +
                                            Table{{"policy.net.hidden", "512,512,512,512", fql},
                                                  {"policy.net.activation", "gelu", fql},
                                                  {"policy.net.layer_norm", "false", fql + ", actor_layer_norm"},
                                                  {"policy.net.init", "xavier", fql, "not Xavier's with zero biases"},
                                                  {"policy.steps", "10", fql + ", flow_steps"},
                                                  {"policy.integrator", "euler", fql},
                                                  {"policy.average", "0", fql},
                                                  {"data.standardize", "false", fql}});
  const std::string idql = "IDQL ddpm_iql_learner.py";
  check<recipes::DiffusionBc>(
      "diffusion_bc.hpp", rates("3e-4", idql, {"policy"}) +
                              Table{{"policy.net.width", "256", idql},
                                    {"policy.net.blocks", "3", idql},
                                    {"policy.net.expansion", "4", idql},
                                    {"policy.net.frequencies", "32", idql + ", time_dim 64"},
                                    {"policy.net.time_hidden", "128,128", idql},
                                    {"policy.net.norm_epsilon", "1e-6", idql + ", Flax"},
                                    {"policy.adam.weight_decay", "1e-4", idql + ", optax.adamw"},
                                    {"policy.adam.decoupled", "true", idql + ", optax.adamw"},
                                    {"policy.adam.cosine_steps", "3000000", idql, "the step size decays over the run"},
                                    {"policy.steps", "5", idql},
                                    {"policy.schedule", "variance_preserving", idql},
                                    {"policy.clip", "true", idql},
                                    {"policy.temperature", "1", idql},
                                    {"policy.last_repeats", "0", idql},
                                    {"policy.average", "0.001", idql},
                                    {"data.standardize", "false", idql}});
}

TEST_CASE("IQL and its relatives have their authors' settings", "[compose][defaults]") {
  const std::string iql = "implicit_q_learning: learner.py, configs/mujoco_config.py",
                    xql = "XQL/offline: train_offline.py", ivr = "IVR: main_SQL.py, main_EQL.py";
  check<recipes::Iql>("iql.hpp", iql_line(iql) + Table{{"value.tau", "0.7", iql}, {"actor.beta", "3", iql}});
  check<recipes::IqlQuantile>("iql.hpp", {{"value.tau", "0.7", "IDQL, locomotion"}});
  check<recipes::DiscreteIql>("iql.hpp", {{"value.tau", "0.7", iql}, {"actor.beta", "3", iql}});
  const auto norm = [](const std::string& source) {
    return Table{{"value.net.layer_norm", "true", source},
                 {"value.net.norm_epsilon", "1e-06", "Flax"},
                 {"value.net.norm_last", "false", source}};
  };
  check<recipes::Xql>("xql.hpp", iql_line(xql) + norm(xql) +
                                     Table{{"value.beta", "2", xql + ", the middle of 1 to 10"},
                                           {"value.max_z", "7", xql},
                                           {"actor.beta", "3", xql},
                                           {"critic.huber", "20", xql}});
  check<recipes::DiscreteXql>("xql.hpp", {{"critic.huber", "20", xql}});
  check<recipes::Sql>("sql.hpp", iql_line(ivr) + norm(ivr) + Table{{"value.alpha", "1", ivr + ", locomotion"}});
  check<recipes::DiscreteSql>("sql.hpp", {{"value.alpha", "1", ivr}});
  check<recipes::Eql>("eql.hpp", iql_line(ivr) + norm(ivr) + Table{{"value.alpha", "2", ivr + ", locomotion"}});
  check<recipes::DiscreteEql>("eql.hpp", {{"value.alpha", "2", ivr}});
}

TEST_CASE("InAC has its authors' settings", "[compose][defaults]") {
  const std::string inac = "inac_pytorch: run_ac_offline.py, policy_factory.py";
  check<recipes::InAc>("in_ac.hpp", usual(inac) + value_net(inac) +
                                        Table{{"policy.log_std_min", "-6", inac},
                                              {"policy.log_std_max", "0", inac},
                                              {"behavior.model.log_std_min", "-6", inac},
                                              {"behavior.model.log_std_max", "0", inac},
                                              {"behavior.model.adam.learning_rate", "3e-4", inac},
                                              {"behavior.model.net.hidden", "256,256", inac},
                                              {"behavior.pretrain_updates", "0", inac},
                                              {"actor.temperature", "0.1", inac + ", tau of medium data, 0.1 to 0.5"},
                                              {"actor.max_weight", "10000", inac},
                                              {"data.standardize", "false", inac},
                                              {"data.reward", "none", inac},
                                              {"schedule", "ActorLast", inac}});
  check<recipes::DiscreteInAc>(
      "in_ac.hpp",
      {{"actor.temperature", "0.1", inac}, {"schedule", "ActorLast", inac}, {"behavior.pretrain_updates", "0", inac}});
}

TEST_CASE("weighted regression has its authors' settings", "[compose][defaults]") {
  const std::string awac = "jaxrl AWAC; rlkit", awr = "awr: awr_agent.py, configs",
                    crr = "d3rlpy CRR; Wang et al. 2020";
  check<recipes::Awac>(
      "awac.hpp", usual_critic(awac) + rates("3e-4", awac, {"policy", "critic"}) +
                      Table{{"critic.net.hidden", "256,256", awac},
                            {"policy.net.hidden", "256,256,256,256", awac, "2x256 without weight decay, theirs 4x256"},
                            {"policy.adam.weight_decay", "1e-4", awac, "weight decay of 1e-4"},
                            {"actor.beta", "0.5", awac + ", lambda 2", "beta is 1, theirs 1/2 (Gym)"},
                            {"value.samples", "1", awac}});
  check<recipes::AwacLearnedV>("awac.hpp", {{"critic.members", "2", awac}});
  check<recipes::DiscreteAwac>("awac.hpp", {{"critic.members", "2", awac}});
  check<recipes::Awr>("awr.hpp", {{"value.discount", "0.99", awr},
                                  {"value.lambda", "0.95", awr},
                                  {"value.standardize", "true", awr},
                                  {"actor.beta", "1", awr},
                                  {"actor.max_weight", "20", awr},
                                  {"policy.net.hidden", "128,64", awr, "networks of 2x256, theirs of 128 and 64"},
                                  {"value.net.hidden", "128,64", awr, "networks of 2x256, theirs of 128 and 64"}});
  check<recipes::DiscreteAwr>("awr.hpp", {{"actor.beta", "1", awr}, {"actor.max_weight", "20", awr}});
  check<recipes::Crr>("crr.hpp", {{"actor.beta", "1", crr},
                                  {"actor.max_weight", "20", crr},
                                  {"value.samples", "4", crr},
                                  {"critic", "TargetPolicyBackup", crr}});
  check<recipes::CrrBinary>("crr.hpp", {{"value.samples", "4", crr}, {"critic", "TargetPolicyBackup", crr}});
}

TEST_CASE("TD3 and what is built on it have their authors' settings", "[compose][defaults]") {
  const std::string td3 = "TD3, TD3_BC: TD3.py, TD3_BC.py, main.py", re = "CORL rebrac.py, locomotion";
  const Table smoothing{{"critic.smoothing", "0.2", td3},
                        {"critic.smoothing_clip", "0.5", td3},
                        {"schedule.actor", "2", td3},
                        {"schedule.targets", "2", td3}};
  check<recipes::Td3>("td3.hpp", usual(td3) + smoothing +
                                     Table{{"actor.alpha", "1", td3},
                                           {"actor.normalize", "false", td3},
                                           {"data.standardize", "false", td3, "observations are standardized"}});
  check<recipes::Td3Bc>("td3_bc.hpp", usual(td3) + smoothing +
                                          Table{{"actor.alpha", "2.5", td3},
                                                {"actor.normalize", "true", td3},
                                                {"constraint.weight", "1", td3},
                                                {"data.standardize", "true", td3},
                                                {"data.reward", "none", td3}});
  check<recipes::ReBrac>("re_brac.hpp", smoothing + usual_critic(re) + rates("1e-3", re, {"policy", "critic"}) +
                                            Table{{"policy.net.hidden", "256,256,256", re},
                                                  {"critic.net.hidden", "256,256,256", re},
                                                  {"policy.net.init", "biased", re},
                                                  {"critic.net.init", "biased", re},
                                                  {"policy.net.last_bound", "0.001", re},
                                                  {"critic.net.last_bound", "0.003", re},
                                                  {"policy.net.layer_norm", "false", re},
                                                  {"critic.net.layer_norm", "true", re},
                                                  {"critic.net.norm_last", "true", re},
                                                  {"critic.net.norm_epsilon", "1e-06", "Flax"},
                                                  {"actor.normalize", "true", re},
                                                  {"actor.alpha", "1", re},
                                                  {"constraint.weight", "0.01", re + ", hopper-medium"},
                                                  {"critic.cloning", "0.01", re + ", hopper-medium"},
                                                  {"data.standardize", "false", re},
                                                  {"data.reward", "none", re}});
}

TEST_CASE("SAC and its ensembles have their authors' settings", "[compose][defaults]") {
  const std::string sac = "Haarnoja et al. 2018b, appendix D", edac = "EDAC: scripts/sac.py; CORL sac_n.py, edac.py";
  const Table automatic{{"actor.initial_temperature", "1", sac},
                        {"actor.target_entropy", "-1", sac + ", per dimension"},
                        {"critic.entropy", "true", sac}};
  check<recipes::Sac>("sac.hpp", usual(sac) + automatic +
                                     Table{{"actor.adam.learning_rate", "3e-4", sac},
                                           {"policy.log_std_max", "2", sac},
                                           {"policy.log_std_min", "-20", sac, "log sigma >= -5"}});
  const auto ensemble = rates("3e-4", edac, {"policy", "critic"}) + automatic +
                        Table{{"actor.adam.learning_rate", "3e-4", edac},
                              {"policy.log_std_min", "-5", edac},
                              {"policy.log_std_max", "2", edac},
                              {"policy.net.hidden", "256,256,256", edac, "two hidden layers"},
                              {"critic.net.hidden", "256,256,256", edac, "two hidden layers"},
                              {"policy.net.init", "biased", edac},
                              {"critic.net.init", "biased", edac},
                              {"policy.net.last_bound", "0.001", edac},
                              {"critic.net.last_bound", "0.003", edac},
                              {"critic.members", "10", edac + ", halfcheetah"},
                              {"data.standardize", "false", edac},
                              {"schedule", "TemperatureFirst", edac}};
  const std::string redq = "REDQ: redq/algos/redq_sac.py", rlpd = "RLPD: configs/rlpd_config.py, locomotion";
  const auto many = [](const std::string& code) {
    return usual_critic(code, "10") +
           Table{{"critic.subset", "2", code},           {"critic.entropy", "true", code},
                 {"schedule.actor", "20", code},         {"actor.adam.learning_rate", "3e-4", code},
                 {"policy.net.hidden", "256,256", code}, {"policy.log_std_min", "-20", code, "log sigma >= -5"}};
  };
  check<recipes::Redq>("redq.hpp", many(redq) + rates("3e-4", redq, {"policy", "critic"}) +
                                       Table{{"data.standardize", "false", redq, "observations are standardized"}});
  check<recipes::Rlpd>("rlpd.hpp", many(rlpd) + rates("3e-4", rlpd, {"policy", "critic"}) +
                                       Table{{"critic.net.layer_norm", "true", rlpd},
                                             {"critic.net.norm_epsilon", "1e-6", rlpd},
                                             {"actor.target_entropy", "-0.5", rlpd},
                                             {"actor.initial_temperature", "1", rlpd},
                                             {"actor.linear", "true", rlpd},
                                             {"data.offline_ratio", "0.5", rlpd},
                                             {"data.standardize", "false", rlpd}});
  check<recipes::SacN>("sac_n.hpp", ensemble);
  check<recipes::Edac>("sac_n.hpp", ensemble + Table{{"critic.diversity", "1", edac + ", locomotion"}});
}

TEST_CASE("CQL has its authors' settings", "[compose][defaults]") {
  const std::string cql = "CQL/d4rl: examples/cql_mujoco_new.py", discrete = "d3rlpy DiscreteCQL; CQL/atari";
  const Table all = rates("1e-4", cql, {"policy"}) + rates("3e-4", cql, {"critic"}) + usual_critic(cql) +
                    Table{{"actor.adam.learning_rate", "1e-4", cql},
                          {"critic.entropy", "false", cql},
                          {"critic.temperature", "1", cql},
                          {"critic.weight", "5", cql},
                          {"critic.uniform_actions", "10", cql},
                          {"critic.policy_actions", "10", cql},
                          {"critic.next_policy_actions", "10", cql},
                          {"policy.net.hidden", "256,256,256", cql, "two hidden layers"},
                          {"critic.net.hidden", "256,256,256", cql, "two hidden layers"},
                          {"policy.net.init", "biased", cql},
                          {"critic.net.init", "biased", cql},
                          {"policy.net.last_bound", "0.001", cql},
                          {"critic.net.last_bound", "0.003", cql},
                          {"data.standardize", "false", cql, "observations are standardized"},
                          {"data.reward", "none", cql},
                          {"schedule", "AllAtOnce", cql}};
  check<recipes::Cql>("cql.hpp", all);
  auto lagrange = all;
  for (auto& row : lagrange)
    if (row.key == "critic.weight") row.theirs = "1";
  check<recipes::CqlLagrange>("cql.hpp",
                              lagrange + Table{{"critic.target", "5", cql + ", the command line's lagrange_thresh"},
                                               {"critic.max_multiplier", "1000000", cql},
                                               {"critic.multiplier_adam.learning_rate", "3e-4", cql}});
  check<recipes::CqlLowerBound>("cql.hpp", {{"actor.adam.learning_rate", "1e-4", cql},
                                            {"data.standardize", "false", cql, "observations are standardized"}});
  const std::string cal_ql = "Cal-QL: conservative_sac_main.py, AntMaze";
  check<recipes::CalQl>("cal_ql.hpp", rates("1e-4", cal_ql, {"policy"}) + rates("3e-4", cal_ql, {"critic"}) +
                                          usual_critic(cal_ql) +
                                          Table{{"critic.entropy", "false", cal_ql},
                                                {"critic.temperature", "1", cal_ql},
                                                {"critic.weight", "5", cal_ql},
                                                {"critic.uniform_actions", "10", cal_ql},
                                                {"critic.policy_actions", "10", cal_ql},
                                                {"critic.next_policy_actions", "10", cal_ql},
                                                {"policy.net.hidden", "256,256", cal_ql},
                                                {"critic.net.hidden", "256,256,256,256", cal_ql, "(mazes: four)"},
                                                {"critic.net.init", "orthogonal", cal_ql, "as CQL's (orthogonal)"},
                                                {"data.standardize", "false", cal_ql, "as Cql"}});
  check<recipes::DiscreteCql>(
      "discrete_cql.hpp",
      {{"critic.members", "1", discrete},
       {"critic.weight", "1", discrete},
       {"critic.huber", "1", discrete},
       {"critic.discount", "0.99", discrete},
       {"data.standardize", "false", discrete},
       {"critic.adam.learning_rate", "6.25e-5", discrete, "Adam at 3e-4 (theirs: 5e-5 and 6.25e-5)"},
       {"critic.polyak", "1", discrete, "target networks are Polyak averages in place of a copy every 8 000 steps"}});
  const std::string bcq = "BCQ/discrete_BCQ: main.py, discrete_BCQ.py";
  check<recipes::DiscreteBcq>("discrete_bcq.hpp", {{"behavior.threshold", "0.3", bcq},
                                                   {"behavior.logit_weight", "0.01", bcq},
                                                   {"behavior.pretrain_updates", "0", bcq},
                                                   {"data.standardize", "false", bcq},
                                                   {"critic.huber", "1", bcq},
                                                   {"critic.discount", "0.99", bcq},
                                                   {"critic.members", "1", bcq}});
}

TEST_CASE("staying near a model of the behavior has its authors' settings", "[compose][defaults]") {
  const std::string brac = "google-research/behavior_regularized_offline_rl: brac_primal_agent.py, brac_dual_agent.py",
                    bear = "BEAR: main.py, algos.py";
  const Table primal{
      {"critic.adam.learning_rate", "0.001", brac},
      {"policy.adam.learning_rate", "3e-4", brac},
      {"actor.temperature", "0", brac},
      {"actor.warmup_updates", "20000", brac},
      {"constraint.samples", "4", brac},
      {"policy.log_std_min", "-5", brac},
      {"policy.log_std_max", "0", brac},
      {"critic.discount", "0.99", brac},
      {"critic.members", "2", brac},
      {"policy.net.hidden", "200,200", brac},
      {"critic.net.hidden", "300,300", brac},
      {"constraint.weight", "0.1", brac + ", its command", "constraint.weight 1; the authors' command has 0.1"},
      {"data.standardize", "false", brac},
      {"behavior.model.adam.learning_rate", "5e-4", brac},
      {"behavior.pretrain_updates", "300000", brac, "is trained alone in 1 000 updates"}};
  check<recipes::BracP>("brac.hpp", primal);
  check<recipes::BracV>("brac.hpp", primal);
  check<recipes::BracVDual>(
      "brac.hpp",
      {{"constraint.steps", "3", brac},
       {"constraint.slope_weight", "5", brac},
       {"actor.warmup_updates", "20000", brac},
       {"policy.adam.learning_rate", "3e-6", brac + ", its command", "the authors' command has 10 and 3e-6"},
       {"constraint.weight", "10", brac + ", its command", "the authors' command has 10 and 3e-6"}});
  check<recipes::Bear>("bear.hpp",
                       {{"constraint.target", "0.05", bear},
                        {"constraint.min_multiplier", "0.0067", bear + ", exp(-5)"},
                        {"constraint.max_multiplier", "22026", bear + ", exp(10)"},
                        {"constraint.multiplier_adam.learning_rate", "0.001", bear},
                        {"critic.samples", "10", bear},
                        {"critic.min_weight", "0.75", bear},
                        {"behavior.kl_weight", "0.5", bear},
                        {"critic.discount", "0.99", bear},
                        {"critic.polyak", "0.005", bear},
                        {"policy.net.hidden", "400,300", bear},
                        {"critic.net.hidden", "400,300", bear},
                        {"behavior.encoder.hidden", "750,750", bear},
                        {"behavior.decoder.hidden", "750,750", bear},
                        {"policy.adam.learning_rate", "0.001", bear},
                        {"critic.adam.learning_rate", "0.001", bear},
                        {"behavior.adam.learning_rate", "0.001", bear},
                        {"behavior.pretrain_updates", "0", bear},
                        {"actor.samples", "5", bear},
                        {"constraint.samples", "5", bear},
                        {"actor.warmup_updates", "20000", bear + ", 20 evaluations", "no warm start without Q"},
                        {"data.standardize", "false", bear}});
  const std::string derived = "no authors: the header says whose form it is";
  check<recipes::AcBc>("ac_bc.hpp", {{"actor.alpha", "2.5", "TD3_BC.py"},
                                     {"actor.normalize", "true", "TD3_BC.py"},
                                     {"constraint.weight", "1", derived}});
  check<recipes::ReverseKlActorCritic>("reverse_kl_actor_critic.hpp",
                                       {{"constraint.samples", "4", brac, "one sample in place of four"}});
  check<recipes::RewardKl>("reward_kl.hpp", {{"actor.temperature", "1", derived}});
  check<recipes::DiscreteRewardKl>("reward_kl.hpp", {{"actor.temperature", "1", derived}});
}

TEST_CASE("learning in a model has its authors' settings", "[compose][defaults]") {
  const std::string mopo = "mopo: mopo.py, examples/config; OfflineRL-Kit run_mopo.py",
                    combo = "OfflineRL-Kit run_combo.py", rambo = "rambo; OfflineRL-Kit run_rambo.py",
                    mobile = "mobile: configs/gym/default.py", morel = "mjrl/projects/morel: configs";
  const auto ensemble = [](const std::string& source) {
    return Table{{"dynamics.members", "7", source},
                 {"dynamics.elites", "5", source},
                 {"dynamics.net.hidden", "200,200,200,200", source},
                 {"dynamics.net.activation", "silu", source},
                 {"dynamics.weight_decay", "1e-4", source},
                 {"dynamics.bounds_weight", "0.01", source},
                 {"dynamics.batch", "256", source},
                 {"dynamics.holdout", "0.2", source},
                 {"dynamics.improvement", "0.01", source},
                 {"dynamics.patience", "5", source},
                 {"policy.adam.learning_rate", "1e-4", source},
                 {"critic.adam.learning_rate", "3e-4", source},
                 {"actor.adam.learning_rate", "1e-4", source},
                 {"critic.discount", "0.99", source},
                 {"critic.polyak", "0.005", source},
                 {"data.horizon", "5", source}};
  };
  check<recipes::Mopo>(
      "mopo.hpp", ensemble(mopo) + Table{{"dynamics.adam.learning_rate", "0.001", mopo},
                                         {"critic.entropy", "true", mopo},
                                         {"data.real_ratio", "0.05", mopo},
                                         {"uncertainty.weight", "1", mopo + ", 0.5 to 5"},
                                         {"data.retain", "5", mopo},
                                         {"data.rollout_every", "1000", mopo},
                                         {"data.rollout_batch", "50000", mopo, "10 000 at a time (theirs: 50 000)"},
                                         {"data.standardize", "false", mopo, "observations are standardized"}});
  check<recipes::MopoDisagreement>("mopo.hpp", {{"critic.entropy", "true", mopo}, {"data.real_ratio", "0.05", mopo}});
  check<recipes::Combo>(
      "combo.hpp",
      ensemble(combo) + Table{{"critic.entropy", "false", combo},
                              {"critic.weight", "5", combo + ", 0.5 to 5"},
                              {"data.real_ratio", "0.5", combo},
                              {"data.rollout_batch", "50000", combo, "10 000 rollouts at a time (theirs: 50 000)"},
                              {"data.standardize", "false", combo, "observations are standardized"},
                              {"schedule", "ActorThenTemperature", combo}});
  check<recipes::Mobile>(
      "mobile.hpp",
      ensemble(mobile) + Table{{"critic.entropy", "false", mobile},
                               {"data.real_ratio", "0.05", mobile},
                               {"uncertainty.samples", "10", mobile},
                               {"data.rollout_batch", "50000", mobile, "10 000 rollouts at a time (theirs: 50 000)"},
                               {"data.standardize", "false", mobile, "observations are standardized"},
                               {"actor.max_temperature", "1", mobile},
                               {"policy.adam.cosine_steps", "-1", mobile + ", over the run"}});
  check<recipes::Rambo>("rambo.hpp", {{"critic.entropy", "true", rambo},
                                      {"actor.adam.learning_rate", "1e-4", rambo},
                                      {"policy.adam.learning_rate", "1e-4", rambo},
                                      {"dynamics.adversary", "3e-4", rambo},
                                      {"dynamics.adversary_bounds", "0.001", rambo},
                                      {"dynamics.adam.learning_rate", "3e-4", rambo},
                                      {"data.real_ratio", "0.5", rambo},
                                      {"data.rollout_every", "250", rambo}});
  check<recipes::Morel>(
      "morel.hpp", {{"critic.entropy", "true", mopo + ", the planner's"}, {"actor.adam.learning_rate", "1e-4", mopo}});
  check<recipes::MorelNpg>("morel_npg.hpp", {{"policy.net.hidden", "64,64", morel},
                                             {"policy.net.activation", "tanh", morel},
                                             {"policy.log_std_min", "-1", morel},
                                             {"value.net.hidden", "128,128", morel},
                                             {"value.lambda", "0.97", morel},
                                             {"actor.iterations", "20", morel},
                                             {"actor.damping", "0.001", morel},
                                             {"actor.kl", "0.01", morel + ", normalized step 0.02"},
                                             {"value.discount", "0.999", morel, "gamma is .99 (theirs: .999)"},
                                             {"data.horizon", "500", morel, "200 steps (theirs: 500 to 700)"}});
}

// What an algorithm differs in that is no setting.  A header that drops its word, or claims to differ in nothing,
// fails.
TEST_CASE("what stays different is said", "[compose][defaults]") {
  const auto says = [](const std::string& path, const std::vector<std::string>& words) {
    const auto text = text_of(path);
    for (const auto& each : words) {
      INFO(path << " should say: " << each);
      CHECK(text.find(each) != std::string::npos);
    }
    INFO(path);
    CHECK(text.find("paper: nothing") == std::string::npos);
    CHECK(text.find("code: nothing") == std::string::npos);
  };
  const std::string at = "compose/tessera/algorithms/";
  says(at + "awac.hpp", {"clipped to [-1, 1] before a critic sees it",
                         "the advantage uses the critics after their step", "batches of 256"});
  says(at + "awr.hpp", {"standardized over the minibatch", "theirs in returns times 1 - gamma", "theirs by a penalty"});
  says(at + "bear.hpp",
       {"between squashed actions", "the multiplier starts at 1", "batch 256 unless asked (theirs: 100)"});
  says(at + "brac.hpp",
       {"one set of hyper-parameters for all tasks", "log b is bounded below", "not squashed between them"});
  says(at + "combo.hpp", {"rho are the states of the mixed batch", "the result of a reshape is discarded",
                          "1e-6 is added to the slope of tanh"});
  says(at + "cql.hpp",
       {"no warm start by cloning", "add 1e-6 to the slope of tanh", "log-densities are not divided by T"});
  says(at + "crr.hpp",
       {"in place of a distributional one", "theirs a mixture of several", "that the critic resamples"});
  says(at + "diffusion_bc.hpp", {"no dropout", "batch 256 unless asked (512)"});
  says(at + "discrete_bcq.hpp", {"target networks are Polyak averages", "batch 256 unless asked (theirs: 64)"});
  says(at + "discrete_cql.hpp", {"expected values in place of quantiles", "the target's own best"});
  says(at + "eql.hpp", {"ten times as sharp as the paper's", "never active in their code"});
  says(at + "dsrl.hpp", {"fitted here (theirs is there before)", "undoing the flow", "chunks of 4 or 8",
                         "a flow in place of DDIM", "the temperature moves after the actor",
                         "observations are standardized (theirs are scaled by their range)", "added up, not halved",
                         "so is what critics of noise see", "the least of the critic's (theirs: each to its own)"});
  says(at + "fawac.hpp", {"V and A are of the least target critic"});
  says(at + "fbrac.hpp", {"alpha L_flow - Q"});
  says(at + "fql.hpp", {"added up, not averaged"});
  says(at + "qc.hpp", {"added up, not averaged", "behind an episode's end are 0"});
  says(at + "qc_fql.hpp", {"added up, not averaged", "the last h - 1 transitions of the log are drawn"});
  says(at + "idql.hpp", {"0.1 in the diffusion", "added up, not averaged", "batch 256 unless asked (512)"});
  says(at + "in_ac.hpp", {"not by Xavier's rule", "their own smallest and largest are the bounds"});
  says(at + "iql.hpp", {"no dropout", "not clipped to +-(1 - 1e-5)", "their own smallest and largest are the bounds",
                        "cut by a time limit is used", "weights exp(beta A)"});
  says(at + "mobile.hpp", {"not clipped at zero"});
  says(at + "mopo.hpp", {"a truncated normal of half that deviation", "the temperature is not bounded",
                         "H = -d (theirs: -3 unless the task has another)"});
  says(at + "morel.hpp", {"the planner is that of Mopo", "the reward is learned"});
  says(at + "morel_npg.hpp", {"the members are probabilistic", "log sigma begins at 0 (theirs: -.25)"});
  says(at + "percent_bc.hpp", {"CORL's keeps a tenth of the episodes"});
  says(at + "rambo.hpp", {"the policy is not cloned first", "observations are standardized"});
  says(at + "re_brac.hpp",
       {"the target policy follows the policy as it is after its step", "batch 256 unless asked (locomotion: 1024)"});
  says(at + "sac.hpp", {"add 1e-6 to the slope of tanh"});
  says(at + "sac_n.hpp", {"N = 10 unless asked", "add 1e-6 to the slope of tanh"});
  says(at + "sql.hpp", {"never active in their code", "see SparseWeighted"});
  says(at + "td3.hpp", {"observations are standardized"});
  says(at + "td3_bc.hpp", {"the smallest and largest logged actions are the bounds", "cut by a time limit is used"});
  says(at + "xql.hpp", {"batches of 1024", "no noise on the logged actions"});
  says("include/tessera/actor/sparse_weighted.hpp", {"This is theirs without the 1"});
  says("include/tessera/dynamics/adversarial.hpp", {"in place of blocks of steps"});
}

TEST_CASE("flow and implicit diffusion Q-learning have their authors' settings", "[compose][defaults]") {
  const std::string fql = "FQL agents/fql.py", ifql = "FQL agents/ifql.py", idql = "IDQL ddpm_iql_learner.py";
  const auto net = [](const std::string& where, const std::string& source) {
    return Table{{where + "net.hidden", "512,512,512,512", source},
                 {where + "net.activation", "gelu", source},
                 {where + "adam.learning_rate", "3e-4", source},
                 {where + "net.init", "xavier", source, "not Xavier's with zero biases"}};
  };
  const auto norm = [](const std::string& where, const std::string& source) {
    return Table{{where + "net.layer_norm", "true", source},
                 {where + "net.norm_last", "true", source},
                 {where + "net.norm_epsilon", "1e-6", source + ", Flax"}};
  };
  const auto flow_q = net("policy.", fql) + net("behavior.model.", fql) + net("critic.", fql) + norm("critic.", fql) +
                      usual_critic(fql) +
                      Table{{"policy.net.layer_norm", "false", fql + ", actor_layer_norm"},
                            {"behavior.model.steps", "10", fql + ", flow_steps"},
                            {"behavior.pretrain_updates", "0", fql},
                            {"schedule", "AllTogether", fql},
                            {"data.standardize", "false", fql}};
  check<recipes::Fql>("fql.hpp", flow_q + Table{{"constraint.weight", "10", fql}, {"actor.normalize", "false", fql}});
  check<recipes::FqlNormalized>("fql.hpp", flow_q + Table{{"actor.normalize", "true", fql + ", normalize_q_loss"}});
  const std::string qc = "QC agents/acfql.py";
  check<recipes::QcFql>("qc_fql.hpp", net("policy.", qc) + net("behavior.model.", qc) + net("critic.", qc) +
                                          norm("critic.", qc) + usual_critic(qc) +
                                          Table{{"policy.net.layer_norm", "false", qc + ", actor_layer_norm"},
                                                {"behavior.model.steps", "10", qc + ", flow_steps"},
                                                {"behavior.pretrain_updates", "0", qc},
                                                {"constraint.weight", "100", qc + ", alpha"},
                                                {"actor.normalize", "false", qc + ", normalize_q_loss"},
                                                {"data.steps", "5", "QC main.py, horizon_length"},
                                                {"schedule", "AllTogether", qc},
                                                {"select", "Sample", qc + ", distill-ddpg"},
                                                {"data.standardize", "false", qc}});
  check<recipes::Qc>("qc.hpp", net("policy.", qc) + net("critic.", qc) + norm("critic.", qc) + usual_critic(qc) +
                                   Table{{"policy.net.layer_norm", "false", qc + ", actor_layer_norm"},
                                         {"policy.steps", "10", qc + ", flow_steps"},
                                         {"critic.samples", "32", qc + ", actor_num_samples"},
                                         {"select.samples", "32", qc + ", actor_num_samples"},
                                         {"data.steps", "5", "QC main.py, horizon_length"},
                                         {"schedule", "AllTogether", qc},
                                         {"data.standardize", "false", qc}});
  check<recipes::Ifql>("ifql.hpp", net("policy.", ifql) + net("critic.", ifql) + net("value.", ifql) +
                                       norm("critic.", ifql) + norm("value.", ifql) + usual_critic(ifql) +
                                       Table{{"value.tau", "0.9", ifql},
                                             {"policy.steps", "10", ifql + ", flow_steps"},
                                             {"select.samples", "32", ifql},
                                             {"schedule", "AllTogether", ifql},
                                             {"data.standardize", "false", ifql}});
  const std::string baseline = "Park, Li, Levine 2025, section 5 and appendix";
  const auto flow_actor_critic = net("policy.", baseline) + net("critic.", baseline) + usual_critic(baseline) +
                                 Table{{"policy.steps", "10", baseline}, {"data.standardize", "false", baseline}};
  check<recipes::Fawac>("fawac.hpp", flow_actor_critic + net("value.", baseline));
  check<recipes::Fbrac>("fbrac.hpp", flow_actor_critic + Table{{"constraint.weight", "10", baseline}});
  const auto implicit = two_by_256(idql, {"critic", "value"}) + rates("3e-4", idql, {"policy", "critic", "value"}) +
                        usual_critic(idql) +
                        Table{{"policy.average", "0.001", idql},
                              {"policy.adam.weight_decay", "1e-4", idql},
                              {"policy.adam.cosine_steps", "3000000", idql, "step size decays over the run"},
                              {"value.tau", "0.7", idql + ", locomotion"},
                              {"select.samples", "64", idql},
                              {"schedule", "ActorFirst", idql},
                              {"data.standardize", "false", idql}};
  check<recipes::Idql>("idql.hpp", implicit);
  check<recipes::IdqlImplicit>("idql.hpp", implicit + Table{{"select.tau", "0.7", idql}});
}

TEST_CASE("actor-critics of flows and in a flow's noise have their authors' settings", "[compose][defaults]") {
  const std::string fql = "FQL, appendix E", qam = "QAM agents/fawac.py, agents/fbrac.py";
  const auto net = [](const std::string& where, const std::string& source) {
    return Table{{where + "net.hidden", "512,512,512,512", source},
                 {where + "net.activation", "gelu", source},
                 {where + "adam.learning_rate", "3e-4", source},
                 {where + "net.init", "xavier", source, "not Xavier's with zero biases"}};
  };
  const auto flow = net("policy.", qam) + net("critic.", qam) +
                    Table{{"policy.steps", "10", fql},
                          {"policy.integrator", "euler", fql},
                          {"critic.net.layer_norm", "true", qam},
                          {"critic.members", "10", qam, "two critics, whose mean is the target's (theirs, as it was"},
                          {"critic.discount", "0.99", fql},
                          {"critic.polyak", "0.005", fql},
                          {"schedule", "AllTogether", qam},
                          {"select", "Sample", fql},
                          {"data.standardize", "false", fql}};
  check<recipes::Fawac>("fawac.hpp", flow + net("value.", qam) +
                                         Table{{"value.tau", "0.5", qam + ": squared errors"},
                                               {"actor.beta", "3", fql},
                                               {"actor.max_weight", "100", qam}});
  check<recipes::Fbrac>("fbrac.hpp", flow + Table{{"policy", "BackpropThroughSteps<FlowPolicy>", fql},
                                                  {"constraint.weight", "10", fql + ": 3 to 300"},
                                                  {"actor.normalize", "false", qam}});
  const std::string dsrl = "DSRL cfg/gym/dsrl_hopper.yaml, its SAC and DSRL";
  Table steered = usual_critic(dsrl) + rates("3e-4", dsrl, {"policy", "critic"}) +
                  Table{{"policy.bound", "1.5", dsrl},
                        {"policy.log_std_min", "-20", dsrl, "log sigma >= -5 (-20)"},
                        {"policy.log_std_max", "2", dsrl},
                        {"actor.initial_temperature", "1", dsrl},
                        {"actor.target_entropy", "0", dsrl, "log pi is of w, not of w / b"},
                        {"actor.adam.learning_rate", "3e-4", dsrl},
                        {"critic.entropy", "true", dsrl},
                        {"behavior.keep_training", "false", dsrl}};
  for (const std::string slot : {"policy", "critic"})
    steered = steered + Table{{slot + ".net.hidden", "128,128,128", dsrl},
                              {slot + ".net.activation", "tanh", dsrl},
                              {slot + ".net.layer_norm", "true", dsrl},
                              {slot + ".net.norm_last", "false", dsrl},
                              {slot + ".net.init", "kaiming_uniform", dsrl}};
  check<recipes::Dsrl>("dsrl.hpp", steered);
  check<recipes::DsrlNoiseAliased>(
      "dsrl.hpp", steered + Table{{"critic.noise_steps", "10", dsrl, "10 for each 20 updates of the rest"}});
}

TEST_CASE("no recipe is without its row", "[compose][defaults]") {
  std::set<std::string> all;
  [&]<class... Recipes>(list_of<Recipes...>) { (all.insert(kebab_case(type_name<Recipes>())), ...); }(all_recipes{});
  CHECK(checked() == all);
}
