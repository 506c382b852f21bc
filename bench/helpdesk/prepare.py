"""`python -m bench.helpdesk.prepare TICKETS`: tables, a queue, an agent with a token, and so many tickets. Prints what a client needs as JSON."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.helpdesk.settings")


def main(tickets: int) -> None:
    django.setup()
    from django.contrib.auth import get_user_model  # noqa: PLC0415  needs the setup
    from django.core.management import call_command  # noqa: PLC0415
    from helpdesk.models import Queue, Ticket  # noqa: PLC0415
    from rest_framework.authtoken.models import Token  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    agent = get_user_model().objects.create_superuser("agent")
    queue = Queue.objects.create(title="示例", slug="example")
    Ticket.objects.bulk_create(
        [
            Ticket(queue=queue, title=f"示例事项 {n}", description="示例内容", assigned_to=agent, priority=3)
            for n in range(tickets)
        ]
    )
    token = Token.objects.create(user=agent)
    print(json.dumps({"token": token.key, "queue": queue.pk, "agent": agent.pk}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
