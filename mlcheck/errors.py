"""The one exception that mlcheck raises on purpose."""

from __future__ import annotations


class MlcheckError(Exception):
    """A user's mistake or an unreadable input: where it is, what is wrong, what to try.

    `where` names the file (and line, or option); `problem` says what was expected and what was found;
    `hint` says what to try. It is raised below and printed once, on one line, by the command line.
    """

    def __init__(self, where: str, problem: str, hint: str = "") -> None:
        super().__init__(where, problem, hint)
        self.where = where
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        """Return `where: problem; hint` on one line."""
        return f"{self.where}: {self.message}"

    @property
    def message(self) -> str:
        """The problem and the hint, without the place."""
        return f"{self.problem}; {self.hint}" if self.hint else self.problem


class NothingToRead(MlcheckError):
    """The input is of a known kind but holds nothing that the command reads.

    In a folder such a file is passed over; named by the user it is a problem.
    """


class MlcheckWarning(UserWarning):
    """What the Python interface says of an input that it could not read while others could be."""
