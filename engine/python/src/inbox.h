// Inbox: delivers the results of one store's operations to one asyncio loop.
//
// The engine puts completed operations into the inbox, and writes to its descriptor when the inbox
// was empty. The asyncio loop watches the descriptor, empties the inbox and completes the futures.
// The engine never takes the GIL. Except for deliver(), everything must be called on the thread of
// the asyncio loop with the GIL held.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "store.h"

namespace djcache::python {

// Shared by an inbox and its pending operations.
class Delivery;

// A pending operation.
class Task : public std::enable_shared_from_this<Task> {
 public:
  Task() = default;
  Task(const Task&) = delete;
  virtual ~Task() = default;

  // --- With the GIL.
  virtual py::object take() = 0;  // returns the result or raises its error
  PyObject* future = nullptr;     // a reference that the inbox owns
  std::uint64_t number = 0;
  bool wants_product = false;

  // --- On the thread that drives the engine's loop.
  virtual void ended() {}
  Ticket ticket{};
  std::shared_ptr<Delivery> to;
};

class Delivery {
 public:
  Delivery();
  ~Delivery();
  Delivery(const Delivery&) = delete;
  void deliver(std::shared_ptr<Task> task);
  std::vector<std::shared_ptr<Task>> collect();
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Task>> ended_;
};

class Inbox {
 public:
  explicit Inbox(std::shared_ptr<Store> store);
  ~Inbox();
  Inbox(const Inbox&) = delete;

  int descriptor() const { return delivery_->descriptor(); }
  Store& store() const { return *store_; }
  // Completes the futures of the delivered operations. Returns their number.
  std::size_t empty();
  // Cancels an operation.
  void cancel(std::uint64_t number);
  // Passes on what a producer made, for an operation whose future got the result (number,).
  void resolve(std::uint64_t number, py::object future, Result<Value> product);

  // Calls `job(cache, done)` on the engine's loop. `future` gets the result. Returns a number for
  // cancel().
  template <class Job>
  std::uint64_t begin(py::object future, Job job);
  std::uint64_t begin_get_or_set(py::object future, std::string key, GetOrSetOptions options);

 private:
  std::uint64_t enter(const std::shared_ptr<Task>& task, py::object future);
  void complete(Task& task);

  std::shared_ptr<Store> store_;
  std::shared_ptr<Delivery> delivery_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Task>> under_way_;
  std::uint64_t last_ = 0;
  std::shared_ptr<const void> driving_;  // held while operations are pending
};

// The callback of an operation. If it is destroyed without having been called, the engine has been
// stopped, and the operation fails with `closed`.
template <class T>
class Settle {
 public:
  explicit Settle(std::shared_ptr<T> task) : task_(std::move(task)) {}
  Settle(Settle&&) noexcept = default;
  Settle& operator=(Settle&&) noexcept = default;
  ~Settle() {
    if (task_) (*this)(Error{Errc::closed, "the engine has been stopped"});
  }
  template <class R>
  void operator()(R result) {
    const std::shared_ptr<T> task = std::move(task_);
    task->result.emplace(std::move(result));
    task->ended();
    task->to->deliver(task);
  }

 private:
  std::shared_ptr<T> task_;
};

// Converts the result of a job to a Python object, or raises its error.
template <class Job, class T>
py::object convert(const Job& job, Result<T> result) {
  if (!result.ok()) raise(result.error());
  if constexpr (std::is_void_v<T>) {
    return py::none();
  } else if constexpr (requires { job.convert(*std::move(result)); }) {
    return job.convert(*std::move(result));
  } else {
    return to_python(*std::move(result));
  }
}

template <class Job>
class TaskOf final : public Task {
 public:
  using Answer = std::invoke_result_t<const Job&, const SyncCache&>;

  explicit TaskOf(Job with) : job(std::move(with)) {}
  py::object take() override { return convert(job, *std::move(result)); }

  Job job;
  std::optional<Answer> result;
};

template <class Job>
std::uint64_t Inbox::begin(py::object future, Job job) {
  auto task = std::make_shared<TaskOf<Job>>(std::move(job));
  const std::uint64_t number = enter(task, std::move(future));
  // If post() refuses the function, it is destroyed with `done` inside, which reports the error.
  (void)store_->engine().post(
      [task, store = store_.get(), done = Settle(task)](Engine& engine) mutable {
        Cache& cache = store->cache_on_loop(engine);
        if constexpr (std::is_void_v<decltype(task->job(cache, std::move(done)))>) {
          task->job(cache, std::move(done));  // a disconnect cannot be cancelled
        } else {
          task->ticket = task->job(cache, std::move(done));
        }
      });
  return number;
}

// Calls `job(cache)` on this thread, which blocks and releases the GIL while it waits.
template <class Job>
py::object now(const Store& store, const Job& job) {
  PyThreadState* const saved = PyEval_SaveThread();
  auto result = job(store.cache());
  take_gil(saved);
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();  // from a signal handler
  return convert(job, std::move(result));
}

}  // namespace djcache::python
