#include "objects.h"

#include <unistd.h>

#include <array>
#include <charconv>

namespace djcache::python {

namespace {

// Never destroyed, because the interpreter is finalized before the module is unloaded.
py::object& error_factory() {
  static auto* const factory = new py::object();
  return *factory;
}

Value text_of_integer(py::handle number) {
  int overflow = 0;
  const long long value = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
  if (overflow == 0) {
    std::array<char, 24> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return Value::bytes(std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
  }
  return Value::bytes(std::string(py::str(number)));
}

}  // namespace

Value to_value(py::handle object, Integers integers) {
  if (PyBytes_Check(object.ptr())) {
    return Value::bytes(std::string_view(PyBytes_AS_STRING(object.ptr()),
                                         static_cast<std::size_t>(PyBytes_GET_SIZE(object.ptr()))));
  }
  if (PyLong_Check(object.ptr())) {
    if (integers == Integers::as_text) return text_of_integer(object);
    const long long number = PyLong_AsLongLong(object.ptr());
    if (number == -1 && PyErr_Occurred()) throw py::error_already_set();
    return Value(number);
  }
  return Value::bytes(to_word(object));
}

std::string to_word(py::handle object) {
  if (PyUnicode_Check(object.ptr())) {
    Py_ssize_t size = 0;
    const char* text = PyUnicode_AsUTF8AndSize(object.ptr(), &size);
    if (text == nullptr) throw py::error_already_set();
    return std::string(text, static_cast<std::size_t>(size));
  }
  Py_buffer view;
  if (PyObject_GetBuffer(object.ptr(), &view, PyBUF_SIMPLE) != 0) throw py::error_already_set();
  std::string word(static_cast<const char*>(view.buf), static_cast<std::size_t>(view.len));
  PyBuffer_Release(&view);
  return word;
}

py::object to_python(const Value& value) {
  if (const auto number = value.as_int()) return py::int_(*number);
  const std::string_view text = value.text();
  return py::bytes(text.data(), text.size());
}

py::object to_python(const Reply& reply) {
  switch (reply.type) {
    case Reply::Type::nil:
      return py::none();
    case Reply::Type::integer:
      return py::int_(reply.integer);
    case Reply::Type::error:
      return to_exception({Errc::server_error, reply.text});
    case Reply::Type::array:
      return to_python(reply.elements);
    case Reply::Type::status:
    case Reply::Type::string:
      break;
  }
  return py::bytes(reply.text);
}

py::object to_python(const std::vector<Reply>& replies) {
  py::list list(replies.size());
  for (std::size_t i = 0; i < replies.size(); ++i) list[i] = to_python(replies[i]);
  return list;
}

py::object to_python(const std::vector<std::string>& texts) {
  py::list list(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) list[i] = py::bytes(texts[i]);
  return list;
}

py::object to_python(const DisconnectReport& report) {
  py::dict dict;
  dict["connections"] = report.connections;
  dict["completed"] = report.completed;
  dict["aborted"] = report.aborted;
  dict["limit_reached"] = report.limit_reached;
  return dict;
}

void take_gil(PyThreadState* saved) {
  while (_Py_IsFinalizing() != 0) ::pause();
  PyEval_RestoreThread(saved);
}

void set_error_factory(py::object factory) { error_factory() = std::move(factory); }

py::object to_exception(const Error& error) {
  const std::string_view code = to_string(error.code);
  return error_factory()(
      py::str(code.data(), code.size()),
      py::reinterpret_steal<py::object>(PyUnicode_DecodeUTF8(
          error.detail.data(), static_cast<Py_ssize_t>(error.detail.size()), "backslashreplace")));
}

void raise(const Error& error) {
  const py::object exception = to_exception(error);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
  throw py::error_already_set();
}

}  // namespace djcache::python
