"""The other load of `agent-connector`: a fixed number of requests, one at a time per user."""

import agent_connector
from gevent.event import Event
from locust import constant, events
from locust.exception import StopUser

REQUESTS = 1000
ALL_STARTED = Event()


@events.spawning_complete.add_listener
def all_started(**_):
    ALL_STARTED.set()


class FixedUser(agent_connector.AgentUser):
    """Sends requests without think time until the total number is reached."""

    wait_time = constant(0)
    left = REQUESTS
    asking = 0

    def on_start(self):
        FixedUser.asking += 1
        super().on_start()

    def ask(self, method, path, answers, **request):
        # Registrations do not count.
        if path != "/api/agents/register":
            ALL_STARTED.wait()
            if FixedUser.left == 0:
                raise StopUser
            FixedUser.left -= 1
        return super().ask(method, path, answers, **request)

    def on_stop(self):
        FixedUser.asking -= 1
        if FixedUser.asking == 0 and ALL_STARTED.is_set():
            self.environment.runner.quit()
