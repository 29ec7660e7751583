"""Shapes of requests and answers. Money is in 元, ratios with 1 = 100 %, days and times in ISO 8601."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

T = TypeVar("T")


def _printable(text: str) -> str:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("the text holds a character that cannot be stored")
    return text


Id = Annotated[int, Field(ge=1, le=2**63 - 1)]
Text = Annotated[str, AfterValidator(_printable)]
Offset = Annotated[int, Field(ge=0, le=1_000_000)]
Limit = Annotated[int, Field(ge=1, le=200)]
State = Literal["entitled", "ready", "near", "unknown", "not"]


class Page(Schema, Generic[T]):
    """Part of a list. `total` counts all that the user may see and that the filters let through."""

    items: list[T]
    total: int
    offset: int
    limit: int


class Membership(Schema):
    role: str
    organisation: int | None
    name: str


class Me(Schema):
    username: str
    name: str
    language: str
    memberships: list[Membership]
    unread_notices: int


class Enterprise(Schema):
    id: int
    name: str
    credit_code: str | None
    names: list[str] = Field(default_factory=list, description="former and short names")


class Fact(Schema):
    """A value in force with where it comes from."""

    variable: str
    label: str
    year: int | None
    value: Any
    display: str
    dataset: str = Field(description="title of the dataset it comes from")
    owner: str
    delivery: int | None
    row: int | None
    recorded_at: datetime
    statements: int
    conflicting: bool
    origin: str


class FactRead(Schema):
    variable: str
    year: int | None
    label: str
    text: str = Field(description="as people read it; empty when it is not known")


class Leaf(Schema):
    """One condition of a rule for one enterprise."""

    leaf: int
    sentence: str
    state: Literal["met", "unmet", "unknown", "manual"]
    facts: list[FactRead]
    lacks: str = Field(description="what a number is short of; empty where there is no distance")
    near: bool = Field(description="this alone stands between the enterprise and the support")
    quote: str
    source: str


class Node(Schema):
    """How the conditions join: all, any, not, at_least (n of them), or leaf."""

    kind: str
    truth: str
    n: int | None = None
    leaf: int | None = None
    children: list[Node] = Field(default_factory=list)


class Step(Schema):
    """One fact to change on a way."""

    text: str
    variable: str
    year: int | None
    present: Any = Field(description="what it is now, of the newest year known; null when it is not known")
    target: Any = Field(description="the least change that will do: a figure, a code, the whole set of codes, records")
    effort: float = Field(description="points, one being about a working day of one person")
    through: list[str] = Field(description="rules that grant the title to be gained")


class Assumed(Schema):
    variable: str
    year: int


class Way(Schema):
    """What to do by when. Everything of it together makes the verdict true, a person's check aside."""

    line: str = Field(description="the whole way in one sentence")
    day: date = Field(description="from which day it counts")
    until: date | None = Field(description="the last day of that year on which it holds, where time ends it")
    effort: float = Field(description="points of all steps and findings")
    steps: list[Step]
    findings: list[str] = Field(description="what nobody has told and must turn out so")
    assumed: list[Assumed] = Field(description="figures of years to come, taken to be as in the year before")
    manual: list[int] = Field(description="leaves that a person still judges")
    notes: list[str]


class Ways(Schema):
    """The cheapest ways to an item, at most three, the cheapest first.

    proved: there is no cheaper way, or none at all where none is found; else the search was cut short or not sure.
    """

    by_itself: date | None = Field(description="the day on which time alone does it")
    proved: bool
    found: list[Way]


class LeafSet(Schema):
    """Leaves by number. change: decided by facts as they are; find_out: unknown."""

    change: list[int]
    find_out: list[int]


class LeafSets(Schema):
    """The smallest first, at most 32; count: how many there are."""

    count: int
    sets: list[LeafSet]


class Standing(Schema):
    """turn: the smallest sets of leaves that, turned, make the verdict true, those that a person judges taken as
    confirmed. kept_false_by: the smallest sets that keep it false whatever the others may be."""

    turn: LeafSets
    kept_false_by: LeafSets


class Points(Ways):
    """The cheapest ways to so many points. now: the points by the facts there are, null when they are not known."""

    rule: str
    score: str
    points: float
    now: float | None


class Verdict(Schema):
    """What one rule says of one enterprise."""

    rule: str
    version: int
    name: str
    name_en: str
    kind: str
    policy: str | None
    state: State
    benefit: float | None
    benefit_kind: str | None
    closes: date | None
    soon: date | None = Field(description="the day within two years on which time alone makes it true")
    scores: dict[str, float | None]
    ways: Ways | None = Field(description="with `ways=true` and the states near, unknown, not; else null")
    leaves: Standing | None = Field(description="which leaves decide; as ways")
    conditions: list[Leaf]
    tree: Node


class Asked(Schema):
    """A fact to tell: `money` is what the items that it could turn come to at most, null where no sum is known."""

    variable: str
    year: int | None
    label: str
    money: float | None
    rules: list[str]


class OnFile(Schema):
    """The fact that says what the paper says: who delivered it, and when."""

    variable: str
    year: int | None
    source: str
    day: date


class PaperNamed(Schema):
    name: str
    on_file: OnFile | None


class PaperList(Schema):
    """The papers that an item asks for."""

    rule: str
    papers: list[PaperNamed]


class Dataset(Schema):
    code: str
    title: str
    title_en: str
    owner: str
    active: bool
    contract: dict[str, Any]


class Variable(Schema):
    code: str
    label: str
    label_en: str
    type: str
    unit: str
    period: str
    category: str
    codelist: str | None
    formula: str | None
    classification: str


class Dictionary(Schema):
    variables: list[Variable]
    codelists: dict[str, int] = Field(description="code list → number of entries")


class CodeEntry(Schema):
    code: str
    parent: str | None
    label: str
    label_en: str


class Delivery(Schema):
    id: int
    dataset: str
    filename: str
    status: str
    message: str
    received_at: datetime
    finished_at: datetime | None
    rows: int
    taken: int
    rejected: int
    unlinked: int
    progress: int


class RejectedRow(Schema):
    row: int
    kind: str
    raw: Any
    problems: list[dict[str, Any]]


class Objection(Schema):
    id: int
    enterprise: int
    enterprise_name: str
    variable: str
    year: int | None
    claimed: str
    reason: str
    status: str
    raised_at: datetime
    decided_at: datetime | None
    answer: str


class ObjectionIn(Schema):
    model_config = ConfigDict(extra="forbid")

    enterprise: Id
    variable: Annotated[Text, Field(max_length=60)]
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    claimed: Annotated[Text, Field(min_length=1, max_length=200)]
    reason: Annotated[Text, Field(min_length=1, max_length=4000)]


class DecisionIn(Schema):
    model_config = ConfigDict(extra="forbid")

    accept: bool
    answer: Annotated[Text, Field(max_length=4000)] = ""


class Notice(Schema):
    """`enterprise` is null for a message to you alone."""

    id: int
    enterprise: int | None
    kind: str
    subject: str
    body: str
    sent_at: datetime
    read_at: datetime | None
    rule: str | None


class Figure(Schema):
    """A figure of the cockpit; `link` leads to the records it is made of."""

    code: str
    label: str
    value: float | None
    unit: str
    definition: str
    target: float | None
    deadline: int | None
    link: str
    parts: list[dict[str, Any]]
