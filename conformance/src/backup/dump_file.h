// The file that holds the keys of a database: written once, checked as a whole, read one key at a
// time. Independent of servers.
//
//   "djcache-conformance dump 1\n"
//   string host, string unix path, number port, number database, number with credentials (0, 1)
//   for each key: number 1, number expires at (ms since 1970, 0: never), string key, string DUMP
//   number 0, number of keys, number checksum (FNV-1a 64 of all bytes before it)
//
// A number has 8 bytes, little endian; a string is its size, a number, and its bytes.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <djcache/harness/outcome.h>

namespace djcache::conformance {

// The database the keys came from. Credentials are not stored, only whether there were any.
struct DumpSource {
  std::string host = {};
  std::string unix_path = {};  // when set, host and port are not used
  std::uint16_t port = 0;
  int db = 0;
  bool with_credentials = false;
};

struct DumpedKey {
  std::string key = {};
  std::string dump = {};           // the result of the server's DUMP
  std::int64_t expires_at_ms = 0;  // by the server's clock; 0: never
};

// A stream with a checksum of its bytes.
class DumpStream {
 public:
  struct Close {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
  };

  explicit DumpStream(std::FILE* file) : file_(file) {}

  bool write(std::string_view bytes);
  bool read(std::string& into, std::uint64_t size);
  bool write_number(std::uint64_t number);
  bool read_number(std::uint64_t& number);

  std::uint64_t checksum() const { return checksum_; }
  std::FILE* file() const { return file_.get(); }
  void close() { file_.reset(); }

 private:
  void count(std::string_view bytes);

  std::unique_ptr<std::FILE, Close> file_;
  std::uint64_t checksum_ = 14695981039346656037U;
};

// Writes to `<path>.partial`; finish() renames it to `path`. Without finish() the destructor
// removes the partial file.
class DumpWriter {
 public:
  // Creates the file with mode 0600. Fails if it cannot be created or already exists.
  static harness::Opened<DumpWriter> create(const std::string& path, const DumpSource& source);
  ~DumpWriter();
  DumpWriter(const DumpWriter&) = delete;
  DumpWriter& operator=(const DumpWriter&) = delete;

  harness::Outcome add(const DumpedKey& key);
  // After this the file survives a crash of the machine: file and folder are synchronized.
  harness::Outcome finish();
  std::uint64_t keys() const { return keys_; }

 private:
  DumpWriter(std::string path, std::FILE* file) : path_(std::move(path)), stream_(file) {}
  std::string partial() const { return path_ + ".partial"; }
  bool write_string(const std::string& text);
  harness::Outcome failed() const;

  std::string path_;
  DumpStream stream_;
  std::uint64_t keys_ = 0;
  bool finished_ = false;
};

class DumpReader {
 public:
  // Reads the whole file: a file that opens is complete and undamaged.
  static harness::Opened<DumpReader> open(const std::string& path);

  const DumpSource& source() const { return source_; }
  std::uint64_t keys() const { return keys_; }
  // From the first key again.
  harness::Outcome rewind();
  // Returns nullopt after the last key, or on a problem().
  std::optional<DumpedKey> next();
  const std::string& problem() const { return problem_; }

 private:
  explicit DumpReader(std::string path) : path_(std::move(path)), stream_(nullptr) {}
  harness::Outcome check();
  bool read_source();
  bool read_string(std::string& into);
  bool read_end();
  std::optional<DumpedKey> fail(const std::string& why);

  std::string path_;
  DumpStream stream_;
  DumpSource source_;
  std::uint64_t size_ = 0;  // of the file
  std::uint64_t keys_ = 0, read_ = 0;
  bool ended_ = false;
  std::string problem_;
};

}  // namespace djcache::conformance
