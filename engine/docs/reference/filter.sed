# What doxygen reads instead of the files: sed -E -f.

# Pages named in comments are links.
/^ *\/\/\//{
s|engine/docs/other-loops\.md|\\ref md_engine_docs_other_loops "other-loops.md"|
s|engine/docs/django-map\.md|\\ref md_engine_docs_django_map "django-map.md"|
s|engine/docs/([a-z_]+)\.md|\\ref md_engine_docs_\1 "\1.md"|g
}

# The name of a Python test, which doxygen takes for a link of its own.
s|tests\.py::|tests.py |

# Overloads in fewer words than doxygen's.
s|^( *)/// @overload$|\1/// The same with other arguments.|

# Comparing member by member, copying and moving, where the headers say no more than that.
s|^ +friend .*operator==.* = default;$||
s|^ +[A-Za-z]+(& operator=)?\((const [A-Za-z]+&\|[A-Za-z]+&&)( other)?\)( noexcept)?( = default)?;.*$||
