# Every target is one call of the bootstrap, which makes the machine ready first. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run test token county bench throughput matters year soak catalogue stop clean lock

PYTHON ?= python3
SANMIN := @exec $(PYTHON) deploy/local/bootstrap.py

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start everything and print the gateway's address and the example accounts; SANMIN_PORT moves the gateway
	$(SANMIN) run

test: ## run every check; args="-k word" goes to pytest
	$(SANMIN) test $(args)

token: ## print the access token of an example account: make token as=cadre
	$(SANMIN) token $(as)

county: ## fill the local database with an invented county of full size
	$(SANMIN) county $(args)

bench: ## run the measurements
	$(SANMIN) bench $(args)

throughput: ## measure events: the relay, commit to effect, a backlog, pgqueuer beside it
	$(SANMIN) throughput $(args)

matters: ## measure tickets: a million of them, their timers, and django-helpdesk beside them
	$(SANMIN) matters $(args)

year: ## measure liaison: a year's rosters, gatherings and dialogues of 323 villages
	$(SANMIN) year $(args)

soak: ## kill and cut what carries events, over and over, and hold the ledgers against each other
	$(SANMIN) soak $(args)

catalogue: ## write the events' contracts, AsyncAPI document and page anew
	$(SANMIN) catalogue $(args)

stop: ## stop what still runs, also after a crash
	$(SANMIN) stop

clean: ## stop everything and remove all local data
	$(SANMIN) clean

lock: ## compile the lock files from pyproject.toml
	$(SANMIN) lock
