"""What the register holds beside the two enterprises of the walk: a claim and a site each, a dictionary for all."""

import io
from hashlib import sha256
from pathlib import Path

from django.utils import timezone
from PIL import Image

from peers.records import Tenant, World
from zhulian.organisations import kept_files
from zhulian.organisations.models import Chain, Claim, PillarCode, PillarIndustry, PlatformMember, SubSite


def picture(kind: str = "PNG", side: int = 8) -> bytes:
    """A small picture."""
    written = io.BytesIO()
    Image.new("RGB", (side, side), "#336699").save(written, kind)
    return written.getvalue()


def keep_files(folder: Path) -> None:
    """The files that the records name."""
    for content in (picture(), picture("JPEG")):
        kept_files.receive(folder, [content]).keep(folder)


def make_register(world: World) -> None:
    """Claims by the owners, published sites of the platforms, one pillar industry and one chain."""
    for letter, tenant in (("a", world.a), ("b", world.b)):
        _claim(tenant)
        held = PlatformMember.objects.get(enterprise=tenant.enterprise)
        SubSite.objects.create(
            platform=held.platform,
            slug=f"site-{letter}",
            title="Site",
            logo=sha256(picture()).hexdigest(),
            is_public=True,
        )
    pillar = PillarIndustry.objects.create(name="装备制造")
    PillarCode.objects.create(pillar=pillar, prefix="C34")
    Chain.objects.create(name="零部件", pillar=pillar)


def _claim(tenant: Tenant) -> None:
    content = picture("JPEG")
    Claim.objects.create(
        enterprise_id=tenant.enterprise,
        claimant=tenant.owner,
        duty=f"{tenant.marker} head",
        phone="1",
        proof=sha256(content).hexdigest(),
        proof_name=f"{tenant.marker}.jpg",
        proof_type="image/jpeg",
        proof_bytes=len(content),
        made_at=timezone.now(),
    )
