#include <tessera/io/column_mapping.hpp>

#include "helpers/files.hpp"

using Catch::Contains;
using support::error_of;
using tessera::ChosenColumns;
using tessera::ColumnHead;
using tessera::ColumnMapping;

namespace {
using Places = std::vector<std::size_t>;
std::vector<ColumnHead> heads(const std::vector<std::string>& names) {
  std::vector<ColumnHead> all;
  for (const auto& name : names) all.push_back({name, 1, false});
  return all;
}
ChosenColumns choose(const std::vector<std::string>& names, const std::string& mapping) {
  return tessera::choose_columns(heads(names), ColumnMapping::parse(mapping, "--columns"), "log.csv");
}
std::string refusal(const std::vector<std::string>& names, const std::string& mapping) {
  return error_of([&] { choose(names, mapping); });
}
}  // namespace

TEST_CASE("a mapping names columns", "[data][columns]") {
  const std::vector<std::string> names = {"id", "t", "age", "hr", "dose", "r", "died"};
  const auto c = choose(names, "episode=id,step=t,observation=hr:age,action=dose,reward=r,done=died");
  CHECK(c.episode == Places{0});
  CHECK((c.step == 1 && c.reward == 5 && c.done == 6 && !c.terminated && !c.truncated && c.next.empty()));
  CHECK(c.observation == Places{3, 2});
  CHECK(c.action == Places{4});
  // Other words for the roles, and several columns of an id.
  const auto other = choose(names, "obs=age,act=dose,rew=r,terminal=died,ep=id:t");
  CHECK((other.terminated == 6 && other.episode == Places{0, 1}));
  const auto json = choose({"a,b", "c:d", "e=f"}, R"( {"observation": ["a,b", "c:d"], "action": "e=f"} )");
  CHECK((json.observation == Places{0, 1} && json.action == Places{2}));
}

TEST_CASE("ranges, patterns and groups of columns", "[data][columns]") {
  // By number, whatever their order in the file; with leading zeros; by place.
  CHECK(choose({"obs_10", "obs_9", "obs_8", "a"}, "observation=obs_8..obs_10,action=a").observation == Places{2, 1, 0});
  CHECK(choose({"x08", "x09", "x10", "a"}, "observation=x08..x10,action=a").observation == Places{0, 1, 2});
  CHECK(choose({"age", "hr", "bp", "a"}, "observation=age..bp,action=a").observation == Places{0, 1, 2});
  CHECK_THAT(refusal({"age", "hr", "a"}, "observation=hr..age,action=a"), Contains("exchange them"));
  CHECK_THAT(refusal({"obs_0", "obs_2", "a"}, "observation=obs_0..obs_2,action=a"),
             Contains("observation=obs_1: there is no such column"));
  // A pattern takes what no other role names; numbers in their order.
  CHECK(choose({"v_10", "v_2", "act"}, "observation=v_*,action=act").observation == Places{1, 0});
  CHECK(choose({"v_b", "v_a", "v_act"}, "observation=v_*,action=v_act").observation == Places{0, 1});
  CHECK(choose({"p", "q", "a", "next_p", "next_q"}, "observation=*,action=a,next=next_").observation == Places{0, 1});
  CHECK(choose({"p1", "p22", "a"}, "observation=p?,action=a").observation == Places{0});
  CHECK(choose({"obs/x", "obs/y", "a"}, "observation=obs,action=a").observation == Places{0, 1});
  CHECK_THAT(refusal({"p", "a"}, "observation=q*,action=a"), Contains("observation=q*: there is no such column"));
}

TEST_CASE("the columns of the next observation", "[data][columns]") {
  const std::vector<std::string> names = {"x", "y", "a", "next_y", "next_x", "x_2", "y_2"};
  CHECK(choose(names, "observation=x:y,action=a,next=next_").next == Places{4, 3});
  CHECK(choose(names, "observation=x:y,action=a,next=*_2").next == Places{5, 6});
  CHECK(choose(names, "observation=x:y,action=a,next=next_x:next_y").next == Places{4, 3});
  CHECK(choose({"s", "a", "s2"}, "observation=s,action=a,next=s2").next == Places{2});
  CHECK_THAT(refusal(names, "observation=x:y,action=a,next=after_"), Contains("next=after_x: there is no such column"));
  CHECK_THAT(refusal(names, "observation=x:y,action=a,next=next_x:next_y:x_2"),
             Contains("next names 3 numbers, and observation 2"));
}

