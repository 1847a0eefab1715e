#include <djcache/harness/scripted_peer.h>

#include <netinet/in.h>

#include <algorithm>
#include <deque>
#include <map>

#include "peer_connection.h"
#include "temporary_folder.h"
#include "url.h"

#include <djcache/harness/handle_census.h>

namespace djcache::harness {
namespace {

constexpr int backlog = 128;
constexpr std::size_t most_connections = 1024;

}  // namespace

class ScriptedPeer::Core : public std::enable_shared_from_this<Core> {
 public:
  explicit Core(bool unix_socket) : unix_socket_(unix_socket) {}

  Outcome listen(uv_loop_t& loop);
  void close();
  void when_closed(std::function<void()> done);
  void forget_callbacks() { on_closed_.clear(); }

  PeerScript& script(std::size_t n);
  void play(std::vector<PeerScript> scripts);
  void resume(std::size_t n);
  bool finished() const;
  std::size_t open_connections() const;
  const PeerConnection* connection(std::size_t n) const;

  std::size_t accepted() const { return connections_.size(); }
  std::uint16_t port() const { return port_; }
  const std::string& unix_path() const { return unix_path_; }
  const std::string& problem() const { return problem_; }

 private:
  struct Listener {
    PeerStream stream{};  // first, so that a callback's handle is the object
    std::shared_ptr<Core> core;
  };

  int bind(uv_loop_t& loop);
  void accept();
  PeerScript script_of(std::size_t n) const;
  void mismatch(std::size_t n, const std::string& why);
  void one_closed();

