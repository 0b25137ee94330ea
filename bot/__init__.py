"""What a person starts and steers: the command line, sessions, the preview."""
