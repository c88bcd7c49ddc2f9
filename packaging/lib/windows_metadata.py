"""What the two Windows programs say of themselves: names, version information, manifest. Needs nothing installed."""

from __future__ import annotations

import re

from lib import metadata

CONSOLE = {"traycreds.exe": True, "traycredsw.exe": False}
"""The programs, and whether each has a console: one for terminals, one for the desktop."""

_LANGUAGE, _UNICODE = 1033, 1200
"""English (United States) and UTF-16; `040904B0` is the same in hexadecimal."""

_MANIFEST = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <assemblyIdentity type="win32" name="{name}" version="{version}" processorArchitecture="*"/>
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3">
    <security>
      <requestedPrivileges>
        <requestedExecutionLevel level="asInvoker" uiAccess="false"/>
      </requestedPrivileges>
    </security>
  </trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1">
    <application>
      <supportedOS Id="{{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}}"/>
    </application>
  </compatibility>
  <application xmlns="urn:schemas-microsoft-com:asm.v3">
    <windowsSettings>
      <dpiAware xmlns="http://schemas.microsoft.com/SMI/2005/WindowsSettings">true/pm</dpiAware>
      <dpiAwareness xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">PerMonitorV2</dpiAwareness>
      <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
    </windowsSettings>
  </application>
</assembly>
"""


def numbers(version: str) -> tuple[int, int, int, int]:
    """A version as Windows has it: four numbers; what comes before or after a release (`rc1`, `.dev0`) has no place."""
    found = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", version)
    major, minor, patch = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    return major, minor, patch, 0


def version_info(program: str, version: str, summary: str) -> str:
    """What Explorer shows in a program's properties, in PyInstaller's form (VS_VERSIONINFO as a Python expression)."""
    strings = {
        "CompanyName": metadata.AUTHORS,
        # The Task Manager shows this as the name.
        "FileDescription": summary,
        "FileVersion": version,
        "InternalName": "traycreds",
        "LegalCopyright": metadata.COPYRIGHT,
        "OriginalFilename": program,
        "ProductName": "traycreds",
        "ProductVersion": version,
    }
    table = ", ".join(f"StringStruct({name!r}, {value!r})" for name, value in strings.items())
    four = numbers(version)
    return (
        f"VSVersionInfo(ffi=FixedFileInfo(filevers={four}, prodvers={four}, mask=0x3f, flags=0x0, OS=0x40004, "
        "fileType=0x1, subtype=0x0, date=(0, 0)), kids=["
        f"StringFileInfo([StringTable('{_LANGUAGE:04X}{_UNICODE:04X}', [{table}])]), "
        f"VarFileInfo([VarStruct('Translation', [{_LANGUAGE}, {_UNICODE}])])])\n"
    )


def manifest(version: str) -> str:
    """How Windows treats a program (application manifest): only its user's own rights, sharp on every screen.

    Without a word on DPI, Windows draws menu and icon small and blows the picture up; `dpiAware` is what Windows 10
    before 1703 reads. 8e0f7a12... is Windows 10 and 11. PyInstaller adds the common controls of today's look. There is
    no `activeCodePage`: in UTF-8 we would not read the AWS files as the AWS CLI beside us does
    (`awsfiles.aws_file.encoding`).
    """
    return _MANIFEST.format(name=metadata.IDENTIFIER, version=".".join(map(str, numbers(version))))
