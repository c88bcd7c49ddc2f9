"""What the build scripts share: environments with locked versions, PyInstaller's lists, names, limits."""
