"""One module for each thing outside: files, AWS, notifications, the clock, the platform's folders."""
