#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <string>

#include <tessera/support/atomic_file.hpp>
#include <tessera/support/descriptor.hpp>
#include <tessera/support/error.hpp>
#include <tessera/support/inline.hpp>
#include <tessera/support/printable.hpp>
#include <tessera/train/experience.hpp>

namespace tessera {
TESSERA_INLINE Experience::Experience(std::int64_t observation_size, std::int64_t action_size, bool discrete)
    : n_(observation_size), action_size_(action_size), d_(discrete ? 1 : action_size), discrete_(discrete) {}

// A row: s, a, r, s', how it ends, which copy made it.
TESSERA_INLINE Experience::Transition Experience::operator[](std::int64_t i) const {
  const float* row = rows_.data() + i * width();
  return {{row, std::size_t(n_)},
          {row + n_, std::size_t(d_)},
          row[n_ + d_],
          end(int(row[2 * n_ + d_ + 1])),
          {row + n_ + d_ + 1, std::size_t(n_)}};
}
TESSERA_INLINE void Experience::add(std::int64_t copy, const Transition& t) {
  rows_.insert(rows_.end(), t.observation.begin(), t.observation.end());
  rows_.insert(rows_.end(), t.action.begin(), t.action.end());
  rows_.push_back(t.reward);
  rows_.insert(rows_.end(), t.next_observation.begin(), t.next_observation.end());
  rows_.push_back(float(int(t.ends)));
  rows_.push_back(float(copy));
}
TESSERA_INLINE void Experience::keep(std::int64_t count) { rows_.resize(std::size_t(count * width())); }

TESSERA_INLINE Dataset Experience::dataset(const std::string& name) const {
  Dataset out;
  out.name = name, out.format = "online", out.kind = discrete_ ? action_kind::discrete : action_kind::continuous;
  out.observation_size = n_, out.action_size = action_size_;
  // The transitions of a copy are in order; those of an episode are put together.
  std::map<std::int64_t, std::vector<std::int64_t>> open;
  std::vector<std::vector<std::int64_t>> episodes;
  for (std::int64_t i = 0; i < size(); ++i) {
    auto& of = open[copy(i)];
    of.push_back(i);
    if ((*this)[i].ends != end::none) episodes.push_back(std::exchange(of, {}));
  }
  for (auto& [_, rest] : open)
    if (!rest.empty()) episodes.push_back(std::move(rest));
  const auto put = [&](std::span<const float> observation) {
    out.observations.insert(out.observations.end(), observation.begin(), observation.end());
    return std::int64_t(out.observations.size()) / n_ - 1;
  };
  for (const auto& of : episodes) {
    Episode e{out.size(), std::int64_t(of.size()), std::int64_t(of.size()), 0, 0, false};
    double weight = 1;
    for (const auto i : of) {
      const auto t = (*this)[i];
      const bool first = i == of.front(), last = i == of.back();
      out.observation_row.push_back(first ? put(t.observation) : out.next_observation_row.back());
      out.next_observation_row.push_back(put(t.next_observation));
      if (discrete_) out.action_indices.push_back(std::int64_t(t.action[0]));
      else out.actions.insert(out.actions.end(), t.action.begin(), t.action.end());
      out.rewards.push_back(t.reward);
      out.terminals.push_back(t.ends == end::terminated);
      out.timeouts.push_back(t.ends == end::truncated || (last && t.ends == end::none));
      e.episode_return += double(t.reward), e.discounted_return += weight * double(t.reward);
      weight *= 0.99;
      e.complete = t.ends != end::none;
    }
    out.episodes.push_back(e);
  }
  if (!discrete_ && out.size() > 0) {
    out.action_low.assign(out.actions.begin(), out.actions.begin() + d_);
    out.action_high = out.action_low;
    for (std::size_t i = 0; i < out.actions.size(); ++i) {
      auto &low = out.action_low[i % std::size_t(d_)], &high = out.action_high[i % std::size_t(d_)];
      low = std::min(low, out.actions[i]), high = std::max(high, out.actions[i]);
    }
  }
  return out;
}

namespace detail {
inline constexpr std::size_t experience_header = 64;
}
TESSERA_INLINE std::string Experience::header() const {
  std::string text = "tessera online 1 " + std::to_string(n_) + " " + std::to_string(action_size_) + " " +
                     (discrete_ ? "discrete" : "continuous");
  text.resize(detail::experience_header - 1, ' ');
  return text + "\n";
}
TESSERA_INLINE void Experience::save(const std::string& path) const {
  const auto cannot = [&](const char* what) {
    return Error(printable(path) + ": cannot " + what + ": " + detail::system_reason() +
                 "; free the disk, or write elsewhere");
  };
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!file) throw cannot("be opened");
  struct stat now {};
  if (::fstat(file.get(), &now) != 0) throw cannot("be read");
  const auto text = header();
  const auto row = std::size_t(width()) * sizeof(float);
  auto there = std::size_t(now.st_size) < text.size() ? 0 : (std::size_t(now.st_size) - text.size()) / row;
  const auto write = [&](const void* data, std::size_t bytes, std::size_t at) {
    for (const char* p = static_cast<const char*>(data); bytes > 0;) {
      const auto done = ::pwrite(file.get(), p, bytes, off_t(at));
      if (done < 0) throw cannot("be written");
      p += done, bytes -= std::size_t(done), at += std::size_t(done);
    }
  };
  // What is in it already is not written again, as far as it is the same: another run may have left a longer one.
  std::vector<char> old(text.size());
  if (there > 0 && (::pread(file.get(), old.data(), old.size(), 0) != ssize_t(old.size()) ||
                    std::memcmp(old.data(), text.data(), old.size()) != 0))
    there = 0;
  there = std::min(there, std::size_t(size()));
  if (there > 0) {
    std::vector<float> last(static_cast<std::size_t>(width()));
    const auto at = text.size() + (there - 1) * row;
    if (::pread(file.get(), last.data(), row, off_t(at)) != ssize_t(row) ||
        std::memcmp(last.data(), rows_.data() + (there - 1) * std::size_t(width()), row) != 0)
      there = 0;
  }
  if (there == 0) write(text.data(), text.size(), 0);
  write(rows_.data() + there * std::size_t(width()), (std::size_t(size()) - there) * row, text.size() + there * row);
  if (::ftruncate(file.get(), off_t(text.size() + std::size_t(size()) * row)) != 0)
    throw cannot("be cut to its length");
  if (!detail::synced(file.get())) throw cannot("be written");
}
TESSERA_INLINE Experience Experience::read(const std::string& path, std::int64_t count) {
  const auto damaged = [&](const std::string& what) {
    return Error(printable(path) + ": " + what + "; restore the file, or start a new run");
  };
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw damaged("cannot be opened, and holds what the run collected: " + detail::system_reason());
  std::array<char, detail::experience_header + 1> text{};
  long long n = 0, actions = 0;
  std::array<char, 16> space{};
  if (::pread(file.get(), text.data(), detail::experience_header, 0) != ssize_t(detail::experience_header) ||
      std::sscanf(text.data(), "tessera online 1 %lld %lld %15s", &n, &actions, space.data()) != 3 || n < 1 ||
      actions < 1 || n > 10'000'000 || actions > 10'000'000)
    throw damaged("does not hold what a run has collected");
  const std::string kind(space.data());
  if (kind != "discrete" && kind != "continuous") throw damaged("does not hold what a run has collected");
  Experience out(n, actions, kind == "discrete");
  struct stat now {};
  if (::fstat(file.get(), &now) != 0) throw damaged(detail::system_reason());
  const auto row = std::size_t(out.width()) * sizeof(float);
  const auto there = std::int64_t((std::size_t(now.st_size) - detail::experience_header) / row);
  if (count < 0 || there < count)
    throw damaged("holds " + std::to_string(there) + " transitions, and the checkpoint was made with " +
                  std::to_string(count));
  out.rows_.resize(std::size_t(count * out.width()));
  auto at = detail::experience_header;
  for (auto left = out.rows_.size() * sizeof(float); left > 0;) {
    const auto got =
        ::pread(file.get(), reinterpret_cast<char*>(out.rows_.data()) + (out.rows_.size() * sizeof(float) - left), left,
                off_t(at));
    if (got <= 0) throw damaged("cannot be read");
    left -= std::size_t(got), at += std::size_t(got);
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const float* x = out.rows_.data() + i * out.width();
    const float ends = x[2 * out.n_ + out.d_ + 1], of = x[out.width() - 1];
    if (!std::all_of(x, x + out.width(), [](float v) { return std::isfinite(v); }) ||
        (ends != 0 && ends != 1 && ends != 2) || of < 0 || of > 1e6f || of != std::floor(of))
      throw damaged("transition " + std::to_string(i) + " is damaged");
  }
  return out;
}
}  // namespace tessera
