"""Who can sign in to the sample city; read by its sign-in page only. A city of its own has no such file."""

import json
from dataclasses import dataclass

from django.conf import settings

from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.roles import ROLE_NAMES, Role


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """A user name with the role it stands for; the password is told in the terminal."""

    username: str
    role: Text


def sample_people() -> list[SamplePerson]:
    """Those whom ``zhulian demo`` has written down; empty where it never ran."""
    file = settings.ZHULIAN.data.sample_city
    found = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return [SamplePerson(name, ROLE_NAMES[Role(role)]) for name, role in found.get("people", {}).items()]
