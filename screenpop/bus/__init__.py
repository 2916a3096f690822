"""What is published to users, in order: gives seq and keeps the short history."""
