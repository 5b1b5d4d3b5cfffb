"""The charging station: a program that speaks 1.6, 2.0.1 and 2.1 to any central system, with simulated hardware behind a port.

It thinks in 2.1; a dialect translates at the moment of sending. The core (`core`, the rooms) is synchronous and is told the time;
sockets and files are used by `app` only.
"""
