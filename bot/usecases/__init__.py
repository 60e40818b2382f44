"""What people and machines can ask of the desk: one verb a module, one transaction each.

Every verb is a sync function over a Tx. It checks the role, decides, writes rows, records the
event and emits the effects; it never talks to anybody itself.
"""
