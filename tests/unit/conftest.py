"""Property tests: no deadline, since a busy machine is no fault; a share of the usual tries."""

from hypothesis import settings

settings.register_profile("house", deadline=None, max_examples=40)
settings.load_profile("house")
