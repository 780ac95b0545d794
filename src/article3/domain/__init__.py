"""The nouns of the planning system: Allies, groups, currencies, pledges, force elements, capabilities and pools.

Everything here is frozen and is read from reviewable CSV tables in ``domain/data``; ``columns.csv`` among
them says what every column means (:mod:`article3.domain.vocabulary`). Names are accepted in any case; a wrong
name is refused with a suggestion.
"""

from article3.domain.allies import Ally, allies, ally, members, reporting_members
from article3.domain.capabilities import Capability, capabilities, capability
from article3.domain.currencies import Changeover, Currency, changeovers, currencies, currency
from article3.domain.force_elements import ForceElement, force_element, force_elements
from article3.domain.groups import Aggregate, Group, Membership, aggregate, aggregates, expand, group, groups
from article3.domain.pledges import Pledge, PledgeSource, families, pledge, pledge_sources, pledges
from article3.domain.pools import Pool, pool, pools
from article3.domain.vocabulary import Column, columns, tables

__all__ = [
    "Aggregate",
    "Ally",
    "Capability",
    "Changeover",
    "Column",
    "Currency",
    "ForceElement",
    "Group",
    "Membership",
    "Pledge",
    "PledgeSource",
    "Pool",
    "aggregate",
    "aggregates",
    "allies",
    "ally",
    "capabilities",
    "capability",
    "changeovers",
    "columns",
    "currencies",
    "currency",
    "expand",
    "families",
    "force_element",
    "force_elements",
    "group",
    "groups",
    "members",
    "pledge",
    "pledge_sources",
    "pledges",
    "pool",
    "pools",
    "reporting_members",
    "tables",
]
