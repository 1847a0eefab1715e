#include "resp/parser.h"

#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <new>

namespace djcache::resp {

// The reply under construction, reached by the object functions through redisReader::privdata.
struct Parser::Build {
  Caps caps;
  std::vector<Node> nodes;
  std::vector<char> arena;
  std::size_t announced = 0;  // elements, over all arrays of this reply
  std::string refusal;        // why an object function answered null
  bool out_of_memory = false;
  bool refused_size = false;  // because of a string over the cap

  void clear() {
    // One giant reply must not pin its memory for ever.
    if (arena.capacity() > (1u << 20)) [[unlikely]] {
      std::vector<char>().swap(arena);
    }
    if (nodes.capacity() > (1u << 16)) [[unlikely]] {
      std::vector<Node>().swap(nodes);
    }
    arena.clear();
    nodes.clear();
    announced = 0;
  }
  // The reader takes null for "out of memory": every node is a truthy nothing.
  void* accept() { return this; }
  // Or null where there is no memory: nothing may be thrown through the reader.
  void* add(Node node, const char* text = nullptr) {
    try {
      arena.insert(arena.end(), text, text + node.size);
      nodes.push_back(node);
    } catch (const std::bad_alloc&) {
      out_of_memory = true;
      return nullptr;
    }
    return accept();
  }
  void* refuse(std::string reason) {
    refusal = std::move(reason);
    return nullptr;
  }
};

namespace {

constexpr std::size_t max_line = 64 * 1024;
// No string is that large; counting its bytes must not overflow.
constexpr std::size_t absurd_from = std::size_t{1} << 62;

template <class Build>
Build& build_of(const redisReadTask* task) {
  return *static_cast<Build*>(task->privdata);
}

std::string misplaced_end(std::size_t size) {
  return "a string of " + std::to_string(size) + " bytes does not end where its header says";
}

}  // namespace

// The signatures differ between hiredis 0.14 and 1.x; templates take whichever is asked for.
struct ObjectFunctions {
  using Build = Parser::Build;

  static void* create_string(const redisReadTask* task, char* text, std::size_t size) {
    Build& build = build_of<Build>(task);
    // The reader skips the two closing bytes unseen.
    if (task->type == REDIS_REPLY_STRING && (text[size] != '\r' || text[size + 1] != '\n'))
        [[unlikely]] {
      return build.refuse(misplaced_end(size));
    }
    const std::size_t used = build.arena.size();
    if (size > build.caps.bulk_bytes || used + size > build.caps.reply_bytes) [[unlikely]] {
      return refuse_string(build, task, size);
    }
    const Type type = task->type == REDIS_REPLY_STRING  ? Type::string
                      : task->type == REDIS_REPLY_ERROR ? Type::error
                                                        : Type::status;
    return build.add({type, 0, used, size}, text);
  }

  [[gnu::cold, gnu::noinline]] static void* refuse_string(Build& build, const redisReadTask* task,
                                                          std::size_t size) {
    if (size <= build.caps.bulk_bytes) {
      return build.refuse("a reply of more than " + std::to_string(build.caps.reply_bytes) +
                          " bytes");
    }
    // Alone, it costs its own caller an error; inside an array the whole reply is refused.
    if (task->parent == nullptr) {
      return build.add({Type::oversized, static_cast<std::int64_t>(size), 0, 0});
    }
    build.refused_size = true;
    return build.refuse("a string of " + std::to_string(size) + " bytes, over the limit of " +
                        std::to_string(build.caps.bulk_bytes));
  }

  template <class Count>
  static void* create_array(const redisReadTask* task, Count count) {
    Build& build = build_of<Build>(task);
    if (count < Count{0} ||
        static_cast<std::size_t>(count) > build.caps.elements - build.announced) {
      return build.refuse("an array of " + std::to_string(count) + " elements, over the limit of " +
                          std::to_string(build.caps.elements));
    }
    std::size_t depth = 1;
    for (const redisReadTask* up = task->parent; up != nullptr; up = up->parent) ++depth;
    if (depth > build.caps.depth) {
      return build.refuse("arrays nested more than " + std::to_string(build.caps.depth) + " deep");
    }
    build.announced += static_cast<std::size_t>(count);
    return build.add({Type::array, static_cast<std::int64_t>(count), 0, 0});
  }

