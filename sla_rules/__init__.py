"""Time and policy: a pure library. No I/O, no await, no clock; `now` is an argument."""
