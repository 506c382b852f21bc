"""The planning of a year for a whole county: rosters, Tuesdays' gatherings and the 15ths' dialogues, timed and held against their promises."""
