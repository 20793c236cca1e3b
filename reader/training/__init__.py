"""How the shipped reader is made: examples, training, export, calibration (needs the ``models`` extra)."""
