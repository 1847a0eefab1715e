#include "tls/bare.h"

#include <djcache/harness/certificates.h>

#include <algorithm>
#include <cstring>

#include "growth/callgrind.h"

namespace djcache::bench {
namespace {

Records& of(BIO* bio) { return *static_cast<Records*>(BIO_get_data(bio)); }

int read_records(BIO* bio, char* to, int room) {
  Records& records = of(bio);
  BIO_clear_retry_flags(bio);
  if (records.input.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t size = std::min(records.input.size(), static_cast<std::size_t>(room));
  std::memcpy(to, records.input.data(), size);
  records.input.remove_prefix(size);
  return static_cast<int>(size);
}

int write_records(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  of(bio).output.append(from, static_cast<std::size_t>(size));
  return size;
}

BIO* bio_over(Records& records) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bench");
    BIO_meth_set_read(made, read_records);
    BIO_meth_set_write(made, write_records);
    BIO_meth_set_ctrl(made,
                      [](BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1L : 0L; });
    BIO_meth_set_create(made, [](BIO* bio) {
      BIO_set_init(bio, 1);
      return 1;
    });
    return made;
  }();
  BIO* const bio = BIO_new(method);
  BIO_set_data(bio, &records);
  return bio;
}

}  // namespace

Bare::Bare()
    : client_context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free),
      server_context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free),
      client_(nullptr, &SSL_free),
      server_(nullptr, &SSL_free),
      room_(std::size_t{256} << 10, '\0') {
  const auto authority = harness::CertificateAuthority::make();
  if (!authority) {
    failure_ = authority.problem;
    return;
  }
  const harness::Certificate shown = authority->issue();
  SSL_CTX_use_certificate_file(server_context_.get(), shown.cert_file.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_use_PrivateKey_file(server_context_.get(), shown.key_file.c_str(), SSL_FILETYPE_PEM);
  client_.reset(SSL_new(client_context_.get()));
  server_.reset(SSL_new(server_context_.get()));
  for (const auto& [ssl, records] :
       {std::pair{client_.get(), &client_records_}, std::pair{server_.get(), &server_records_}}) {
    BIO* const bio = bio_over(*records);
    SSL_set_bio(ssl, bio, bio);
  }
  SSL_set_connect_state(client_.get());
  SSL_set_accept_state(server_.get());
  shake_hands();
}

Bare::~Bare() = default;

void Bare::shake_hands() {
  for (int i = 0; i < 10; ++i) {
    const bool client = SSL_do_handshake(client_.get()) == 1;
    pass(client_records_, server_records_);
    const bool server = SSL_do_handshake(server_.get()) == 1;
    pass(server_records_, client_records_);
    if (client && server) break;
  }
  std::size_t read = 0;
  SSL_read_ex(client_.get(), room_.data(), room_.size(), &read);  // tickets
  if (!SSL_is_init_finished(client_.get()) || !SSL_is_init_finished(server_.get())) {
    failure_ = "no handshake";
  }
}

bool Bare::pass(Records& from, Records& to) {
  std::swap(passing_, from.output);
  from.output.clear();
  to.input = passing_;
  return !passing_.empty();
}

bool Bare::read(SSL* from, std::size_t size) {
  for (std::size_t all = 0, read = 0; all < size; all += read) {
    const std::size_t at = all % room_.size();
    if (SSL_read_ex(from, room_.data() + at, room_.size() - at, &read) != 1) return false;
  }
  return true;
}

void Bare::count(int rounds, std::size_t request, std::size_t answer) {
  const std::string asks(request, 'q'), answers(answer, 'a');
  std::size_t written = 0;
  for (int i = 0; i < rounds && failure_.empty(); ++i) {
    CALLGRIND_START_INSTRUMENTATION;
    bool right = SSL_write_ex(client_.get(), asks.data(), asks.size(), &written) == 1;
    CALLGRIND_STOP_INSTRUMENTATION;
    right = right && pass(client_records_, server_records_) && read(server_.get(), request) &&
            SSL_write_ex(server_.get(), answers.data(), answers.size(), &written) == 1 &&
            pass(server_records_, client_records_);
    CALLGRIND_START_INSTRUMENTATION;
    right = right && read(client_.get(), answer);
    CALLGRIND_STOP_INSTRUMENTATION;
    if (!right) failure_ = "OpenSSL alone did not read what it wrote";
  }
}

}  // namespace djcache::bench
