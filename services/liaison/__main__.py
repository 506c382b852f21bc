"""`python -m services.liaison api | worker | migrate | load | dead-letters`."""

from services.chassis.cli import command_line, main
from services.liaison.app import declare, load_data
from services.liaison.config import Api, Load, Worker

if __name__ == "__main__":
    main(command_line(declare, api=Api, worker=Worker, loader=Load, load_data=load_data))
