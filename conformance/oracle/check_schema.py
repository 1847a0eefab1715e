#!/usr/bin/env python3
"""Validates every case file with case.schema.json, as editors do. Usage: check_schema.py FIXTURES"""
import json
import pathlib
import sys

import jsonschema

fixtures = pathlib.Path(sys.argv[1])
validator = jsonschema.Draft7Validator(json.loads((fixtures / "case.schema.json").read_text()))
files = sorted((fixtures / "cases").glob("*.json"))
bad = 0
for file in files:
    error = jsonschema.exceptions.best_match(validator.iter_errors(json.loads(file.read_text())))
    if error:
        bad += 1
        print(f"{file.name}: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}")
print(f"{len(files)} files, {bad} that the schema refuses")
sys.exit(1 if bad or not files else 0)
