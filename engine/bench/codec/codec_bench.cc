// djcache_codec_bench: compares the codecs with the fastest of their kind, in one run: pickle with
// CPython's C pickle (pickle_bench.py, a child process on the same bytes), msgpack with msgpack-c's
// own unpacking.
//
// Measures CPU time and takes the best of several rounds, because disturbances only ever add time.
#include <msgpack.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "codec/codec.h"

namespace djcache {
namespace {

// The CPU time of this thread, which excludes the time taken by other programs.
double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <class F>
double best_ns(F run) {
  const auto measure = [&run](std::size_t count) {
    const double start = cpu_ns();
    for (std::size_t i = 0; i < count; ++i) run();
    return cpu_ns() - start;
  };
  std::size_t count = 1;
  double best = 0;
  while ((best = measure(count *= 2)) < 5e6) {
  }
  for (int round = 1; round < 25; ++round) best = std::min(best, measure(count));
  return best / static_cast<double>(count);
}

struct Sample {
  const char* name;
  Value value;
};

std::vector<Sample> samples() {
  Value::List list;
  for (int i = 0; i < 100; ++i) list.push_back(i * 7);
  const Value session = Value::dict({
      {"_auth_user_id", "12"},
      {"_auth_user_backend", "django.contrib.auth.backends.ModelBackend"},
      {"_auth_user_hash", std::string(64, '0')},
      {"_session_expiry", 3600},
      {"cart", Value::list({Value::dict({{"sku", "A-1"}, {"n", 2}})})},
      {"_language", "fr"},
  });
  return {{"session dict", session},
          {"list of 100 int", Value::list(std::move(list))},
          {"str of 1 KiB", std::string(1024, 'x')}};
}

std::string bytes_of(const codec::Codec& codec, const Value& value) {
  codec::Scratch scratch;
  codec::Encoded encoded;
  Error error;
  if (!codec.encode(value, scratch, encoded, error)) std::abort();
  return std::string(encoded.head).append(encoded.body);
}

double encode_ns(const codec::Codec& codec, const Value& value) {
  codec::Scratch scratch;
  codec::Encoded encoded;
  Error error;
  return best_ns([&] {
    if (!codec.encode(value, scratch, encoded, error)) std::abort();
  });
}

// As for a caller: a new value each time, destroyed afterwards.
double decode_ns(const codec::Codec& codec, const std::string& bytes) {
  Error error;
  return best_ns([&] {
    Value value;
    if (!codec.decode(bytes, value, error)) std::abort();
  });
}

double msgpack_c_decode_ns(const std::string& bytes) {
  return best_ns([&] {
    msgpack_unpacked unpacked;
    msgpack_unpacked_init(&unpacked);
    if (msgpack_unpack_next(&unpacked, bytes.data(), bytes.size(), nullptr) !=
        MSGPACK_UNPACK_SUCCESS) {
      std::abort();
    }
    msgpack_unpacked_destroy(&unpacked);
  });
}

// The times of CPython for the same pickles, in the same order; empty without Python.
std::vector<nlohmann::json> python_ns(const std::vector<std::string>& pickles) {
  const auto path =
      std::filesystem::temp_directory_path() / ("djcache-codec-bench-" + std::to_string(getpid()));
  std::ofstream file(path);
  for (const std::string& pickle : pickles) {
    for (const unsigned char byte : pickle) {
      file << "0123456789abcdef"[byte >> 4] << "0123456789abcdef"[byte & 15];
    }
    file << '\n';
  }
  file.close();
  std::vector<nlohmann::json> results;
  const std::string command = "python3 '" DJCACHE_PICKLE_BENCH "' < '" + path.string() + "'";
  if (std::FILE* const out = popen(command.c_str(), "r")) {
    char line[256];
    while (std::fgets(line, sizeof line, out)) results.push_back(nlohmann::json::parse(line));
    pclose(out);
  }
  std::filesystem::remove(path);
  return results;
}

void print(const char* what, const char* name, double ours, double theirs) {
  std::printf("%-16s %-16s %10.0f %10.0f %8.2fx\n", what, name, ours, theirs, theirs / ours);
}

void run() {
  const auto pickle = codec::make_codec(Serializer::pickle, {});
  const auto msgpack = codec::make_codec(Serializer::msgpack, {});
  const auto all = samples();
  std::vector<std::string> pickles;
  for (const Sample& sample : all) pickles.push_back(bytes_of(*pickle, sample.value));
  const auto python = python_ns(pickles);
  std::printf("%-16s %-16s %10s %10s %9s\n", "ns per operation", "", "djcache", "other", "ratio");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [name, value] = all[i];
    if (i < python.size()) {
      print("pickle encode", name, encode_ns(*pickle, value), python[i]["encode"]);
      print("pickle decode", name, decode_ns(*pickle, pickles[i]), python[i]["decode"]);
    }
    const std::string packed = bytes_of(*msgpack, value);
    print("msgpack decode", name, decode_ns(*msgpack, packed), msgpack_c_decode_ns(packed));
  }
}

}  // namespace
}  // namespace djcache

int main() { djcache::run(); }
