"""Options: names, types, where they come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from lona_sync.lona_settings import ALIASES, WITHOUT_MEANING
from lona_sync.settings import Settings


def test_an_option_has_its_default_until_it_is_set():
    settings = Settings()
    before = settings.MAX_WINDOWS

    settings.MAX_WINDOWS = 5

    assert (before, settings.MAX_WINDOWS, Settings().MAX_WINDOWS) == (32, 5, 32)


@pytest.mark.parametrize(("wrong", "right"), [
    ("MAX_WINDOW", "MAX_WINDOWS"), ("RESUME_TIME_OUT", "RESUME_TIMEOUT"), ("SECRETKEY", "SECRET_KEY"),
    ("TITEL", "TITLE"), ("DEBGU", "DEBUG"),
])
def test_a_name_that_is_nearly_one_of_ours_is_taken_for_a_typing_error(wrong: str, right: str):
    settings = Settings()

    with pytest.raises(AttributeError, match=f"no setting '{wrong}'; did you mean '{right}'"):
        setattr(settings, wrong, 5)


def test_names_of_your_own_are_allowed():
    settings = Settings()

    settings.COMPANY = {"name": "x"}
    settings.COMPANY = None

    assert settings.COMPANY is None
    assert "COMPANY" in settings


@pytest.mark.parametrize("name", ["company", "Company", "_WINDOW", ""])
def test_a_setting_has_an_upper_case_name(name: str):
    settings = Settings()

    with pytest.raises(AttributeError, match="upper case"):
        setattr(settings, name, 5)


@pytest.mark.parametrize(("name", "value"), [
    ("WINDOW", "64"), ("WINDOW", 64.0), ("WINDOW", True), ("WINDOW", None), ("DEBUG", 1), ("DEBUG", "no"), ("TITLE", 5),
    ("TITLE", b"x"), ("ACK_DELAY", "1"), ("ACK_DELAY", False), ("ALLOWED_ORIGINS", "https://example.org"),
    ("ALLOWED_ORIGINS", {"https://example.org"}), ("ALLOWED_ORIGINS", ["https://example.org", 5]), ("TRUSTED_PROXIES", (None,)),
])
def test_a_value_of_the_wrong_type_fails_on_the_line_that_sets_it(name: str, value: object):
    settings = Settings()

    with pytest.raises(TypeError, match=f"setting {name} must be"):
        setattr(settings, name, value)


@pytest.mark.parametrize(("name", "value"), [
    ("WINDOW", 0), ("WINDOW", -1), ("ACK_DELAY", 0), ("ACK_DELAY", -0.5), ("ACK_DELAY", float("nan")),
    ("SESSION_LIFETIME", float("inf")),
])
def test_a_number_is_finite_and_greater_than_nothing(name: str, value: float):
    settings = Settings()

    with pytest.raises(ValueError, match=f"setting {name} must be a finite number greater than 0, not"):
        setattr(settings, name, value)


def test_a_whole_number_is_taken_where_a_fraction_may_stand():
    settings = Settings()

    settings.ACK_DELAY = 2

    assert type(settings.ACK_DELAY) is float


def test_a_list_is_taken_where_a_tuple_stands():
    settings = Settings()

    settings.ALLOWED_ORIGINS = ["https://example.org"]

    assert settings.ALLOWED_ORIGINS == ("https://example.org",)


def test_an_unknown_name_is_an_attribute_error_so_the_usual_functions_work():
    settings = Settings()

    found = hasattr(settings, "COMPANY"), getattr(settings, "COMPANY", 1), settings.get("COMPANY", 2), settings.get("COMPANY")

    assert found == (False, 1, 2, None)


def test_reading_an_unknown_name_says_which():
    settings = Settings()

    with pytest.raises(AttributeError, match="no setting 'COMPANY'"):
        settings.COMPANY  # noqa: B018


def test_all_names_are_listed_ours_and_yours():
    settings = Settings({"COMPANY": "x", "WINDOW": 1000})

    names = list(settings)

    assert {"COMPANY", "WINDOW", "SECRET_KEY"} <= set(names)
    assert len(names) == len(set(names))
    assert "NAME" not in settings


def test_an_update_that_is_wrong_says_so():
    settings = Settings()

    with pytest.raises(TypeError, match="WINDOW"):
        settings.update({"TITLE": "x", "WINDOW": "y"})


def test_the_secret_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LONA_SYNC_SECRET_KEY", "from the environment")

    found = Settings().SECRET_KEY, Settings({"SECRET_KEY": "given"}).SECRET_KEY

    assert found == ("from the environment", "given")


@pytest.mark.parametrize(("environment", "given", "expected"), [
    (None, "", "memory:"), ("", "", "memory:"), ("redis://a/0", "", "redis://a/0"), ("redis://a/0", "memory:", "memory:"),
])
def test_the_broker_is_the_given_one_else_that_of_the_environment_else_none(
    monkeypatch: pytest.MonkeyPatch, environment: str | None, given: str, expected: str,
):
    monkeypatch.delenv("LONA_SYNC_BROKER", raising=False)
    if environment is not None:
        monkeypatch.setenv("LONA_SYNC_BROKER", environment)

    found = Settings({"CHANNEL_BROKER": given}).CHANNEL_BROKER

    assert found == expected


def test_a_list_may_be_appended_to_and_is_nobody_elses():
    first, second = Settings(), Settings()

    first.TEMPLATE_DIRS.append("templates")
    first.TEMPLATE_EXTRA_CONTEXT["x"] = 1

    assert (first.TEMPLATE_DIRS, second.TEMPLATE_DIRS) == (["templates"], [])
    assert second.TEMPLATE_EXTRA_CONTEXT == Settings.TEMPLATE_EXTRA_CONTEXT == {}


def test_a_view_may_be_given_as_a_class_or_as_where_to_import_it_from():
    settings = Settings({"FRONTEND_VIEW": Settings, "ERROR_404_VIEW": "project.views.NotFound"})

    assert settings.FRONTEND_VIEW is Settings
    assert settings.ERROR_404_VIEW == "project.views.NotFound"
    with pytest.raises(TypeError, match="ERROR_500_VIEW must be str"):
        settings.ERROR_500_VIEW = 5


def test_a_setting_that_lona_calls_otherwise_sets_ours():
    settings = Settings()

    settings.SESSIONS_KEY_NAME = "sid"
    settings.CLIENT_PING_INTERVAL = 30

    assert (settings.SESSION_COOKIE, settings.SESSIONS_KEY_NAME, settings.PING_INTERVAL) == ("sid", "sid", 30.0)


def test_an_interval_of_nothing_is_never():
    settings = Settings({"CLIENT_PING_INTERVAL": 0})

    assert settings.PING_INTERVAL > 1e9


def test_an_alias_is_checked_as_ours_is():
    with pytest.raises(TypeError, match="FORM_BYTES must be int"):
        Settings({"AIOHTTP_CLIENT_MAX_SIZE": "1 MiB"})


def test_a_setting_of_lona_that_means_nothing_here_is_a_warning_that_says_why(caplog: pytest.LogCaptureFixture):
    settings = Settings()

    settings.MAX_RUNTIME_THREADS = 20

    [record] = caplog.records
    assert record.getMessage().startswith("setting MAX_RUNTIME_THREADS changes nothing: views are greenlets; there is no pool")
    assert settings.MAX_RUNTIME_THREADS == 20


def test_who_reads_a_setting_of_lona_that_means_nothing_is_told_why():
    with pytest.raises(AttributeError, match="no setting 'MAX_RUNTIME_THREADS': views are greenlets"):
        Settings().MAX_RUNTIME_THREADS  # noqa: B018


#: All settings of Lona 1.16.
THEIRS = """
    MAX_WORKER_THREADS MAX_STATIC_THREADS MAX_RUNTIME_THREADS MAX_CHANNEL_MESSAGE_BROKER_THREADS MAX_CHANNEL_TASK_WORKER_THREADS
    ROUTING_TABLE ROUTING_NAME_CACHE_MAX_SIZE ROUTING_RESOLVE_CACHE_MAX_SIZE ROUTING_REVERSE_CACHE_MAX_SIZE
    CORE_TEMPLATE_DIRS TEMPLATE_DIRS FRONTEND_TEMPLATE ERROR_403_TEMPLATE ERROR_404_TEMPLATE ERROR_500_TEMPLATE
    TEMPLATE_EXTRA_CONTEXT TEMPLATE_EXTRA_FILTERS
    CORE_STATIC_DIRS STATIC_DIRS STATIC_URL_PREFIX STATIC_FILES_SERVE STATIC_FILES_STYLE_TAGS_TEMPLATE
    STATIC_FILES_SCRIPT_TAGS_TEMPLATE STATIC_FILES_ENABLED STATIC_FILES_DISABLED
    CLIENT_DEBUG CLIENT_VIEW_START_TIMEOUT CLIENT_INPUT_EVENT_TIMEOUT CLIENT_PING_INTERVAL CLIENT_AUTO_RECONNECT
    CLIENT_AUTO_RECONNECT_TIMEOUT
    SESSIONS SESSIONS_KEY_GENERATOR SESSIONS_KEY_NAME SESSIONS_KEY_RANDOM_LENGTH SESSIONS_REUSE
    CORE_FRONTEND_VIEW CORE_ERROR_403_VIEW CORE_ERROR_404_VIEW CORE_ERROR_500_VIEW
    FRONTEND_VIEW ERROR_403_VIEW ERROR_404_VIEW ERROR_500_VIEW
    INITIAL_SERVER_STATE CORE_MIDDLEWARES MIDDLEWARES
    CHANNEL_MESSAGE_BROKER_CLASS CHANNEL_TASK_WORKER_CLASS CHANNEL_WORKER_TIMEOUT CORE_COMMANDS COMMANDS
    TEST_VIEW_START_TIMEOUT TEST_INPUT_EVENT_TIMEOUT AIOHTTP_CLIENT_MAX_SIZE BUCKETS_URL_PREFIX
    STOP_DAEMON_WHEN_VIEW_FINISHES CLIENT_VERSION USE_FUTURE_NODE_CLASSES
