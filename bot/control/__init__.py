"""What people can ask for, and the one place that checks it and does it."""
