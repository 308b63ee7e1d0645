PYTHON ?= python3

run setup test test-rest test-all check pictures bench soak package:
	@$(PYTHON) dev.py $@

# One benchmark alone: make bench_call
bench_%:
	@$(PYTHON) dev.py bench $@

.PHONY: run setup test test-rest test-all check pictures bench soak package