TEST_CASE("a mapping that is wrong is one line", "[data][columns]") {
  const std::vector<std::string> names = {"age", "hr", "dose"};
  CHECK_THAT(
      refusal(names, "observation=agee,action=dose"),
      Contains("log.csv: observation=agee: there is no such column; did you mean 'age'? (there are age, hr, dose)"));
  CHECK_THAT(refusal(names, "observation=age:hr,action=hr"),
             Contains("column 'hr' is named for observation and for action"));
  CHECK_THAT(refusal(names, "observation=age,action=dose,reward=hr:age"), Contains("named"));
  CHECK_THAT(refusal({"x", "x", "a"}, "observation=x,action=a"), Contains("2 columns are called 'x'; rename them"));
  CHECK_THAT(refusal(names, ""), Contains("--columns: is empty"));
  CHECK_THAT(refusal(names, "age"), Contains("'age' is not ROLE=COLUMN"));
  CHECK_THAT(refusal(names, "=age"), Contains("'=age' is not ROLE=COLUMN"));
  CHECK_THAT(refusal(names, "{\"observation\": [[[[1]]]]}"), Contains("is not a mapping in JSON"));
  CHECK_THAT(refusal(names, "{"), Contains("is not a mapping in JSON"));
  CHECK_THAT(refusal(names, "chance=age,observation=hr,action=dose"), Contains("'chance' is no part of a log"));
  const std::string stars(40, '*');
  CHECK_THAT(refusal({std::string(10000, 'x'), "a"}, "observation=" + stars + "y,action=a"),
             Contains("no such column"));
}

TEST_CASE("names that leave no doubt", "[data][columns]") {
  const auto text = [](const std::vector<std::string>& names) {
    const auto all = heads(names);
    const auto chosen = tessera::guess_columns(all);
    return (tessera::is_enough(chosen) ? "" : "not enough: ") + tessera::mapping_text(all, chosen);
  };
  CHECK(text({"episode", "t", "obs_0", "obs_1", "action", "reward", "done"}) ==
        "episode=episode,step=t,observation=obs_0:obs_1,action=action,reward=reward,done=done");
  CHECK(text({"observations", "actions", "rewards", "terminations", "truncations"}) ==
        "observation=observations,action=actions,reward=rewards,terminated=terminations,truncated=truncations");
  CHECK(text({"episode_index", "frame_index", "observation.state", "action", "next.reward", "next.done"}) ==
        "episode=episode_index,step=frame_index,observation=observation.state,action=action,reward=next.reward,"
        "done=next.done");
  CHECK(text({"traj_id", "s_0", "s_1", "a_0", "a_1", "r", "next_s_0", "next_s_1"}) ==
        "episode=traj_id,observation=s_0:s_1,action=a_0:a_1,reward=r,next=next_");
  CHECK(text({"episode", "x", "action", "reward", "next_x"}) ==
        "episode=episode,observation=x,action=action,reward=reward,next=next_");
  // Columns that could be anything are no observations: one of them may be what happened afterwards.
  CHECK(text({"patient_id", "age", "hr", "action", "reward", "survived"}) ==
        "not enough: episode=patient_id,action=action,reward=reward");
  CHECK(text({"episode", "obs_0", "a_max", "reward"}) == "not enough: episode=episode,observation=obs_0,reward=reward");
  // Everything that is left is shown as what it might be.
  CHECK(tessera::likely_mapping(heads({"patient_id", "age", "hr", "dose", "reward", "done"})) ==
        "episode=patient_id,observation=age:hr,action=dose,reward=reward,done=done");
  auto many = heads({"id", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "dose", "gain"});
  many[0].text = true;
  CHECK(tessera::likely_mapping(many) == "observation=v0..v6,action=dose,reward=gain");
}

TEST_CASE("a mapping from a file", "[data][columns]") {
  const support::Folder folder;
  support::write_bytes(folder / "m.json", "{\n  \"observation\": [\"a\", \"b\"],\n  \"action\": \"c\"\n}\n");
  const auto text = tessera::read_mapping("@" + (folder / "m.json"));
  CHECK(text == R"({"action":"c","observation":["a","b"]})");
  CHECK(ColumnMapping::parse(text, "x").items("observation") == std::vector<std::string>{"a", "b"});
  CHECK(tessera::read_mapping("observation=a,action=b") == "observation=a,action=b");
  CHECK_THAT(error_of([&] { tessera::read_mapping("@" + (folder / "absent")); }), Contains("there is no such file"));
}

TEST_CASE("a mapping that is written down names the same columns", "[data][columns]") {
  const auto written = [](const std::vector<std::string>& names) {
    const auto all = heads(names);
    const auto guessed = tessera::guess_columns(all);
    const auto text = tessera::mapping_text(all, guessed);
    const auto again = choose(names, text);
    CHECK((again.observation == guessed.observation && again.action == guessed.action));
    return text;
  };
  CHECK(written({"obs_0", "obs_1", "obs_2", "obs_3", "obs_4", "obs_5", "obs_6", "action", "reward", "done"}) ==
        "observation=obs_0..obs_6,action=action,reward=reward,done=done");
  // What stands between the numbers would be left out.
  CHECK(written({"obs_0", "obs_1", "obs_2", "obs_3", "obs_4", "obs_x", "obs_5", "action", "reward", "done"}) ==
        "observation=obs_0:obs_1:obs_2:obs_3:obs_4:obs_x:obs_5,action=action,reward=reward,done=done");
}
