"""Who works where: people, programmes, sites and stations."""

import secrets
import sys

import click

from app.accounts import pairing, places, queries, service
from app.accounts.people import ORGANISATIONS, SITES, Grant, NewPerson
from app.accounts.rights import ANY, ROLES
from app.commands.home import Home
from app.console import answer, with_json
from app.kernel.work import Work
from app.web.secrets import keep_secret


@click.group()
def user() -> None:
    """People who sign in."""


@user.command("add")
@click.argument("login")
@click.option("--role", type=click.Choice(ROLES), multiple=True, required=True)
@click.option("--site", default=ANY, show_default=True, help="Where; * is every site.")
@click.option("--programme", default=ANY, show_default=True)
@click.option("--label", help="What they are called on pages; never their name.")
@click.option("--language", type=click.Choice(["en", "es"]))
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_json
def add_user(
    login: str,
    role: tuple[str, ...],
    site: str,
    programme: str,
    label: str | None,
    language: str | None,
    password_stdin: bool,
) -> None:
    """Let somebody sign in. Without --password-stdin a password is made and shown this once."""
    home = Home.here()
    home.ready()
    made = None if password_stdin else secrets.token_urlsafe(15)
    new = NewPerson(
        login=login,
        label=label or login,
        password=made or sys.stdin.readline().rstrip("\r\n"),
        site=None if site == ANY else site,
        language=language,
        grants=tuple(Grant(role=each, site=site, programme=programme) for each in role),
    )
    seen = home.do(lambda work: service.add_person(work, new))
    told = f", password {made} (shown this once)" if made else ""
    answer(
        {"person": seen.id, "login": seen.login, "password": made},
        f"{seen.login} may sign in{told}",
    )


@click.group()
def programme() -> None:
    """Programmes that participants belong to."""


@programme.command("add")
@click.argument("code")
@click.option("--title", required=True)
@with_json
def add_programme(code: str, title: str) -> None:
    """A new programme."""
    home = Home.here()
    home.ready()
    home.do(lambda work: places.add_programme(work, code=code, title=title))
    answer({"programme": code}, f"Programme {code} is there")


@click.group()
def site() -> None:
    """Places of work."""


@site.command("add")
@click.argument("code")
@click.option("--title", required=True)
@click.option("--kind", type=click.Choice(SITES), required=True)
@click.option("--zone", required=True, help="Time zone, such as America/Chicago.")
@click.option("--organisation", required=True, help="Whose it is; made where it is not there yet.")
@click.option("--organisation-kind", type=click.Choice(ORGANISATIONS), default=ORGANISATIONS[0])
@with_json
def add_site(
    code: str, title: str, kind: str, zone: str, organisation: str, organisation_kind: str
) -> None:
    """A new site."""
    home = Home.here()
    home.ready()

    def add(work: Work) -> None:
        if organisation not in {known.organisation for known in queries.sites(work)}:
            places.add_organisation(
                work, code=organisation, kind=organisation_kind, title=organisation
            )
        places.add_site(
            work, code=code, organisation=organisation, kind=kind, title=title, time_zone=zone
        )

    home.do(add)
    answer({"site": code}, f"Site {code} is there")


@click.group()
def station() -> None:
    """Work places with devices."""


@station.command("add")
@click.option("--site", required=True)
@click.option("--unit", required=True, help="Whose hands its scans are: collection, dock, store.")
@click.option("--title", required=True)
@with_json
def add_station(site: str, unit: str, title: str) -> None:
    """A new station, with the token its agent needs: shown this once."""
    home = Home.here()
    home.ready()

    def add(work: Work) -> tuple[str, str]:
        code = places.add_station(work, site=site, unit=unit, title=title)
        return code, places.give_token(work, station=code)

    code, token = home.do(add)
    answer({"station": code, "token": token}, f"Station {code}, token {token} (shown this once)")


@station.command("pair")
@click.argument("code")
@with_json
def pair_station(code: str) -> None:
    """A code for the computer of a station: good once, within ten minutes."""
    home = Home.here()
    home.ready()
    secret = keep_secret(home.settings.secret_file)
    offer = home.do(lambda work: pairing.offer(work, station=code, secret=secret))
    answer(
        {"station": code, "code": offer.code, "valid_until": offer.valid_until.isoformat()},
        f"{offer.code} pairs one computer with {code}, within ten minutes. At that computer:\n"
        f"unbroken-agent pair --server URL --code {offer.code} --data FOLDER\n"
        "A computer that is paired now is shut out as soon as the code is used",
    )


@station.command("revoke")
@click.argument("code")
@with_json
def revoke_station(code: str) -> None:
    """Shut a station out at once; what its computer holds waits there."""
    home = Home.here()
    home.ready()
    home.do(lambda work: places.revoke_token(work, station=code))
    answer(
        {"station": code}, f"{code} is shut out. To let it in again: unbroken station pair {code}"
    )
