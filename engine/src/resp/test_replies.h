// Shared by the tests of the parser: replies as text, and a parser that is fed in chunks.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "resp/parser.h"

namespace djcache::resp::test {

using Lines = std::vector<std::string>;

// "+OK", "-ERR x", ":1", "$text", "_", "!size" (oversized), "[a, b]".
inline std::string describe(const Reply& reply) {
  switch (reply.type()) {
    case Type::status:
      return "+" + std::string(reply.text());
    case Type::error:
      return "-" + std::string(reply.text());
    case Type::integer:
      return ":" + std::to_string(reply.integer());
    case Type::string:
      return "$" + std::string(reply.text());
    case Type::nil:
      return "_";
    case Type::oversized:
      return "!" + std::to_string(reply.integer());
    case Type::array:
      break;
  }
  std::string text = "[";
  Reply item = reply;
  for (std::size_t i = 0; i < reply.size(); ++i) {
    item = i == 0 ? reply.first() : item.next();
    text += (i == 0 ? "" : ", ") + describe(item);
  }
  return text + "]";
}

// Feeds one chunk, which is freed as soon as the parser may no longer look at it.
inline void feed(Parser& parser, std::string_view chunk, Lines& lines) {
  const auto borrowed = std::make_unique<char[]>(chunk.size() + 1);
  std::memcpy(borrowed.get(), chunk.data(), chunk.size());
  parser.feed({borrowed.get(), chunk.size()});
  Reply reply;
  while (true) {
    switch (parser.next(reply)) {
      case Parser::Status::reply:
        lines.push_back(describe(reply));
        break;
      case Parser::Status::error:
        lines.push_back("error: " + parser.error());
        return;
      case Parser::Status::need_more:
        return;
    }
  }
}

inline bool failed(const Lines& lines) {
  return !lines.empty() && lines.back().starts_with("error: ");
}

// Parses the bytes, split at `cuts` (ascending), until the first error.
inline Lines parse(std::string_view bytes, const std::vector<std::size_t>& cuts = {},
                   const Caps& caps = {}) {
  Parser parser(caps);
  Lines lines;
  std::size_t from = 0;
  for (const std::size_t cut : cuts) {
    feed(parser, bytes.substr(from, cut - from), lines);
    if (failed(lines)) return lines;
    from = cut;
  }
  feed(parser, bytes.substr(from), lines);
  return lines;
}

// Parses the bytes in chunks of `step`, until the first error.
inline Lines parse_in_steps(std::string_view bytes, std::size_t step, const Caps& caps = {}) {
  std::vector<std::size_t> cuts;
  for (std::size_t cut = step; cut < bytes.size(); cut += step) cuts.push_back(cut);
  return parse(bytes, cuts, caps);
}

inline std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

// A text that reveals a lost, repeated or moved byte.
inline std::string patterned(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    text[i] = static_cast<char>((i * 2654435761u >> 11) & 0xff);
  }
  return text;
}

// Positions where a split may matter: around every frame, and a few inside of the bodies.
inline std::vector<std::size_t> edges(std::string_view bytes) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    if (bytes[i] != '\r' || bytes[i + 1] != '\n') continue;
    for (std::size_t at = i > 8 ? i - 8 : 0; at < i + 10 && at < bytes.size(); ++at) {
      if (found.empty() || found.back() < at) found.push_back(at);
    }
  }
  return found;
}

// Contains no CRLF, so that edges() finds only the frames.
inline std::string body(std::size_t size, char from = 'a') {
  std::string text(size, ' ');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(from + (i * 7 + i / 26) % 26);
  return text;
}

inline void expect_in_every_cut(const std::string& bytes, const Lines& lines,
                                const Caps& caps = {}) {
  ASSERT_EQ(parse(bytes, {}, caps), lines);
  const std::vector<std::size_t> cuts = edges(bytes);
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    ASSERT_EQ(parse(bytes, {cuts[i]}, caps), lines) << "cut at " << cuts[i];
    // Pairs of a few neighbours, and some distant pairs.
    for (std::size_t j = i + 1; j < cuts.size(); j += j < i + 4 ? 1 : 17) {
      ASSERT_EQ(parse(bytes, {cuts[i], cuts[j]}, caps), lines) << cuts[i] << ", " << cuts[j];
    }
  }
  for (const std::size_t step : {1, 2, 3, 1000, 4095, 16384, 65536}) {
    ASSERT_EQ(parse_in_steps(bytes, step, caps), lines) << "in steps of " << step;
  }
}

}  // namespace djcache::resp::test
