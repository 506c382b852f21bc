"""`python -m services.archive api | worker | migrate | load | dead-letters`."""

from services.archive.app import declare, load_data
from services.archive.config import Api, Load, Worker
from services.chassis.cli import command_line, main

if __name__ == "__main__":
    main(command_line(declare, api=Api, worker=Worker, loader=Load, load_data=load_data))