""".split()


@pytest.mark.parametrize("name", THEIRS)
def test_each_setting_of_lona_is_one_of_ours_or_says_why_it_is_none(name: str):
    ours = ALIASES.get(name, (name,))[0]

    assert hasattr(Settings, ours) ^ (name in WITHOUT_MEANING)


def test_what_is_so_anyway_is_passed_over(caplog: pytest.LogCaptureFixture):
    Settings({"CLIENT_VERSION": 2, "CLIENT_AUTO_RECONNECT": True})

    assert caplog.records == []


def test_a_file_sets_its_names_in_capital_letters_and_sees_the_ones_before(tmp_path: Path):
    (tmp_path / "settings.py").write_text("""
import os
from pathlib import Path as PATH_CLASS
small = _SMALL = _small = 5
WINDOW = LOG_FRAMES * 2
COMPANY = TITLE + small * "!"
TEMPLATE_DIRS.append("templates")
""")
    settings = Settings({"TITLE": "shop"}, root=tmp_path)

    settings.add("settings.py")

    assert (settings.WINDOW, settings.COMPANY, settings.TEMPLATE_DIRS) == (2 * 4096, "shop!!!!!", ["templates"])
    assert "_SMALL" not in settings


def test_a_file_that_raises_is_not_passed_over(tmp_path: Path):
    (tmp_path / "settings.py").write_text("WINDOW = 5\n1 / 0")
    settings = Settings(root=tmp_path)

    with pytest.raises(ZeroDivisionError):
        settings.add("settings.py")

    assert settings.WINDOW == Settings.WINDOW


def test_a_file_that_is_missing_is_named(tmp_path: Path):
    with pytest.raises(FileNotFoundError, match=r"no file of settings '.*settings\.py'"):
        Settings(root=tmp_path).add("settings.py")


def test_what_is_preset_gives_way_to_what_somebody_has_set():
    settings = Settings()
    settings.TITLE = "program"

    settings.preset({"TITLE": "x", "WINDOW": 5, "COMPANY": "y"})
    settings.preset({"WINDOW": 6})

    assert (settings.TITLE, settings.WINDOW, settings.COMPANY) == ("program", 6, "y")


def test_what_is_preset_gives_way_to_what_was_set_by_its_other_name():
    settings = Settings({"SESSION_COOKIE": "a"})

    settings.preset({"SESSIONS_KEY_NAME": "b"})

    assert settings.SESSION_COOKIE == "a"
