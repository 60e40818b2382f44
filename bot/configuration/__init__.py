"""The checks of the settings file, one module per kind of thing that can be wrong in it."""
