"""The one door to an Asterisk: pyst2 behind it, a link that never gives up in front."""
