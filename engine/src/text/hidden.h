// Hidden: marks the bytes of a server's text that repeat what it was sent.
//
// Pure. Linear in the length of the words it searches for. Private to text/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace djcache::text {

class Hidden {
 public:
  // Shorter words are too common to search for.
  static constexpr std::size_t word_min = 4;

  explicit Hidden(std::string_view text);

  // Hides every occurrence of `word`, and of any eight bytes of it.
  void hide(std::string_view word);
  // The same for words of any length; a short one is only hidden where it stands alone.
  void hide_name(std::string_view name);
  void hide_bytes(std::size_t at, std::size_t size);

  // `text` with "..." in place of the hidden parts.
  std::string rest() const;

 private:
  static constexpr std::size_t window = 8;
  static constexpr std::size_t bits = 4096;
  struct Place {
    std::uint64_t bytes;
    std::uint32_t at;
    bool hidden;
  };

  void hide_pieces(std::string_view word);

  std::string_view text_;
  std::string hidden_;         // per byte: 0 or 1
  std::vector<Place> places_;  // of each window of text_, sorted
  std::uint64_t seen_[bits / 64] = {};
};

}  // namespace djcache::text
