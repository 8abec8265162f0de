"""Settings: sensible with nothing set, loud and complete when something is wrong."""

from pathlib import Path

import pytest

from config.settings import VARIABLES, Settings, SettingsWrong


def test_nothing_set_gives_one_machine_with_the_embedded_database() -> None:
    settings = Settings.from_env({})
    assert settings.data_dir == Path("var").absolute()
    assert settings.secret_file == settings.data_dir / "secret.key"
    assert settings.embedded
    assert (settings.host, settings.port, settings.language) == ("127.0.0.1", 8080, "en")
    assert (settings.threads, settings.pool_size) == (16, 16)
    assert not settings.demo
    assert not settings.https
    assert settings.limits_file is None


def test_everything_set_is_taken(tmp_path: Path) -> None:
    limits = tmp_path / "limits.toml"
    limits.touch()
    settings = Settings.from_env(
        {
            "UNBROKEN_DATA": str(tmp_path),
            "UNBROKEN_DATABASE_URL": "postgres://web:pw@db/unbroken",
            "UNBROKEN_OWNER_DATABASE_URL": "postgresql+psycopg://owner:pw@db/unbroken",
            "UNBROKEN_HOST": "0.0.0.0",  # noqa: S104 - a value read, not a socket bound
            "UNBROKEN_PORT": "0",
            "UNBROKEN_HTTPS": "YES",
            "UNBROKEN_PROXY": "10.0.0.7",
            "UNBROKEN_SECRET_FILE": str(tmp_path / "key"),
            "UNBROKEN_LANGUAGE": "es",
            "UNBROKEN_THREADS": "4",
            "UNBROKEN_POOL_SIZE": "6",
            "UNBROKEN_LIMITS": str(limits),
            "UNBROKEN_DEMO": "true",
        }
    )
    assert settings == Settings(
        data_dir=tmp_path,
        database_url="postgresql+psycopg://web:pw@db/unbroken",
        owner_database_url="postgresql+psycopg://owner:pw@db/unbroken",
        host="0.0.0.0",  # noqa: S104 - as above
        port=0,
        https=True,
        proxy="10.0.0.7",
        secret_file=tmp_path / "key",
        language="es",
        threads=4,
        pool_size=6,
        limits_file=limits,
        demo=True,
    )
    assert not settings.embedded


def test_the_pool_follows_the_threads() -> None:
    assert Settings.from_env({"UNBROKEN_THREADS": "3"}).pool_size == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UNBROKEN_DATA", ""),
        ("UNBROKEN_DATA", "pyproject.toml"),
        ("UNBROKEN_DATABASE_URL", ""),
        ("UNBROKEN_DATABASE_URL", "mysql://db"),
        ("UNBROKEN_OWNER_DATABASE_URL", "postgresql://owner@db/x"),
        ("UNBROKEN_HOST", " "),
        ("UNBROKEN_PORT", "65536"),
        ("UNBROKEN_PORT", "-1"),
        ("UNBROKEN_PORT", "８０"),
        ("UNBROKEN_PORT", "9" * 5000),
        ("UNBROKEN_HTTPS", "perhaps"),
        ("UNBROKEN_PROXY", "proxy.local"),
        ("UNBROKEN_SECRET_FILE", ""),
        ("UNBROKEN_LANGUAGE", "fr"),
        ("UNBROKEN_THREADS", "0"),
        ("UNBROKEN_POOL_SIZE", "8"),
        ("UNBROKEN_LIMITS", "no/such/limits.toml"),
        ("UNBROKEN_DEMO", "maybe"),
        ("UNBROKEN_DATABSE_URL", "postgresql://db"),
    ],
)
def test_a_wrong_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsWrong) as wrong:
        Settings.from_env({name: value})
    assert [name in fault for fault in wrong.value.faults] == [True]


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(SettingsWrong) as wrong:
        Settings.from_env({"UNBROKEN_PORT": "x", "UNBROKEN_DEMO": "x", "UNBROKEN_LANGUAGE": "x"})
    assert len(wrong.value.faults) == 3


def test_variables_of_others_are_none_of_ours() -> None:
    Settings.from_env({"PATH": "/bin", "UNBROKEN_SOAK": "1", "UNBROKEN_STATION_TOKEN": "t"})


def test_a_password_is_shown_neither_in_messages_nor_in_the_settings() -> None:
    url = "postgresql://web:sesame@db/unbroken"
    assert "sesame" not in repr(Settings.from_env({"UNBROKEN_DATABASE_URL": url}))
    with pytest.raises(SettingsWrong) as wrong:
        Settings.from_env({"UNBROKEN_DATABASE_URL": url.replace("postgresql", "oracle")})
    assert "sesame" not in str(wrong.value)


def test_every_variable_is_explained() -> None:
    assert all(text for text in VARIABLES.values())
