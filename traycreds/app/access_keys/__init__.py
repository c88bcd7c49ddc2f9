"""What the running app does about long-term access keys. It never changes one."""