  const bool unix_socket_;
  std::unique_ptr<TemporaryFolder> folder_;
  std::string unix_path_;
  std::uint16_t port_ = 0;
  Listener* listener_ = nullptr;    // deletes itself when it has closed
  std::size_t open_ = 0;            // the listener and connections that are not yet closed
  std::deque<PeerScript> scripts_;  // a deque, so that references returned earlier stay valid
  std::vector<std::shared_ptr<PeerConnection>> connections_;
  std::map<std::size_t, int> early_resumes_;  // for connections that do not exist yet
  std::vector<std::function<void()>> on_closed_;
  std::string problem_;
};

Outcome ScriptedPeer::Core::listen(uv_loop_t& loop) {
  if (unix_socket_) {
    auto folder = TemporaryFolder::make("djcache-peer-");
    if (!folder) return {folder.problem};
    folder_ = std::move(folder.value);
    unix_path_ = *folder_ / "peer.sock";
  }
  listener_ = new Listener{.core = shared_from_this()};
  open_ = 1;
  int error = bind(loop);
  mark_as_harness(&listener_->stream.handle);
  if (error == 0) {
    error = uv_listen(&listener_->stream.stream, backlog, [](uv_stream_t* stream, int status) {
      if (status == 0) reinterpret_cast<Listener*>(stream)->core->accept();
    });
  }
  if (error == 0) return {};
  close();
  return {std::string("the peer cannot listen: ") + uv_strerror(error)};
}

int ScriptedPeer::Core::bind(uv_loop_t& loop) {
  PeerStream& stream = listener_->stream;
  if (unix_socket_) {
    uv_pipe_init(&loop, &stream.pipe, 0);
    return uv_pipe_bind(&stream.pipe, unix_path_.c_str());
  }
  uv_tcp_init(&loop, &stream.tcp);
  sockaddr_in address{};
  uv_ip4_addr("127.0.0.1", 0, &address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (const int error = uv_tcp_bind(&stream.tcp, generic, 0); error != 0) return error;
  int size = sizeof address;
  const int error = uv_tcp_getsockname(&stream.tcp, generic, &size);
  port_ = ntohs(address.sin_port);
  return error;
}

void ScriptedPeer::Core::accept() {
  const std::size_t n = connections_.size();
  if (n >= most_connections) {
    mismatch(n, "came, and no more are accepted");
    close();
    return;
  }
  ++open_;
  connections_.push_back(nullptr);  // reserves the number; accept() may call back at once
  auto connection =
      PeerConnection::accept(listener_->stream.stream, unix_socket_, script_of(n),
                             {.mismatch = [self = shared_from_this(),
                                           n](const std::string& why) { self->mismatch(n, why); },
                              .closed = [self = shared_from_this()] { self->one_closed(); }});
  connections_[n] = connection;
  for (int i = early_resumes_[n]; i > 0; --i) connection->resume();
}

PeerScript ScriptedPeer::Core::script_of(std::size_t n) const {
  if (scripts_.empty()) return {};
  return n < scripts_.size() ? scripts_[n] : scripts_.back();
}

PeerScript& ScriptedPeer::Core::script(std::size_t n) {
  if (scripts_.size() <= n) scripts_.resize(n + 1);
  return scripts_[n];
}

void ScriptedPeer::Core::play(std::vector<PeerScript> scripts) {
  for (std::size_t n = 0; n < scripts.size(); ++n) script(n) = std::move(scripts[n]);
}

void ScriptedPeer::Core::mismatch(std::size_t n, const std::string& why) {
  if (problem_.empty()) problem_ = "connection " + std::to_string(n) + ", " + why;
}

void ScriptedPeer::Core::resume(std::size_t n) {
  if (n < connections_.size()) {
    connections_[n]->resume();
  } else {
    ++early_resumes_[n];
  }
}

const PeerConnection* ScriptedPeer::Core::connection(std::size_t n) const {
  return n < connections_.size() ? connections_[n].get() : nullptr;
}

bool ScriptedPeer::Core::finished() const {
  return connections_.size() >= scripts_.size() &&
         std::all_of(connections_.begin(), connections_.end(),
                     [](const auto& connection) { return connection->finished(); });
}

std::size_t ScriptedPeer::Core::open_connections() const {
  return static_cast<std::size_t>(
      std::count_if(connections_.begin(), connections_.end(),
                    [](const auto& connection) { return connection->is_open(); }));
}

void ScriptedPeer::Core::close() {
  const auto alive = shared_from_this();
  for (const auto& connection : connections_) {
    if (connection != nullptr) connection->close();
  }
  if (listener_ == nullptr) return;
  Listener* closing = listener_;
  listener_ = nullptr;
  uv_close(&closing->stream.handle, [](uv_handle_t* handle) {
    const std::unique_ptr<Listener> listener(reinterpret_cast<Listener*>(handle));
    listener->core->one_closed();
  });
}

void ScriptedPeer::Core::when_closed(std::function<void()> done) {
  if (!done) return;
  if (open_ == 0) {
    done();
  } else {
    on_closed_.push_back(std::move(done));
  }
}

void ScriptedPeer::Core::one_closed() {
  if (--open_ > 0 || listener_ != nullptr) return;
  const auto callbacks = std::move(on_closed_);
  on_closed_.clear();
  for (const auto& done : callbacks) done();
}

Opened<ScriptedPeer> ScriptedPeer::listen(uv_loop_t& loop, const ScriptedPeerOptions& options) {
  auto core = std::make_shared<Core>(options.unix_socket);
  if (auto listening = core->listen(loop); !listening) return {nullptr, listening.problem};
  return {std::unique_ptr<ScriptedPeer>(new ScriptedPeer(std::move(core))), ""};
}

ScriptedPeer::ScriptedPeer(std::shared_ptr<Core> core) : core_(std::move(core)) {}

ScriptedPeer::~ScriptedPeer() {
  core_->forget_callbacks();
  core_->close();
}

void ScriptedPeer::close(std::function<void()> done) {
  core_->close();
  core_->when_closed(std::move(done));
}

PeerScript& ScriptedPeer::for_connection(std::size_t n) { return core_->script(n); }
void ScriptedPeer::play(std::vector<PeerScript> scripts) { core_->play(std::move(scripts)); }
std::uint16_t ScriptedPeer::port() const { return core_->port(); }
const std::string& ScriptedPeer::unix_path() const { return core_->unix_path(); }

std::string ScriptedPeer::url(int db) const {
  return core_->unix_path().empty() ? tcp_url({}, "127.0.0.1", core_->port(), db)
                                    : unix_socket_url({}, core_->unix_path(), db);
}

void ScriptedPeer::resume(std::size_t connection) { core_->resume(connection); }

bool ScriptedPeer::paused(std::size_t connection) const {
  const auto* found = core_->connection(connection);
  return found != nullptr && found->paused();
}

const std::string& ScriptedPeer::problem() const { return core_->problem(); }
bool ScriptedPeer::finished() const { return core_->finished(); }
std::size_t ScriptedPeer::accepted() const { return core_->accepted(); }
std::size_t ScriptedPeer::open_connections() const { return core_->open_connections(); }

std::string_view ScriptedPeer::received(std::size_t connection) const {
  const auto* found = core_->connection(connection);
  return found != nullptr ? std::string_view(found->received()) : std::string_view();
}

}  // namespace djcache::harness
