"""Turns an operation into calls of services: which service, which root, which arguments, which selection. Reads nothing itself."""
