"""The release of a dataset: found where its content is built already, else built; then switched to."""

import hashlib

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.graph import Say
from taiwan_can_help.release.folder import Release, Releases
from taiwan_can_help.release.software import SOFTWARE

# Raised when what a release holds changes its form, so that no software meets the files of another.
LAYOUT = 7


def release_id(folder: DatasetFolder) -> str:
    """Return the key of the release that a build of this dataset gives: its content, and what builds it."""
    key = " ".join([folder.digest(), f"layout {LAYOUT}", *(f"{name} {version}" for name, version in SOFTWARE.items())])
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def build(folder: DatasetFolder, releases: Releases, say: Say) -> Release:
    """Return the current release of the dataset, building it first when its content is new.

    The release's folder appears whole or not at all, and the switch to it is atomic; whatever goes wrong,
    the release before stays current. Raises InputError when the dataset or the disk is at fault.
    """
    key = release_id(folder)
    existing = releases.find(key)
    if existing is None:
        # What builds a release takes a second to load; a server whose release is built starts without it.
        from taiwan_can_help.release.write import write_release

        say(f"Building release {key} from {folder.root}")
        existing = write_release(folder, releases, key, say)
    releases.use(existing)
    return existing
