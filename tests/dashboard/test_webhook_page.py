"""Webhooks on the page of one's own account."""

from pathlib import Path

import pytest

from moim.webhooks.webhooks import Off
from moim_sync.authorization import Role
from webhook_rig import FAILED, LAUNCH, URL, hooked

pytestmark = pytest.mark.anyio


async def test_owners_make_try_and_remove_webhooks_on_their_page(tmp_path: Path) -> None:
    async with hooked(tmp_path) as here:
        webhooks = here.place.people.webhooks
        minji, jun = here.place.browser(), await here.place.visitor("Jun", Role.EDITOR)
        await minji.sign_in("Minji")
        fields = {"do": "hook", "document": LAUNCH, "url": URL, "events": "card, column"}
        assert (await jun.send("/account", **fields)).code == 403
        assert "Webhooks" not in (await jun.ask("/account")).body.decode()
        assert (await minji.send("/account", **{**fields, "url": "ftp://x/"})).code == 400
        assert (await minji.send("/account", **{**fields, "document": "project/no"})).code == 400
        page = (await minji.send("/account", **fields, label="<빌드>")).body.decode()
        (made,) = webhooks.of(here.owner.id)
        assert made.events == "card column"
        assert f"<output>{made.secret}</output>" in page
        assert "&lt;빌드&gt;" in page
        for do in ("unhook", "hook-on", "hook-test", "hook-secret"):
            assert (await jun.send("/account", do=do, id=made.id)).code == 404
        async with here.delivering():
            here.receiver.answers = [FAILED]
            assert (await minji.send("/account", do="hook-test", id=made.id)).code == 200
            await here.receiver.got(1)
            await here.settled(lambda: here.place.hub.counters.webhook_attempts["failed"] == 1)
        page = (await minji.ask("/account")).body.decode()
        assert "not taken at attempt 1 · 500" in page
        assert made.secret not in page
        page = (await minji.send("/account", do="hook-secret", id=made.id)).body.decode()
        renewed = webhooks.held(made.id)
        assert renewed.secret != made.secret
        assert renewed.secret in page
        await webhooks.turn_off(renewed, Off.GONE)
        assert "(410)" in (await minji.ask("/account")).body.decode()
        assert (await minji.send("/account", do="hook-on", id=made.id)).code == 200
        assert webhooks.held(made.id).off == ""
        assert (await minji.post("/account", {"do": "unhook"}, Origin=here.place.url)).code == 403
        assert (await minji.send("/account", do="unhook", id=made.id)).code == 200
        assert webhooks.of() == []
