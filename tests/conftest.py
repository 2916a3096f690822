"""What every test shares."""

from hypothesis import settings

# A busy machine is slow now and then; a property is not false because of it.
settings.register_profile("screenpop", deadline=None)
settings.load_profile("screenpop")
