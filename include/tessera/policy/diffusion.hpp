#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tessera/math/diffusion.hpp>
#include <tessera/options/network.hpp>
#include <tessera/options/residual_network.hpp>
#include <tessera/policy/generative_policy.hpp>

namespace tessera {
enum class noise_schedule { variance_preserving, cosine };
constexpr std::array<const char*, 2> enumerators(noise_schedule) { return {"variance_preserving", "cosine"}; }

/// Hyper-parameters that the diffusion policies share.
struct DiffusionParams {
  ResidualMlpOptions net{};
  AdamOptions adam{};
  std::int64_t steps = 5;
  noise_schedule schedule = noise_schedule::variance_preserving;
  bool clip = true;
  double average = 0;

  static constexpr doc docs[] = {
      {"net", "the noise's network, on [s, x, t]"},
      {"adam", "its optimizer"},
      {"steps", "T, steps from an action to noise (IDQL: 5)", 1, 10000},
      {"schedule", "how much noise each step adds: variance_preserving (for few steps), or cosine"},
      {"clip", "whether the action is clipped to [-1, 1] in every step of sampling, not at the end alone"},
      {"average", "rate of the moving average of the parameters that acts; 0: the parameters themselves (IDQL: 0.001)",
       0, 1},
  };
};
inline math::NoiseSchedule schedule_of(const DiffusionParams& h) {
  return h.schedule == noise_schedule::cosine ? math::cosine_schedule(h.steps) : math::variance_preserving(h.steps);
}
/// Hyper-parameters that Ddpm adds to them.
struct DdpmParams {
  double temperature = 1.0;
  std::int64_t last_repeats = 0;

  static constexpr doc docs[] = {
      {"temperature", "factor on the noise that a step of sampling adds", 0, 100},
      {"last_repeats", "how often the last step of sampling is made again", 0, 1000},
  };
};
/// Hyper-parameter that Ddim adds to them.
struct DdimParams {
  std::int64_t visits = 0;

  static constexpr doc docs[] = {
      {"visits", "steps of sampling, evenly spread over the T; 0: all of them (DSRL: 5 to 8)", 0, 10000}};
};

/// The sampler that draws noise in every step but the last:
///   x <- (x - beta_t / sqrt(1 - kept_t) eps) / sqrt(alpha_t) + temperature sqrt(beta_t) z
/// Source: Ho et al. 2020 (DDPM), algorithm 2, with sigma_t^2 = beta_t; the clip is of IDQL's code.
struct Ddpm {
  using params = DdpmParams;
  static constexpr const char* formula =
      "x <- (x - beta_t/sqrt(1-kept_t) eps(s,x,t)) / sqrt(alpha_t) + sqrt(beta_t) z, t = T-1 .. 0; a = clip(x)";
  static constexpr const char* source = "Ho et al. 2020, algorithm 2";
  static constexpr bool of_noise_alone = false;

  template <class F, class T>
  static T generate(const auto& h, const math::NoiseSchedule& s, const F& f, T x, const auto& redraw) {
    for (std::int64_t t = s.steps() - 1; t >= 0; --t)
      for (std::int64_t again = t > 0 ? 0 : h.last_repeats; again >= 0; --again) {
        x = math::denoised_mean(s, t, x, T(f(x, double(t))));
        if (t > 0) x = x + h.temperature * std::sqrt(s.beta(t)) * redraw(x);
        if (h.clip) x = x.clamp(-1, 1);
      }
    return x;
  }
};
/// The sampler that is a function of the noise it begins with:
///   x <- sqrt(kept') a^ + sqrt(1 - kept') eps,   a^ = clip((x - sqrt(1 - kept_t) eps) / sqrt(kept_t)),
/// kept' that of the next step that is visited.  eps is not corrected where the clip of a^ bites.
/// Source: Song et al. 2021 (DDIM), equation 12 with sigma = 0.
struct Ddim {
  using params = DdimParams;
  static constexpr const char* formula =
      "x <- sqrt(kept') a^ + sqrt(1-kept') eps, a^ = clip((x - sqrt(1-kept_t) eps(s,x,t)) / sqrt(kept_t)); a = a^";
  static constexpr const char* source = "Song et al. 2021, eq. 12, sigma = 0";
  static constexpr bool of_noise_alone = true;

  template <class F, class T>
  static T generate(const auto& h, const math::NoiseSchedule& s, const F& f, T x, const auto& /*redraw*/) {
    const auto visited = math::visited_steps(s.steps(), h.visits);
    for (std::size_t i = 0; i < visited.size(); ++i) {
      const T eps = f(x, double(visited[i]));
      T clean = math::without_noise(s, visited[i], x, eps);
      if (h.clip) clean = clean.clamp(-1, 1);
      x = i + 1 < visited.size() ? T(math::noised(clean, eps, s.kept[std::size_t(visited[i + 1])])) : clean;
    }
    return x;
  }
};

/// Diffusion policies: eps(s, x, t) is fitted by  |eps(s, sqrt(kept_t) a + sqrt(1 - kept_t) e, t) - e|^2,  e ~ N(0, I),
/// t uniform over 0 .. T-1, in the sum over dimensions.  They have no density, and no cheap gradient.
/// Source: Ho et al. 2020 (DDPM), algorithm 1; Hansen-Estruch et al. 2023 (IDQL), section 5 and authors' code.
template <class Sampler>
struct BasicDiffusion : GenerativePolicy {
  using params = joined<DiffusionParams, typename Sampler::params>;
  static constexpr const char* formula = Sampler::formula;
  static constexpr const char* source = Sampler::source;
  static constexpr bool flows = false, of_noise_alone = Sampler::of_noise_alone;

  static math::NoiseSchedule schedule(const params& h) { return schedule_of(h); }
  template <class F, class T>
  static T generate(const params& h, const F& f, const T& noise, const auto& redraw) {
    return Sampler::generate(h, schedule(h), f, noise, redraw).clamp(-1, 1);
  }
  template <class F, class Step, class T = typename Step::tensor>
  static T matching_error(const params& h, const F& f, const T& action, Step& step) {
    using B = typename Step::backend;
    const T t = (step.draw(noise::uniform, 1, action) * double(h.steps)).floor().clamp_max(double(h.steps - 1));
    const T eps = step.normal_like(action);
    const T kept = B::listed(schedule(h).kept, action).index_select(0, B::whole(t.squeeze(-1))).unsqueeze(-1);
    return (f(math::noised(action, eps, kept), t) - eps).square().sum(-1);
  }
};
/// A diffusion policy whose sampler draws noise in its steps: no function of the noise that it begins with.
struct DiffusionPolicy : BasicDiffusion<Ddpm> {};
/// A diffusion policy whose action is a function of state and noise, and so a generator for what needs one.
struct DdimPolicy : BasicDiffusion<Ddim> {};
static_assert(Denoises<DiffusionPolicy> && !LatentConditioned<DiffusionPolicy>);
static_assert(Denoises<DdimPolicy> && LatentConditioned<DdimPolicy>);
static_assert(!LogDensityPolicy<DiffusionPolicy> && !ReparameterizedPolicy<DiffusionPolicy>);
}  // namespace tessera
