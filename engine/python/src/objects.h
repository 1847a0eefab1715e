// Converts between Python's objects and djcache's: values, replies, reports and errors. Everything
// here needs the GIL, which take_gil() takes.
#pragma once

#include <pybind11/pybind11.h>

#include <djcache/client.h>

#include <optional>
#include <string>
#include <vector>

namespace djcache::python {

namespace py = pybind11;

// How an int of Python is stored: on a server as decimal text of any size, in memory as an integer.
enum class Integers : std::uint8_t { as_text, as_int };

Value to_value(py::handle object, Integers integers);
// A word of a command: bytes, or a str in UTF-8.
std::string to_word(py::handle object);

// An int or bytes.
py::object to_python(const Value& value);
py::object to_python(const Reply& reply);
py::object to_python(const std::vector<Reply>& replies);
py::object to_python(const std::vector<std::string>& texts);
py::object to_python(const DisconnectReport& report);
inline py::object to_python(bool flag) { return py::bool_(flag); }
inline py::object to_python(std::int64_t number) { return py::int_(number); }
inline py::object to_python(const std::string& text) { return py::bytes(text); }
template <class Rep, class Period>
py::object to_python(std::chrono::duration<Rep, Period> time) {
  return py::int_(time.count());
}
template <class T>
py::object to_python(const std::optional<T>& value) {
  return value ? to_python(*value) : py::object(py::none());
}

// Sets the Python function that makes an exception from the code and the detail of an error.
void set_error_factory(py::object factory);
py::object to_exception(const Error& error);
// PyEval_RestoreThread(), except that a daemon thread that outlives the interpreter blocks here for
// good: Python would end it by a forced unwind, which C++ frames must not stop.
void take_gil(PyThreadState* saved);

[[noreturn]] void raise(const Error& error);

}  // namespace djcache::python
