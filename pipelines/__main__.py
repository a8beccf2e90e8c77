"""`python -m pipelines` is the command line `council-benchmarks`."""

from pipelines.cli import main

main()
