"""What an article is: types, loading, splitting, errors. Imports nothing of the other packages."""

import os

# Haystack starts telemetry when it is imported, and this package is imported before it everywhere:
# nothing leaves the machine.
os.environ.setdefault("HAYSTACK_TELEMETRY_ENABLED", "false")
