"""The AsyncAPI description of the socket and the webhooks, made from the code."""
