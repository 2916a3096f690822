"""The protocol of the socket without the socket: messages, streams, sessions, receipts. Pure."""
