"""Property tests have no deadline: a busy machine is no fault; time is for tests/benchmarks."""

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")
