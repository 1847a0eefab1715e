// Fuzz target: anything a TLS server, or an attacker on the path, may send to a client during the
// handshake and after it. The input is a script. It drives an OpenSSL server in this process and
// tampers with the server's records in transit: flips bits in them, cuts, swaps and repeats them,
// and inserts foreign bytes.
#include <djcache/harness/certificates.h>
#include <openssl/ssl.h>

#include <algorithm>

#include "codec_property.h"
#include "tls/context.h"
#include "tls/session.h"

namespace djcache::fuzz {
namespace {

using Status = tls::Session::Status;

constexpr std::size_t steps_max = 64;

// Made once, because certificates cost more than everything else here.
struct Identity {
  Identity()
      : authority(harness::CertificateAuthority::make()), server(SSL_CTX_new(TLS_server_method())) {
    require(authority.value != nullptr, "no certificates");
    const harness::Certificate shows = authority->issue();
    SSL_CTX_use_certificate_file(server, shows.cert_file.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(server, shows.key_file.c_str(), SSL_FILETYPE_PEM);
    SSL_CTX_set_session_id_context(server, reinterpret_cast<const unsigned char*>("f"), 1);
    auto made = tls::Context::make({.ca_file = authority->ca_file()});
    require(made.ok(), "no context");
    client = *std::move(made);
  }
  harness::Opened<harness::CertificateAuthority> authority;
  SSL_CTX* server;  // never freed
  std::shared_ptr<tls::Context> client;
};

// The bytes of the script. Reading past the end gives zeros and empty text.
class Script {
 public:
  explicit Script(std::string_view bytes) : rest_(bytes) {}
  bool ended() const { return rest_.empty(); }
  std::size_t number() {
    if (rest_.empty()) return 0;
    const auto first = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  std::string_view text(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

class Connection {
 public:
  Connection(Identity& identity, int version, const char* host)
      : session_(identity.client->session(host)), server_(SSL_new(identity.server)) {
    SSL_set_max_proto_version(server_, version);
    SSL_set_bio(server_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(server_);
    take();  // the client sends first
  }
  ~Connection() {
    // Otherwise SSL_free() would make the session unusable for resumption.
    SSL_set_shutdown(server_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(server_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void shake_hands() {
    for (int i = 0; i < 8 && !(shaken_ && SSL_is_init_finished(server_)); ++i) {
      deliver(SIZE_MAX, SIZE_MAX);
      SSL_do_handshake(server_);
      collect();
    }
    require(shaken_, "no handshake with an undisturbed server");
  }
  void step(Script& script);
  // Delivers the rest of the bytes, then the end of the stream.
  void finish() {
    collect();
    deliver(SIZE_MAX, 1 + way_.size() / 7);
    if (over_) return;
    session_->feed_end();
    fed_.clear();
    take();
    require(over_, "neither ended nor failed, though the stream has");
  }

 private:
  void server_writes(std::size_t size) {
    if (!SSL_is_init_finished(server_)) return;
    std::string text(size, '.');
    for (char& each : text) each = static_cast<char>('a' + written_++ % 23);
    if (SSL_write(server_, text.data(), static_cast<int>(size)) <= 0) written_ -= size;
  }
  // Moves the server's output into transit.
  void collect() {
    char room[16384];
    for (int size; (size = BIO_read(SSL_get_wbio(server_), room, sizeof room)) > 0;) {
      way_.append(room, static_cast<std::size_t>(size));
    }
  }
  void deliver(std::size_t size, std::size_t piece);
  void take();
  void answer(bool asked_for = false);
  // Offsets of the records in transit, up to the first incomplete one.
  std::vector<std::size_t> records() const;
  void exchange(std::size_t which);
  void repeat(std::size_t which);

  std::unique_ptr<tls::Session> session_;
  SSL* server_;
  std::string way_;  // in transit from the server to the client
  std::string fed_;
  bool shaken_ = false, over_ = false;
  std::size_t written_ = 0, read_ = 0, fed_in_all_ = 0, output_in_all_ = 0;
};

void Connection::deliver(std::size_t size, std::size_t piece) {
  do {
    fed_ = way_.substr(0, std::min(size, piece));
    way_.erase(0, fed_.size());
    size -= fed_.size();
    fed_in_all_ += fed_.size();
    if (over_) continue;
    session_->feed(fed_);
    take();
  } while (size > 0 && !way_.empty());
}

// Continues the handshake, then reads, as far as the input allows, and checks every result.
void Connection::take() {
  if (!shaken_) {
    const Status status = session_->handshake();
    answer();
    shaken_ = status == Status::done;
    over_ = status == Status::failed;
    require(status != Status::ended, "a handshake that ended is a failure");
    require(over_ == !session_->failure().empty(), "a failure has words, and nothing else has");
    if (!shaken_) return;
  }
  char room[5000];
  while (!over_) {
    std::size_t size = 0;
    const Status status = session_->read(room, sizeof room, size);
    answer();
    for (std::size_t i = 0; i < size; ++i) {
      require(read_ < written_ && room[i] == static_cast<char>('a' + read_ % 23),
              "what was read is not what the server wrote");
      ++read_;
    }
    over_ = status == Status::ended || status == Status::failed;
    require((status == Status::failed) == !session_->failure().empty(),
            "a failure has words, and nothing else has");
    if (status == Status::wants_input) {
      require(session_->rest().empty(), "it wants more and has not used what there is");
      break;
    }
  }
  for (const char c : session_->failure())
    require(c >= ' ' && c != '\x7f', "a failure that cannot be shown");
}

// Passes the client's records to the server.
void Connection::answer(bool asked_for) {
  const std::string_view output = session_->output();
  if (!asked_for) output_in_all_ += output.size();
  require(output_in_all_ <= 8192 + 8 * fed_in_all_, "answers without bound");
  BIO_write(SSL_get_rbio(server_), output.data(), static_cast<int>(output.size()));
  session_->sent(output.size());
}

std::vector<std::size_t> Connection::records() const {
  std::vector<std::size_t> begins = {0};
  while (begins.size() < 32 && begins.back() + 5 <= way_.size()) {
    const auto byte = [&](std::size_t i) {
      return static_cast<unsigned char>(way_[begins.back() + i]);
    };
    const std::size_t next = begins.back() + 5 + (std::size_t{byte(3)} << 8 | byte(4));
    if (next > way_.size()) break;
    begins.push_back(next);
  }
  return begins;
}

void Connection::exchange(std::size_t which) {
  const std::vector<std::size_t> begins = records();
  if (begins.size() < 3) return;
  const std::size_t i = which % (begins.size() - 2);
  const auto at = way_.begin();
  const auto place = [&](std::size_t n) { return at + static_cast<std::ptrdiff_t>(begins[n]); };
  std::rotate(place(i), place(i + 1), place(i + 2));
}

void Connection::repeat(std::size_t which) {
  const std::vector<std::size_t> begins = records();
  if (begins.size() < 2) return;
  const std::size_t i = which % (begins.size() - 1);
  way_.insert(begins[i + 1], std::string(way_, begins[i], begins[i + 1] - begins[i]));
}

void Connection::step(Script& script) {
  const std::size_t deed = script.number() % 14, n = script.number();
  switch (deed) {
    case 0:
      return server_writes(n * n / 2);
    case 1:
      return (void)SSL_key_update(
          server_, n % 2 == 0 ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
    case 2:
      return (void)SSL_shutdown(server_);
    case 3:
      if (SSL_version(server_) == TLS1_3_VERSION) return (void)SSL_new_session_ticket(server_);
      SSL_renegotiate(server_);
      return (void)SSL_do_handshake(server_);
    case 4:  // the client writes
      if (shaken_ && !over_) over_ = session_->write(std::string(n * 77, 'q')) != Status::done;
      if (over_) require(!session_->failure().empty(), "a failure without words");
      return answer(true);
    case 5: {
      char room[4096];
      while (SSL_read(server_, room, sizeof room) > 0) {
      }
      return collect();
    }
    case 6:
      return deliver(n, 1 + n % 5);
    case 7:
      return deliver(SIZE_MAX, 1 + n * n);
    case 8:
      if (!way_.empty())
        way_[n * way_.size() / 256] ^= static_cast<char>(1u << script.number() % 8);
      return;
    case 9:
      return (void)way_.erase(0, n);
    case 10:
      return way_.resize(way_.size() - std::min(way_.size(), n));
    case 11:
      return exchange(n);
    case 12:
      return repeat(n);
    default:
      way_.insert(way_.size() * script.number() / 256, script.text(n));
  }
}

}  // namespace
}  // namespace djcache::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace djcache::fuzz;
  static Identity identity;
  Script script(view(data, size));
  const std::size_t kind = script.number();
  // The session is resumed if the previous connection was to the same host.
  Connection connection(identity, kind % 2 == 0 ? TLS1_3_VERSION : TLS1_2_VERSION,
                        kind % 32 < 16 ? "127.0.0.1" : "localhost");
  if (kind % 8 < 6) connection.shake_hands();
  for (std::size_t i = 0; i < steps_max && !script.ended(); ++i) connection.step(script);
  connection.finish();
  return 0;
}
