"""Long runs of the promises: every module with PARTS, case after case, `python -m tests.soak`."""
