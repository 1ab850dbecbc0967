#include <tessera/nn/gemm.hpp>
//
#include <catch2/catch.hpp>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include <tessera/nn/kernels.hpp>
#include <tessera/nn/precision.hpp>
#include <tessera/nn/random.hpp>
#include <tessera/nn/torch.hpp>

using namespace tessera;

namespace {
constexpr double of_rounding = 1.0 / 256;  // half of the last of 8 bits, relative to the number

at::Tensor rounded(const at::Tensor& x) { return x.to(at::kBFloat16).to(at::kDouble); }

struct Product {
  bool transpose_a, transpose_b;
  std::int64_t m, n, k;
  float beta = 0;
  std::int64_t apart = 0;  // what rows are longer than they need to be
};
// op(A) op(B) + beta C by `multiply`, and in double; of the operands as they are, and of those rounded to bf16.
struct Results {
  at::Tensor got, exact, exact_of_rounded, sizes;  // sizes: |A| |B|, which bounds the errors
};
Results results(const Product& p, nn::gemm_function* multiply) {
  auto g = nn::generator(at::kCPU, 1, 2, 3);
  const auto normal = [&](std::int64_t rows, std::int64_t columns) {
    return at::empty({rows, columns + p.apart}, at::kFloat).normal_(0, 1, g);
  };
  const auto a = p.transpose_a ? normal(p.k, p.m) : normal(p.m, p.k),
             b = p.transpose_b ? normal(p.n, p.k) : normal(p.k, p.n), c = normal(p.m, p.n);
  const auto part = [&](const at::Tensor& t, bool transposed) {
    const auto x = t.narrow(1, 0, t.size(1) - p.apart);
    return transposed ? x.t() : x;
  };
  const auto x = part(a, p.transpose_a), y = part(b, p.transpose_b);
  const auto before = part(c, false).to(at::kDouble) * double(p.beta);
  const auto padding = c.narrow(1, p.n, p.apart).clone();
  multiply(p.transpose_a, p.transpose_b, p.m, p.n, p.k, a.data_ptr<float>(), a.size(1), b.data_ptr<float>(), b.size(1),
           p.beta, c.data_ptr<float>(), c.size(1));
  CHECK(at::equal(c.narrow(1, p.n, p.apart), padding));  // nothing is written past a row
  return {part(c, false).to(at::kDouble), x.to(at::kDouble).matmul(y.to(at::kDouble)) + before,
          rounded(x).matmul(rounded(y)) + before,
          x.abs().to(at::kDouble).matmul(y.abs().to(at::kDouble)) + before.abs()};
}
double largest(const at::Tensor& x) { return x.abs().max().item<double>(); }
}  // namespace

TEST_CASE("a number is rounded to bf16: to the nearest, ties to even", "[nn][gemm]") {
  using nn::kernels::to_bf16;
  const float infinity = std::numeric_limits<float>::infinity(), step = 1.0f / 128;  // between the numbers from 1 to 2
  CHECK(to_bf16(1.0f) == 0x3f80);
  CHECK(to_bf16(-2.5f) == 0xc020);
  CHECK(to_bf16(1 + 0.49f * step) == 0x3f80);
  CHECK(to_bf16(1 + 0.51f * step) == 0x3f81);
  CHECK(to_bf16(1 + 0.5f * step) == 0x3f80);  // halfway: the even one, below
  CHECK(to_bf16(1 + 1.5f * step) == 0x3f82);  // and above
  CHECK(to_bf16(2 - 0.5f * step) == 0x4000);  // into the next power of two
  CHECK(to_bf16(0.0f) == 0);
  CHECK(to_bf16(-0.0f) == 0x8000);
  CHECK(to_bf16(infinity) == 0x7f80);
  CHECK(to_bf16(-infinity) == 0xff80);
  CHECK(to_bf16(std::numeric_limits<float>::max()) == 0x7f80);
  for (const std::uint32_t bits : {0x7fc00000u, 0x7f800001u, 0xffffffffu}) {
    const auto nan = to_bf16(nn::kernels::of_bits(std::int32_t(bits)));
    CHECK(std::isnan(nn::kernels::of_bf16(nan)));
  }
  CHECK(nn::kernels::of_bf16(0xc020) == -2.5f);

  // A matrix whose rows are apart; as libtorch rounds.
  const auto x = at::randn({7, 40}), wanted = x.narrow(1, 0, 37).to(at::kBFloat16).contiguous();
  const auto got = at::empty({7, 37}, at::kBFloat16);
  nn::kernels::round_to_bf16(static_cast<std::uint16_t*>(got.data_ptr()), x.data_ptr<float>(), 7, 37, 40);
  CHECK(at::equal(got, wanted));
}

