"""What keeps a process of the desk running: its lock, its tasks, its socket, its schema gate."""
