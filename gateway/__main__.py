"""`python -m gateway`: serves until SIGTERM."""

import sys

from gateway.app import build_gateway
from gateway.config import GatewayConfig
from services.chassis.config import ConfigError, load
from services.chassis.service import serve

if __name__ == "__main__":
    try:
        config = load(GatewayConfig)
    except ConfigError as error:
        sys.stderr.write(f"configuration: {error}\n")
        raise SystemExit(2) from None
    serve("gateway", build_gateway(config), config)