  static void* create_integer(const redisReadTask* task, long long value) {
    return build_of<Build>(task).add({Type::integer, value, 0, 0});
  }
  static void* create_nil(const redisReadTask* task) {
    return build_of<Build>(task).add({Type::nil, 0, 0, 0});
  }
#if HIREDIS_MAJOR >= 1
  // RESP3, which we never ask for. Kept exact in case a proxy speaks it all the same.
  static void* create_double(const redisReadTask* task, double, char* text, std::size_t size) {
    return create_string(task, text, size);
  }
  static void* create_bool(const redisReadTask* task, int flag) {
    return create_integer(task, flag);
  }
#endif

  static redisReplyObjectFunctions* table() {
    static redisReplyObjectFunctions functions = [] {
      redisReplyObjectFunctions f{};
      f.createString = &create_string;
      f.createArray = &create_array;
      f.createInteger = &create_integer;
      f.createNil = &create_nil;
#if HIREDIS_MAJOR >= 1
      f.createDouble = &create_double;
      f.createBool = &create_bool;
#endif
      f.freeObject = nullptr;
      return f;
    }();
    return &functions;
  }
};

Parser::Parser(const Caps& caps) : caps_(caps), build_(std::make_unique<Build>()) {
  build_->caps = caps;
  reset();
}

Parser::~Parser() {
  if (reader_ != nullptr) redisReaderFree(reader_);
}

void Parser::reset() {
  if (reader_ != nullptr) redisReaderFree(reader_);
  reader_ = redisReaderCreateWithFunctions(ObjectFunctions::table());
  if (reader_ != nullptr) {
    reader_->privdata = build_.get();
    // By default the reader frees a buffer of 16 KiB whenever it runs empty: a malloc per read.
    reader_->maxbuf = 256 * 1024;
  }
  build_->clear();
  build_->refusal.clear();
  build_->out_of_memory = false;
  build_->refused_size = error_is_size_ = false;
  pending_ = {};
  at_start_ = true;
  error_.clear();
  large_ = discard_ = false;
  large_left_ = 0;
  std::string().swap(body_);
}

bool Parser::mid_reply() const {
  return large_ || !pending_.empty() ||
         (reader_ != nullptr && (reader_->ridx >= 0 || reader_->pos < reader_->len));
}

Parser::Status Parser::fail(std::string reason) {
  error_ = std::move(reason);
  return Status::error;
}

Parser::Status Parser::next_slowly(Reply& out) {
  if (!error_.empty()) return Status::error;
  if (reader_ == nullptr) throw std::bad_alloc();
  const Status status = collect(out);
  at_start_ = !large_ && error_.empty() && reader_->ridx < 0 && reader_->pos == reader_->len;
  return status;
}

Parser::Status Parser::collect(Reply& out) {
  while (true) {
    if (at_start_ && !pending_.empty() && pending_.front() == '$') {
      const Header header = read_header(pending_.substr(1));
      if (header.length > 0) enter_large(header, pending_.substr(1 + header.length));
    }
    if (large_) return next_large(out);
    if (at_start_ && pending_.empty()) {
      // Not asked, the reader stays between two replies, where the next bytes are read in place.
      build_->clear();
      return Status::need_more;
    }
    feed_reader();
    at_start_ = false;
    const Status status = next_small(out);
    if (status != Status::need_more) return status;
    if (!leave_reader_for_large() && pending_.empty()) return Status::need_more;
  }
}

// A whole string, nil, status, error or integer at the start of `pending_`. False: none, or one that is
// not plainly sound; nothing has been consumed then. `out` views the bytes that were fed.
bool Parser::next_in_place(Reply& out) {
  const char* const begin = pending_.data();
  const char* const end = begin + pending_.size();
  const char kind = *begin;
  const char* at = begin + 1;
  if (kind == '+' && pending_.starts_with("+OK\r\n")) {
    node_ = Node{Type::status, 0, 1, 2};
    out = Reply(&node_, begin);
    pending_.remove_prefix(5);
    return true;
  }
  if (kind != '$' && kind != ':') return line_in_place(out);
  // At most 9 digits: longer numbers are rare, and the reader checks their range.
  const bool negative = at < end && *at == '-';
  if (negative) ++at;
  const char* const digits = at;
  const char* const limit = end - at > 9 ? at + 9 : end;
  std::uint32_t number = 0;
  for (unsigned digit; at < limit && (digit = static_cast<unsigned char>(*at) - unsigned{'0'}) < 10;
       ++at) {
    number = number * 10 + digit;
  }
  if (at == digits || end - at < 2 || at[0] != '\r' || at[1] != '\n') return false;
  // The reader refuses "02" and "-0", so that how the bytes came in pieces must not decide.
  if (*digits == '0' && (negative || at - digits > 1)) [[unlikely]] {
    return false;
  }
  at += 2;
  if (kind == ':') {
    node_ = Node{Type::integer, negative ? -std::int64_t{number} : std::int64_t{number}, 0, 0};
  } else if (negative) {
    if (number != 1) return false;
    node_ = Node{Type::nil, 0, 0, 0};
  } else {
    const std::size_t size = number;
    if (static_cast<std::size_t>(end - at) < size + 2 || size > caps_.bulk_bytes) return false;
    if (at[size] != '\r' || at[size + 1] != '\n') return false;
    node_ = Node{Type::string, 0, static_cast<std::size_t>(at - begin), size};
    at += size + 2;
  }
  out = Reply(&node_, begin);
  pending_.remove_prefix(static_cast<std::size_t>(at - begin));
  return true;
}

// The same for a status or an error.
bool Parser::line_in_place(Reply& out) {
  const char kind = pending_.front();
  if (kind != '+' && kind != '-') return false;
  const std::size_t size = pending_.substr(0, 256).find('\r');
  if (size == std::string_view::npos || size + 1 >= pending_.size() || pending_[size + 1] != '\n') {
    return false;
  }
  node_ = Node{kind == '+' ? Type::status : Type::error, 0, 1, size - 1};
  out = Reply(&node_, pending_.data());
  pending_.remove_prefix(size + 2);
  return true;
}

// The reader moves what it has left after each reply. So it is given only what completes the string
// or the line that it waits for: what follows in `pending_` is never copied for nothing.
void Parser::feed_reader() {
  if (pending_.empty()) return;
  const std::string_view part = pending_.substr(0, wanted());
  // All that can fail here is to find memory.
  if (redisReaderFeed(reader_, part.data(), part.size()) != REDIS_OK) throw std::bad_alloc();
  bytes_copied_ += part.size();
  pending_.remove_prefix(part.size());
}

std::size_t Parser::wanted() const {
  const std::string_view held(reader_->buf + reader_->pos, reader_->len - reader_->pos);
  const Header header = waits_for_string() ? read_header(held) : Header{};
  if (header.length > 0) return header.length + header.size + 2 - held.size();
  const std::size_t line = pending_.find('\n');
  return line == std::string_view::npos ? line : line + 1;
}

bool Parser::waits_for_string() const {
  if (reader_->ridx < 0) return false;
#if HIREDIS_MAJOR >= 1
  return reader_->task[reader_->ridx]->type == REDIS_REPLY_STRING;
#else
  return reader_->rstack[reader_->ridx].type == REDIS_REPLY_STRING;
#endif
}

Parser::Status Parser::next_small(Reply& out) {
  if (reader_->ridx < 0) build_->clear();
  void* object = nullptr;
  const std::size_t held = reader_->len;
  const int result = redisReaderGetReply(reader_, &object);
  if (reader_->len < held) bytes_copied_ += reader_->len;  // the rest, moved to the front
  if (result != REDIS_OK) {
    if (build_->out_of_memory) throw std::bad_alloc();
    if (build_->refusal.empty()) {
      if (reader_->err == REDIS_ERR_OOM) throw std::bad_alloc();
      return fail(reader_->errstr);
    }
    error_is_size_ = build_->refused_size;
    return fail(std::move(build_->refusal));
  }
  if (object == nullptr) return over_caps() ? Status::error : Status::need_more;
  out = Reply(build_->nodes.data(), build_->arena.data());
  return Status::reply;
}

// "123\r\n..." -> 123. Anything unsound is left to the reader, which words the error.
Parser::Header Parser::read_header(std::string_view digits) {
  Header header;
  const char* end = digits.data() + std::min<std::size_t>(digits.size(), 20);
  const auto [stop, ec] = std::from_chars(digits.data(), end, header.size);
  if (ec != std::errc() || digits.data() + digits.size() - stop < 2) return {};
  if (stop[0] != '\r' || stop[1] != '\n') return {};
  if (digits[0] == '0' && stop - digits.data() > 1) return {};
  header.length = static_cast<std::size_t>(stop - digits.data()) + 2;
  return header;
}

bool Parser::enter_large(const Header& header, std::string_view rest) {
  if (header.size < large_from && header.size <= caps_.bulk_bytes) return false;
  if (header.size > absurd_from) return false;
  large_ = true;
  discard_ = header.size > caps_.bulk_bytes;
  large_size_ = header.size;
  large_left_ = header.size + 2;
  body_.clear();
  // A header is a promise, not yet a payload: what is reserved ahead of the bytes is bounded.
  if (!discard_) body_.reserve(std::min<std::size_t>(header.size + 2, 1u << 20));
  pending_ = rest;
  return true;
}

// The reader has the header of a string. If that is a large one at the top level, its bytes are
// collected here. Scar: the reader is left as if it had consumed the string (pos at the end, no
// task); its next feed starts a fresh reply.
bool Parser::leave_reader_for_large() {
  if (reader_->ridx != 0 || !build_->nodes.empty() || !waits_for_string()) return false;
  const Header header = read_header({reader_->buf + reader_->pos, reader_->len - reader_->pos});
  if (header.length == 0 || !enter_large(header, pending_)) return false;
  reader_->pos = reader_->len;
  reader_->ridx = -1;
  return true;
}

// Whether the reader waits for more bytes than are allowed: of a string inside an array (one at the
// top level bypasses the reader), or of a line.
bool Parser::over_caps() {
  if (reader_->ridx < 0) return false;
  const std::string_view rest(reader_->buf + reader_->pos, reader_->len - reader_->pos);
  const Header header = waits_for_string() ? read_header(rest) : Header{};
  if (header.length > 0) {
    const std::size_t limit = reader_->ridx == 0 ? absurd_from : caps_.bulk_bytes;
    if (header.size <= limit) return false;
    error_is_size_ = true;
    fail("a string of " + std::to_string(header.size) + " bytes, over the limit of " +
         std::to_string(caps_.bulk_bytes));
    return true;
  }
  // Lines (status, error, integer, headers) are short; a peer that never ends one is no redis.
  if (rest.size() <= max_line) return false;
  fail("a line of more than " + std::to_string(max_line) + " bytes");
  return true;
}

Parser::Status Parser::next_large(Reply& out) {
  const std::size_t taken = std::min(large_left_, pending_.size());
  if (!discard_) body_.append(pending_.data(), taken);
  if (discard_ && large_left_ - taken < 2) {
    // Only the closing CRLF is kept of a string that is thrown away.
    const std::size_t closing = std::min<std::size_t>(2 - (large_left_ - taken), taken);
    body_.append(pending_.data() + taken - closing, closing);
  }
  large_left_ -= taken;
  pending_.remove_prefix(taken);
  if (large_left_ > 0) return Status::need_more;
  large_ = false;
  if (body_.size() < 2 || body_[body_.size() - 2] != '\r' || body_.back() != '\n') {
    return fail(misplaced_end(large_size_));
  }
  body_.resize(body_.size() - 2);
  node_ =
      Node{discard_ ? Type::oversized : Type::string, static_cast<std::int64_t>(large_size_), 0, 0};
  if (discard_) body_.clear();
  out = Reply(&node_, body_.data(), &body_);
  return Status::reply;
}

}  // namespace djcache::resp
