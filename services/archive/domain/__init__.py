"""What is true of areas, households and persons, whoever asks. Pure: no I/O."""
