"""One season of one programme, from an empty installation to the public list, over HTTP.

``Journey`` reads the programme's steps and dates; it knows no programme by name. Each stage is a
method of the modules beside; ``play`` goes through those that the programme has.
"""

from __future__ import annotations

import io

from django.core.management import call_command

from calls.programme import Step
from tests.journeys.deciding import Deciding
from tests.journeys.filing import FilingPart
from tests.journeys.opening import Opening
from tests.journeys.player import letters, pulse
from tests.journeys.recommending import Recommending
from tests.journeys.testing import Testing


class Journey(Opening, FilingPart, Recommending, Deciding, Testing):
    def open_season(self) -> None:
        self.found_the_office()
        self.make_the_call()
        self.bring_units()

    def file_all(self) -> None:
        for filing in self.filings:
            self.register(filing)
            self.file(filing)
            self.submit(filing)
        self.resubmit(self.first)

    def everybody_is_told(self) -> None:
        """Each unit has the letters of its own way, and of no other's."""
        pulse()
        for filing in self.filings:
            told = {one.subject.partition("：")[0] for one in letters(filing.admin.email)}
            others = [one.title for one in self.filings if one is not filing]
            for letter in letters(filing.admin.email):
                assert not any(title in letter.body for title in others), letter.body
            assert "已收到申报" in told
            if filing in self.selected:
                assert told & {"列入拟定名单", "名单已公布"}, told
            else:
                assert told & {"未列入拟定名单", "推荐阶段结束"}, told
                assert not told & {"列入拟定名单", "名单已公布"}, told

    def play(self) -> None:
        self.open_season()
        self.file_all()
        self.close_filing()
        if self.has(Step.RECOMMENDATION):
            self.recommend()
            self.confirm_list()
            self.seal_and_deliver()
        self.after_recommendation()
        if self.has(Step.FORMAL_CHECK):
            self.check()
        if self.has(Step.REVIEW):
            self.review()
        self.decide()
        if self.has(Step.PUBLICITY):
            self.publicity()
        if self.has(Step.ANNOUNCEMENT):
            self.announce()
        if self.programme.dispatch is not None:
            self.dispatch(self.selected)
        if {Step.CONTRACT, Step.TASK} & set(self.steps):
            self.fulfil(self.selected[0])
        if self.is_tested:
            self.test()
        if self.has(Step.AWARD) and self.passes:
            self.award()
        self.is_public()
        self.everybody_is_told()
        pulse()
        call_command("check_invariants", stdout=io.StringIO())
