"""The queue of webhooks: targets, outbox, deliveries.

``outbox.queue_events`` writes events inside the transaction of what they report;
``feed.queue_changes`` finds those of customers, callbacks and promises. ``deliveries`` has what the
sender takes and reports. Names are added when an event is sent, and what was sent is emptied, so
that the queue holds little about people.
"""
