"""The connection to a language model, where the owner named one."""
