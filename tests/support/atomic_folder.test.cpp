#include <tessera/support/atomic_folder.hpp>

#include "helpers/files.hpp"

#include <stdexcept>

using Catch::Contains;
using support::error_of;
using tessera::write_folder_atomically;

namespace {
namespace fs = std::filesystem;
// Fills a folder with two files, one of them below.
void fill(const std::string& name, const std::string& text) {
  fs::create_directory(name + "/below");
  support::write_bytes(name + "/a", text), support::write_bytes(name + "/below/b", text + text);
}
}  // namespace

TEST_CASE("a folder appears when it is whole", "[support]") {
  const support::Folder folder;
  const auto path = folder / "new";
  write_folder_atomically(path, [&](const std::string& name) {
    CHECK(name != path);
    fill(name, "1");
    CHECK_FALSE(fs::exists(path));
  });
  CHECK(support::bytes_of(path + "/a") == "1");
  CHECK(support::bytes_of(path + "/below/b") == "11");
  CHECK(folder.files() == 1);

  // An old one stays until then, and is gone then, with what the new one does not have.
  support::write_bytes(path + "/old", "old");
  write_folder_atomically(path + "//", [&](const std::string& name) {
    fill(name, "2");
    CHECK(support::bytes_of(path + "/a") == "1");
  });
  CHECK(support::bytes_of(path + "/a") == "2");
  CHECK_FALSE(fs::exists(path + "/old"));
  CHECK(folder.files() == 1);
}

TEST_CASE("a folder that is not completed leaves nothing", "[support]") {
  const support::Folder folder;
  const auto path = folder / "new";
  fs::create_directory(path), support::write_bytes(path + "/a", "1");
  const auto broken = [&] {
    write_folder_atomically(path, [&](const std::string& name) {
      fill(name, "2");
      throw std::runtime_error("stop");
    });
  };
  CHECK_THROWS_WITH(broken(), "stop");
  CHECK(support::bytes_of(path + "/a") == "1");
  CHECK(folder.files() == 1);
}

TEST_CASE("what is no folder is not replaced by one", "[support]") {
  const support::Folder folder;
  support::write_bytes(folder / "file", "1");
  fs::create_directory(folder / "real"), fs::create_directory_symlink(folder / "real", folder / "link");
  for (const char* name : {"file", "link"})
    CHECK_THAT(error_of([&] { write_folder_atomically(folder / name, [](const std::string&) {}); }),
               Contains(name) && Contains("is not a folder"));
  CHECK_THAT(error_of([&] { write_folder_atomically(folder / "none/new", [](const std::string&) {}); }),
             Contains("does not exist"));
  for (const char* name : {"", "/", "..", "."})
    CHECK_THAT(error_of([&] { write_folder_atomically(name, [](const std::string&) {}); }), Contains("give the name"));
}
