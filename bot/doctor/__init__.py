"""What this machine can do, and what a person can do about what it cannot."""
