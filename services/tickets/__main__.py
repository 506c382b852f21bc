"""`python -m services.tickets VERB`; without a verb it lists them."""

from services.chassis.cli import command_line, main
from services.tickets.app import declare, load_data
from services.tickets.config import Api, Load, Worker

if __name__ == "__main__":
    main(command_line(declare, api=Api, worker=Worker, loader=Load, load_data=load_data))
