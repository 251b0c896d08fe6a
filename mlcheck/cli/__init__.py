"""The command line: options, reading, writing, exit codes."""
