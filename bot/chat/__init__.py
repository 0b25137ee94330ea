"""Commands as lines of chat: the same words on every platform."""
