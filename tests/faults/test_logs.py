"""J08: after all kinds of trouble no log holds a secret, and each failure of ours has its trace."""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager

from tests.api_program import Program
from tests.commands.raw import RawSocket
from tests.faults import answers
from tests.faults.answers import FORM, HANDSHAKE, JSON, Answer, ask
from tests.faults.canaries import Canaries, log_lines
from tests.faults.cases import case
from tests.faults.conftest import running
from tests.faults.pages import OpenPage
from tests.faults.passwords import give_password
from tests.faults.product import Person, Product, Stage
from tests.faults.verdicts import Verdicts
from tests.waiting import wait_until

SUPERUSER = "postgres"
NOBODY_LISTENS = "127.0.0.1:9"
FORGED = '{"time": "2026-01-01T00:00:00", "level": "ERROR", "logger": "x", "message": "forged"}'
# How many mails and how many deliveries were tried.
TRIED = """
select (
  select count(*) from procrastinate_jobs where task_name = 'sessions_app.jobs.mail.deliver' and attempts > 0
), (select count(*) from webhook_deliveries where tries > 0)
"""


class Trouble:
    """One person, their program and their agent, each holding canaries, in a product where things break."""

    def __init__(self, product: Product, stage: Stage, canaries: Canaries) -> None:
        self.product, self.stage, self.canaries = product, stage, canaries
        self.person: Person = stage.people[0]
        self.port = product.web.port
        self.failures: list[Answer] = []
        canaries.keep("session cookie", next(iter(self.person.cookies.values())))
        give_password(product, stage, canaries["password"])
        self.program = Program.signed_in(self.person.base, stage.owner, canaries["password"])
        canaries.keep("access token", self.program.bearer)
        project = f"/projects/{stage.projects[0]}"
        agent = self.program.call("POST", f"{project}/agent-tokens", {"name": "A", "agentType": "Scout"})
        self.agent = canaries.keep("agent's token", agent["token"])
        hook = f"http://{NOBODY_LISTENS}/{canaries['webhook path']}?key={canaries['webhook query']}"
        made = self.program.call("POST", f"{project}/webhooks", {"url": hook})
        canaries.keep("webhook's secret", made["secret"])
        self.ping = f"{project}/webhooks/{made['id']}/test"
        # The password's change ended the sign-in: a new one by the form.
        self._sign_in()

    def _sign_in(self) -> None:
        self.person.cookies = {}
        assert self.person.get("/account/login/")[0] == 200
        form = {"login": self.stage.owner, "password": self.canaries["password"]}
        assert self.person.post("/account/login/", form)[0] == 302
        self.canaries.keep("new session cookie", self.person.cookies["sessionid"])
        self.canaries.keep("form's token", self.person.cookies["csrftoken"])

    def ask(self, line: str, *headers: str, body: str = "") -> Answer:
        """Ask, and note an answer that says that something broke."""
        answer = ask(self.port, line, *headers, body=body)
        if answer.status >= 500:
            self.failures.append(answer)
        return answer

    # --- who asks ------------------------------------------------------------------------------

    def by_page(self, path: str, form: dict[str, str], *headers: str) -> Answer:
        """Post a form."""
        fields = {"csrfmiddlewaretoken": self.person.cookies["csrftoken"], **form}
        told = (f"Cookie: {self.person.cookie_header()}", f"Origin: {self.person.base}", FORM)
        return self.ask(f"POST {path}", *told, *headers, body=urllib.parse.urlencode(fields))

    def by_program(self, path: str, body: object, bearer: str = "", *headers: str) -> Answer:
        """Post JSON."""
        told = (f"Authorization: Bearer {bearer or self.program.bearer}", JSON, *headers)
        text = body if isinstance(body, str) else json.dumps(body)
        return self.ask(f"POST /api/projects/{self.stage.projects[0]}/{path}", *told, body=text)

    def by_agent(self, tool: str, **arguments: object) -> Answer:
        """Call a tool."""
        call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call"}
        call["params"] = {"name": tool, "arguments": arguments}
        told = (f"Authorization: Bearer {self.agent}", JSON, "Accept: application/json, text/event-stream")
        return self.ask("POST /mcp", *told, body=json.dumps(call))

    def write_everywhere(self, what: str) -> None:
        """Say something secret at every door."""
        text = f"{self.canaries[what]}\r\n{FORGED}\n2026-01-01 00:00:00,000 ERROR x forged"
        self.by_page(self.stage.path("messages/"), {"text": text})
        self.by_page(self.stage.path("items/"), {"title": self.canaries[what]})
        self.by_program("messages", {"text": text})
        self.by_program("agent-activity", {"action": "asks", "details": {"question": text}}, self.agent)
        self.by_agent("ask_question", question=text)
        query = urllib.parse.quote(f"{self.canaries[what]} & | ! :* (")
        self.ask(f"GET {self.stage.path('search/')}?q={query}", f"Cookie: {self.person.cookie_header()}")

    # --- what goes wrong -----------------------------------------------------------------------

    def refusals(self) -> None:
        """Guesses, nonsense, things that do not fit."""
        canaries, stage = self.canaries, self.stage
        secret, line = canaries["what was refused"], f"%0d%0a{urllib.parse.quote(FORGED)}"
        for password in ("wrong password", "another wrong password"):
            form = {"login": stage.owner, "password": canaries[password]}
            self.by_page("/account/login/", form)
            told = json.dumps({"email": stage.owner, "password": canaries[password]})
            self.ask("POST /api/auth/token", JSON, body=told)
        self.by_page(stage.path("items/"), {"title": secret * 100})
        self.by_page(stage.path("items/"), {"title": secret, "csrfmiddlewaretoken": canaries["bad token"]})
        elsewhere = f"Referer: http://evil.example/?{canaries['another site']}"
        self.ask(f"POST {stage.path('items/')}", FORM, elsewhere, body=f"title={secret}")
        self.ask(f"POST /{secret}/{line}", FORM, f"Origin: http://{canaries['another site']}", body="x=1")
        for body in (f'{{"{secret}": "{secret}"', f'{{"text": "{secret}", "text": "{secret}\\u0000"}}'):
            self.by_program("messages", body)
        self.by_agent(secret, question=secret)
        self.by_agent("ask_question", **{secret: secret})
        self.ask(f"GET /api/projects?access_token={self.program.bearer}")
        self.ask("GET /", f"Cookie: sessionid={canaries['no cookie of ours']}")
        self.ask("GET /livez", f"X-Request-ID: {secret}\t{FORGED}", f"User-Agent: {secret}")
        self.ask(f"GET /invitations/{canaries['invitation']}/{line}")
        self.ask(f"PUT /invitations/{canaries['invitation']}/")
        for request in (f"{secret}\r\n\r\n", f"GET /{secret} HTTP/1.1\r\n{secret}: \x00\r\nno colon\r\n\r\n"):
            answers.sent(self.port, request.encode())
        self.ask(f"GET {stage.path('live/')}?ticket={canaries['ticket']}", *HANDSHAKE)
        self.ask(f"GET {stage.path('live/')}", *HANDSHAKE, f"Authorization: Bearer {canaries['bearer']}")
        page, live = OpenPage(self.person, stage.projects[0]), RawSocket(self.port)
        page.load()
        assert " 101 " in live.open(self.person, stage.path(f"live/?since={page.since}"))
        live.say(json.dumps({"since": canaries["said on a socket"]}).encode())
        live.close_code()

    @contextmanager
    def broken(self, table: str) -> Iterator[None]:
        """A table that is not there: a fault of ours, whatever asks for it."""
        with self.product.oracle(SUPERUSER) as oracle:
            oracle.execute(f"alter table {table} rename to elsewhere")
            try:
                yield
            finally:
                oracle.execute(f"alter table elsewhere rename to {table}")

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """Connections that the database ends under whoever uses them, again and again."""
        is_over = threading.Event()

        def cut() -> None:
            everybody = (
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'sessions_runtime'"
            )
            with self.product.oracle(SUPERUSER) as oracle:
                while not is_over.wait(0.02):
                    oracle.execute(everybody)

        cutting = threading.Thread(target=cut)
        cutting.start()
        try:
            yield
        finally:
            is_over.set()
            cutting.join(10)

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """A table that takes no row, and says which it was given."""
        with self.product.oracle(SUPERUSER) as oracle:
            oracle.execute("alter table messages add constraint never check (text is null) not valid")
            try:
                yield
            finally:
                oracle.execute("alter table messages drop constraint never")


