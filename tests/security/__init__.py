"""What Screenpop is defended against, which tests prove it, and what it is made of."""
