# The recipes that everybody uses; each is one line and calls what CI calls.
setup:
    ./run --setup
check:
    .venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/mypy && .venv/bin/lint-imports
test:
    .venv/bin/python -m pytest -m "not browser and not endurance"
e2e:
    .venv/bin/python -m pytest -m "browser or endurance"
bench name:
    .venv/bin/zhulian bench {{name}}
serve:
    ./run
docs:
    .venv/bin/python -m pytest tests/tree
