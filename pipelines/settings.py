"""Settings: every environment variable of the project, named once.

Nothing is read at import; call `settings()` where a run begins.
"""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from sql.home import Home

PROJECT = Path(__file__).resolve().parent.parent


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
    require_all: bool = Field(
        False, description="Make a check that lacks a part of the machine a failure"
    )

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
    return Settings(**given)  # type: ignore[arg-type]  # values are checked by pydantic