@case("J08")
def test_the_logs_keep_secrets(verdicts: Verdicts) -> None:
    """At the level of DEBUG: what an operator turns on when something is wrong."""
    canaries = Canaries()
    settings = {
        "LOG_LEVEL": "DEBUG",
        "EMAIL_URL": f"smtp://ann:{canaries['mail server']}@{NOBODY_LISTENS}",
        "LLM_BASE_URL": f"http://{NOBODY_LISTENS}/v1",
        "LLM_MODEL": "a-model",
        "LLM_API_KEY": canaries["model's key"],
        "METRICS_TOKEN": canaries["figures"],
        "WEBHOOK_ALLOW_PRIVATE": "1",
    }
    with running(**settings) as product:
        trouble = Trouble(product, product.settle(people=1), canaries)
        trouble.write_everywhere("what went well")
        trouble.refusals()
        for what, goes_wrong in (
            ("while refused", trouble.refusing()),
            ("while broken", trouble.broken("messages")),
            ("while broken behind", trouble.broken("memberships")),
            ("while cut off", trouble.cut_off()),
        ):
            with goes_wrong:
                trouble.write_everywhere(what)
        trouble.ask("GET /metrics", f"Authorization: Bearer {canaries['figures']}")
        form = {"email": trouble.stage.owner}
        assert trouble.by_page("/account/password/reset/", form).status == 302
        trouble.program.call("POST", trouble.ping)
        # In vain: nobody listens there.
        wait_until(lambda: all(product.ask(TRIED)[0]), 30)
        product.end()
        lines = list(log_lines(product))
        log = "\n".join(lines)
        verdicts.at_least("secrets looked for, in lines of log", len(canaries.words), 25)
        verdicts.none("secrets in a log", canaries.found_in(log))
        verdicts.none("forged lines", [line for line in lines if line == FORGED or line[:10] == "2026-01-01"])
        verdicts.at_least("answers that say something broke", len(trouble.failures), 5)
        names = [answer["x-request-id"] for answer in trouble.failures]
        verdicts.none("of them without a trace", [name for name in names if not name or name not in log])
