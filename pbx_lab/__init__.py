"""A real Asterisk 16 and 22 with SIPp as trunk and phones, on loopback, for tests and trials.

Nothing is installed on the machine: packages are unpacked into a cache and run in a network
namespace of their own. `python -m pbx_lab --help` lists the commands.
"""
