"""Commands over what alignment paid: why an answer got its reward, and what another policy would have paid."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from glossator import console
from glossator.cli_options import AsJson, Strict, host_of, print_json
from glossator.errors import InputError

reward = typer.Typer(name="reward", help="See what alignment paid, and why.", no_args_is_help=True)

RunPath = Annotated[Path, typer.Argument(metavar="RUN", help="Output folder of a build with on-policy alignment.")]


@reward.command()
def explain(
    run: RunPath,
    question: Annotated[str | None, typer.Option(metavar="ID", help="Only answers to this question.")] = None,
    step: Annotated[int | None, typer.Option(min=0, help="Only answers of this step; else of the last.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Most answers that are explained, the best paid first.")] = 10,
    as_json: AsJson = False,
    strict: Strict = False,
) -> None:
    """Why answers got their reward in training: every component with its reason, down to the cited stretches."""
    from glossator.assistant import open_bundle
    from glossator.rollouts import explained, read_rollouts

    rollouts = read_rollouts(run)
    chosen = [one for one in rollouts if question in (None, one.question)]
    if not chosen:
        known = ", ".join(sorted({one.question for one in rollouts})[:5])
        raise InputError(f"no answer to {question!r} was sampled; some that were: {known}")
    at = max(one.step for one in chosen) if step is None else step
    opened = open_bundle(run)
    if opened.lock.rewards is None:
        raise InputError(f"{run} was built again without alignment; build it with rl.algorithm: grpo")
    host = host_of(strict)
    wanted = sorted((one for one in chosen if one.step == at), key=lambda one: -(one.reward or 0.0))
    rows = [explained(run, one, opened.lock.rewards, host, opened.prompts.abstention) for one in wanted[:limit]]
    if not rows:
        steps = ", ".join(str(number) for number in sorted({one.step for one in chosen})[:20])
        raise InputError(f"nothing was sampled at step {at}; steps: {steps}")
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            _tell(row)
        if len(wanted) > limit:
            console.say(f"{len(wanted) - limit:,} more; --question names one question, --limit shows more")


@reward.command()
def rescore(
    run: RunPath,
    policy: Annotated[Path, typer.Option(metavar="FILE", help="A policy.yaml whose rewards are tried.")],
    as_json: AsJson = False,
) -> None:
    """What another reward policy would have paid the answers that were sampled, from the scores that were kept."""
    from glossator.domain import PolicyFile
    from glossator.rollouts import read_rollouts, rescored
    from glossator.yaml import read_yaml, validated

    if not policy.is_file():
        raise InputError(f"no policy at {policy}; name a file like a domain's policy.yaml")
    rewards = validated(PolicyFile, read_yaml(policy.read_text(encoding="utf-8"), policy.name)).rewards
    found = rescored(read_rollouts(run), rewards)
    if as_json:
        print_json(found)
        return
    shown = {name: f"{value:.3f}" if isinstance(value, float) else str(value) for name, value in found.items()}
    console.table(["", "found"], [[name.replace("_", " "), value] for name, value in shown.items()])


def _tell(row: dict[str, Any]) -> None:
    console.say(f"\nstep {row['step']}, {row['question']}: {row['asked']}")
    console.say(f"  {row['text']}")
    cells = [
        [part["name"], part["role"], "-" if part["value"] is None else f"{part['value']:.3f}", part["why"]]
        for part in row["parts"]
    ]
    console.table(["component", "role", "value", "why"], cells)
    for span in row["cited"]:
        verdict = "hits the gold" if span["hit"] else "misses"
        console.say(f"  cited {span['document']} {span['start']}-{span['end']}: {verdict}: {span['quote']}")
    for span in row["gold"]:
        console.say(f"  gold  {span['document']} {span['start']}-{span['end']}")
    console.say(f"  reward {row['sum']}")
