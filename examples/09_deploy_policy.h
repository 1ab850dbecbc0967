// A trained policy as one function, written by tessera 0.1.0; changes are lost.
//   algorithm: 'iql'
//   observation: 3 numbers in the task's units; no names
//   action: 1 x 1 numbers; no names
//   content hash: f9ede0fee5edc211
// C++17 and the standard library: no allocation, no exception, no state outside the class.
// Each thread needs an object of its own.
#ifndef TESSERA_POLICY_POLICY_F9EDE0FEE5EDC211
#define TESSERA_POLICY_POLICY_F9EDE0FEE5EDC211
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace policy {
inline constexpr std::size_t observation_size = 3;
inline constexpr std::size_t noise_size = 0;
inline constexpr std::size_t action_size = 1;
inline constexpr std::size_t actions_at_once = 1;
inline constexpr bool discrete = false;
inline constexpr float action_low[] = {-2.0f};
inline constexpr float action_high[] = {2.0f};
inline constexpr char content_hash[] = "f9ede0fee5edc211";

namespace detail {
using size = std::size_t;
inline bool finite(const float* x, size count) noexcept {
  bool all = true;
  for (size i = 0; i < count; ++i) {  // by its bits, which -ffast-math does not take away
    std::uint32_t bits = 0;
    std::memcpy(&bits, x + i, sizeof bits);
    all = all && (bits & 0x7f800000u) != 0x7f800000u;
  }
  return all;
}
inline bool is_nan(float x) noexcept {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &x, sizeof bits);
  return (bits & 0x7fffffffu) > 0x7f800000u;
}
// y = x w + b; rows of w whose factor is 0 are not read.
template <size Rows, size In, size Out>
void linear(const float* x, const float* w, const float* b, float* out, std::uint32_t* active) noexcept {
  for (size r = 0; r < Rows; ++r, x += In, out += Out) {
    float* __restrict y = out;
    for (size j = 0; j < Out; ++j) y[j] = b != nullptr ? b[j] : 0.0f;
    size count = 0;
    for (size k = 0; k < In; ++k) {
      active[count] = static_cast<std::uint32_t>(k);
      count += x[k] != 0.0f ? 1u : 0u;
    }
    size k = 0;
    for (; k + 4 <= count; k += 4) {
      const float x0 = x[active[k]], x1 = x[active[k + 1]], x2 = x[active[k + 2]], x3 = x[active[k + 3]];
      const float* __restrict w0 = w + active[k] * Out;
      const float* __restrict w1 = w + active[k + 1] * Out;
      const float* __restrict w2 = w + active[k + 2] * Out;
      const float* __restrict w3 = w + active[k + 3] * Out;
      for (size j = 0; j < Out; ++j) y[j] += x0 * w0[j] + x1 * w1[j] + x2 * w2[j] + x3 * w3[j];
    }
    for (; k < count; ++k) {
      const float x0 = x[active[k]];
      const float* __restrict w0 = w + active[k] * Out;
      for (size j = 0; j < Out; ++j) y[j] += x0 * w0[j];
    }
  }
}
struct sum {
  float operator()(float a, float b) const noexcept { return a + b; }
};
struct product {
  float operator()(float a, float b) const noexcept { return a * b; }
};
struct lesser {
  float operator()(float a, float b) const noexcept { return b < a || is_nan(b) ? b : a; }
};
// f(x, y) number by number; y has all rows and columns, or one.
template <class F, size Rows, size Columns, size YRows, size YColumns>
void paired(const float* x, const float* y, float* out) noexcept {
  const F f{};
  for (size r = 0; r < Rows; ++r)
    for (size j = 0; j < Columns; ++j)
      out[r * Columns + j] = f(x[r * Columns + j], y[(YRows == 1 ? 0 : r) * YColumns + (YColumns == 1 ? 0 : j)]);
}
struct relu {
  float operator()(float x) const noexcept { return x < 0.0f ? 0.0f : x; }
};
struct gelu {
  float operator()(float x) const noexcept {
    return 0.5f * x * (1.0f + std::tanh(0.7978845608028654f * (x + 0.044715f * x * x * x)));
  }
};
struct hyperbolic_tangent {
  float operator()(float x) const noexcept { return std::tanh(x); }
};
struct silu {
  float operator()(float x) const noexcept { return x / (1.0f + std::exp(-x)); }
};
struct mish {
  float operator()(float x) const noexcept { return x * std::tanh(x > 20.0f ? x : std::log1p(std::exp(x))); }
};
struct exponential {
  float operator()(float x) const noexcept { return std::exp(x); }
};
template <class F, size Count>
void each(const float* x, float* out) noexcept {
  const F f{};
  for (size i = 0; i < Count; ++i) out[i] = f(x[i]);
}
template <size Count>
void clamp(const float* x, float* out, float low, float high) noexcept {
  for (size i = 0; i < Count; ++i) out[i] = x[i] < low ? low : x[i] > high ? high : x[i];
}
template <size Rows, size Columns>
void layer_norm(const float* x, const float* gain, const float* shift, float* out, float epsilon) noexcept {
  for (size r = 0; r < Rows; ++r, x += Columns, out += Columns) {
    double mean = 0.0, square = 0.0;
    for (size j = 0; j < Columns; ++j) mean += static_cast<double>(x[j]);
    mean /= static_cast<double>(Columns);
    for (size j = 0; j < Columns; ++j) {
      const double off = static_cast<double>(x[j]) - mean;
      square += off * off;
    }
    const double factor = 1.0 / std::sqrt(square / static_cast<double>(Columns) + static_cast<double>(epsilon));
    for (size j = 0; j < Columns; ++j)
      out[j] = static_cast<float>((static_cast<double>(x[j]) - mean) * factor) * gain[j] + shift[j];
  }
}
template <size Count>
void copy(const float* x, float* out) noexcept {
  for (size i = 0; i < Count; ++i) out[i] = x[i];
}
template <size Count>
size largest(const float* x) noexcept {
  size best = 0;
  for (size i = 1; i < Count && !is_nan(x[best]); ++i)
    if (x[i] > x[best] || is_nan(x[i])) best = i;
  return best;
}
template <size Count>
void likely(const float* x, const float* logits, float* out, float least) noexcept {
  float most = logits[0];
  for (size i = 1; i < Count; ++i) most = logits[i] > most ? logits[i] : most;
  for (size i = 0; i < Count; ++i) out[i] = logits[i] - most > least ? x[i] : -1e30f;
}
template <size Count>
void code(const float* x, float* out, float first) noexcept {
  const size best = largest<Count>(x);
  out[0] = finite(x + best, 1) ? first + static_cast<float>(best) : x[best];
}
alignas(64) inline constexpr float c1[] = {0.28562582f, -0.08139934f, 0.27306643f, 0.19810538f, -0.14789373f, 0.073176555f, -0.027830055f, -0.15275235f, -0.3646142f, -0.10800829f,
    0.016488194f, -0.4060259f, 0.798061f, 0.26218465f, -0.19841892f, 0.06581779f, -0.07827521f, 0.66804624f, 0.46926528f, 0.122119464f,
    -0.23416606f, 0.30873352f, -0.11465869f, -0.66164815f, -0.45549586f, -0.42695755f, 0.12846997f, 0.14539376f, 0.3716991f, -0.29979464f,
    -1.0184361f, 0.20346718f, 0.5235614f, 0.6089539f, 1.3750632f, -0.25546715f, 0.07563104f, 0.91901296f, -0.64975893f, 0.35122332f,
    -0.5601879f, -0.044731546f, 0.23830795f, -0.41345587f, 0.6038445f, 0.4512573f, -0.39532036f, 0.2088518f, 0.3344162f, -0.30880263f,
    -0.47544324f, 0.59931767f, 0.21192512f, -0.33489925f, -0.21854985f, -0.44051772f, -0.05021175f, 0.10550115f, 0.20787692f, -0.2564836f,
    -0.21732429f, 0.20356233f, -0.56055725f, -0.49112055f, 0.37587997f, 0.21857648f, 0.14363387f, 0.003145767f, 0.2708643f, -0.3720298f,
    -0.074623905f, 0.40275106f};
alignas(64) inline constexpr float c2[] = {0.5145523f, 0.041597422f, -0.012654177f, 0.28030515f, 0.32680848f, -0.065179534f, 0.49681127f, -0.005926101f, -0.16724809f, -0.17375453f,
    0.21767646f, -0.13418446f, 0.0017231742f, -0.08627226f, -0.71245134f, -0.5346126f, -0.24001406f, -0.18632382f, -0.52657455f, 0.062347535f,
    0.10932678f, -0.2579177f, 0.6104323f, 0.4492091f, -0.4077218f, 0.29158786f, -0.6341234f, -0.271651f, 0.4851903f, 0.18116279f,
    0.10673785f, -0.35366645f, -0.010913348f, 0.45853394f, -0.13829407f, 0.33156797f, 0.059769068f, 0.15273473f, -0.34573847f, -0.011673797f,
    0.029250463f, -0.08612536f, 0.3219949f, -0.37543356f, -0.048834506f, -0.4199331f, -0.025827589f, -0.4268707f, 0.22637965f, -0.6815803f,
    0.057965178f, 0.28181365f, -0.18025103f, -0.15822586f, 0.391482f, -0.12132041f, 0.0016734316f, 0.16483119f, -0.16970453f, -0.32095328f,
    -0.40627876f, -0.35894886f, -0.15440126f, 0.15019266f, 0.24650514f, -0.2756919f, 0.5235182f, -0.27693388f, 0.57914877f, -0.10069578f,
    -0.00036460787f, -0.061892375f, -0.25962746f, -0.33468306f, -0.34188226f, 0.13685389f, -0.46830982f, 0.27734688f, 0.24920715f, -0.08852394f,
    0.47047678f, -0.273188f, 0.24677934f, 0.40460438f, 0.1641179f, -0.19395854f, 0.013776027f, -0.19104278f, -0.026094452f, 0.5685342f,
    0.0047864844f, -0.06592791f, 0.42731744f, 0.079183444f, -0.22913843f, 0.06411126f, 0.35758474f, 0.066645704f, -0.01603381f, 0.5005597f,
    -0.27399263f, 0.0305278f, 0.021438327f, -0.05011867f, 0.4509921f, 0.2322758f, -0.48364818f, -0.029142207f, 0.05350274f, 0.102681495f,
    0.17146151f, -1.0803992f, 0.54203254f, -0.030650929f, 0.33460146f, -0.033804264f, -0.22866796f, 0.054655623f, -0.60613906f, 0.22607592f,
    0.2938453f, -0.38378376f, 0.1289555f, 0.22207731f, 0.053334597f, 0.09160729f, -0.083602436f, -0.49408707f, -0.26149744f, 0.4239204f,
    -0.0005296489f, -0.047377814f, -0.02059598f, 0.23459344f, 0.5722561f, -0.1266998f, 0.06354176f, 0.6592836f, 0.17061071f, 0.018344967f,
    0.1639195f, -0.38677967f, 0.7778309f, 0.11735124f, 0.18814701f, -0.39416903f, 0.51043874f, 0.06965681f, -0.31530595f, 0.13519092f,
    0.23910125f, -0.4600561f, 0.10387782f, -0.009183085f, -0.42090636f, 0.062406562f, 0.77728057f, -0.4462271f, -0.108211145f, -0.13093582f,
    -0.27333406f, -0.2198536f, 0.026566705f, -0.30104572f, 0.21812423f, -0.5617825f, 0.030245822f, -0.55642456f, 0.02850218f, -0.2716216f,
    -0.4824834f, -0.35875887f, 0.15987997f, -0.010347591f, -0.2697603f, 0.21548435f, -0.2156704f, 0.19390045f, -0.19128051f, -0.3562849f,
    0.25765583f, -0.66218936f, -0.36897594f, -0.24503872f, -0.18911536f, 0.19350079f, 0.053224266f, 0.23333196f, -0.43719018f, 0.53666747f,
    0.1891886f, -0.032506227f, -0.44923282f, 0.09211638f, 0.43005022f, -0.58816993f, -0.53764534f, -0.83375597f, 0.1979948f, -0.13116893f,
    0.1366278f, 0.43599796f, 0.048920527f, 0.23573247f, 0.21143167f, 0.000961265f, -0.028264143f, 0.13623387f, 0.07768711f, 0.05753524f,
    0.16821545f, 0.38843018f, 0.03597388f, -0.09986195f, -0.45309663f, 0.34230256f, 0.2688775f, 0.08811601f, -0.7857473f, 0.29915518f,
    -0.016449954f, -0.51265985f, -0.6200347f, -0.17966284f, 0.55027276f, 0.08261125f, 0.585644f, 0.041915767f, 0.2565324f, -0.06227073f,
    0.3586393f, -0.2852373f, 0.2144599f, -0.26722762f, 0.004856224f, -0.57122016f, 0.35065866f, 0.31855032f, -0.057721164f, -0.33858994f,
    -1.1419941f, 0.37169203f, -1.4286811f, 0.1320997f, -1.5552136f, 0.2300261f, -0.17902309f, -0.18272738f, 0.2867235f, 0.10876915f,
    -0.11822617f, -0.3254653f, -0.24857923f, -0.38103318f, 0.58066607f, 0.30630252f, -0.12760758f, -0.27210274f, -0.19398774f, -1.3085744f,
    -0.20298192f, -0.37083378f, -0.9384863f, 0.30380312f, 0.23755835f, -0.1870137f, -0.5188814f, -0.2373539f, 0.09435622f, -0.09547463f,
    -0.18915464f, -0.020527216f, -0.29665017f, -0.40477437f, -0.334826f, 0.35571545f, 0.46478716f, 0.13050593f, -0.07347275f, 0.37463778f,
    0.085488975f, 0.2510247f, -0.054999247f, -0.6017649f, -0.05830953f, -0.20221342f, -0.37834218f, 0.7433895f, 0.4278173f, 0.046777207f,
    0.007728656f, 0.057061497f, 0.42514738f, 0.29907617f, 0.14503373f, -0.24527048f, -0.04974961f, 0.28494987f, -0.014891146f, -0.091793865f,
    0.07266008f, 0.10161062f, -0.15490435f, 0.24853428f, -0.22914046f, -0.30347183f, 0.044664133f, 0.96074474f, 0.4382929f, 0.2852305f,
    -0.13293931f, 0.32890585f, -0.96409285f, -0.13688204f, -0.747638f, -0.008622684f, -0.36957327f, -0.11592447f, 0.44897702f, 0.29211104f,
    -0.3246838f, 0.06845456f, -0.1833828f, -0.40179968f, -0.038627982f, -0.05305968f, 0.7687271f, 0.09514978f, -0.63673264f, 0.07549865f,
    -0.2349037f, -1.463648f, 0.009769791f, 0.09749863f, -1.0930178f, -0.046719052f, 0.5774751f, -0.2531339f, -0.39168265f, -0.5436988f,
    0.18843433f, -0.10433833f, 0.4695728f, 0.22949708f, 0.68947446f, -0.0626985f, -0.21866843f, 0.06470122f, -0.06750887f, 0.0020065482f,
    0.20614763f, 0.21776305f, 0.18254758f, 0.25310054f, -0.32174143f, -0.06668079f, -0.19947442f, -0.44526416f, 0.13693628f, -0.34017497f,
    -0.15532798f, 0.33083764f, 0.006506923f, -0.19476037f, 0.1899391f, -0.31738147f, -0.28545815f, 0.715262f, -0.031961456f, 0.11860345f,
    -0.4770733f, 0.08740993f, 0.18542889f, -0.20729437f, 0.12623712f, -0.10112774f, 0.41733345f, -0.33897808f, 0.17901355f, 0.18957497f,
    0.5695338f, -0.13027604f, 0.54525954f, 0.22253636f, 0.3143361f, -0.09542686f, 0.4446892f, -0.0009871547f, 0.37371913f, 0.2890011f,
    -0.4181787f, -0.104082376f, 0.40664724f, 0.39196524f, -0.51560736f, 0.02137533f, -0.30440402f, -0.020635502f, -0.6376497f, 0.26353988f,
    -0.09320638f, 0.13474981f, -0.5462425f, 0.046463996f, 0.303835f, 0.27511606f, 0.21505456f, 0.18623549f, -0.20112254f, 0.27167547f,
    0.17648263f, 0.17777948f, 0.20048474f, -0.1286962f, 0.43910646f, -0.45267692f, 0.02221457f, -0.89246166f, -0.35915887f, -0.26805767f,
    -0.3667553f, 0.02509122f, -0.059973184f, 0.26560235f, 0.23650609f, 0.06240461f, 0.038136903f, 0.23528004f, -0.20078382f, 0.5788759f,
    0.38692743f, 0.11619027f, 0.3218536f, 0.25284535f, 0.46168855f, -0.41117263f, 0.4198013f, 0.49268883f, 0.03765951f, 0.025245328f,
    0.26859412f, -0.62849265f, 0.27508986f, -0.70936894f, -0.46082053f, -0.40905678f, 0.046182115f, 0.030932855f, -0.33754176f, 0.12324096f,
    0.67752266f, -0.18073113f, 0.17758353f, -0.20512573f, -0.027437514f, 0.33004978f, 0.08803229f, -0.36788774f, 0.24517046f, 0.7664451f,
    0.13130838f, -0.38867518f, -0.18791233f, -0.28888023f, -0.12423799f, 0.15898827f, -0.15603068f, -0.45546663f, 0.28468034f, -0.39465192f,
    -0.56845295f, 0.14439988f, 0.22083798f, 0.6867123f, 0.19890295f, 0.45977557f, 0.08297794f, -0.8931922f, -0.12944366f, -0.43732467f,
    0.15803868f, 0.06392899f, -0.61428374f, 0.25052747f, -0.7317773f, -0.14521194f, -0.059745286f, 0.16448976f, 0.35653973f, -0.24962063f,
    -0.23544772f, -0.69120824f, 0.3281034f, 0.7424557f, -0.034926835f, -0.18408944f, -0.5248111f, 0.04999235f, 0.54050636f, -0.4005614f,
    0.2820332f, -0.028031463f, -0.2653919f, -0.22426155f, 0.4029391f, 0.727651f, 0.3310581f, 0.21779683f, 0.0496609f, -0.053873446f,
    0.33135852f, 0.57915694f, -0.19577241f, 0.05462619f, 0.07727163f, 0.520902f, -0.3703093f, -0.43160915f, -0.22778888f, 0.597691f,
    -0.43680587f, 0.10398485f, 0.3565423f, -0.08453213f, -0.21160065f, 0.56159884f, 0.37624833f, 0.26355016f, -0.002408952f, 0.19583063f,
    0.057192825f, -0.03412695f, -0.2997923f, 0.2833056f, 0.3293086f, -0.12013022f, -0.37982237f, 0.46678802f, 0.20517375f, -0.71588814f,
    0.4252601f, -0.008712266f, -0.36491138f, 0.50841933f, 0.56361485f, 0.28694254f, -0.55704224f, -0.33933026f, -0.03813443f, -0.42487824f,
    -0.31385437f, 0.0408436f, 0.5553832f, 0.27403545f, -0.3666139f, -0.1754138f, -0.055725913f, 0.04626133f, -0.09125042f, -0.2216254f,
    -0.3802952f, -0.5237557f, -0.18078314f, 0.10033404f, -0.6183246f, -0.004612475f, -0.0015641921f, -0.7095825f, 0.13570367f, 0.25846136f,
    -0.08770949f, 0.24252707f, 0.6409414f, 0.11437689f, -0.36059836f, -0.43893552f};
alignas(64) inline constexpr float c3[] = {0.036539122f, -0.12781563f, 0.18329191f, 0.15017276f, -0.089607775f, 0.040602017f, 0.09655206f, 0.10693188f, -0.07649563f, 0.20003016f,
    -0.055229887f, -0.08342138f, 0.1602525f, 0.026873475f, 0.031921025f, 0.23557647f, 0.25514385f, -0.043653995f, 0.024926798f, 0.06865167f,
    0.046174318f, -0.09621694f, 0.06809746f, -0.049030334f};
alignas(64) inline constexpr float c4[] = {0.5053322f, -0.05633916f, 0.7338584f, 0.10619236f, 0.30248013f, -0.60370994f, -0.6155269f, -0.6551202f, 0.05544562f, -0.18731092f,
    -0.1000104f, -0.14863744f, -0.62690604f, -0.46081424f, 0.655096f, -0.24663533f, -0.03364871f, -0.34285218f, 0.37674147f, 1.160345f,
    0.4321731f, -0.27067676f, 0.3577266f, -0.66204876f};
alignas(64) inline constexpr float c5[] = {-0.03140311f};
alignas(64) inline constexpr float c6[] = {-0.002028915f, -0.0072222347f, -0.17178074f, -0.08360156f, 0.06080768f, 0.04708241f, 0.26947477f, 0.20102894f, 0.027292324f, 0.036984053f,
    0.14957462f, 0.2184389f, -0.036262136f, -0.10616347f, 0.16344334f, -0.17070903f, 0.012388383f, -0.11240901f, 0.06348013f, -0.07258512f,
    0.13002081f, 0.056213956f, 0.06480272f, 0.37259623f};
alignas(64) inline constexpr float c14[] = {1.0f};
alignas(64) inline constexpr float c16[] = {2.0f};
alignas(64) inline constexpr float c18[] = {-2.0f};
}  // namespace detail

