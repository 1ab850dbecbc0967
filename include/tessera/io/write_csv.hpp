#pragma once
#include <string>
#include <vector>

#include <tessera/io/write_parts.hpp>

namespace tessera {
namespace detail {
/// A field of comma-separated values: in quotes where a reader would take it for more, or less, than the text.
std::string csv_field(const std::string& text);
}  // namespace detail

/// The columns of `write_csv`, in order.
struct CsvColumns {
  std::vector<std::string> observations, actions, next_observations;
  bool propensity = false;  ///< whether there is a column of them
  bool own_names = true;    ///< whether the columns of observations and actions have the names that the data set has
};
CsvColumns csv_columns(const Dataset& data);

/// Writes a data set as comma-separated values, a row for each transition, with a header:
///
///   episode,position,velocity,action,reward,terminated,truncated,next_position,next_velocity
///   0,0.1,-0.2,right,1,False,False,0.098,-0.19
///
/// Numbers are the shortest that read as the same float32, in actions with a point or an exponent, so that they are not
/// taken for discrete ones; the last rows of episodes say how they ended; where it is unknown where a step led, the
/// fields are empty.  Observations whose numbers have no names are observation_0, observation_1, ...  Actions are in
/// `action`, or action_NAME or action_0, action_1, ... where they have several numbers; discrete ones are written by
/// name where they have names, else by number, from the task's first one on.  Fields are quoted as RFC 4180 says.
///
/// Returns what the format does not hold.  The file appears under its name when it is whole and on the disk.
Losses write_csv(const std::string& path, const Dataset& data);
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include <tessera/io/write_csv.impl.hpp>
#endif
