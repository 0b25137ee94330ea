"""Pictures from the web, fetched so that nobody can send this machine where only it can go."""
