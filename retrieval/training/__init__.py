"""How the shipped encoder is tuned: pairs of questions and passages, and the training (needs the ``models`` extra)."""
