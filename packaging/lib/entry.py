"""Where a frozen app begins: leaves what PyInstaller put into the environment to this process, then runs traycreds.

PyInstaller's loader points LD_LIBRARY_PATH to the app's own libraries, and its set-up of tkinter points TCL_LIBRARY to
the app's own scripts; on Windows it puts the app's folder first where DLLs are looked for, and children inherit that
too. A credential_process, a browser or a program under `exec` that inherits these finds our OpenSSL or Tcl before its
own, and breaks. An AppImage's loader says in ARGV0 how it was called, which zsh takes for the name of all that it
starts. This process is served already: the dynamic linker reads the variable at the start, and on Windows Python finds
what an extension module needs beside that module.
"""

import os
import sys

from traycreds.__main__ import main

for name in [name for name in os.environ if name.startswith("_PYI_")]:
    del os.environ[name]
if "APPIMAGE" in os.environ:
    for name in ("ARGV0", "OWD"):
        os.environ.pop(name, None)
for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
    # The loader keeps the user's own value in this variable.
    before = os.environ.pop(f"{name}_ORIG", None)
    if before is not None:
        os.environ[name] = before
    elif os.environ.get(name) == getattr(sys, "_MEIPASS", None):
        os.environ.pop(name, None)
# Only our windows need Tcl.
if sys.argv[1:] not in (["ask-code"], ["find-role"], ["add-role"]):
    for name in ("TCL_LIBRARY", "TK_LIBRARY"):
        os.environ.pop(name, None)

if sys.platform == "win32":
    import ctypes

    ctypes.windll.kernel32.SetDllDirectoryW(None)

sys.exit(main())
