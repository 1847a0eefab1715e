// Records: stands in for the record layer of TLS. What matters of it is kept: nothing is readable
// before a record is whole, a spoiled byte spoils everything, records may carry no data, and the
// other side may have to be answered.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

namespace djcache::simulation {

class Records {
 public:
  enum class Type : char { hello = 1, shaken, data, new_keys, keys_taken, refusal, farewell };
  static constexpr std::size_t payload_max = 16'384;

  static void append(std::string& to, Type type, std::string_view payload = {}) {
    to += static_cast<char>(type);
    to += static_cast<char>(payload.size() & 0xff);
    to += static_cast<char>(payload.size() >> 8);
    unsigned sum = static_cast<unsigned>(type);
    for (const char c : payload) {
      to += static_cast<char>(c ^ key);
      sum += static_cast<unsigned char>(c);
    }
    to += static_cast<char>(sum & 0x7f);
  }

  // Whether a certificate, the payload of a server's hello, has that name among its own.
  static bool is_for(std::string_view certificate, std::string_view name) {
    while (!certificate.empty()) {
      const std::size_t end = std::min(certificate.find(' '), certificate.size());
      if (name.empty() || certificate.substr(0, end) == name) return true;
      certificate.remove_prefix(std::min(end + 1, certificate.size()));
    }
    return false;
  }

  // Takes no more of `input` than the record needs. False: it is not whole yet, or broken().
  bool pull(std::string_view& input) {
    if (whole_) buffer_.clear();
    whole_ = false;
    if (!take(input, 3)) return false;
    const std::size_t size = static_cast<unsigned char>(buffer_[1]) |
                             static_cast<std::size_t>(static_cast<unsigned char>(buffer_[2])) << 8;
    const bool known = buffer_[0] >= static_cast<char>(Type::hello) &&
                       buffer_[0] <= static_cast<char>(Type::farewell);
    broken_ = broken_ || !known || size > payload_max;
    if (broken_ || !take(input, size + 4)) return false;
    unsigned sum = static_cast<unsigned>(buffer_[0]);
    for (std::size_t i = 3; i < size + 3; ++i) {
      buffer_[i] = static_cast<char>(buffer_[i] ^ key);
      sum += static_cast<unsigned char>(buffer_[i]);
    }
    broken_ = static_cast<char>(sum & 0x7f) != buffer_.back();
    whole_ = !broken_;
    return whole_;
  }
  Type type() const { return static_cast<Type>(buffer_[0]); }
  std::string_view payload() const {
    return std::string_view(buffer_).substr(3, buffer_.size() - 4);
  }
  bool broken() const { return broken_; }
  void reset() { *this = Records{}; }

 private:
  static constexpr char key = 0x5a;

  bool take(std::string_view& input, std::size_t wanted) {
    if (buffer_.size() >= wanted) return true;
    const std::size_t size = std::min(wanted - buffer_.size(), input.size());
    buffer_.append(input.substr(0, size));
    input.remove_prefix(size);
    return buffer_.size() == wanted;
  }

  std::string buffer_;
  bool whole_ = false;
  bool broken_ = false;
};

}  // namespace djcache::simulation
