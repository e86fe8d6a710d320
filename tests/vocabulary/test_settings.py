"""Settings come from the environment, with defaults that work and data outside of any clone."""

from pathlib import Path

import pytest

from zhulian.vocabulary.settings import SETTINGS, read_settings


def test_every_setting_has_a_default_and_a_meaning() -> None:
    settings = read_settings({})
    for setting in SETTINGS:
        assert setting.name.startswith("ZHULIAN_")
        assert setting.meaning
        assert settings[setting.name] == setting.default
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)


def test_the_environment_wins_and_an_empty_value_means_the_default() -> None:
    assert read_settings({"ZHULIAN_PORT": "9000"})["ZHULIAN_PORT"] == "9000"
    assert read_settings({"ZHULIAN_PORT": ""})["ZHULIAN_PORT"] == "8000"


def test_names_that_are_not_ours_are_ignored_and_unknown_ones_refused() -> None:
    settings = read_settings({"HOME": "/root", "ZHULIAN_PROT": "9000"})
    with pytest.raises(KeyError):
        settings["ZHULIAN_PROT"]
    with pytest.raises(KeyError):
        settings["HOME"]


def test_data_lies_at_home_unless_told_otherwise(tmp_path: Path) -> None:
    assert read_settings({}).data.root == Path.home() / ".local/share/zhulian"
    assert read_settings({"ZHULIAN_DATA": str(tmp_path)}).data.root == tmp_path
    assert read_settings({"ZHULIAN_DATA": "~/city"}).data.root == Path.home() / "city"


def test_everything_that_is_kept_lies_below_the_data_folder(tmp_path: Path) -> None:
    data = read_settings({"ZHULIAN_DATA": str(tmp_path)}).data
    names = [name for name, value in vars(type(data)).items() if isinstance(value, property)]
    paths = [getattr(data, name) for name in names]
    assert len(set(paths)) == len(names) > 5
    assert all(tmp_path in path.parents for path in paths)


def test_addresses_follow_host_and_port_unless_given() -> None:
    assert read_settings({"ZHULIAN_PORT": "81"}).portal_url == "http://127.0.0.1:81"
    assert read_settings({"ZHULIAN_PUBLIC_URL": "https://city.example"}).portal_url == "https://city.example"
    assert read_settings({"ZHULIAN_INGEST_HOST": "127.0.0.2"}).ingest_url == "http://127.0.0.2:8001"
    assert read_settings({"ZHULIAN_INGEST_URL": "https://in.example"}).ingest_url == "https://in.example"
