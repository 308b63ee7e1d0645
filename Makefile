PYTHON ?= python3

run setup test check bench soak:
	@$(PYTHON) dev.py $@

# One benchmark alone: make bench_call
bench_%:
	@$(PYTHON) dev.py bench $@

.PHONY: run setup test check bench soak
