"""Rules: conditions and formulas over the data dictionary, with three-valued truth.

Text and trees
    parse(text) -> Expr                                    RuleSyntaxError(position, message, hint)
    to_text(expr) -> str                                   reads back to an equal tree
    load_condition(data, document=None) -> Condition       ConditionError(path, message, position); quotes must stand in document
    Condition.to_data(), .leaves(), .walk(), .anchor       AllOf, AnyOf, Negation, AtLeast, Test(expr), Manual(text)

    check(condition or expr, dictionary, expect="bool") -> list[Problem(severity, message, path, position)]
    render(condition or expr, dictionary, "zh-hans" | "en") -> str
    to_sql(condition or expr, dictionary, as_of, "duckdb") -> str
    check_formula(variable, dictionary), check_dictionary(dictionary)

One subject
    Subject(dictionary, {"revenue": {2025: Decimal(…)}, "industry": {None: "C39"}}, as_of)
    evaluate(condition, subject) -> Truth                  TRUE, FALSE, UNKNOWN
    value(expr or text, subject) -> float | bool | str | date | frozenset | UNKNOWN
    explain(condition, subject) -> Explanation             .truth .manual_only .leaves() .failing() .open() .missing() .near_miss

All rows of a snapshot (innozone.kernel.columns.Snapshot)
    Matcher(snapshot, dictionary).match({id: condition}, {id: benefit}) -> Matches
    Matches[id].counts {"true","false","unknown","manual_only","near"}, .rows(kind), .true .unknown .manual_only .near,
        .truth(row), .near_leaves {leaf: rows}, .near_leaf(row), .benefit (.total .ready .unknown .low .high .unbounded), .amounts(kind)
    Program({id: condition}, dictionary, as_of, {id: benefit}) compiles once; .changed({id: condition or None}) the rest
    questions(program, snapshot) -> list[Question]         which missing fact unlocks most money: .variable .year .parties
    Judge(program).verdicts(subject) -> {id: Truth}        one firm, all rules; .truths(subject) as an array of 0, 1, 2
    write_results(folder, snapshot, program) -> Results    kept as a folder; Results.open(folder)[id] as Matches[id]
    diff(old, new, before=snapshot, after=…, dictionary=…) -> Difference    [id] .changes(): gained, lost, ready, unready with
        their Cause: rule, facts, time, new, gone; .why(party, id): facts and leaves before and after
    Matcher.run(program), .update(matches, {id: condition or None}), .refresh(matches, rows): only what has changed

Choosing under limits (innozone.kernel.rules.solve, money in fen)
    portfolio.best_set(offers, year=…, received=…, quotas=…) -> Portfolio    .taken .left .open .total .low .high
    allocation.allocate(claims, rule, values, seed=…) -> Allocation          .amounts .results .places .total .left
    population.counted(stackings, amounts) -> what counts of everyone's amounts
    stacking.load_stacking(data), load_group, load_allocation: what is declared, and all that is wrong with it
"""

from innozone.kernel.rules.bulk.difference import Cause, Difference, diff
from innozone.kernel.rules.bulk.judge import Judge
from innozone.kernel.rules.bulk.matcher import Matcher
from innozone.kernel.rules.bulk.matches import Bits, Matches, RuleMatch, RuleRows
from innozone.kernel.rules.bulk.program import Program
from innozone.kernel.rules.bulk.questions import Question, questions
from innozone.kernel.rules.bulk.results import Results, ResultsError, write_results
from innozone.kernel.rules.bulk.tally import BenefitTotal
from innozone.kernel.rules.check import Problem, check
from innozone.kernel.rules.condition import (
    AllOf,
    Anchor,
    AnyOf,
    AtLeast,
    Condition,
    ConditionError,
    Manual,
    Negation,
    Test,
    load_condition,
    locate,
)
from innozone.kernel.rules.errors import RuleSyntaxError
from innozone.kernel.rules.evaluate import evaluate, value
from innozone.kernel.rules.explain import Explanation, Gap, Input, explain
from innozone.kernel.rules.formulas import check_dictionary, check_formula
from innozone.kernel.rules.parse import parse
from innozone.kernel.rules.render import render
from innozone.kernel.rules.sql import to_sql
from innozone.kernel.rules.subject import Reason, Subject
from innozone.kernel.rules.tree import Expr, to_text
from innozone.kernel.rules.truth import Truth

__all__ = [
    "AllOf",
    "Anchor",
    "AnyOf",
    "AtLeast",
    "BenefitTotal",
    "Bits",
    "Cause",
    "Condition",
    "ConditionError",
    "Difference",
    "Explanation",
    "Expr",
    "Gap",
    "Input",
    "Judge",
    "Manual",
    "Matcher",
    "Matches",
    "Negation",
    "Problem",
    "Program",
    "Question",
    "Reason",
    "Results",
    "ResultsError",
    "RuleMatch",
    "RuleRows",
    "RuleSyntaxError",
    "Subject",
    "Test",
    "Truth",
    "check",
    "check_dictionary",
    "check_formula",
    "diff",
    "evaluate",
    "explain",
    "load_condition",
    "locate",
    "parse",
    "questions",
    "render",
    "to_sql",
    "to_text",
    "value",
    "write_results",
]
