"""Settings: every environment variable of the project, named once.

Nothing is read at import; call `settings()` where a run begins.
"""

from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from sql.home import Home

PROJECT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """A setting cannot be used; the sentence names it, never its value."""

    exit_status = 2


class Settings(BaseSettings):
    """What an installation may set, in the environment or in .env."""

    model_config = SettingsConfigDict(
        env_prefix="COUNCIL_BENCHMARKS_", env_file=".env", extra="ignore"
    )

    home: Path = Field(PROJECT / "data", description="Folder for everything that is kept")
    profile: str | None = Field(
        None, description="sample (bundled answers) or live; default that of the home, else sample"
    )
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL of the warehouse; default SQLite in the home"
    )
    reader_role: str | None = Field(
        None, description="PostgreSQL role that may read the dash_ views; made if there is none"
    )
    signing_key: SecretStr | None = Field(
        None, description="minisign secret key without a password, or the path of one"
    )
    rehearsal: bool = Field(
        False, description="Publish nothing: everything is done but what readers would see"
    )
    require_all: bool = Field(
        False, description="Make a check that lacks a part of the machine a failure"
    )

    @field_validator("home", mode="before")
    @classmethod
    def _home_is_named(cls, given: object) -> object:
        if given == "":
            raise ValueError("blank, which would be the folder we stand in")
        return given

    @field_validator("database_url")
    @classmethod
    def _url_can_be_read(cls, given: SecretStr | None) -> SecretStr | None:
        """SQLAlchemy's own words about an address may quote its password."""
        import sqlalchemy  # noqa: PLC0415  commands without a database do not wait for it

        if given is not None:
            try:
                sqlalchemy.make_url(given.get_secret_value())
            except (sqlalchemy.exc.ArgumentError, ValueError):
                raise ValueError("not an address of a database") from None
        return given

    def open_home(self) -> Home:
        """The home of these settings, made and bound to the profile."""
        root = self.home.expanduser().absolute()
        return Home(root, self.profile or Home.profile_of(root) or "sample").open()

    def warehouse_url(self) -> str:
        """Where the warehouse is."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home.expanduser().absolute() / 'warehouse.sqlite'}"


def settings(**overrides: object) -> Settings:
    """Settings of this process; overrides win over the environment, None leaves it."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # values are checked by pydantic
    except ValidationError as error:
        prefix = Settings.model_config.get("env_prefix", "")
        names = [f"{prefix}{fault['loc'][0]}".upper() for fault in error.errors()]
        raise SettingsError(
            f"{', '.join(names)} cannot be used: correct it in the environment or in .env."
        ) from None  # the library's error quotes the value
    except UnicodeDecodeError as error:
        raise SettingsError(".env is not UTF-8 text: save it as UTF-8.") from error
