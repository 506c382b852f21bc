"""The only place of the archive that writes SQL, beside the read model."""
