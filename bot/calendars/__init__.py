"""Closed days from elsewhere, brought into the settings file by a person: never while running."""
