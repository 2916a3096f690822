"""FastAPI: pages, sockets, JSON API. Has no PBX and reads no settings."""
