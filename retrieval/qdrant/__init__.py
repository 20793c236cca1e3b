"""The index on a Qdrant cluster (the ``qdrant`` extra): two collections behind the interface of the SQLite file."""