class Policy {
 public:
  /// The action at an observation; false, and `action` as it was, where a number is not finite.
  bool act(const float* observation, float* action) noexcept {
    if (!detail::finite(observation, observation_size)) return false;
    detail::linear<1, 3, 24>(observation, detail::c1, detail::c6, memory_ + 0, active_);
    detail::each<detail::relu, 24>(memory_ + 0, memory_ + 0);
    detail::linear<1, 24, 24>(memory_ + 0, detail::c2, detail::c3, memory_ + 32, active_);
    detail::each<detail::relu, 24>(memory_ + 32, memory_ + 32);
    detail::linear<1, 24, 1>(memory_ + 32, detail::c4, detail::c5, memory_ + 0, active_);
    detail::each<detail::hyperbolic_tangent, 1>(memory_ + 0, memory_ + 0);
    detail::clamp<1>(memory_ + 0, memory_ + 0, -1.0f, 1.0f);
    detail::paired<detail::sum, 1, 1, 1, 1>(memory_ + 0, detail::c14, memory_ + 0);
    detail::paired<detail::product, 1, 1, 1, 1>(memory_ + 0, detail::c16, memory_ + 0);
    detail::paired<detail::sum, 1, 1, 1, 1>(memory_ + 0, detail::c18, memory_ + 0);
    if (!detail::finite(memory_ + 0, action_size)) return false;
    detail::copy<action_size>(memory_ + 0, action);
    return true;
  }

 private:
  alignas(64) float memory_[64] = {};
  std::uint32_t active_[24] = {};
};
}  // namespace policy
#endif
