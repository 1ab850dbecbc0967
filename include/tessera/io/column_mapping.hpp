#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {
/// What is known of a table's column before it is read.
struct ColumnHead {
  std::string name;
  std::int64_t width = 1;  ///< how many numbers a row has in it
  bool text = false;       ///< whether it seems to hold texts
};

/// Which columns a table's parts of a log are in, as a user says it:
///
///   episode=patient_id,step=t,observation=age:sofa:hr,action=dose,reward=r,done=died
///
/// The roles are episode, step, observation, action, reward, done, terminated, truncated, next (the next observation)
/// and propensity (with which probability, or density, the logged action was taken: `Dataset::propensities`).  After
/// the equals sign stand, with colons between,
///   NAME         a column; or all below a group of that name
///   FIRST..LAST  obs_0..obs_38: by number; otherwise all columns from the first to the last
///   PATTERN      vital_*: those whose names match (* is any text, ? is any letter) and that have no other role
/// and for next also a prefix, `next_`, or a pattern with one *, `*_next`, of which each observation's name makes the
/// name of its next one.  Names with commas, colons or equals signs in them are written as JSON,
/// {"episode": "id", "observation": ["a,b", "c"]}.
class ColumnMapping {
 public:
  /// Throws an Error that begins with `where` if the text is no mapping.
  static ColumnMapping parse(std::string_view text, const std::string& where);

  /// The items of a role; empty if it has none.
  const std::vector<std::string>& items(const std::string& role) const;

 private:
  std::map<std::string, std::vector<std::string>> roles_;
};

/// The columns of a table by their role.
struct ChosenColumns {
  std::vector<std::size_t> episode, observation, action, next;  ///< next: as many as observation, or none
  std::optional<std::size_t> step, reward, done, terminated, truncated, propensity;
};

/// The columns that a mapping names; throws an Error that begins with `file` for one that is not there.
ChosenColumns choose_columns(const std::vector<ColumnHead>& columns, const ColumnMapping& mapping,
                             const std::string& file);

/// The columns whose names leave no doubt (episode, t, obs_0, action, reward, done, next_obs_0, ...); the parts that
/// they do not show are empty.
ChosenColumns guess_columns(const std::vector<ColumnHead>& columns);
/// Whether they are enough for a log.
bool is_enough(const ChosenColumns& columns);

/// "episode=id,step=t,...": the text of a mapping.
std::string mapping_text(const std::vector<ColumnHead>& columns, const ChosenColumns& chosen);
/// The mapping that a user might have meant: what is guessed, and the other columns of numbers as observations.
std::string likely_mapping(const std::vector<ColumnHead>& columns);

/// The text of a mapping for `columns=`: itself, or what the file after "@" holds.
std::string read_mapping(const std::string& given);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/column_mapping.impl.hpp>
#endif
