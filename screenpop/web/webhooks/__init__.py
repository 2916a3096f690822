"""``/admin/webhooks``: targets that receive events, and their last deliveries."""
