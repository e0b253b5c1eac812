"""The product's settings for two small hosts that a person moves between."""

from config.settings import *  # noqa: F403
from tests.generation import swatch

EXTRA_ENGINES = swatch.ENGINES
