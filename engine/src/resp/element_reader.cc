#include "resp/element_reader.h"

#include <hiredis/hiredis.h>
#include <hiredis/read.h>

#include <new>

namespace djcache::resp {

// Callbacks of hiredis' reader. No exception may pass through it; it takes null as "out of memory".
struct ElementFunctions {
  static void* add(const redisReadTask* task, Node node, const char* text) {
    auto& self = *static_cast<ElementReader*>(task->privdata);
    try {
      self.assembly_.add(node, text);
      return &self;
    } catch (const std::bad_alloc&) {
      self.out_of_memory_ = true;
      return nullptr;
    }
  }
  static void* create_string(const redisReadTask* task, char* text, std::size_t size) {
    return add(task, {Type::string, 0, 0, size}, text);
  }
  static void* create_integer(const redisReadTask* task, long long value) {
    return add(task, {Type::integer, value, 0, 0}, nullptr);
  }
  static void* create_nil(const redisReadTask* task) {
    return add(task, {Type::nil, 0, 0, 0}, nullptr);
  }

  static redisReplyObjectFunctions* table() {
    static redisReplyObjectFunctions functions = [] {
      redisReplyObjectFunctions f{};
      f.createString = &create_string;
      f.createInteger = &create_integer;
      f.createNil = &create_nil;
      return f;
    }();
    return &functions;
  }
};

ElementReader::ElementReader(Assembly& assembly) : assembly_(assembly) { reset(); }

ElementReader::~ElementReader() {
  if (reader_ != nullptr) redisReaderFree(reader_);
}

void ElementReader::reset() {
  if (reader_ != nullptr) redisReaderFree(reader_);
  reader_ = redisReaderCreateWithFunctions(ElementFunctions::table());
  if (reader_ != nullptr) {
    reader_->privdata = this;
    // By default the reader frees any buffer of 16 KiB or more when it runs empty: a malloc per
    // read.
    reader_->maxbuf = 256 * 1024;
  }
  out_of_memory_ = false;
}

void ElementReader::feed(std::string_view bytes) {
  // This fails only for lack of memory.
  if (reader_ == nullptr || redisReaderFeed(reader_, bytes.data(), bytes.size()) != REDIS_OK) {
    throw std::bad_alloc();
  }
}

bool ElementReader::read() {
  void* element = nullptr;
  if (redisReaderGetReply(reader_, &element) == REDIS_OK && element != nullptr) return true;
  if (out_of_memory_ || reader_->err == REDIS_ERR_OOM) throw std::bad_alloc();
  return false;
}

std::string ElementReader::error() const {
  return std::string("Protocol error: ") + reader_->errstr;
}

}  // namespace djcache::resp
