"""The tree of units as it stood on a day, with posts, holders and supervisors."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from orgchart.models import Role, Supervision, Tenure, Unit, UnitKind, UnitPlacement

# The box of a unit names whoever leads it; others follow, administrators last.
LEADING: dict[str, int] = {Role.HEAD: 0, Role.MANAGER: 1, Role.STAFF: 3, Role.ADMIN: 4}


@dataclass(frozen=True, slots=True)
class Holder:
    """A post and the person who holds it."""

    tenure_id: int
    post: str
    post_code: str
    role: str
    person: str
    person_code: str
    since: date


@dataclass(frozen=True, slots=True)
class Node:
    """A unit in the tree; of a unit outside the reader's scope only the name is filled."""

    id: int
    code: str
    name: str
    short: str
    kind: str
    kind_label: str
    is_covered: bool
    is_business: bool
    holders: tuple[Holder, ...]
    supervisor: str
    supervisor_code: str
    children: tuple["Node", ...]

    @property
    def head(self) -> Holder | None:
        """The holder of the first post of the unit, if anybody holds one."""
        return self.holders[0] if self.holders else None

    def walk(self, depth: int = 0) -> list[tuple[int, "Node"]]:
        """Return this node and all below it, depth first, each with its depth."""
        below = [pair for child in self.children for pair in child.walk(depth + 1)]
        return [(depth, self), *below]


def chart(district: Unit, on: date, unit_ids: Collection[int] | None = None) -> Node:
    """Return the district's tree as of a day, in four queries whatever its size.

    With `unit_ids`, only those units and the path down to them. A unit whose parent was not
    open on the day hangs below the district.
    """
    units = {unit.pk: unit for unit in Unit.objects.of(district).open_on(on)}
    units[district.pk] = district
    parents: dict[int, int] = dict(
        UnitPlacement.objects.on(on)
        .filter(unit__district=district)
        .values_list("unit_id", "parent_id")
    )
    holders = _holders(district, on)
    supervisors = {
        row.unit_id: row.person
        for row in Supervision.objects.on(on)
        .filter(unit__district=district)
        .select_related("person")
    }

    children: dict[int, list[int]] = {}
    for unit_id in units:
        if unit_id != district.pk:
            above = parents.get(unit_id, district.pk)
            if above not in units:
                above = district.pk
            children.setdefault(above, []).append(unit_id)

    def node(unit_id: int) -> Node | None:
        unit = units[unit_id]
        is_covered = unit_ids is None or unit_id in unit_ids
        below = tuple(child for each in children.get(unit_id, ()) if (child := node(each)))
        if not is_covered and not below and unit_id != district.pk:
            return None
        supervisor = supervisors.get(unit_id) if is_covered else None
        return Node(
            id=unit.pk,
            code=unit.code,
            name=unit.name,
            short=unit.short,
            kind=unit.kind,
            kind_label=str(UnitKind(unit.kind).label),
            is_covered=is_covered,
            is_business=unit.is_business,
            holders=tuple(holders.get(unit_id, ())) if is_covered else (),
            supervisor=supervisor.name if supervisor else "",
            supervisor_code=supervisor.code if supervisor else "",
            children=below,
        )

    root = node(district.pk)
    assert root is not None  # the district itself is never left out
    return root


def _holders(district: Unit, on: date) -> dict[int, list[Holder]]:
    """Return the holders by unit: who leads it first, then the posts in their order."""
    tenures = (
        Tenure.objects.on(on)
        .filter(unit__district=district)
        .select_related("post", "person")
        .order_by("post__position", "valid_from", "pk")
    )
    holders: dict[int, list[Holder]] = {}
    for tenure in sorted(tenures, key=lambda tenure: LEADING.get(tenure.post.role, 2)):
        holders.setdefault(tenure.unit_id, []).append(
            Holder(
                tenure_id=tenure.pk,
                post=tenure.post.name,
                post_code=tenure.post.code,
                role=str(Role(tenure.post.role).label),
                person=tenure.person.name,
                person_code=tenure.person.code,
                since=tenure.valid_from,
            )
        )
    return holders
