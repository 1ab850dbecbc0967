#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <tessera/io/hdf5.hpp>
#include <tessera/support/inline.hpp>

/// Text and attributes of `hdf5::File`.
namespace tessera::hdf5 {
/// The text that `transfer(type, buffer)` reads, of fixed or variable length.
template <class Transfer>
std::string read_text(hid_t stored, Transfer transfer, bool& good) {
  const bool variable = H5Tis_variable_str(stored) > 0;
  const Handle type(H5Tcopy(stored), H5Tclose);
  if (variable) {
    char* text = nullptr;
    good = transfer(type.id(), &text) >= 0 && text != nullptr;
    const std::string copy = good ? text : "";
    if (text != nullptr) H5free_memory(text);
    return copy;
  }
  std::string text(H5Tget_size(stored), '\0');
  good = transfer(type.id(), text.data()) >= 0;
  const bool padded = H5Tget_strpad(stored) == H5T_STR_SPACEPAD;
  const auto end = padded ? text.find_last_not_of(' ') + 1 : std::min(text.find('\0'), text.size());
  return text.substr(0, end);
}

Handle text_type();

/// Where libhdf5 puts texts of variable length: counted, for many of them may be the same bytes of the file.
class TextMemory {
 public:
  TextMemory(MemoryBudget& budget, std::string what) : budget_(budget), what_(std::move(what)) {}

  /// Throws what could not be thrown through libhdf5.
  void require_enough() const {
    if (!refusal_.empty()) throw Error(refusal_);
  }
  static void* allocate(std::size_t size, void* self) {
    auto& memory = *static_cast<TextMemory*>(self);
    try {
      memory.budget_.take(memory.what_,
                          2 * static_cast<double>(size) + 64);  // here, and as the texts that are returned
      memory.blocks_.push_back(std::make_unique<char[]>(size));
      return memory.blocks_.back().get();
    } catch (const Error& error) {
      memory.refusal_ = error.what();
    } catch (...) {
    }
    return nullptr;
  }
  static void release(void*, void*) {}  // all at once, with this

 private:
  MemoryBudget& budget_;
  std::string what_, refusal_;
  std::vector<std::unique_ptr<char[]>> blocks_;
};

TESSERA_INLINE void File::require_memory(const std::string& key, double bytes) const {
  budget_.require(printable(path_) + ": key '" + printable_name(key) + "'", bytes);
}

TESSERA_INLINE std::string File::read_string(const std::string& key) const {
  const Quiet quiet;
  const Handle dataset = open_dataset(key);
  const Handle type(H5Dget_type(dataset.id()), H5Tclose);
  const Info found = info(key);
  if (found.type != type_class::text || !(found.shape.empty() || found.shape == std::vector<std::int64_t>{1}))
    fail(path_, key, "does not hold one text", "check that this is the file you meant");
  static_cast<void>(plan(key));  // checks that what it claims is there
  bool good = false;
  std::string text = read_text(
      type.id(),
      [&](hid_t memory, void* out) { return H5Dread(dataset.id(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out); }, good);
  if (!good) fail(path_, key, "cannot be read (" + last_reason() + ")", "the file may be damaged");
  return text;
}

TESSERA_INLINE std::vector<std::string> File::read_strings(const std::string& key) const {
  const Quiet quiet;
  const auto p = plan(key);  // checks that what it claims is there
  if (p.kind != type_class::text || p.extent.size() != 1)
    fail(path_, key, "does not hold a list of texts", "check that this is the file you meant");
  const bool variable = H5Tis_variable_str(p.type.id()) > 0;
  const auto size = variable ? sizeof(char*) : H5Tget_size(p.type.id());
  budget_.take(printable(path_) + ": key '" + printable_name(key) + "'",
               static_cast<double>(p.count) * static_cast<double>(size + sizeof(std::string)));
  const Handle type(H5Tcopy(p.type.id()), H5Tclose);
  std::vector<std::string> out;
  if (p.count == 0) return out;
  bool good = false;
  if (variable) {
    std::vector<char*> texts(p.count, nullptr);
    TextMemory memory(budget_, printable(path_) + ": key '" + printable_name(key) + "'");
    const Handle how(H5Pcreate(H5P_DATASET_XFER), H5Pclose);
    good = H5Pset_vlen_mem_manager(how.id(), TextMemory::allocate, &memory, TextMemory::release, &memory) >= 0 &&
           H5Dread(p.dataset.id(), type.id(), H5S_ALL, H5S_ALL, how.id(), texts.data()) >= 0;
    memory.require_enough();
    for (const char* text : texts) out.emplace_back(good && text != nullptr ? text : "");
  } else {
    std::vector<char> bytes(p.count * size);
    good = H5Dread(p.dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) >= 0;
    const bool padded = H5Tget_strpad(p.type.id()) == H5T_STR_SPACEPAD;
    for (std::size_t i = 0; i < p.count; ++i) {
      const std::string text(bytes.data() + i * size, size);
      out.push_back(text.substr(0, padded ? text.find_last_not_of(' ') + 1 : std::min(text.find('\0'), text.size())));
    }
  }
  if (!good) fail(path_, key, "cannot be read (" + last_reason() + ")", "the file may be damaged");
  return out;
}

TESSERA_INLINE std::string File::read_attribute(const std::string& key, const std::string& name) const {
  const Quiet quiet;
  const auto owner = find(key);
  if (!owner || H5Aexists(owner.id(), name.c_str()) <= 0) return "";
  const auto refuse = [&](const std::string& why) {
    fail(path_, key, "attribute '" + printable_name(name) + "' is " + why, "the file may be damaged");
  };
  H5A_info_t about{};
  constexpr hsize_t longest = 1 << 26;
  if (H5Aget_info_by_name(owner.id(), ".", name.c_str(), &about, H5P_DEFAULT) < 0 || about.data_size > longest)
    refuse("too long for a text");
  const Handle attribute(H5Aopen(owner.id(), name.c_str(), H5P_DEFAULT), H5Aclose);
  const Handle type(H5Aget_type(attribute.id()), H5Tclose);
  const Handle space(H5Aget_space(attribute.id()), H5Sclose);
  bool good = class_of(type.id()) == type_class::text && H5Sget_simple_extent_npoints(space.id()) == 1;
  std::string text;
  if (good)
    text = read_text(
        type.id(), [&](hid_t memory, void* out) { return H5Aread(attribute.id(), memory, out); }, good);
  if (!good) refuse("not one text");
  return text;
}

TESSERA_INLINE Handle text_type() {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.id(), H5T_VARIABLE);
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  return type;
}

TESSERA_INLINE void File::write_string(const std::string& key, const std::string& text) {
  const Handle type = text_type();
  const char* pointer = text.c_str();
  write_raw(key, type.id(), type.id(), &pointer, {});
}

TESSERA_INLINE void File::write_strings(const std::string& key, const std::vector<std::string>& texts) {
  const Handle type = text_type();
  std::vector<const char*> pointers;
  for (const auto& text : texts) pointers.push_back(text.c_str());
  write_raw(key, type.id(), type.id(), pointers.data(), {static_cast<std::int64_t>(texts.size())});
}

TESSERA_INLINE void File::write_attribute(const std::string& key, const std::string& name, const std::string& text) {
  const Handle type = text_type();
  const char* pointer = text.c_str();
  write_raw_attribute(key, name, type.id(), &pointer);
}
}  // namespace tessera::hdf5
