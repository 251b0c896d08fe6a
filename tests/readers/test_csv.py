"""Tables as text are read with every separator, line end, number format and damage that people's logs have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlcheck.errors import NothingToRead
from mlcheck.readers import assemble, csv
from mlcheck.readers.source import Source

if TYPE_CHECKING:
    from mlcheck.model import Run, Series

PLAIN = "epoch,train_loss,val_loss\n1,0.9,1.0\n2,0.7,0.8\n3,0.5,0.7\n4,0.4,0.75\n"


def runs(text: str | bytes, name: str = "log.csv", **columns: str) -> tuple[Run, ...]:
    """Read one file's text to runs with ids."""
    content = text if isinstance(text, bytes) else text.encode()
    source = Source(name=name, content=content, columns=columns)
    assert csv.sniff(source), "the reader does not recognise the file"
    made = assemble.runs(list(csv.read(source)), columns=columns)
    assert not made.failures
    return tuple(assemble.with_ids(made.runs))


def one(text: str | bytes, **columns: str) -> Run:
    """Read one file that holds one run."""
    (run,) = runs(text, **columns)
    return run


def train(run: Run) -> Series:
    """Return the training loss, which must be there."""
    assert run.train_loss is not None
    return run.train_loss


def val(run: Run) -> Series:
    """Return the validation loss, which must be there."""
    assert run.val_loss is not None
    return run.val_loss


def assert_plain(run: Run) -> None:
    """Check that the run is that of PLAIN."""
    assert train(run).value.tolist() == [0.9, 0.7, 0.5, 0.4]
    assert val(run).value.tolist() == [1.0, 0.8, 0.7, 0.75]
    assert train(run).step.tolist() == [1, 2, 3, 4]
    assert train(run).step_unit == "epoch"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|", " ", "  ", ", ", " | ", "   "])
def test_any_common_mark_may_separate_the_cells(mark: str) -> None:
    """Commas, semicolons, tabs, bars and blanks give the same run."""
    assert_plain(one(PLAIN.replace(",", mark)))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r\r\n", "\r", "\n\n"])
