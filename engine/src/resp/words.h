// The words of commands, read back from the RESP that Encoder wrote.
//
// Pure. Stops at bytes that are not such a command.
#pragma once

#include <charconv>
#include <cstddef>
#include <string_view>

namespace djcache::resp {

class Words {
 public:
  // One or more commands in a row, borrowed.
  explicit Words(std::string_view commands) : rest_(commands) {}

  // The next word; false at the end.
  bool next(std::string_view& word) {
    is_name_ = left_ == 0;
    if (is_name_ && !read_size('*', left_)) return false;
    std::size_t size = 0;
    if (left_ == 0 || !read_size('$', size) || size + 2 > rest_.size()) return false;
    word = rest_.substr(0, size);
    rest_.remove_prefix(size + 2);
    --left_;
    return true;
  }
  // Whether the last word was the name of a command.
  bool is_name() const { return is_name_; }

 private:
  // "*3\r\n"
  bool read_size(char kind, std::size_t& size) {
    if (rest_.empty() || rest_.front() != kind) return false;
    const char* const end = rest_.data() + rest_.size();
    const auto parsed = std::from_chars(rest_.data() + 1, end, size);
    if (parsed.ec != std::errc() || end - parsed.ptr < 2) return false;
    rest_.remove_prefix(static_cast<std::size_t>(parsed.ptr - rest_.data()) + 2);
    return size <= rest_.size();
  }

  std::string_view rest_;
  std::size_t left_ = 0;  // left in the current command
  bool is_name_ = false;
};

// The word at `index`, counted over all commands; empty if there is none.
inline std::string_view word_at(std::string_view commands, std::size_t index) {
  Words words(commands);
  std::string_view word;
  do {
    if (!words.next(word)) return {};
  } while (index-- > 0);
  return word;
}

}  // namespace djcache::resp
