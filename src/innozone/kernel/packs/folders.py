"""Reading the folders of a pack, and of the packs it extends, into one draft: a later pack replaces by code."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from innozone.kernel.packs.marked import Context, Form, Node, nearest
from innozone.kernel.packs.model import DatasetContract, Organisation, Origin, Park, TargetData
from innozone.kernel.packs.read_datasets import read_dataset
from innozone.kernel.packs.read_efforts import read_efforts
from innozone.kernel.packs.read_places import read_organisations, read_parks
from innozone.kernel.packs.read_targets import read_targets
from innozone.kernel.packs.read_terms import ListDraft, read_codelists, read_variables
from innozone.kernel.terms import Variable

_PACK_KEYS = (
    *("code", "title", "subtitle", "extends", "currency", "timezone", "colour", "region", "centre", "bounds"),
    "base",
)


@dataclass
class Draft:
    """What has been read so far, by code."""

    variables: dict[str, Variable] = field(default_factory=dict)
    lists: dict[str, list[ListDraft]] = field(default_factory=dict)
    datasets: dict[str, DatasetContract] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    parks: dict[str, Park] = field(default_factory=dict)
    targets: dict[str, TargetData] = field(default_factory=dict)
    #: (variable or dataset, code) → what it takes, and whether the pack calls it a proposal.
    efforts: dict[tuple[str, str], tuple[Node, bool]] = field(default_factory=dict)
    nodes: dict[tuple[str, str], Node] = field(default_factory=dict)
    origins: dict[tuple[str, str], tuple[Path, Origin]] = field(default_factory=dict)
    folders: list[Path] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)

    @property
    def policies(self) -> list[str]:
        return [code for what, code in self.nodes if what == "policy"]

    def note(self, context: Context, root: Path, what: str, code: str, origin: Origin) -> None:
        """A code may stand once in a pack; an entry of a pack it extends is replaced."""
        before = self.origins.get((what, code))
        if before and before[0] == root:
            context.problem(origin, f"the {what} {code} stands twice", f"the first is at {before[1]}")
        self.origins[what, code] = (root, origin)


def shown_path(path: Path, root: Path) -> str:
    """A file of the pack folder `root` as messages name it: `zones/xixian/datasets/ip.yaml`."""
    return path.resolve().relative_to(root.resolve().parents[1]).as_posix()


def read_folder(context: Context, draft: Draft, root: Path, home: Path, chain: tuple[str, ...]) -> Form | None:
    """Read a pack after the packs it extends. Gives the form of its pack.yaml."""
    path = root / "pack.yaml"
    if not path.is_file():
        here = Origin(shown_path(path, root), 1)
        known = [p.parent.name for p in home.glob("*/pack.yaml")]
        cure = nearest(root.name, known) if not root.is_dir() else "add a file pack.yaml"
        context.problem(here, "there is no such pack" if not root.is_dir() else "the pack has no pack.yaml", cure)
        return None
    node = _file(context, draft, path, root)
    if node is None:
        return None
    form = Form(context, node, "pack.yaml", _PACK_KEYS)
    for base in form.texts("extends"):
        if base in chain or base == root.name:
            context.problem(form.place("extends"), f"{root.name} extends itself through {base}", "break the ring")
            continue
        beside = root.parent / base
        read_folder(context, draft, beside if beside.is_dir() else home / base, home, (*chain, root.name))
    draft.folders.append(root)
    _read_files(context, draft, root)
    return form


def _file(context: Context, draft: Draft, path: Path, root: Path) -> Node | None:
    shown = shown_path(path, root)
    if path.is_file():
        draft.digest.update(shown.encode() + b"\0" + path.read_bytes() + b"\0")
    return context.read(path, shown)


_FOLDERS = ("variables", "codelists", "datasets", "policies")
_FILES = ("pack.yaml", "organisations.yaml", "parks.yaml", "targets.yaml")


def _read_files(context: Context, draft: Draft, root: Path) -> None:
    _strangers(context, root)
    for node in _nodes(context, draft, root, "variables"):
        for variable, place in read_variables(context, node):
            draft.note(context, root, "variable", variable.code, place.origin)
            draft.variables[variable.code] = variable
            draft.nodes["variable", variable.code] = place
        for kind, code, place, proposal in read_efforts(context, node):
            draft.note(context, root, f"effort of the {kind}", code, place.origin)
            draft.efforts[kind, code] = place, proposal
    for node in _nodes(context, draft, root, "codelists"):
        for part in read_codelists(context, node):
            _add_list(context, draft, root, part)
    for node in _nodes(context, draft, root, "datasets"):
        contract = read_dataset(context, node)
        if contract:
            draft.note(context, root, "dataset", contract.code, node.origin)
            draft.datasets[contract.code] = contract
            draft.nodes["dataset", contract.code] = node
    for node in _nodes(context, draft, root, "organisations.yaml"):
        for organisation in read_organisations(context, node):
            draft.note(context, root, "organisation", organisation.code, organisation.origin or node.origin)
            draft.organisations[organisation.code] = organisation
    for node in _nodes(context, draft, root, "parks.yaml"):
        for park in read_parks(context, node):
            draft.note(context, root, "park", park.code, park.origin or node.origin)
            draft.parks[park.code] = park
    for node in _nodes(context, draft, root, "targets.yaml"):
        for target, place in read_targets(context, node):
            draft.note(context, root, "target", target.code, place.origin)
            draft.targets[target.code] = target
            draft.nodes["target", target.code] = place
    for node in _nodes(context, draft, root, "policies"):
        code = node.at(["code"]).text or Path(node.file).stem
        draft.note(context, root, "policy", code, node.origin)
        draft.nodes["policy", code] = node


def _nodes(context: Context, draft: Draft, root: Path, part: str) -> list[Node]:
    """The roots of `part`: a file of the pack, or all `*.yaml` of one of its folders, by name."""
    path = root / part
    paths = [path] if path.is_file() else sorted(path.glob("*.yaml"))
    found = (_file(context, draft, path, root) for path in paths)
    return [node for node in found if node is not None]


def _add_list(context: Context, draft: Draft, root: Path, part: ListDraft) -> None:
    earlier = draft.lists.get(part.code, [])
    if not part.extends:
        draft.note(context, root, "code list", part.code, part.origin)
        earlier = []
    elif not earlier:
        message = f"{part.code} extends a code list that no pack below holds"
        context.problem(part.origin, message, nearest(part.code, draft.lists) or "leave extends out")
    draft.lists[part.code] = [*earlier, part]


def _strangers(context: Context, root: Path) -> None:
    """Files and folders that nothing reads are mistakes of spelling more often than not."""
    for path in sorted(root.iterdir()):
        here = Origin(shown_path(path, root), 1)
        if path.name.startswith(".") or path.name in {"__pycache__", "README.md", "__init__.py"}:
            continue
        if path.is_dir() and path.name not in _FOLDERS:
            context.problem(here, f"a pack has no folder {path.name}", nearest(path.name, _FOLDERS))
        if path.is_file() and path.name not in _FILES:
            context.problem(here, f"a pack has no file {path.name}", nearest(path.name, _FILES))
    for part in _FOLDERS:
        for path in sorted((root / part).glob("*")):
            if path.is_file() and path.suffix not in {".yaml", ".md"}:
                context.problem(Origin(shown_path(path, root), 1), f"{path.name} is not read", "name it *.yaml")
