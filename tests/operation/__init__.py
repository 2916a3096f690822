"""``make test-operation``: proxies, monitoring and log rotation, tried with the real programs."""
