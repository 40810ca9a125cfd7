import argparse
from pathlib import Path

import pytest

from moim.errors import UsageError
from moim.settings import Settings, add_serve_arguments, plugin_settings, read_settings


def parse(*argv: str, **environ: str) -> Settings:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_serve_arguments(parser, environ)
    return read_settings(parser.parse_args(argv), environ)


def test_without_flags_only_this_machine_is_served() -> None:
    settings = parse()
    assert settings == Settings()
    assert settings.loopback
    assert settings.url_at(5006) == "http://127.0.0.1:5006"


def test_every_flag_can_be_given_by_the_environment() -> None:
    settings = parse(
        MOIM_HOST="::1",
        MOIM_PORT="0",
        MOIM_DB="other.db",
        MOIM_WORKERS="3",
        MOIM_DEMO="1",
        MOIM_RESET="1",
        MOIM_AUTH="none",
        MOIM_TRUST_NETWORK="yes",
        MOIM_ORIGIN="https://a.example, https://b.example:8443",
    )
    assert settings == Settings(
        host="::1",
        port=0,
        db=Path("other.db"),
        workers=3,
        demo=True,
        reset=True,
        trust_network=True,
        origins=("https://a.example", "https://b.example:8443"),
    )


def test_a_flag_goes_before_the_environment() -> None:
    assert parse("--port", "7000", "--no-demo", MOIM_PORT="6000", MOIM_DEMO="1") == Settings(
        port=7000
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "moim.example"])
def test_other_machines_are_let_in_only_when_that_is_said(host: str) -> None:
    with pytest.raises(UsageError, match="--trust-network"):
        parse("--host", host)
    assert parse("--host", host, "--trust-network").host == host


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOIM_PORT", "http"),
        ("MOIM_PORT", "65536"),
        ("MOIM_WORKERS", "-1"),
        ("MOIM_WORKERS", "1000"),
        ("MOIM_DEMO", "maybe"),
        ("MOIM_AUTH", "magic"),
        ("MOIM_ORIGIN", "moim.example"),
        ("MOIM_ORIGIN", "https://moim.example/path"),
    ],
)
def test_a_bad_value_in_the_environment_is_refused(name: str, value: str) -> None:
    with pytest.raises((UsageError, argparse.ArgumentError)):
        parse(**{name: value})


def test_the_plugin_of_panel_serve_reads_the_same_variables() -> None:
    assert plugin_settings({}) == Settings(demo=True)
    told = {"MOIM_DB": "x.db", "MOIM_DEMO": "0", "MOIM_TRUST_NETWORK": "1"}
    assert plugin_settings({**told, "MOIM_ORIGIN": "https://a.example"}) == Settings(
        db=Path("x.db"), trust_network=True, origins=("https://a.example",)
    )
