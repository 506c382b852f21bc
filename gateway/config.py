"""The gateway's settings."""

from dataclasses import dataclass

from services.chassis.config import BrokerConfig, ProcessConfig, TokenConfig


@dataclass(frozen=True, kw_only=True)
class GatewayConfig(ProcessConfig, TokenConfig, BrokerConfig):
    """`service_seconds` is the whole budget of one call to a service, `patience_seconds` how long of it a service that is not there
    (it restarts, say) is tried again. `open_per_minute` is how often one address may ask what is open to people without an account.
    """

    archive_url: str
    liaison_url: str
    tickets_url: str
    service_seconds: int = 10
    patience_seconds: int = 4
    open_per_minute: int = 120

    @property
    def services(self) -> dict[str, str]:
        return {"archive": self.archive_url, "liaison": self.liaison_url, "tickets": self.tickets_url}