def test_any_line_end_gives_the_same_run(end: str) -> None:
    """Unix, Windows, Windows twice, old Mac and blank lines in between give the same run."""
    assert_plain(one(PLAIN.replace("\n", end)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_unicode_encoding_gives_the_same_run(encoding: str) -> None:
    """A byte-order mark is no part of the first name, and UTF-16 is told without one."""
    assert_plain(one(PLAIN.encode(encoding)))


def test_latin_1_names_are_read() -> None:
    """Bytes that are no UTF-8 are taken as Latin-1."""
    run = one("epoch,loss,genauigkeit_für_alle\n1,0.9,0.1\n2,0.8,0.2\n".encode("latin-1"))
    assert "genauigkeit_für_alle" in [s.name for s in run.series]


def test_a_markdown_table_is_a_table() -> None:
    """Outer bars and the ruled line under the header are no cells."""
    assert_plain(
        one(
            "| epoch | train_loss | val_loss |\n|---:|---|:--|\n"
            + "".join(f"| {line.replace(',', ' | ')} |\n" for line in PLAIN.splitlines()[1:])
        )
    )


def test_columns_of_text_printed_by_pandas_are_read() -> None:
    """`DataFrame.to_string` writes an index without a name: one cell more in the rows than in the header."""
    text = "   epoch  train_loss  val_loss\n0      1         0.9      1.00\n1      2         0.7      0.80\n2      3         0.5      0.70\n3      4         0.4      0.75\n"
    assert_plain(one(text))


def test_an_unnamed_index_column_is_not_a_series() -> None:
    """`DataFrame.to_csv` writes an index under an empty name."""
    run = one(",loss,val_loss\n0,0.9,1.0\n1,0.8,0.9\n")
    assert [s.name for s in run.series] == ["loss", "val_loss"]


def test_padded_names_and_cells_are_trimmed() -> None:
    """Ultralytics pads every cell."""
    assert_plain(
        one("      epoch,   train_loss,   val_loss\n" + PLAIN.split("\n", 1)[1].replace(",", ",       "))
    )


def test_quoted_cells_may_hold_the_separator() -> None:
    """Quotation marks protect commas and line ends."""
    run = one('epoch,train_loss,note\n1,0.9,"a, b"\n2,0.8,"two\nlines"\n3,0.7,c\n')
    assert train(run).value.tolist() == [0.9, 0.8, 0.7]


def test_a_quotation_mark_that_is_never_closed_loses_no_rows() -> None:
    """One stray mark must not swallow the rest of the file."""
    body = "".join(f"{i},{1 / i},ok\n" for i in range(4, 400))
    run = one('epoch,train_loss,note\n1,0.9,ok\n2,0.8,"oops\n3,0.7,ok\n' + body)
    assert len(train(run)) == 399


def test_comment_lines_are_left_out_wherever_they_stand() -> None:
    """Comments above the header, in the middle and at the end are no rows."""
    lines = PLAIN.splitlines()
    text = "\n".join(["# run 7", "# lr 0.1", *lines[:3], "# resumed", *lines[3:], "# done", ""])
    run = one(text)
    assert_plain(run)
    assert not run.events


@pytest.mark.parametrize("mark", [",", " "])
def test_a_comment_above_numbers_is_the_header(mark: str) -> None:
    """`numpy.savetxt` writes the header as a comment."""
    assert_plain(one("# " + PLAIN.replace(",", mark)))


def test_stable_baselines_monitor_is_episodes_with_returns() -> None:
    """The first line is a comment with JSON in it; `r` is the return of an episode."""
    run = one('#{"t_start": 1.5, "env_id": "CartPole-v1"}\nr,l,t\n9.0,9,0.1\n20.0,20,0.3\n31.0,31,0.6\n')
    returns = run.metric("train", "return")
    assert returns is not None
    assert returns.value.tolist() == [9, 20, 31]


# --- damage and repetition ---


def test_a_text_in_one_numeric_cell_is_an_event_at_its_line() -> None:
    """The row is named by its line in the file, comments, blank lines and quoted line ends counted."""
    text = '# made by hand\nepoch,train_loss,note\n1,0.9,"two\nlines"\n\n2,0.8,\n3,oops,\n4,0.6,\n5,0.5,\n'
    run = one(text)
    assert train(run).step.tolist() == [1, 2, 4, 5]
    (event,) = run.events
    assert (event.kind, event.at) == ("invalid", 7)
    assert "'train_loss'" in event.message


def test_a_last_row_cut_in_the_middle_is_left_out_with_an_event() -> None:
    """A run that was killed while it wrote leaves half a row."""
    run = one(PLAIN + "5,0.3")
    assert_plain(run)
    assert [(e.kind, e.at) for e in run.events] == [("truncated", 6)]


def test_a_whole_last_row_without_line_end_stays() -> None:
    """Only a row with too few cells is cut."""
    assert_plain(one(PLAIN.rstrip("\n")))


def test_a_header_repeated_after_a_restart_is_no_row() -> None:
    """The second process writes the header again and goes on: one run, the later values where both logged."""
    run = one(PLAIN + "epoch,train_loss,val_loss\n3,0.55,0.65\n4,0.45,0.6\n5,0.3,0.5\n")
    assert train(run).step.tolist() == [1, 2, 3, 4, 5]
    assert train(run).value.tolist() == [0.9, 0.7, 0.55, 0.45, 0.3]
    assert [(e.kind, e.at) for e in run.events] == [("restart", 3)]


def test_a_counter_back_at_its_first_value_begins_a_new_run() -> None:
    """Appending to the same file is Keras's habit: runs of 5, 4 and 10 epochs are three runs with ids of their own."""
    rows = "".join(f"{i},{1 / (i + k)}\n" for k, n in ((1, 5), (2, 4), (3, 10)) for i in range(n))
    made = runs("epoch,loss\n" + rows)
    assert [len(train(r)) for r in made] == [5, 4, 10]
    assert [r.id for r in made] == ["log", "log#2", "log#3"]
    assert not any(r.events for r in made)


def test_an_epoch_that_begins_again_while_the_steps_go_on_is_one_run() -> None:
    """The step is the finer clock: only what goes back in both is a restart."""
    run = one("step,epoch,train_loss\n" + "".join(f"{i},{i % 5},{1 / (i + 1)}\n" for i in range(10)))
    assert train(run).step.tolist() == list(range(10))


def test_batches_counted_from_0_in_every_epoch_are_counted_on() -> None:
    """A step that is the batch within its epoch must not throw the earlier epochs away."""
    rows = "".join(f"{e},{b},{1 / (1 + e * 4 + b)}\n" for e in range(3) for b in range(4))
    run = one("epoch,step,train_loss\n" + rows)
    assert train(run).step.tolist() == list(range(12))


def test_a_header_before_every_row_that_grows_keeps_every_column() -> None:
    """Some loggers print the header again whenever a new name appears."""
    text = "train_loss,step\n0.9,1\ntrain_loss,step,reward\n0.8,2,5.0\ntrain_loss,step,reward\n0.7,3,6.0\n"
    run = one(text)
    assert train(run).value.tolist() == [0.9, 0.8, 0.7]
    reward = run.metric("train", "return")
    assert reward is not None
    assert reward.step.tolist() == [2, 3]


def test_rows_with_an_empty_cell_that_the_header_does_not_name_keep_their_columns() -> None:
    """Flair's header has 19 names above 20 cells, one of them always empty."""
    run = one("EPOCH\tTRAIN_LOSS\tDEV_LOSS\n0\t16.5\t\t10.5\n1\t10.25\t\t8.5\n2\t9.5\t\t7.5\n")
    assert train(run).value.tolist() == [16.5, 10.25, 9.5]
    assert val(run).value.tolist() == [10.5, 8.5, 7.5]


def test_a_name_that_stands_twice_keeps_both_columns() -> None:
    """Nothing is lost where a column is written twice; the first is the one judged."""
    run = one("epoch,loss,loss\n1,0.9,5\n2,0.8,6\n")
    assert train(run).value.tolist() == [0.9, 0.8]
    assert [s.value.tolist() for s in run.series if s.name == "loss.2"] == [[5.0, 6.0]]


def test_a_single_row_is_a_run_of_one_point() -> None:
    """A run killed after its first epoch."""
    assert len(train(one("epoch,train_loss\n1,0.9\n"))) == 1


def test_a_single_column_under_a_telling_name_is_a_curve() -> None:
    """One loss a line, counted by row."""
    run = one("loss\n0.9\n0.8\n0.7\n")
    assert train(run).value.tolist() == [0.9, 0.8, 0.7]
    assert train(run).step_unit == "row"


def test_weights_and_biases_chart_exports_hold_a_run_per_prefix() -> None:
    """`RUN - NAME` with `__MIN` and `__MAX` beside it, several runs side by side, each with its own rows."""
    text = '"Step","a - train/loss","a - train/loss__MIN","a - train/loss__MAX","b - train/loss","b - train/loss__MIN","b - train/loss__MAX"\n'
    text += '"0","0.9","0.9","0.9","","",""\n"10","","","","0.8","0.8","0.8"\n"20","0.7","0.7","0.7","0.6","0.6","0.6"\n'
    first, second = runs(text)
    assert (train(first).name, train(first).value.tolist()) == ("train/loss", [0.9, 0.7])
    assert train(second).step.tolist() == [10, 20]
    assert (first.config["run"], second.config["run"]) == ("a", "b")


def test_tensorboards_download_takes_its_name_from_the_file() -> None:
    """`Wall time,Step,Value` says what it holds only in the name of the file."""
    (run,) = runs("Wall time,Step,Value\n1.5,0,0.9\n2.5,10,0.8\n", name="run-train-tag-epoch_loss.csv")
    assert (train(run).name, train(run).step.tolist()) == ("epoch_loss", [0, 10])


@pytest.mark.parametrize(
    ("header", "reader"),
    [
        ("epoch,step,train_loss_step,train_loss_epoch", "lightning"), ("epoch,accuracy,loss,val_loss", "keras"),
        ("epoch,train_loss,valid_loss,time", "fastai"), ("epoch,train_loss", "csv"),
    ],
)  # fmt: skip
def test_the_writer_is_named_where_the_columns_give_it_away(header: str, reader: str) -> None:
    """A report says which logger wrote the file."""
    row = ",".join(["1"] * len(header.split(",")))
    assert one(f"{header}\n{row}\n").reader == reader


# --- what is no log ---


def refused(text: str) -> NothingToRead:
    """Return why the text is no log."""
    source = Source(name="x.csv", content=text.encode())
    with pytest.raises(NothingToRead) as caught:
        list(csv.read(source))
    return caught.value


def test_numbers_without_names_are_refused_with_an_example() -> None:
    """Nobody can tell which column is the loss."""
    error = refused("1,0.9\n2,0.8\n3,0.7\n")
    assert "names of the columns" in error.problem
    assert "epoch,train_loss" in error.hint


def test_a_header_without_rows_is_refused_with_its_names() -> None:
    """A run that died before its first epoch leaves names only."""
    assert "only their names ('epoch', 'train_loss')" in refused("epoch,train_loss\n").problem


def test_a_table_without_numbers_is_refused_with_its_names() -> None:
    """A table of texts holds no curve."""
    assert "'name', 'colour'" in refused("name,colour\nrose,red\nlily,white\n").problem


def test_a_trec_run_is_called_one() -> None:
    """Query Q0 document rank score tag: results of a search, not of training."""
    assert "TREC" in refused("31\tQ0\tD1\t1\t9.5\trun\n31\tQ0\tD2\t2\t9.1\trun\n").problem


@pytest.mark.parametrize(
    "text", ["just a sentence, with a comma\nand another one\n", "hello world\nhow are you\n", "", "\n\n"]
)
def test_prose_is_not_taken_for_a_table(text: str) -> None:
    """Prose has commas and blanks, too."""
    source = Source(name="x.txt", content=text.encode())
    if csv.sniff(source):
        with pytest.raises(NothingToRead):
            list(csv.read(source))


def test_a_text_log_with_commas_is_left_to_the_text_reader() -> None:
    """Lines such as `epoch 1, loss 0.5` have as many cells each but no numbers in them."""
    source = Source(
        name="x.log",
        content=b"epoch 1, train loss 0.9, val loss 1.0\nepoch 2, train loss 0.8, val loss 0.9\n",
    )
    if csv.sniff(source):
        with pytest.raises(NothingToRead):
            list(csv.read(source))
