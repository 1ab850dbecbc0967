#include <tessera/sources/request.hpp>

#include "helpers/files.hpp"

using Catch::Contains;
using support::error_of;
using tessera::DataRequest;

TEST_CASE("a request is a path and options", "[data][request]") {
  DataRequest plain("logs/a.csv");
  CHECK((plain.path() == "logs/a.csv" && !plain.has_options() && !plain.take("columns")));

  DataRequest request("logs/a.csv?columns=reward=r,action=d&actions=discrete");
  CHECK(request.path() == "logs/a.csv");
  CHECK(request.take("columns") == "reward=r,action=d");
  CHECK_THAT(error_of([&] { request.require_all_taken({"columns"}); }), Contains("no option 'actions'"));
  CHECK_THAT(error_of([&] { request.require_all_taken({"action"}); }), Contains("did you mean 'action'"));
  CHECK(request.take("actions") == "discrete");
  request.require_all_taken({});
}

TEST_CASE("options are written as they are read", "[data][request]") {
  const auto request = DataRequest("a").with("columns", "x=10%&y?=b").with("task", "2").with("task", "3");
  CHECK(request.text() == "a?columns=x=10%25%26y?=b&task=3");
  DataRequest again(request.text());
  CHECK((again.take("columns") == "x=10%&y?=b" && again.take("task") == "3"));
}

TEST_CASE("a request that makes no sense is refused", "[data][request]") {
  for (const char* wrong : {"a?", "a?b", "a?=b", "a?b=1&", "a?b=1&&c=2"})
    CHECK_THAT(error_of([&] { DataRequest{wrong}; }), Contains("a: '?") && Contains("?NAME=VALUE"));
  CHECK_THAT(error_of([] { DataRequest("a?b=1&b=2"); }), Contains("given twice"));
  const std::string root("/\0?b=1", 6);  // to the system it is "/"
  CHECK(error_of([&] { DataRequest{root}; }) ==
        "/\\x00?b=1: a zero byte is in it, and in no path; give the path without");
}

TEST_CASE("a file whose name has a question mark needs no escape", "[data][request]") {
  const support::Folder folder;
  support::write_bytes(folder / "what?x=1", "");
  const DataRequest request(folder / "what?x=1");
  CHECK((request.path() == folder / "what?x=1" && !request.has_options()));
  // Nor in front of options, with which it is written down.
  DataRequest again(request.with("columns", "a?=b").text());
  CHECK((again.path() == folder / "what?x=1" && again.take("columns") == "a?=b"));
}
