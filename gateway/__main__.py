"""`python -m gateway` serves until SIGTERM; `python -m gateway schema` prints the public schema as gateway/schema.graphql holds it."""

import sys

from gateway.app import build_gateway
from gateway.config import GatewayConfig
from gateway.schema import sdl
from services.chassis.config import ConfigError, load
from services.chassis.service import serve


def main(arguments: list[str]) -> None:
    if arguments == ["schema"]:
        sys.stdout.write(sdl())
        return
    if arguments:
        sys.stderr.write("usage: python -m gateway [schema]\n")
        raise SystemExit(2)
    try:
        config = load(GatewayConfig)
    except ConfigError as error:
        sys.stderr.write(f"configuration: {error}\n")
        raise SystemExit(2) from None
    serve("gateway", build_gateway(config), config)


if __name__ == "__main__":
    main(sys.argv[1:])
