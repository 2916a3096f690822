"""Who is calling: people, their phones, trips and cases, and how a caller id finds them. Pure."""
