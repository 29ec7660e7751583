"""The one command: `innozone up`, `test`, `check`, `match`, `policies read`, `codes import`, `zones check`, …"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_DATA = ROOT / ".innozone" / "data"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="innozone", description="The service platform of an innovation zone.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, help: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help, description=help)
        made.set_defaults(run=run)
        return made

    def with_data(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
        made.add_argument("--data", type=Path, default=None, help=f"data folder (default {DEFAULT_DATA})")
        made.add_argument("--zone", default=os.environ.get("INNOZONE_ZONE", "xixian"), help="zone pack")
        return made

    up = with_data(command("up", "start everything and print the address", _up))
    up.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    up.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
    demo = up.add_mutually_exclusive_group()
    demo.add_argument("--demo", dest="demo", action="store_true", default=None, help="with demonstration deliveries")
    demo.add_argument("--no-demo", dest="demo", action="store_false", help="without demonstration deliveries")
    up.add_argument("--firms", type=int, default=5000, help="invented enterprises in the demonstration (default 5000)")

    command("worker", "run background jobs (started by up)", _worker)
    test = command("test", "run the whole test suite against a throw-away database", _test)
    test.add_argument("arguments", nargs=argparse.REMAINDER, help="handed to pytest")
    command("check", "lint, types, floors, migrations, translations", _check)
    names = "match, publish, read, realistic, results, sandbox, scale, unknowns, workbench"
    bench = command("bench", f"run a benchmark: {names}", _bench)
    bench.add_argument("name")
    bench.add_argument("arguments", nargs=argparse.REMAINDER)

    match = with_data(command("match", "verdicts of an enterprise, a policy or all", _match))
    match.add_argument("--enterprise", metavar="CODE", help="credit code or name")
    match.add_argument("--policy", metavar="ID", help="code of a policy or item")
    match.add_argument("--json", action="store_true")
    match.add_argument("--snapshot", type=Path, metavar="FOLDER", help="the pack's items over a snapshot; no database")
    match.add_argument("--engine", choices=("local", "spark"), default="local", help="where (with --snapshot)")
    match.add_argument("--master", help="of the Spark cluster: local[2], spark://…, yarn, k8s://…")
    match.add_argument("--out", type=Path, metavar="FOLDER", help="new folder for the members as Parquet")
    match.add_argument("--keep", type=Path, metavar="FOLDER", help="new folder for the results, to be compared later")
    match.add_argument("--diff", type=Path, nargs=2, metavar=("OLD", "NEW"), help="what changed between kept results")

    policies = command("policies", "read policy texts, look at their sources; policies as one file", _policies)
    actions = policies.add_subparsers(dest="action", required=True)
    read = actions.add_parser("read", help="texts to annotations")
    read.add_argument("files", nargs="+", type=Path, metavar="FILE")
    read.add_argument("--out", type=Path, metavar="DIR")
    score = actions.add_parser("evaluate", help="how well texts are read that people have annotated")
    score.add_argument("folder", type=Path, metavar="DIR", help="NAME.txt beside NAME.gold.json")
    score.add_argument("--worst", type=int, default=0, metavar="N", help="name the N texts read worst")
    score.add_argument("--json", action="store_true")
    out = actions.add_parser("export", help="policies with their rules as one file")
    out.add_argument("codes", nargs="+", metavar="CODE")
    out.add_argument("--out", type=Path, metavar="FILE", help="a new file (default: the terminal)")
    taken = actions.add_parser("import", help="the policies of such a file as drafts")
    taken.add_argument("file", type=Path, metavar="FILE")
    for made in (out, taken):
        with_data(made)
    fetch = with_data(actions.add_parser("fetch", help="look at the sources of texts now"))
    fetch.add_argument("--source", metavar="CODE", help="only this one")

    codes = command("codes", "take in official code tables", _codes)
    take = with_data(codes.add_subparsers(dest="action", required=True).add_parser("import", help="one CSV table"))
    take.add_argument("file", type=Path)
    take.add_argument("--list", default="gbt4754", help="code list it belongs to")
    take.add_argument("--version", required=True)
    take.add_argument("--valid-from", required=True, metavar="DATE")
    take.add_argument("--source", default="")

    zones = command("zones", "check a zone pack", _zones)
    check = zones.add_subparsers(dest="action", required=True).add_parser(
        "check", help="all problems with file and line"
    )
    check.add_argument("zone", nargs="?", default="xixian")

    account = with_data(command("account", "open an account and print its password", _account))
    account.add_argument("username")
    account.add_argument("--role", required=True)
    account.add_argument("--party", default="", help="credit code or code of the organisation")

    manage = with_data(command("manage", "Django's own commands", _manage))
    manage.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser


def _environment(data: Path | None, zone: str | None = None) -> Path:
    """Sets what the settings read; starts or joins the embedded database where no DATABASE_URL is given."""
    from innozone.runtime import postgres

    folder = (data or Path(os.environ.get("INNOZONE_DATA", DEFAULT_DATA))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["INNOZONE_DATA"] = str(folder)
    if zone:
        os.environ["INNOZONE_ZONE"] = zone
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = postgres.start(folder / "pg")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "innozone.settings")
    return folder


def _django(data: Path | None = None, zone: str | None = None) -> None:
    _environment(data, zone)
    import django

    django.setup()


def _up(args: argparse.Namespace) -> int:
    import signal

    from innozone.runtime import browser, lock, network, translations
    from innozone.runtime.steps import Steps
    from innozone.runtime.supervisor import Supervisor

    folder = (args.data or DEFAULT_DATA).resolve()
    shown = "localhost" if args.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else args.host
    address = f"http://{shown}:{args.port}/"
    held = lock.FolderLock(folder, address)
    network.claim(args.host, args.port)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    own_database = not os.environ.get("DATABASE_URL")
    with_demo = own_database if args.demo is None else args.demo
    os.environ.setdefault("INNOZONE_ADDRESS", address)
    os.environ.setdefault("INNOZONE_HOSTS", ",".join(network.host_names(args.host)))
    steps = Steps(7 + (2 if with_demo else 0))

    with steps.step("Browser packages") as report:
        report("fetched" if browser.ensure() else "in place")
    with steps.step("Database"):
        _environment(folder, args.zone)
        import django

        django.setup()
    from django.core.management import call_command

    with steps.step("Migrations"):
        call_command("migrate", interactive=False, verbosity=0)
    with steps.step("Pages") as report:
        translations.compile()
        from innozone import operations

        operations.collect_static(report)
    with steps.step(f"Zone pack {args.zone}") as report:
        pack = operations.load_zone(args.zone, report)
    accounts = []
    if with_demo:
        with steps.step("Demonstration deliveries") as report:
            operations.take_demonstration(pack, args.firms, report)
    with steps.step("Matching") as report:
        operations.match_if_needed(report)
    if with_demo:
        with steps.step("Demonstration accounts"):
            accounts = operations.open_demonstration_accounts()
    supervisor = Supervisor()
    with steps.step("Server and worker"):
        from django.db import connections

        connections.close_all()
        python = [sys.executable, "-m"]
        workers = str(min(4, os.cpu_count() or 1))
        supervisor.start("worker", [*python, "innozone.cli", "worker"])
        granian = ["granian", "--interface", "wsgi", "--host", args.host, "--port", str(args.port)]
        limits = ["--workers", workers, "--blocking-threads", "4", "--no-ws", "--workers-kill-timeout", "5"]
        web = [*python, *granian, *limits, "--log-level", "warning", "innozone.portal.wsgi:application"]
        supervisor.start("web server", web)
        if not supervisor.wait_until_up(f"http://{network.reachable(args.host)}:{args.port}/healthz"):
            supervisor.stop()
            if supervisor.stopping.is_set():
                return 130
            print(
                f"innozone: the server did not answer on port {args.port}. Is the port taken? --port N", file=sys.stderr
            )
            return 1
    print(f"\nInnozone runs at {address}")
    if accounts:
        width = max(len(account.username) for account in accounts)
        print(f"\nDemonstration accounts, password {accounts[0].password}")
        for account in accounts:
            print(f"  {account.username:<{width}}  {account.role}")
    print("\nCtrl-C stops it.", flush=True)
    status = supervisor.wait()
    del held
    print("Stopped.", file=sys.stderr)
    return status


def _worker(args: argparse.Namespace) -> int:
    _django()
    from innozone.foundation import jobs

    jobs.run_worker()
    return 0


def _test(args: argparse.Namespace) -> int:
    from innozone.runtime import browser, translations

    browser.ensure()
    translations.compile()
    import subprocess

    # Its own process: pytest must import the project's modules first, under its own assertion rewriting.
    return subprocess.call([sys.executable, "-m", "pytest", *args.arguments], cwd=ROOT)


def _check(args: argparse.Namespace) -> int:
    from innozone.runtime import checks

    return checks.run(ROOT)


def _bench(args: argparse.Namespace) -> int:
    import subprocess

    return subprocess.call([sys.executable, "-m", f"bench.{args.name}", *args.arguments], cwd=ROOT)


def _match(args: argparse.Namespace) -> int:
    if args.diff is not None:
        from innozone.kernel.packs import differences

        return differences.compare(*args.diff, args.zone, policy=args.policy, as_json=args.json)
    if args.snapshot is not None:
        from innozone.kernel.packs import command

        where = {"engine": args.engine, "master": args.master, "out": args.out, "keep": args.keep}
        return command.match(args.snapshot, args.zone, policy=args.policy, as_json=args.json, **where)
    _django(args.data, args.zone)
    from innozone.wings.policies import commands

    return commands.match(enterprise=args.enterprise, policy=args.policy, as_json=args.json, keep=args.keep)


def _policies(args: argparse.Namespace) -> int:
    if args.action in ("fetch", "export", "import"):
        _django(args.data, args.zone)
        from innozone.wings.policies import commands

        if args.action == "fetch":
            return commands.fetch(args.source)
        return commands.export(args.codes, args.out) if args.action == "export" else commands.take(args.file)
    from innozone.kernel.reading import command

    if args.action == "evaluate":
        return command.evaluate(args.folder, worst=args.worst, as_json=args.json)
    return command.main([*map(str, args.files), *(["--out", str(args.out)] if args.out else [])])


def _codes(args: argparse.Namespace) -> int:
    _django(args.data, args.zone)
    from datetime import date

    from innozone.foundation.facts import codes

    try:
        table = codes.import_table(
            args.file, args.list, args.version, date.fromisoformat(args.valid_from), args.source or args.file.name
        )
    except (ValueError, OSError) as error:
        print(f"innozone: {error}", file=sys.stderr)
        return 1
    for problem in table.aside:
        print(f"set aside: {args.file.name}, {problem}")
    print(f"{table.codes.count()} codes of {table.list}, version {table.version}, valid from {table.valid_from}")
    return 0


def _zones(args: argparse.Namespace) -> int:
    from innozone.kernel.packs import check_pack
    from innozone.runtime import browser

    # The table of regions comes from an npm package.
    browser.ensure()
    problems = check_pack(args.zone)
    for problem in problems:
        print(problem)
    print(f"{args.zone}: {len(problems)} problems" if problems else f"{args.zone}: no problems")
    return 1 if problems else 0


def _account(args: argparse.Namespace) -> int:
    _django(args.data, args.zone)
    from innozone import operations

    try:
        account = operations.open_account(args.username, args.role, args.party)
    except ValueError as error:
        print(f"innozone: {error}", file=sys.stderr)
        return 1
    print(f"{account.username}  {account.password}")
    return 0


def _manage(args: argparse.Namespace) -> int:
    _environment(args.data, args.zone)
    from django.core.management import execute_from_command_line

    execute_from_command_line(["innozone manage", *args.arguments])
    return 0


def main(argv: list[str] | None = None) -> int:
    """Runs one command; errors that a user can cure are one clear message and status 1, not a traceback."""
    args = _parser().parse_args(argv)
    from innozone.kernel.packs import PackError
    from innozone.runtime.browser import BrowserPackagesError
    from innozone.runtime.lock import InUseError
    from innozone.runtime.network import PortTakenError
    from innozone.runtime.postgres import PostgresError

    try:
        return args.run(args)
    except (InUseError, PortTakenError, BrowserPackagesError, PostgresError, PackError) as error:
        print(f"innozone: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Who reads along (`| head`) has seen enough; what is still in the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
