"""What the running app does about long-term access keys. Alone it changes none of them."""