TEST_CASE("a product in bf16 is the product of the rounded operands, with sums in float", "[nn][gemm]") {
  const auto [m, n, k] = GENERATE(table<std::int64_t, std::int64_t, std::int64_t>({{1, 1, 1},
                                                                                   {3, 5, 7},
                                                                                   {1, 256, 256},
                                                                                   {256, 1, 64},
                                                                                   {17, 33, 65},
                                                                                   {64, 64, 64},
                                                                                   {128, 256, 23},
                                                                                   {256, 6, 256},
                                                                                   {31, 255, 257},
                                                                                   {16, 16, 1},
                                                                                   {200, 48, 11}}));
  for (const bool transpose_a : {false, true})
    for (const bool transpose_b : {false, true})
      for (const float beta : {0.0f, 1.0f, 0.5f})
        for (const std::int64_t apart : {0, 3}) {
          CAPTURE(m, n, k, transpose_a, transpose_b, beta, apart);
          const auto r = results({transpose_a, transpose_b, m, n, k, beta, apart}, nn::bf16_gemm);
          // k + 2 roundings of float at most are made on the way to a sum.
          const double of_sums = double(k + 2) * std::ldexp(1.0, -23);
          CHECK(largest((r.got - r.exact_of_rounded) / r.sizes) <= of_sums);
          // Each operand is off by half a last bit at most.
          CHECK(largest((r.got - r.exact) / r.sizes) <= 2 * of_rounding + of_rounding * of_rounding + of_sums);
        }
  // Rounding is seen, so that the second bound is not met by a product in float.
  const auto r = results({false, false, 64, 64, 64}, nn::bf16_gemm);
  CHECK(largest((r.got - r.exact) / r.sizes) > 1e-4);
}

TEST_CASE("a product in bf16 does not read what it writes over, and lets NaN through", "[nn][gemm]") {
  const auto a = at::ones({32, 32}), b = at::ones({32, 32}), c = at::full({32, 32}, std::nan(""));
  const auto multiply = [&] {
    nn::bf16_gemm(false, false, 32, 32, 32, a.data_ptr<float>(), 32, b.data_ptr<float>(), 32, 0.0f, c.data_ptr<float>(),
                  32);
  };
  multiply();
  CHECK(at::equal(c, at::full({32, 32}, 32.0f)));
  a.select(0, 3).select(0, 5).fill_(std::nan(""));
  multiply();
  CHECK(at::equal(c.isnan().any(1).nonzero().squeeze(1), at::tensor({3})));
}

TEST_CASE("products of a pass are in bf16 within an in_precision, if they are large enough", "[nn][gemm]") {
  const auto equal = [](const Product& p, nn::gemm_function* other) {
    return at::equal(results(p, nn::gemm).got, results(p, other).got);
  };
  const auto in_float = nn::gemms().front().second;
  const Product large{false, true, 64, 64, 64}, small{false, true, 8, 64, 64}, narrow{false, false, 512, 8, 512};
  CHECK(nn::gains_by_bf16(64, 64, 64));
  CHECK_FALSE(nn::gains_by_bf16(8, 64, 64));
  CHECK_FALSE(nn::gains_by_bf16(512, 8, 512));
  CHECK_FALSE(nn::gains_by_bf16(1, 1024, 1024));  // one state
  CHECK_FALSE(nn::gains_by_bf16(32, 32, 32));
  CHECK(nn::gains_by_bf16(32, 32, 256));
  CHECK_FALSE(nn::gains_by_bf16(16, 256, 256));
  CHECK(nn::gains_by_bf16(24, 256, 256));
  CHECK_FALSE(nn::gains_by_bf16(256, 256, 7));
  CHECK(equal(large, in_float));
  {
    const nn::in_precision guard(precision::bf16);
    CHECK(equal(large, nn::bf16_gemm));
    CHECK_FALSE(equal(large, in_float));
    CHECK(equal(small, in_float));
    CHECK(equal(narrow, in_float));
  }
  CHECK(equal(large, in_float));
}

TEST_CASE("whether bf16 products are fast follows from the processor and the build", "[nn][gemm]") {
  const auto why = nn::why_no_bf16();
  CAPTURE(why);
#if !TESSERA_WITH_ONEDNN
  CHECK(why == "this program was built without oneDNN");
#elif defined(__x86_64__)
  // A user may limit oneDNN's instructions.
  if (std::getenv("ONEDNN_MAX_CPU_ISA") == nullptr && std::getenv("DNNL_MAX_CPU_ISA") == nullptr)
    CHECK(why ==
          (__builtin_cpu_supports("avx512bf16") ? std::string() : "this processor has neither AVX512_BF16 nor AMX"));
#else
  CHECK_FALSE(why.empty());
#endif
}
