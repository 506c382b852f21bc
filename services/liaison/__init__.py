"""Liaison (民情沟通三个一): when cadres listen, and what comes of it. See README.md in this folder."""
