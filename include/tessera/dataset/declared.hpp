#pragma once
#include <optional>
#include <string>

#include <tessera/dataset/dataset.hpp>

namespace tessera {
/// The same data with its actions read as the user says, where a file's form leaves it open, and nothing else changed.
///
/// discrete:    the whole numbers of one column, which become actions 0, 1, ... in ascending order and keep their
///              numbers as names if there are gaps between them; one-hot rows; or several columns of whole numbers,
///              several choices at once (`LogSpaces::action_factors`)
/// continuous:  the numbers of discrete actions (their names, if these are numbers) as amounts; of several choices at
///              once, each choice's
///
/// Throws an Error for actions that cannot be read so.
Dataset declare_actions(Dataset data, action_kind kind);

/// "discrete" or "continuous", as text; nothing for any other.
std::optional<action_kind> action_kind_of(const std::string& text);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/dataset/declared.impl.hpp>
#endif
