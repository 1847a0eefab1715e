#include "inbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

namespace djcache::python {

namespace {

// Whether the future was cancelled, or completed by other code.
bool is_done(py::handle future) { return future.attr("done")().cast<bool>(); }

}  // namespace

// --- Delivery, which the threads share.

Delivery::Delivery() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0) raise({Errc::overloaded, "no descriptor left for an event loop"});
}

Delivery::~Delivery() { ::close(descriptor_); }

void Delivery::deliver(std::shared_ptr<Task> task) {
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    first = ended_.empty();
    ended_.push_back(std::move(task));
  }
  const std::uint64_t one = 1;
  if (first) (void)!::write(descriptor_, &one, sizeof one);
}

std::vector<std::shared_ptr<Task>> Delivery::collect() {
  std::uint64_t count = 0;
  (void)!::read(descriptor_, &count, sizeof count);
  const std::lock_guard lock(mutex_);
  return std::exchange(ended_, {});
}

// --- Inbox, on the thread of the asyncio loop.

Inbox::Inbox(std::shared_ptr<Store> store)
    : store_(std::move(store)), delivery_(std::make_shared<Delivery>()) {}

// The asyncio loop is closed: results of pending operations are dropped.
Inbox::~Inbox() {
  for (auto& [number, task] : under_way_) Py_CLEAR(task->future);
}

std::uint64_t Inbox::enter(const std::shared_ptr<Task>& task, py::object future) {
  if (under_way_.empty()) driving_ = store_->engine().keep_thread_driving();
  task->to = delivery_;
  task->future = future.release().ptr();
  task->number = ++last_;
  under_way_.emplace(task->number, task);
  return task->number;
}

std::size_t Inbox::empty() {
  const auto ended = delivery_->collect();
  for (const auto& task : ended) complete(*task);
  if (under_way_.empty()) driving_.reset();
  return ended.size();
}

void Inbox::complete(Task& task) {
  const auto future = py::reinterpret_steal<py::object>(std::exchange(task.future, nullptr));
  const auto itself = under_way_.find(task.number);
  const bool asks = std::exchange(task.wants_product, false);
  if (itself != under_way_.end() && !asks) under_way_.erase(itself);
  if (!future || is_done(future)) {
    if (asks) cancel(task.number);
    return;
  }
  try {
    future.attr("set_result")(asks ? py::make_tuple(task.number) : task.take());
  } catch (py::error_already_set& error) {
    if (!error.matches(PyExc_Exception)) throw;
    future.attr("set_exception")(error.value());
  }
}

void Inbox::cancel(std::uint64_t number) {
  const auto found = under_way_.find(number);
  if (found == under_way_.end()) return;
  (void)store_->engine().post(
      [task = found->second](Engine& engine) { engine.cancel(task->ticket); });
}

// --- get_or_set, whose producer runs on the asyncio loop.

namespace {

class Produced final : public Task {
 public:
  explicit Produced(std::string of, const GetOrSetOptions& with)
      : key(std::move(of)), options(with) {}
  py::object take() override {
    if (!result->ok()) raise(result->error());
    return to_python(**std::move(result));
  }
  void ended() override { answer = {}; }
  // On the thread that drives the engine's loop.
  void begin(Cache& cache, Settle<Produced> done) {
    // The producer is called only while the operation is pending, which keeps *this alive.
    AsyncProducer producer = [this](Resolve resolve) {
      answer = std::move(resolve);
      wants_product = true;
      to->deliver(shared_from_this());
    };
    ticket = cache.get_or_set(key, std::move(producer), options, std::move(done));
  }

  const std::string key;
  const GetOrSetOptions options;
  Resolve answer;
  std::optional<Result<Value>> result;
};

}  // namespace

std::uint64_t Inbox::begin_get_or_set(py::object future, std::string key, GetOrSetOptions options) {
  auto task = std::make_shared<Produced>(std::move(key), options);
  const std::uint64_t number = enter(task, std::move(future));
  (void)store_->engine().post(
      [task, store = store_.get(), done = Settle(task)](Engine& engine) mutable {
        task->begin(store->cache_on_loop(engine), std::move(done));
      });
  return number;
}

void Inbox::resolve(std::uint64_t number, py::object future, Result<Value> product) {
  const auto found = under_way_.find(number);
  if (found == under_way_.end()) raise({Errc::cancelled, "the operation has ended"});
  found->second->future = future.release().ptr();
  (void)store_->engine().post([task = std::static_pointer_cast<Produced>(found->second),
                               product = std::move(product)](Engine&) mutable {
    if (auto answer = std::exchange(task->answer, {})) answer(std::move(product));
  });
}

}  // namespace djcache::python
