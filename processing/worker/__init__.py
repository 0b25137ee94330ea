"""The picture in a process of its own, which may hang, crash or be killed at any instant; and the same in a thread."""
