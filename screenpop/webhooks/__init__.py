"""Events for other programs: what is sent, signed how, and to which addresses.

Entry points: ``call_events`` builds the events of one call from its log record; ``build_body`` and
``zammad.build_form`` build what a target receives; ``signing`` follows the Standard Webhooks rules.
Nothing here does I/O: ``store.webhooks`` keeps the queue in the database and
``app.webhook_sender`` sends it. An event always has the same id, however often it is built, so a
target receives it once from the queue and can recognise a repeated request.
"""
