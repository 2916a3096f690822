"""The agent's page, the settings page and hot desks.

Entry points: ``agent_pages``, ``hot_desk_pages``.
Callers: ``web.application``.
"""
