"""The Windows installer as wixl and msibuild read it: WiX source of an app folder, and tables that wixl cannot write.

It is for the user alone, which needs no administrator: files in the user's programs, the folder at the end of
the user's PATH, and a Start menu shortcut with our AppUserModelID, by which Windows knows whose notices it shows.
"""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from pathlib import Path

from lib import metadata
from lib.windows_metadata import CONSOLE, numbers

_SPACE = "http://schemas.microsoft.com/wix/2006/wi"
_SHORTCUT = "StartMenu"
_DOWNGRADE = "A newer version of traycreds is installed."


def identifiers(version: str) -> tuple[str, str]:
    """How Windows names this version (ProductCode), and all versions (UpgradeCode)."""
    return _guid("product", version), _guid("upgrade")


def source(app: Path, version: str, summary: str) -> str:
    """The WiX source of an installer for the files in a folder, in which wixl must run."""
    number = ".".join(map(str, numbers(version)[:3]))
    product_code, upgrade_code = identifiers(version)
    wix = ET.Element("Wix", xmlns=_SPACE)
    product = ET.SubElement(
        wix,
        "Product",
        Id=product_code,
        UpgradeCode=upgrade_code,
        Name=metadata.NAME,
        Version=number,
        Manufacturer=metadata.AUTHORS,
        Language="1033",
    )
    # 500 is Windows Installer 5.0, which knows properties of shortcuts.
    ET.SubElement(
        product, "Package", InstallerVersion="500", Compressed="yes", InstallScope="perUser", Description=summary
    )
    ET.SubElement(product, "MajorUpgrade", DowngradeErrorMessage=_DOWNGRADE)
    ET.SubElement(product, "Media", Id="1", Cabinet="app.cab", EmbedCab="yes")
    target = ET.SubElement(product, "Directory", Id="TARGETDIR", Name="SourceDir")
    ET.SubElement(target, "Directory", Id="ProgramMenuFolder", Name=".")
    local = ET.SubElement(target, "Directory", Id="LocalAppDataFolder", Name=".")
    programs = ET.SubElement(local, "Directory", Id="ProgramsFolder", Name="Programs")
    folder = ET.SubElement(programs, "Directory", Id="INSTALLDIR", Name=metadata.NAME)
    feature = ET.SubElement(product, "Feature", Id="All", Level="1")
    _add(folder, app, app, feature)
    return ET.tostring(wix, encoding="unicode", xml_declaration=True)


def tables() -> dict[str, str]:
    """The tables that wixl has no words for, in the form of msibuild (Microsoft: Windows Installer, Archive files)."""
    return {
        "MsiShortcutProperty": _table(
            "MsiShortcutProperty Shortcut_ PropertyKey PropVariantValue",
            "s72 s72 s255 s255",
            ("AppId", _SHORTCUT, "System.AppUserModel.ID", metadata.APP_ID),
        ),
        # "=-": set it, and take it away with the program; "[~];": behind what the user has.
        "Environment": _table(
            "Environment Name Value Component_",
            "s72 l255 L255 s72",
            ("Path", "=-PATH", "[~];[INSTALLDIR]", _component(Path("traycreds.exe"))),
        ),
    }


ACTIONS = {"RemoveEnvironmentStrings": 3300, "WriteEnvironmentStrings": 5200}
"""The steps that the second table needs, and their place among the others."""


def _add(directory: ET.Element, folder: Path, app: Path, feature: ET.Element) -> None:
    for path in sorted(folder.iterdir()):
        place = path.relative_to(app)
        if path.is_dir():
            below = ET.SubElement(directory, "Directory", Id=f"D{_name(place)}", Name=path.name)
            _add(below, path, app, feature)
            continue
        component = ET.SubElement(directory, "Component", Id=_component(place), Guid=_guid("file", place.as_posix()))
        ET.SubElement(component, "File", Id=f"F{_name(place)}", Name=path.name, Source=place.as_posix(), KeyPath="yes")
        if CONSOLE.get(place.as_posix()) is False:
            ET.SubElement(
                component,
                "Shortcut",
                Id=_SHORTCUT,
                Directory="ProgramMenuFolder",
                Name=metadata.NAME,
                Target=f"[#F{_name(place)}]",
                Description=metadata.DESCRIPTION,
                WorkingDirectory="INSTALLDIR",
            )
        ET.SubElement(feature, "ComponentRef", Id=_component(place))


def _table(columns: str, types: str, row: tuple[str, ...]) -> str:
    name, *_ = columns.split()
    lines = (columns.split(), types.split(), (name, name), row)
    return "".join("\t".join(line) + "\r\n" for line in lines)


def _component(place: Path) -> str:
    return f"C{_name(place)}"


def _name(place: Path) -> str:
    """Letters and digits that stand for a path, as identifiers of a table have 72 of them."""
    return uuid.uuid5(uuid.NAMESPACE_URL, place.as_posix()).hex


def _guid(*about: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join((metadata.PUBLISHER_GUIDS, *about)))).upper()
