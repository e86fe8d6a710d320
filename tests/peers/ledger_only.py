"""The platform's door for files, as far as counting goes: the real ledger, no store; busy or lost now and then."""

import random
from collections import Counter

import numpy as np

from zhulian.telemetry.ingest.ledger import Ledger, Verdict
from zhulian.telemetry.queries.errors import not_now, unreachable
from zhulian.vocabulary.readings import TenantId
from zhulian.wire.batch import decode, values_of
from zhulian.wire.lane import Received


class LedgerOnly:
    """Takes batches as the platform does; by ``chance`` one in five has to wait, and one answer in five is lost."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self.ledger = Ledger()
        self.values: Counter[float] = Counter()
        self.chance = chance

    def take_past(self, tenant: TenantId, epoch: str, first: int, last: int, body: bytes) -> Received:
        if self.chance and self.chance.random() < 0.2:
            raise not_now("1")
        verdict = self.ledger.judge(-tenant, epoch, first, last)
        assert verdict in {Verdict.NEW, Verdict.DUPLICATE}, "a batch was cut in another way"
        if verdict is Verdict.NEW:
            self.ledger.add(-tenant, epoch, first, last)
            self.values.update(values_of(decode(body, last - first + 1), "value", np.float64).tolist())
        if self.chance and self.chance.random() < 0.2:
            raise unreachable("here", "the answer was lost")
        return Received(last - first + 1, verdict is Verdict.DUPLICATE, 0)
